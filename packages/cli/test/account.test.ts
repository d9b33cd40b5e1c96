import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { refuse, reply, runIn, temporaryFolder } from "./support/host.ts"
import { loopback } from "./support/loopback.ts"

let folder = temporaryFolder()
let run = runIn(folder.path)
beforeEach(() => {
  folder = temporaryFolder()
  run = runIn(folder.path)
})
afterEach(() => folder.remove())
const open = loopback()

const secret = "isk_r_0123456789abcdef"
const actor = { actor_type: "agent", actor_id: "agt_1", organization_id: "org_1", claim_state: "unclaimed" }
const configPath = () => join(folder.path, ".config/image-skill/config.json")
const saved = () => JSON.parse(readFileSync(configPath(), "utf8"))

interface Heard {
  readonly url: string
  readonly authorization: string | undefined
}

/** A server that signs up whoever asks, and knows one token. */
const listen = async (answer?: RequestListener) => {
  const heard: Array<Heard> = []
  const server = await open((request, response) => {
    heard.push({ url: request.url ?? "", authorization: request.headers.authorization })
    if (answer !== undefined) return answer(request, response)
    const isKnown = request.headers.authorization === `Bearer ${secret}`
    const answered =
      request.url === "/v1/agent-signups"
        ? reply({ actor, token: secret, token_presented: true, storage: { server: "sha256" } })
        : isKnown
          ? reply({ authenticated: true, actor })
          : refuse("TOKEN_INVALID", 401)
    void answered.text().then((text) => response.writeHead(answered.status).end(text))
  })
  return { url: server.url, heard }
}

describe("signup", () => {
  it("keeps the token for its owner alone, and commands go to that server from then on", async () => {
    const { heard, url } = await listen()
    const typed = ["signup", "--agent", "--agent-contact", "ops@example.com", "--save", "--api-base-url", url]
    const { envelope, exitCode, stderr, stdout } = await run(typed)
    expect([exitCode, envelope.data?.token_presented, envelope.data?.token]).toEqual([0, false, undefined])
    expect(stdout + stderr).not.toContain(secret)
    expect(saved()).toEqual({ api_base_url: url, token: secret, saved_at: expect.stringMatching(/Z$/), actor })
    expect(statSync(configPath()).mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder.path, ".config/image-skill"))).toEqual(["config.json"])
    const who = await run(["whoami"])
    expect([who.exitCode, who.opened, heard.at(-1)?.authorization]).toEqual([0, 0, `Bearer ${secret}`])
  })

  it("shows the token only when it is asked to, and refuses to lose it", async () => {
    const { heard, url } = await listen()
    const lost = await run(["signup", "--invite-code", "inv_secret", "--api-base-url", url])
    expect([lost.exitCode, heard.length]).toEqual([2, 0])
    expect(lost.envelope.error?.recovery).toMatchObject({
      required_flag: "--save",
      suggested_command: `image-skill signup --invite-code INVITE_CODE --api-base-url ${url} --save`,
      missing_inputs: ["INVITE_CODE"]
    })
    const shown = await run(["signup", "--show-token", "--api-base-url", url])
    expect([shown.envelope.data?.token, shown.stdout.split(secret).length]).toEqual([secret, 2])
    expect(readdirSync(folder.path)).toEqual([])
  })

  it("sends no token that lies about, and keeps the one that was saved before", async () => {
    const { heard, url } = await listen()
    mkdirSync(join(folder.path, ".config/image-skill"), { recursive: true })
    writeFileSync(configPath(), JSON.stringify({ api_base_url: url, token: "isk_r_old" }))
    const { envelope } = await run(["signup", "--save"], { environment: { IMAGE_SKILL_HOSTED_TOKEN: "isk_r_env" } })
    expect(heard.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(saved().token).toBe(secret)
    const previous = String(Object(envelope.data?.saved).previous_config_path)
    expect(JSON.parse(readFileSync(previous, "utf8")).token).toBe("isk_r_old")
    expect([statSync(previous).mode & 0o777, envelope.warnings.join().includes("wins over")]).toEqual([0o600, true])
    await run(["signup", "--save", "--token-stdin"], { stdin: `${secret}\n` })
    expect(heard.at(-1)?.authorization).toBe(`Bearer ${secret}`)
  })

  it("signs nobody up when the config could not be written, and names a place that can", async () => {
    const { heard, url } = await listen()
    writeFileSync(join(folder.path, ".config"), "a file in the way")
    const typed = ["signup", "--save", "--agent-name", "it's me", "--api-base-url", url]
    const { envelope, exitCode } = await run(typed)
    expect([exitCode, envelope.error?.code, heard.length]).toEqual([9, "PUBLIC_CLI_CONFIG_WRITE_FAILED", 0])
    expect(envelope.error?.recovery?.suggested_command).toBe(
      `export IMAGE_SKILL_CONFIG_PATH="$PWD/.image-skill/config.json" && image-skill signup --save --agent-name 'it'\\''s me' --api-base-url ${url}`
    )
    const nowhere = join(folder.path, ".config/image-skill")
    const none = await run(typed, { host: { workingDirectory: nowhere, temporaryDirectory: nowhere } })
    expect(none.envelope.error?.recovery?.suggested_command).toBe(
      `image-skill signup --agent-name 'it'\\''s me' --api-base-url ${url} --show-token`
    )
  })
})

describe("a saved token", () => {
  const save = (config: Record<string, unknown>) => {
    mkdirSync(join(folder.path, ".config/image-skill"), { recursive: true })
    writeFileSync(configPath(), JSON.stringify(config))
  }

  it("goes to no other server than its own", async () => {
    const { heard, url } = await listen()
    save({ api_base_url: "https://elsewhere.example", token: secret })
    const { envelope } = await run(["whoami", "--api-base-url", url])
    expect([heard[0]?.authorization, envelope.error?.code]).toEqual([undefined, "TOKEN_INVALID"])
    expect(envelope.warnings.join()).toContain("elsewhere.example")
  })

  it("is asked for after stdin and the environment, and never shown", async () => {
    const { heard, url } = await listen()
    save({ api_base_url: url, token: "isk_r_saved" })
    chmodSync(configPath(), 0o644)
    const runs = [
      await run(["auth", "status"]),
      await run(["auth", "status"], { environment: { IMAGE_SKILL_HOSTED_TOKEN: "isk_r_hosted" } }),
      await run(["auth", "status"], {
        environment: { IMAGE_SKILL_TOKEN: "isk_r_env", IMAGE_SKILL_HOSTED_TOKEN: "isk_r_hosted" }
      }),
      await run(["auth", "status", "--token-stdin"], { stdin: secret, environment: { IMAGE_SKILL_TOKEN: "isk_r_env" } })
    ]
    expect(heard.map(({ authorization }) => authorization?.slice(7))).toEqual([
      "isk_r_saved",
      "isk_r_hosted",
      "isk_r_env",
      secret
    ])
    expect(runs.map(({ envelope }) => [envelope.data?.token_from, envelope.data?.authenticated])).toEqual([
      ["config", false],
      ["environment", false],
      ["environment", false],
      ["stdin", true]
    ])
    expect(runs.map(({ stdout, stderr }) => stdout + stderr).join()).not.toContain("isk_r_")
    expect(runs[0]?.envelope.warnings.join()).toContain("chmod 600")
  })

  it("is saved once the server knows it, and taken out again", async () => {
    const { url } = await listen()
    const wrong = await run(["auth", "save", "--token-stdin", "--api-base-url", url], { stdin: "isk_r_wrong" })
    expect([wrong.exitCode, wrong.envelope.error?.code]).toEqual([3, "TOKEN_INVALID"])
    expect(readdirSync(join(folder.path, ".config/image-skill"))).toEqual([])
    const right = await run(["auth", "save", "--token-stdin", "--api-base-url", url], { stdin: `${secret}\n` })
    expect([right.exitCode, saved().token, saved().actor]).toEqual([0, secret, actor])
    expect((await run(["auth", "logout"])).envelope.data).toMatchObject({ token_removed: true })
    expect(saved()).toEqual({ api_base_url: url })
    expect((await run(["auth", "logout"])).envelope.data).toMatchObject({ token_removed: false })
  })

  it("says what auth save lacks, and repeats no token that was typed in the wrong place", async () => {
    const none = await run(["auth", "save"])
    expect(none.envelope.error?.recovery).toMatchObject({ required_flag: "--token-stdin" })
    const nowhere = await run(["auth", "save", "--token-stdin"], { stdin: secret })
    expect(nowhere.envelope.error?.recovery).toMatchObject({
      required_flag: "--api-base-url",
      missing_inputs: ["URL", "the token, on stdin"]
    })
    for (const argv of [
      ["auth", "save", secret],
      ["whoami", `--token=${secret}`],
      ["whoami", "--token", secret],
      [secret],
      ["models", secret, "--bogus"]
    ]) {
      for (const isTerminal of [false, true]) {
        const { exitCode, stderr, stdout } = await run(argv, { isTerminal })
        expect([argv, exitCode, (stdout + stderr).includes(secret)]).toEqual([argv, 2, false])
      }
    }
    const odd = await run(["whoami"], { environment: { IMAGE_SKILL_TOKEN: "two words" } })
    expect([odd.exitCode, odd.stdout.includes("two words")]).toEqual([2, false])
  })
})

describe("credits, jobs, assets and feedback", () => {
  const asks = async (...argv: ReadonlyArray<string>) => {
    const { asked } = await run(argv, { answering: () => reply({}) })
    const [one] = asked
    return [one?.method, one?.path + (one?.query.size ? `?${one.query}` : ""), one?.body]
  }

  it("ask by the wire", async () => {
    const key = ["--idempotency-key", "k"]
    expect(await asks("credits", "methods")).toEqual(["GET", "/v1/payment-methods", {}])
    expect(await asks("credits", "packs", "list")).toEqual(["GET", "/v1/credit-packs", {}])
    expect(
      await asks("credits", "quote", "--pack", "starter-500", "--payment-method", "stripe_checkout", ...key)
    ).toEqual([
      "POST",
      "/v1/credit-quotes",
      { pack_id: "starter-500", payment_method: "stripe_checkout", idempotency_key: "k" }
    ])
    expect(await asks("credits", "buy", "--provider", "stripe", "--quote-id", "q", ...key)).toEqual([
      "POST",
      "/v1/credit-purchases/stripe-checkout-sessions",
      { quote_id: "q", idempotency_key: "k" }
    ])
    expect(await asks("credits", "fake-purchase", "--quote-id", "q", ...key)).toEqual([
      "POST",
      "/v1/credit-purchases",
      { quote_id: "q", idempotency_key: "k" }
    ])
    expect(await asks("credits", "status", "--receipt-id", "r/1")).toEqual([
      "GET",
      "/v1/credit-purchases/status?receipt_id=r%2F1",
      {}
    ])
    expect(await asks("jobs", "list", "--limit", "5", "--cursor", "c")).toEqual([
      "GET",
      "/v1/jobs?limit=5&cursor=c",
      {}
    ])
    expect(await asks("jobs", "cancel", "job_1")).toEqual(["POST", "/v1/jobs/job_1/cancel", {}])
    expect(await asks("assets", "list", "--job-id", "job_1", "--kind", "uploaded")).toEqual([
      "GET",
      "/v1/assets?job_id=job_1&kind=uploaded",
      {}
    ])
    expect(await asks("assets", "delete", "image_1")).toEqual(["DELETE", "/v1/assets/image_1", {}])
    const texts = ["--title", "T", "--body", "B", "--proof-needed", "P", "--next-state", "fix"]
    expect(await asks("feedback", "create", ...texts, "--surface", "cli, docs", "--evidence", "job_1", ...key)).toEqual(
      [
        "POST",
        "/v1/feedback",
        {
          ...{ type: "user_feedback", title: "T", body: "B", proof_needed: "P", next_state: "fix" },
          ...{ severity: "medium", confidence: "medium", surface: ["cli", "docs"], evidence: ["job_1"] },
          idempotency_key: "k"
        }
      ]
    )
  })

  it("refuse what would be misread", async () => {
    const bought = await run(["credits", "buy", "--quote-id", "q"])
    expect(bought.envelope.error?.recovery).toMatchObject({ required_flag: "--idempotency-key" })
    const two = await run(["credits", "status", "--quote-id", "q", "--receipt-id", "r"])
    expect([two.exitCode, two.asked.length, two.envelope.error?.message]).toEqual([
      2,
      0,
      expect.stringContaining("exactly one")
    ])
  })
})
