import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { startPayingHouse } from "../support/payingHouse.ts"
import { startServer } from "../support/server.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const machine = makeMachine()
let house: Awaited<ReturnType<typeof startPayingHouse>>

beforeAll(async () => {
  house = await startPayingHouse(join(machine.path, "server"), {
    IMAGE_SKILL_FAKE_PAYMENTS: "on"
  })
})
afterAll(async () => {
  await house.stop()
  machine.remove()
})

/** A command that must succeed, typed as the contract prints it; answers its data. */
const data = async (...argv: ReadonlyArray<string>) => {
  const { envelope, exitCode, stderr, stdout } = await machine.run([...argv, "--json"])
  expect([argv.join(" "), exitCode, envelope.error]).toEqual([argv.join(" "), 0, null])
  expect(stdout.trim().split("\n").length).toBe(1)
  expect(stdout + stderr).not.toMatch(/isk_r_[0-9a-f]{8}/)
  return Object(envelope.data ?? {})
}

const priced = ["--model", "openai.gpt-image-1.5", "--model-parameters-json", '{"quality":"low"}']

describe("the first run of the contract", () => {
  it("goes from doctor to feedback on a bare machine", async () => {
    const at = ["--api-base-url", house.server.url]
    expect(await data("doctor", ...at)).toMatchObject({ mode: "remote", status: "warn" })
    // A harness's contact: with a live rail on, play money is for those only.
    const contact = ["--agent-contact", "ops@example.invalid", "--agent-name", "creative-agent", "--runtime", "codex"]
    expect(await data("signup", "--agent", ...contact, "--save", ...at)).toMatchObject({ token_presented: false })
    const config = join(machine.path, ".config/image-skill/config.json")
    expect(statSync(config).mode & 0o777).toBe(0o600)

    expect(await data("whoami")).toMatchObject({ authenticated: true, token_class: "restricted" })
    expect(await data("usage", "quota")).toMatchObject({ credits: { available: 50 } })
    expect(await data("credits", "methods")).toMatchObject({ contract_version: "image-skill.payment-methods.v1" })
    expect(await data("credits", "packs", "list")).toMatchObject({ default_pack_id: "starter-500" })

    const quote = await data("credits", "quote", "--credits", "10", "--idempotency-key", "quote-run-001")
    expect(quote).toMatchObject({ credits: 10, accepted_payment_method: "fake", live_money: false })
    const purchase = ["credits", "fake-purchase", "--quote-id", quote.quote_id, "--idempotency-key", "purchase-run-001"]
    const bought = await data(...purchase)
    expect(bought).toMatchObject({ state: "succeeded", credits_granted: 10, balance_after: 10 })
    expect(await data(...purchase)).toMatchObject({ receipt_id: bought.receipt_id, balance_after: 10 })
    expect(await data("credits", "status", "--receipt-id", bought.receipt_id)).toMatchObject({ state: "succeeded" })

    const terms = ["--pack", "starter-500", "--payment-method", "stripe_checkout", "--idempotency-key", "live-1"]
    const live = await data("credits", "quote", ...terms)
    const handoff = await data("credits", "buy", "--quote-id", live.quote_id, "--idempotency-key", "buy-1")
    expect(handoff).toMatchObject({ state: "action_required", provider: "stripe", credits: 500 })
    const { body, signature } = house.stripe.complete(handoff.checkout_session_id)
    const headers = { "stripe-signature": signature, "content-type": "application/json" }
    await fetch(`${house.server.url}/webhooks/stripe`, { method: "POST", headers, body })
    const status = ["credits", "status", "--payment-attempt-id", handoff.payment_attempt_id]
    expect(await data(...status)).toMatchObject({ state: "succeeded" })

    expect((await data("models", "list")).models.length).toBeGreaterThan(10)
    expect(await data("models", "show", "openai.gpt-image-1.5")).toHaveProperty("model.model_parameters")
    const planned = await data("create", "--prompt", "A compact field camera", ...priced, "--dry-run")
    const { credits_required: price } = planned.cost.credit_pricing
    const made = await data("create", "--prompt", "A compact field camera", ...priced)
    expect(made).toMatchObject({ status: "completed", cost: { credit_pricing: { credits_required: price } } })
    expect(await data("usage", "quota")).toMatchObject({ credits: { available: 560 - price, held: 0 } })
    const id = made.assets[0].asset_id
    await data("assets", "get", made.assets[0].url, "--output", "result.png")
    expect(readFileSync(machine.at("result.png")).subarray(1, 4).toString()).toBe("PNG")
    expect(await data("assets", "show", id)).toMatchObject({ asset: { asset_id: id } })
    expect(await data("jobs", "show", made.job_id)).toMatchObject({ job: { status: "completed" } })
    expect(await data("jobs", "wait", made.job_id, "--timeout-ms", "30000")).toMatchObject({
      job: { job_id: made.job_id }
    })
    expect((await data("jobs", "list", "--limit", "1")).jobs[0].job_id).toBe(made.job_id)
    expect((await data("activity", "list", "--subject", made.job_id)).events.length).toBeGreaterThan(0)
    expect(house.provider.paid()).toBe(1)
  })

  it("takes feedback, and lists and deletes assets", async () => {
    const words = ["--title", "Short concrete title", "--body", "What happened, what was expected, and why it matters"]
    expect((await data("feedback", "create", ...words)).feedback_id).toMatch(/^sig_/)
    const { asset } = await data("upload", "result.png")
    const kept = (await data("assets", "list", "--limit", "200")).assets.map(
      (one: { asset_id: string }) => one.asset_id
    )
    expect(kept).toContain(asset.asset_id)
    await data("assets", "delete", asset.asset_id)
    const gone = await machine.run(["assets", "show", asset.asset_id])
    expect([gone.exitCode, gone.envelope.error?.code]).toEqual([2, "ASSET_NOT_FOUND"])
  })

  it("takes paths with their places, uploads each file once, and nothing for a plan", async () => {
    const large = ["--model-parameters-json", '{"width":400,"height":400}', "--output", "front.png"]
    await data("create", "--prompt", "front", "--model", "local.procedural", ...large)
    const uploads = async () =>
      (await data("activity", "list", "--limit", "200")).events.filter(
        ({ type }: { type: string }) => type === "asset.uploaded"
      ).length
    const before = await uploads()
    const elements = ["--element-frontal", "./front.png@0", "--element-reference", "front.png@0:0"]
    const kling = ["--model", "fal.kling-image-o3-text-to-image", "--prompt", "x", ...elements]
    expect(await data("create", ...kling, "--dry-run")).toMatchObject({ dry_run: true })
    expect(await uploads()).toBe(before)
    const masked = ["--input", "front.png", "--mask", "./front.png", "--model", "local.mask-effect"]
    await data("edit", ...masked, "--output", "masked.png")
    expect(await uploads()).toBe(before + 1)
  })
})

describe("a token in hand", () => {
  it("goes in over stdin, in every command, and never comes out", async () => {
    const other = makeMachine()
    const shown = await other.run(["signup", "--agent", "--show-token", "--api-base-url", house.server.url])
    const token = String(shown.envelope.data?.token)
    expect([token.startsWith("isk_r_"), shown.stdout.split(token).length]).toEqual([true, 2])
    const at = ["--token-stdin", "--api-base-url", house.server.url]
    for (const argv of [["whoami"], ["usage", "quota"], ["auth", "status"], ["activity", "list"], ["doctor"]]) {
      const ended = await other.run([...argv, ...at], { stdin: `${token}\n` })
      expect([argv, ended.exitCode, (ended.stdout + ended.stderr).includes(token)]).toEqual([argv, 0, false])
    }
    await other.run(["auth", "save", ...at], { stdin: token })
    expect((await other.run(["whoami"])).envelope.data?.authenticated).toBe(true)
    await other.run(["auth", "logout"])
    const out = await other.run(["whoami"])
    expect([out.exitCode, out.envelope.error?.code]).toEqual([3, "AUTH_REQUIRED"])
    const again = await other.paste(out.envelope.error?.recovery?.suggested_command)
    expect(again.exitCode).toBe(0)
    other.remove()
  })

  it("is not lost to a config that cannot be written: what is suggested works as pasted", async () => {
    const other = makeMachine()
    writeFileSync(join(other.path, ".config"), "a file in the way")
    const refused = await other.run(["signup", "--agent", "--save", "--api-base-url", house.server.url])
    expect([refused.exitCode, refused.envelope.error?.code]).toEqual([9, "PUBLIC_CLI_CONFIG_WRITE_FAILED"])
    const command = String(refused.envelope.error?.recovery?.suggested_command)
    const { stdout } = await other.shell(`${command} > signup.json && image-skill whoami`)
    expect(JSON.parse(stdout).data).toMatchObject({ authenticated: true })
    other.remove()
  })
})

describe("a live create that is killed", () => {
  it.each(["SIGKILL", "SIGINT"] as const)(
    "by %s is recovered by the printed command, and paid once",
    async (signal) => {
      house.provider.hold()
      const before = house.provider.paid()
      const typed = ["create", "--prompt", `killed by ${signal}`, ...priced, "--output", `${signal}.png`]
      const killed = machine.run(typed, {
        onStderr: (kill) => {
          const timer = setInterval(() => {
            if (house.provider.paid() === before) return
            clearInterval(timer)
            setTimeout(() => kill(signal), 800)
          }, 20)
        }
      })
      const ended = await killed
      const { recover_command: command } = JSON.parse(ended.stderr.split("\n")[0] ?? "").in_flight
      const { code, details } = ended.envelope.error ?? {}
      const isTold = signal === "SIGINT"
      expect([ended.exitCode, code, details?.recover_command]).toEqual(
        isTold ? [130, "INTERRUPTED", command] : [-1, undefined, undefined]
      )
      expect(String(details?.job_id)).toMatch(isTold ? /^job_/ : /^undefined$/)
      expect(await data("doctor")).toMatchObject({ in_flight: [{ status: "unfinished", recover_command: command }] })
      house.provider.release()
      const again = await machine.paste(command)
      expect([again.exitCode, again.envelope.data?.status]).toEqual([0, "completed"])
      expect([house.provider.paid() - before, readFileSync(machine.at(`${signal}.png`)).length > 0]).toEqual([1, true])
      expect(await data("doctor")).toMatchObject({ in_flight: [] })
    }
  )
})

describe("a create that is killed at any moment", () => {
  it.each(["remote", "embedded"])("%s: is made once, whenever that was", async (mode) => {
    const other = makeMachine()
    const at = mode === "remote" ? ["--api-base-url", house.server.url] : []
    if (mode === "remote") await other.run(["signup", "--agent", "--save", ...at])
    const size = ["--model-parameters-json", '{"width":900,"height":900}']
    for (const [index, millis] of [0, 15, 60, 150, 300, 600].entries()) {
      const typed = ["create", "--prompt", `moment ${millis}`, "--model", "local.procedural", ...size]
      const ended = await other.run([...typed, "--output", `${index}.png`], {
        onStderr: (kill) => setTimeout(() => kill("SIGKILL"), millis)
      })
      const { recover_command: command } = JSON.parse(ended.stderr.split("\n")[0] ?? "").in_flight
      // Who was answered has nothing to recover.
      if (ended.stdout !== "") continue
      const again = await other.paste(command)
      expect([millis, again.exitCode, again.envelope.error]).toEqual([millis, 0, null])
    }
    for (const index of [0, 1, 2, 3, 4, 5]) {
      expect(readFileSync(other.at(`${index}.png`)).readUInt32BE(16)).toBe(900)
    }
    const { envelope } = await other.run(["jobs", "list", "--limit", "200"])
    expect(Object(envelope.data).jobs.length).toBe(6)
    expect((await other.run(["doctor"])).envelope.data?.in_flight).toEqual([])
    other.remove()
  })
})

describe("a server that has gone", () => {
  it("is named, with a command that works", async () => {
    const other = makeMachine()
    const gone = await startServer(join(other.path, "server"))
    await gone.stop()
    const { envelope, exitCode } = await other.run(["create", "--prompt", "x", "--api-base-url", gone.url])
    expect([exitCode, envelope.error?.code]).toEqual([7, "HOSTED_API_REQUEST_FAILED"])
    const read = await other.run(["whoami", "--api-base-url", gone.url])
    const doctor = await other.paste(read.envelope.error?.recovery?.suggested_command)
    expect([doctor.exitCode, doctor.envelope.data?.status]).toEqual([0, "fail"])
    other.remove()
  })
})
