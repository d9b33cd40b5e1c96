import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
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

const trail = () => join(folder.path, ".local/share/image-skill/in-flight")
const crumbs = () => (existsSync(trail()) ? readdirSync(trail()) : [])

interface Heard {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly body: Record<string, unknown>
}

type Handling = (heard: Heard, response: ServerResponse, request: IncomingMessage) => void

/** A server that answers each request as it is told; `heard` is all that came. */
const listen = async (handle: Handling) => {
  const heard: Array<Heard> = []
  const server = await open((request, response) => {
    let text = ""
    request.setEncoding("utf8").on("data", (part) => {
      text += part
    })
    request.on("end", () => {
      const one = { method: request.method, url: request.url, body: text === "" ? {} : JSON.parse(text) }
      heard.push(one)
      handle(one, response, request)
    })
  })
  return { at: ["--api-base-url", server.url], heard, close: server.close }
}

const send = (response: ServerResponse, answer: Response) =>
  void answer.text().then((text) => response.writeHead(answer.status).end(text))

const running = { job_id: "job_1", status: "running", assets: [] }
const done = { job_id: "job_1", status: "completed", assets: [] }
const create = ["create", "--prompt", "x", "--idempotency-key", "k"]

describe("a connection that breaks", () => {
  it("is tried again for a question and for a request with a key, and for nothing else", async () => {
    const tries = async (argv: ReadonlyArray<string>) => {
      let left = 2
      const { at, heard } = await listen((_, response, request) => {
        left -= 1
        if (left >= 0) request.socket.destroy()
        else send(response, reply({ ...done, token: "isk_r_1" }))
      })
      const { exitCode } = await run([...argv, ...at])
      return [exitCode, heard.length]
    }
    const [again, once] = [
      [["whoami"], create, ["credits", "quote", "--credits", "5"]],
      [
        ["jobs", "cancel", "job_1"],
        ["signup", "--show-token"],
        ["assets", "delete", "image_1"]
      ]
    ]
    expect(await Promise.all(again.map(tries))).toEqual(again.map(() => [0, 3]))
    expect(await Promise.all(once.map(tries))).toEqual(once.map(() => [7, 1]))
  })

  it("tells a request that was never sent from one that may have been", async () => {
    const closed = await listen(() => {})
    await closed.close()
    const unsent = await run([...create, ...closed.at])
    expect([unsent.exitCode, unsent.envelope.error?.code]).toEqual([7, "HOSTED_API_REQUEST_FAILED"])
    expect(unsent.envelope.error?.message).toContain("Nothing was sent")
    expect([unsent.envelope.error?.recovery?.suggested_command, crumbs()]).toEqual([
      `image-skill create --prompt x --idempotency-key k ${closed.at.join(" ")}`,
      []
    ])
    const cut = await listen((_, __, request) => request.socket.destroy())
    const sent = await run([...create, ...cut.at])
    expect(sent.envelope.error?.message).toContain("may have been accepted")
    expect(crumbs().length).toBe(1)
    const doctor = await run(["doctor", ...closed.at])
    expect([doctor.exitCode, doctor.envelope.data?.status]).toEqual([0, "fail"])
    expect(doctor.envelope.data).toHaveProperty("in_flight.0.idempotency_key", "k")
  })
})

describe("a server that answers garbage", () => {
  const envelope = { ok: true, command: "x", trace_id: "t", actor: null, data: {}, warnings: [], error: null }
  const garbage: ReadonlyArray<readonly [string, number, string, Record<string, string>]> = [
    ["a page", 200, "<html>hello</html>", {}],
    ["nothing", 200, "", {}],
    ["a redirect", 301, "", { location: "https://elsewhere.example/v1" }],
    ["half a document", 200, JSON.stringify(envelope).slice(0, 40), {}],
    ["a success without data", 200, JSON.stringify({ ...envelope, data: null }), {}],
    ["a failure without an error", 500, JSON.stringify({ ...envelope, ok: false, data: null }), {}],
    ["a failure without a code", 500, JSON.stringify({ ...envelope, ok: false, error: {} }), {}],
    ["a prototype", 200, '{"__proto__":{"ok":true}}', {}]
  ]

  it.each(garbage)("%s is HOSTED_API_REQUEST_FAILED", async (_, status, text, headers) => {
    const { at } = await listen((__, response) => void response.writeHead(status, headers).end(text))
    for (const argv of [["whoami"], create]) {
      const { envelope: answer, exitCode, stderr } = await run([...argv, ...at])
      expect([exitCode, answer.error?.code]).toEqual([7, "HOSTED_API_REQUEST_FAILED"])
      expect(stderr).not.toContain("defect")
    }
  })

  it("fails a failure whatever exit code the server asks for, and passes unknown codes on", async () => {
    const failed = { ...envelope, ok: false, data: null, error: { code: "NEW_CODE", message: "m", retryable: false } }
    for (const [asked, exit] of [
      ["0", 5],
      ["4", 4],
      ["77", 5],
      ["x", 5]
    ] as const) {
      const { at } = await listen(
        (_, response) => void response.writeHead(402, { "x-image-skill-exit-code": asked }).end(JSON.stringify(failed))
      )
      const { envelope: answer, exitCode } = await run(["whoami", ...at])
      expect([exitCode, answer.error?.code]).toEqual([exit, "NEW_CODE"])
    }
  })

  it("odd data of a success is no crash", async () => {
    const asset = { asset_id: "image_1", url: "http://[", mime_type: "image/png" }
    const { at } = await listen((_, response) =>
      send(response, reply({ job_id: 7, assets: [asset, null, 3], job: [] }))
    )
    for (const argv of [
      [...create, "--output", "a.png"],
      ["signup", "--save"],
      ["credits", "methods"],
      ["doctor"],
      ["auth", "status"]
    ]) {
      const { exitCode, stderr } = await run([...argv, ...at])
      expect([argv, exitCode === 1, stderr.includes("defect")]).toEqual([argv, false, false])
    }
  })
})

describe("waiting", () => {
  it("is as long as the flags say", async () => {
    let looks = 0
    const { at, heard } = await listen((_, response) => {
      looks += 1
      send(response, looks < 3 ? reply(running, 202) : reply({ ...done, idempotent_replay: true }))
    })
    const waits = async (...flags: ReadonlyArray<string>) => {
      looks = 0
      heard.length = 0
      const { envelope } = await run([...create, ...flags, ...at])
      return [envelope.data?.status, heard.map(({ body }) => body.wait_ms), envelope.data?.idempotent_replay, crumbs()]
    }
    expect(await waits("--no-wait")).toEqual(["running", [0], undefined, []])
    expect(await waits()).toEqual(["running", [500, undefined], undefined, []])
    expect(await waits("--wait")).toEqual(["completed", [500, undefined, undefined], undefined, []])
    for (const flags of [["--wait"], ["--output", "a.png"]]) {
      expect((await run([...create, "--no-wait", ...flags, ...at])).exitCode).toBe(2)
    }
  })
})

describe("an interrupted request", () => {
  it("answers with its job and its command, leaves a breadcrumb, and is found by doctor until it is taken up", async () => {
    const controller = new AbortController()
    let isDone = false
    const { at } = await listen(({ url, body }, response) => {
      if (url !== "/v1/create") return send(response, reply({ status: "ok", authenticated: true }))
      if (isDone) return send(response, reply({ ...done, idempotent_replay: true }))
      if (body.wait_ms === 500) send(response, reply(running, 202))
      else setTimeout(() => controller.abort(), 20)
    })
    const command = `image-skill create --prompt x --idempotency-key k ${at.join(" ")}`
    const cut = await run([...create, ...at], { host: { interruption: controller.signal } })
    expect([cut.exitCode, cut.envelope.error?.code]).toEqual([130, "INTERRUPTED"])
    expect(cut.envelope.error?.details).toMatchObject({ job_id: "job_1", recover_command: command })
    expect([JSON.parse(cut.stderr).in_flight.recover_command, crumbs().length]).toEqual([command, 1])
    const found = await run(["doctor", ...at])
    expect(found.envelope.data).toMatchObject({
      status: "warn",
      in_flight: [{ status: "unfinished", idempotency_key: "k", recover_command: command }]
    })
    const alive = await run(["doctor", ...at], { host: { processId: 1, isRunning: () => true } })
    expect(alive.envelope.data).toMatchObject({ in_flight: [{ status: "running" }] })
    isDone = true
    const again = await run([...create, ...at])
    expect([again.exitCode, again.envelope.data?.idempotent_replay, crumbs()]).toEqual([0, true, []])
  })

  it("that pays for nothing is simply typed again, but for a signup", async () => {
    for (const [argv, command] of [
      [["jobs", "wait", "job 1"], "image-skill jobs wait 'job 1'"],
      [["signup", "--show-token"], undefined]
    ] as const) {
      const controller = new AbortController()
      const { at } = await listen(() => void setTimeout(() => controller.abort(), 10))
      const { envelope, exitCode } = await run([...argv, ...at], { host: { interruption: controller.signal } })
      expect([exitCode, envelope.error?.code]).toEqual([130, "INTERRUPTED"])
      expect(envelope.error?.recovery?.suggested_command).toBe(command && `${command} ${at.join(" ")}`)
    }
  })

  it("is named with its folder and its server to a doctor elsewhere", async () => {
    const { at } = await listen((_, response) => send(response, refuse("INTERNAL", 500)))
    mkdirSync(join(folder.path, "other"))
    await run(create, { environment: { IMAGE_SKILL_API_BASE_URL: at[1] ?? "" } })
    const { envelope } = await run(["doctor"], { host: { workingDirectory: join(folder.path, "other") } })
    expect(envelope.data).toHaveProperty(
      "in_flight.0.recover_command",
      `cd ${folder.path} && image-skill --api-base-url=${at[1]}/ create --prompt x --idempotency-key k`
    )
  })

  it("that is a day old, or no breadcrumb at all, is swept away", async () => {
    const { at } = await listen((_, response) => send(response, refuse("INTERNAL", 500)))
    await run([...create, ...at])
    const [name] = crumbs()
    const path = join(trail(), name ?? "")
    writeFileSync(path, readFileSync(path, "utf8").replace(/"started_at_ms":\d+/, '"started_at_ms":1'))
    writeFileSync(join(trail(), "torn.json"), '{"version":1')
    const { envelope } = await run(["doctor"])
    expect([envelope.data?.in_flight, crumbs()]).toEqual([[], []])
    expect(JSON.stringify(envelope.data?.checks)).toContain("2 stale ones")
  })

  it("goes on without a breadcrumb where none can be written, and says so", async () => {
    const { at } = await listen((_, response) => send(response, reply(done)))
    writeFileSync(join(folder.path, "file"), "")
    const { envelope, exitCode } = await run([...create, ...at, "--data-dir", "file/below"])
    expect([exitCode, envelope.warnings.join().includes("stderr only")]).toEqual([0, true])
  })
})
