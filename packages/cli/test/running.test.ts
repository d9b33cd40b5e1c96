import { writeFileSync } from "node:fs"
import type { RequestListener } from "node:http"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Answering, answeredBy, refuse, reply, runIn, temporaryFolder } from "./support/host.ts"
import { loopback } from "./support/loopback.ts"

let folder = temporaryFolder()
let run = runIn(folder.path)
beforeEach(() => {
  folder = temporaryFolder()
  run = runIn(folder.path)
})
afterEach(() => folder.remove())
const open = loopback()

/** A server on loopback; answers its origin. */
const listen = (answer: RequestListener) => open(answer).then(({ url }) => url)

describe("a server that is started", () => {
  it.each([
    [false, "http://a.example", undefined],
    [true, "http://a.example --invite-code INVITE_CODE", ["INVITE_CODE"]]
  ])("says how an agent gets in; by invite: %s", async (needsInvite, ending, missing) => {
    const warnings = ["a setting is likely wrong"]
    const serving = { url: "http://a.example", address: "0.0.0.0", port: 80, isLoopback: false, needsInvite, warnings }
    const controller = new AbortController()
    const started = Effect.sync(() => {
      setTimeout(() => controller.abort(), 300)
      return serving
    })
    const { envelope } = await run(["serve"], {
      host: { loadServer: async () => () => started, interruption: controller.signal }
    })
    expect(envelope.data?.["signup_command"]).toBe(
      `image-skill signup --agent --agent-name my-agent --save --api-base-url ${ending} --json`
    )
    expect(envelope.data?.["missing_inputs"]).toEqual(missing)
    expect(envelope.warnings).toEqual(warnings)
  })
})

describe("a run", () => {
  it("answers a crash with INTERNAL and keeps its cause off stdout", async () => {
    const { envelope, exitCode, stdout, stderr } = await run(["whoami"], {
      host: { openEmbedded: () => Promise.reject(new Error("the cause")) }
    })
    expect([exitCode, envelope.error?.code]).toEqual([1, "INTERNAL"])
    expect(stdout).not.toContain("the cause")
    expect(stderr).toMatch(/^defect: the cause/)
    expect(stderr).not.toContain("    at ")
  })

  it("answers Ctrl-C with the command that takes the request up again, then closes", async () => {
    const controller = new AbortController()
    let closed = 0
    const { envelope, exitCode } = await run(["create", "--prompt", "x", "--idempotency-key", "k"], {
      host: {
        interruption: controller.signal,
        openEmbedded: async () => ({
          exchange: () => {
            setTimeout(() => controller.abort(), 20)
            return new Promise(() => {})
          },
          close: async () => {
            closed += 1
          }
        })
      }
    })
    expect([exitCode, envelope.error?.code, closed]).toEqual([130, "INTERRUPTED", 1])
    expect(envelope.error?.recovery).toEqual({
      suggested_command: "image-skill create --prompt x --idempotency-key k",
      idempotency_key: "k"
    })
  })

  it("suggests commands that act where it acted itself", async () => {
    const answering = () => refuse("JOB_NOT_FOUND", 404, {}, { suggested_command: "image-skill activity list --json" })
    const suggested = async (...flags: ReadonlyArray<string>) =>
      (await run(["jobs", "show", "job_1", ...flags], { answering, stdin: "token" })).envelope.error?.recovery
    expect(await suggested()).toEqual({ suggested_command: "image-skill activity list --json" })
    expect(await suggested("--data-dir", "a b")).toEqual({
      suggested_command: "image-skill --data-dir='a b' activity list --json"
    })
    expect(await suggested("--token-stdin")).toEqual({
      suggested_command: "image-skill --token-stdin activity list --json",
      missing_inputs: ["the token, on stdin"]
    })
    const refusing = () => refuse("TOKEN_INVALID", 401, {}, { suggested_command: "image-skill signup --agent --save" })
    const stale = await run(["whoami", "--token-stdin"], { answering: refusing, stdin: "token" })
    expect(stale.envelope.error?.recovery).toEqual({ suggested_command: "image-skill signup --agent --save" })
    const { envelope } = await run(["xyzzy", "--data-dir=d"])
    expect(envelope.error?.recovery?.suggested_command).toBe("image-skill --data-dir=d help")
  })

  it.each([
    [["create", "--prompt", "x", "--model-parameters-json", "["], "image-skill create --help"],
    [["models", "list", "--api-base-url", "foo"], "image-skill --api-base-url=foo models list --help"],
    [["create", "--prompt", "x", "--output", "{nothing}.png"], "image-skill create --help"]
  ])("%j: where nothing better is known, help is suggested", async (argv, suggested) => {
    const { envelope, exitCode } = await run(argv)
    expect([exitCode, envelope.error?.recovery?.suggested_command]).toEqual([2, suggested])
  })

  it("opens no server for what it can answer alone", async () => {
    for (const argv of [["version"], ["help"], ["create", "--bogus"], ["create", "--output", "."]]) {
      expect((await run(argv)).opened).toBe(0)
    }
  })

  it("keeps its data where the flag, the variable, or XDG says", async () => {
    const asked: Array<string> = []
    const host = {
      openEmbedded: async ({ dataDirectory }: { readonly dataDirectory: string }) => {
        asked.push(dataDirectory)
        return { exchange: answeredBy(async () => reply({})), close: async () => {} }
      }
    }
    await run(["whoami", "--data-dir", "here"], { host, environment: { IMAGE_SKILL_DATA_DIR: "/there" } })
    await run(["whoami"], { host, environment: { IMAGE_SKILL_DATA_DIR: "/there", XDG_DATA_HOME: "/xdg" } })
    await run(["whoami"], { host, environment: { XDG_DATA_HOME: "/xdg" } })
    await run(["whoami"], { host, environment: { XDG_DATA_HOME: "relative", IMAGE_SKILL_DATA_DIR: "" } })
    expect(asked).toEqual([
      join(folder.path, "here"),
      "/there",
      "/xdg/image-skill",
      join(folder.path, ".local/share/image-skill")
    ])
  })

  it("warns of a token without a server, and refuses a config that it cannot read", async () => {
    const warned = await run(["whoami"], {
      answering: () => reply({}),
      environment: { IMAGE_SKILL_TOKEN: "isk_r_secret" }
    })
    expect(warned.envelope.warnings.join()).toContain("IMAGE_SKILL_API_BASE_URL")
    writeFileSync(join(folder.path, "broken.json"), "{")
    const broken = await run(["whoami"], { environment: { IMAGE_SKILL_CONFIG_PATH: "broken.json" } })
    expect([broken.envelope.error?.code, broken.exitCode]).toEqual(["FILE_READ_FAILED", 9])
  })
})

describe("a terminal", () => {
  it("shows an image's path and cost in a few lines, and nothing that is JSON", async () => {
    const { stdout } = await run(["create", "--prompt", "x"], {
      isTerminal: true,
      answering: () =>
        reply({
          job_id: "job_1",
          assets: [{ asset_id: "image_1", width: 8, height: 8, mime_type: "image/png", content_length: 2048 }],
          cost: { estimated_usd: 0.05, credit_pricing: { credits_required: 9 } },
          request: { selection: { model_id: "m" } },
          next_actions: [{ command: "image-skill assets get image_1 --output x.png" }]
        })
    })
    expect(stdout.split("\n")).toEqual([
      "asset  image_1  8x8 png  2 KB",
      "model  m",
      "money  cost 9 credits (provider $0.05)",
      "job    job_1",
      "next   image-skill assets get image_1 --output x.png",
      ""
    ])
  })

  it("shows the picture where it can, and only there", async () => {
    const picture = Buffer.from("the bytes of a picture")
    const shown = async (environment: Record<string, string>, isTerminal = true) => {
      const row = { asset_id: "image_1", url: "http://x/a/image_1.png", mime_type: "image/png", width: 8, height: 4 }
      const answering: Answering = ({ path }) =>
        path.startsWith("/a/") ? new Response(picture) : reply({ assets: [{ ...row, content_length: 22 }] })
      return (await run(["create", "--prompt", "x"], { isTerminal, environment, answering })).stdout
    }
    const text = picture.toString("base64")
    expect(await shown({ TERM: "xterm-kitty" })).toContain(`\u001b_Ga=T,f=100,q=2,c=40,m=0;${text}\u001b\\\n`)
    expect(await shown({ TERM_PROGRAM: "iTerm.app" })).toContain(`width=40;preserveAspectRatio=1:${text}\u0007\n`)
    for (const silent of [{ TERM: "xterm-256color" }, { TERM: "tmux-256color", KITTY_WINDOW_ID: "1" }]) {
      expect(await shown(silent)).not.toContain("\u001b")
    }
  })

  it("shows a failure on stderr, with what to try", async () => {
    const { stdout, stderr, exitCode } = await run(["create", "--promt", "x"], { isTerminal: true })
    expect([stdout, exitCode]).toEqual(["", 2])
    expect(stderr).toBe(
      'error: unknown flag "--promt" for image-skill create; did you mean --prompt? [INVALID_ARGUMENTS]\ntry:   image-skill create --prompt x\n'
    )
  })

  it("lets no text of a server move the cursor", async () => {
    const { stdout } = await run(["whoami"], {
      isTerminal: true,
      answering: () => reply({ name: "\u001b[2Jevil\u0007" })
    })
    expect(stdout).not.toContain("\u001b")
  })

  it("still gets JSON when it asks for it", async () => {
    expect((await run(["version", "--json"], { isTerminal: true })).envelope.data).toMatchObject({ version: "1.2.3" })
  })
})

describe("a server", () => {
  it("is spoken to over HTTP, with the token", async () => {
    const seen: Array<unknown> = []
    const origin = await listen((request, response) => {
      seen.push([request.url, request.headers.authorization])
      void reply({ from: "afar" })
        .text()
        .then((text) => response.end(text))
    })
    const { envelope, opened } = await run(
      ["models", "list", "--limit", "3", "--api-base-url", `${origin}/base/`, "--token-stdin"],
      {
        stdin: "isk_r_1\n"
      }
    )
    expect(seen).toEqual([["/base/v1/models?limit=3", "Bearer isk_r_1"]])
    expect([envelope.data, opened]).toEqual([{ from: "afar" }, 0])
  })

  it.each([
    ["that is not there", "http://127.0.0.1:1"],
    ["whose name is unknown", "http://does-not-exist.invalid"]
  ])("%s fails with HOSTED_API_REQUEST_FAILED and the same key to try again", async (_, origin) => {
    const { envelope, exitCode } = await run(["create", "--prompt", "x", "--idempotency-key", "k"], {
      environment: { IMAGE_SKILL_API_BASE_URL: origin }
    })
    expect([exitCode, envelope.error?.code]).toEqual([7, "HOSTED_API_REQUEST_FAILED"])
    expect(envelope.error?.recovery).toMatchObject({ idempotency_key: "k" })
  })

  it("that answers with no envelope is named as such", async () => {
    const origin = await listen((_, response) => response.writeHead(502).end("<html>"))
    const { envelope } = await run(["whoami", "--api-base-url", origin])
    expect(envelope.error).toMatchObject({ code: "HOSTED_API_REQUEST_FAILED", details: { status: 502 } })
  })

  it("decides the exit code by header, else by code, else by status", async () => {
    const exit = async (response: Response) => (await run(["whoami"], { answering: () => response })).exitCode
    expect([
      await exit(refuse("INTERNAL", 500, { "x-image-skill-exit-code": "9" })),
      await exit(refuse("TOKEN_INVALID", 401)),
      await exit(refuse("NEW_CODE", 429)),
      await exit(refuse("NEW_CODE", 418))
    ]).toEqual([9, 3, 5, 1])
  })

  it("takes doctor to every check, whatever is broken", async () => {
    const { envelope, exitCode } = await run(["doctor", "--api-base-url", "http://127.0.0.1:1"])
    expect([exitCode, envelope.data?.status]).toEqual([0, "fail"])
    const dead = await run(["doctor"], { host: { openEmbedded: () => Promise.reject(new Error("no disk")) } })
    expect([dead.exitCode, dead.stdout.includes("no disk")]).toEqual([0, true])
  })
})

describe("a URL that the user names", () => {
  const upload = (url: string) =>
    run(["upload", url], { answering: ({ body }) => reply({ asset: { asset_id: "image_1" }, sent: body }) })

  it("is fetched here when it is loopback, and only its origin is told", async () => {
    const origin = await listen((request, response) =>
      request.url === "/old.png?key=secret"
        ? response.writeHead(302, { location: "/new.png" }).end()
        : response.writeHead(200, { "content-type": "image/png; x=y" }).end("bytes")
    )
    const { envelope } = await upload(`${origin}/old.png?key=secret`)
    expect(envelope.data?.sent).toMatchObject({
      source_kind: "remote_url",
      remote_origin: origin,
      filename: "new.png",
      mime_type: "image/png",
      bytes_base64: Buffer.from("bytes").toString("base64")
    })
  })

  it.each([
    ["a redirect to another private host", { location: "http://10.0.0.1/a.png" }, 302, "private"],
    ["a redirect to a name on this machine", { location: "http://localhost:1/a.png" }, 302, "private"],
    ["a redirect to a file", { location: "file:///etc/passwd" }, 302, "file:"],
    ["redirects without end", { location: "/again" }, 302, "more than 5"],
    ["a body that says it is too large", { "content-length": "99999999" }, 200, "larger"],
    ["a missing page", {}, 404, "404"]
  ])("is refused for %s", async (_, headers, status, part) => {
    const origin = await listen((_, response) => response.writeHead(status, headers).end())
    const { envelope } = await upload(`${origin}/a.png`)
    expect(envelope.ok).toBe(false)
    expect(envelope.error?.message).toContain(part)
  })

  it("is cut off when its body is larger than it said", async () => {
    const origin = await listen((_, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(1024 * 1024)
      const pump = (left: number) => (left === 0 ? response.end() : response.write(chunk, () => pump(left - 1)))
      pump(30)
    })
    expect((await upload(`${origin}/a.png`)).envelope.error?.code).toBe("INPUT_POLICY_DENIED")
  })
})
