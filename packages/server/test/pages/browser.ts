import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { Schema } from "effect"

/** The Chromium that the environment names, which must be there, or one that is found; null where there is none. */
export const browserFile: string | null =
  process.env["IMAGE_SKILL_BROWSER"] ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => existsSync(file)) ??
  null

/** It asks nobody for anything by itself, and keeps nothing. The tests of a container run as root: no sandbox there. */
const flags = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
  // A test clicks faster than a person.
  ...["--disable-ipc-flooding-protection", "--remote-debugging-pipe", "about:blank"]
]

const Message = Schema.Struct({
  id: Schema.optional(Schema.Int),
  method: Schema.optional(Schema.String),
  params: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  result: Schema.optional(Schema.Unknown),
  error: Schema.optional(Schema.Struct({ message: Schema.String }))
})
const decodeMessage = Schema.decodeUnknownSync(Schema.parseJson(Message))

type Params = Readonly<Record<string, unknown>>

/** Chromium's own protocol: JSON documents on two pipes, each with a zero byte after it. */
const overPipes = (toBrowser: Writable, fromBrowser: Readable, onEvent: (method: string, params: Params) => void) => {
  const waiting = new Map<
    number,
    { readonly resolve: (result: unknown) => void; readonly reject: (e: Error) => void }
  >()
  let sent = 0
  let rest = ""
  const hear = (text: string) => {
    const { error, id, method, params, result } = decodeMessage(text)
    if (id === undefined) return onEvent(method ?? "", params ?? {})
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(error.message))
  }
  fromBrowser.setEncoding("utf8").on("data", (part: string) => {
    const texts = `${rest}${part}`.split("\0")
    rest = texts.pop() ?? ""
    texts.forEach(hear)
  })
  fromBrowser.once("close", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser has ended"))
  })
  return (method: string, params: Params = {}, sessionId?: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      sent += 1
      waiting.set(sent, { resolve, reject })
      toBrowser.write(`${JSON.stringify({ id: sent, method, params, sessionId })}\0`)
    })
}

const Target = Schema.Struct({ targetId: Schema.String })
const Session = Schema.Struct({ sessionId: Schema.String })
const Evaluated = Schema.Struct({
  result: Schema.Struct({ value: Schema.optional(Schema.Unknown) }),
  exceptionDetails: Schema.optional(Schema.Unknown)
})
const Picture = Schema.Struct({ data: Schema.String })
const Asked = Schema.Struct({ request: Schema.Struct({ url: Schema.String }) })

export interface Screen {
  readonly width: number
  readonly height: number
  readonly scheme: "light" | "dark"
}

/** A page of a real browser. */
export interface Page {
  /** Loads it on a screen of this size. */
  readonly open: (url: string, screen: Screen) => Promise<void>
  /** The value of an expression in the page, which must be JSON. */
  readonly value: (expression: string) => Promise<unknown>
  readonly picture: () => Promise<Buffer>
  /** Every URL that was asked for so far. */
  readonly requests: ReadonlyArray<string>
  /** What the console would show: errors, warnings, refusals of the page's policy. */
  readonly complaints: ReadonlyArray<string>
}

const spawned = (profile: string) => {
  const browser = spawn(browserFile ?? "", [...flags, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"]
  })
  const [, , , toBrowser, fromBrowser] = browser.stdio
  if (
    !(toBrowser instanceof Object && "write" in toBrowser) ||
    !(fromBrowser instanceof Object && "read" in fromBrowser)
  ) {
    throw new Error("the browser has no pipes")
  }
  return { browser, toBrowser, fromBrowser }
}

/** A browser with one page, which ends with the use of it. */
export const inBrowser = async <A>(use: (page: Page) => Promise<A>): Promise<A> => {
  const profile = await mkdtemp(join(tmpdir(), "image-skill-browser-"))
  const { browser, fromBrowser, toBrowser } = spawned(profile)
  const broken = new Promise<never>((_, reject) => {
    browser.once("error", reject)
    toBrowser.once("error", reject)
  })
  const ended = new Promise<void>((resolve) => void browser.once("close", () => resolve()))
  const requests: Array<string> = []
  const complaints: Array<string> = []
  let onLoad = () => {}
  const send = overPipes(toBrowser, fromBrowser, (method, params) => {
    if (method === "Page.loadEventFired") onLoad()
    if (method === "Network.requestWillBeSent") requests.push(Schema.decodeUnknownSync(Asked)(params).request.url)
    if (/^(Log\.entryAdded|Runtime\.(consoleAPICalled|exceptionThrown)|Audits\.issueAdded)$/.test(method)) {
      complaints.push(JSON.stringify(params))
    }
  })
  const using = async () => {
    const { targetId } = Schema.decodeUnknownSync(Target)(await send("Target.createTarget", { url: "about:blank" }))
    const attached = await send("Target.attachToTarget", { targetId, flatten: true })
    const { sessionId } = Schema.decodeUnknownSync(Session)(attached)
    const ask = (method: string, params: Params = {}) => send(method, params, sessionId)
    for (const domain of ["Page", "Network", "Log", "Runtime", "Audits"]) await ask(`${domain}.enable`)
    return await use({
      requests,
      complaints,
      open: async (url, { height, scheme, width }) => {
        const features = [{ name: "prefers-color-scheme", value: scheme }]
        await ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 })
        await ask("Emulation.setEmulatedMedia", { features })
        const loaded = new Promise<void>((resolve) => {
          onLoad = resolve
        })
        await ask("Page.navigate", { url })
        await loaded
      },
      value: async (expression) => {
        const answer = await ask("Runtime.evaluate", {
          expression,
          returnByValue: true,
          awaitPromise: true,
          userGesture: true
        })
        const { exceptionDetails, result } = Schema.decodeUnknownSync(Evaluated)(answer)
        if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
        return result.value
      },
      picture: async () =>
        Buffer.from(Schema.decodeUnknownSync(Picture)(await ask("Page.captureScreenshot")).data, "base64")
    })
  }
  try {
    return await Promise.race([using(), broken])
  } finally {
    browser.kill("SIGKILL")
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
