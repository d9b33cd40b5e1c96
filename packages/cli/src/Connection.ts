/** A thin client of the HTTP wire, to a server or to the same app in this process. Plain promises: to ask, no Effect is loaded. */
import type { Failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/JsonValue"
import { type Answer, done, type Outcome, refused } from "./Envelope.ts"
import type { Embedded, Host } from "./Host.ts"
import { authorizationOf } from "./internal/authorization.ts"
import type { Settings } from "./internal/config.ts"
import { faultOf, mayRepeat, pausesMillis, reasonOfFault } from "./internal/reach.ts"
import { embeddedTransport, type Transport, type WireResponse } from "./internal/transport.ts"
import { envelopeIn, exitCodeOf } from "./internal/wireEnvelope.ts"

export interface Call {
  readonly method: "GET" | "POST" | "DELETE"
  /** Begins with a slash; its parts are encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: JsonObject
  /** The default is 30 seconds. */
  readonly timeoutMillis?: number
  /** Whose token goes along; the default is the settings' own. `none` is for a stranger. */
  readonly as?: "settings" | "none" | "operator"
}

/** The server's envelope as it came, and the exit code that it asks for. */
export interface Reply extends Answer {
  readonly status: number
}

/** Rejects when the signal is aborted, and of a defect of the app in this process. */
export interface Connection {
  readonly mode: "embedded" | "remote"
  /** Any envelope, failures included; refused when there is none. */
  readonly send: (call: Call, signal: AbortSignal) => Promise<Outcome<Reply>>
  /** The bytes behind an asset's URL, as a response of status 200. */
  readonly download: (assetUrl: string, signal: AbortSignal) => Promise<Outcome<WireResponse>>
  /** Ends embedded mode, if it was begun: waits for the jobs that it runs. */
  readonly close: () => Promise<void>
}

/** Listings are small; the largest answer that we know is a catalogue of some 100 KB. */
const replyBytesMax = 32 * 1024 * 1024
const timeoutMillisDefault = 30_000

const read = async (response: WireResponse, bytesMax: number): Promise<string> => {
  const parts: Array<Uint8Array> = []
  let bytes = 0
  for await (const part of response.chunks) {
    bytes += part.byteLength
    if (bytes > bytesMax) throw new Error(`the answer is larger than ${bytesMax} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString("utf8")
}

const urlOf = (base: URL, call: Call): URL => {
  const url = new URL(`${base.href.replace(/\/+$/, "")}${call.path}`)
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

/** Requests of embedded mode need some origin; this one is never resolved. */
const embeddedBase = new URL("http://localhost")

/** What the app in this process says itself. Its class is core's, which loads Effect. */
const isFailure = (error: unknown): error is Failure =>
  error instanceof Error && "_tag" in error && error._tag === "Failure"

const unreachable = (base: URL, error: unknown) =>
  refused("HOSTED_API_REQUEST_FAILED", `${base.origin} did not answer: ${reasonOfFault(error)}`, {
    details: { api_base_url: base.origin, sent: faultOf(error) !== "unsent" },
    recovery: { suggested_command: "image-skill doctor --json" }
  })

const noEnvelope = (base: URL | null, response: WireResponse) => {
  const location = response.header("location") ?? ""
  const to = response.status >= 300 && response.status < 400 && base !== null && URL.canParse(location, base.href)
  const hint = to ? `it sends on to ${new URL(location, base.href).origin}` : "is it an Image Skill server?"
  return refused(
    "HOSTED_API_REQUEST_FAILED",
    `${base?.origin ?? "the embedded server"} answered ${response.status} without an envelope: ${hint}`,
    {
      details: { api_base_url: base?.origin ?? null, status: response.status, retryable: response.status >= 500 },
      recovery: { suggested_command: "image-skill doctor --json" }
    }
  )
}

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Runs until it is done, or may not be repeated. */
const tried = async <A>(call: Call, run: () => Promise<A>, pauses: ReadonlyArray<number>): Promise<A> => {
  try {
    return await run()
  } catch (error) {
    const [millis, ...rest] = pauses
    if (millis === undefined || !mayRepeat(call, faultOf(error))) throw error
    await pause(millis)
    return tried(call, run, rest)
  }
}

/** Opens nothing before the first call. */
export const connect = (host: Host, settings: Settings): Connection => {
  const { baseUrl } = settings
  const base = baseUrl ?? embeddedBase
  let opening: Promise<Embedded> | undefined
  const open = () =>
    (opening ??= host.openEmbedded({ dataDirectory: settings.dataDirectory, environment: host.environment }))
  const transport: Transport =
    baseUrl === null
      ? embeddedTransport(open)
      : async (request) => (await import("./internal/network.ts")).networkTransport(request)

  const exchange = async <A>(call: Call, signal: AbortSignal, run: () => Promise<A>): Promise<Outcome<A>> => {
    try {
      return done(await tried(call, run, baseUrl === null ? [] : pausesMillis))
    } catch (error) {
      if (isFailure(error)) return { ok: false, problem: error }
      // In this process there is no network that could be at fault: what is thrown, and is no Failure, is a defect.
      if (baseUrl === null || signal.aborted) throw error
      return unreachable(baseUrl, error)
    }
  }

  const send: Connection["send"] = async (call, signal) => {
    const authorization = authorizationOf(host, settings, call.as)
    if (!authorization.ok) return authorization
    const request = {
      method: call.method,
      url: urlOf(base, call),
      headers: {
        accept: "application/json",
        "user-agent": `image-skill/${host.version}`,
        ...authorization.value,
        ...(call.body === undefined ? {} : { "content-type": "application/json" })
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      timeoutMillis: call.timeoutMillis ?? timeoutMillisDefault,
      signal
    }
    const answered = await exchange(call, signal, async () => {
      const response = await transport(request)
      return { response, body: await read(response, replyBytesMax) }
    })
    if (!answered.ok) return answered
    const { body, response } = answered.value
    const envelope = envelopeIn(body)
    if (envelope === undefined) return noEnvelope(baseUrl, response)
    return done({ status: response.status, exitCode: exitCodeOf(response, envelope), envelope })
  }

  const download: Connection["download"] = async (assetUrl, signal) => {
    if (!URL.canParse(assetUrl, base.href)) {
      return refused("ASSET_DOWNLOAD_FAILED", "The server names no URL for the asset's bytes")
    }
    const { pathname } = new URL(assetUrl, base)
    // Media may be served by another origin than the API. An asset's URL is its capability: no token goes along.
    const url = baseUrl === null ? new URL(pathname, embeddedBase) : new URL(assetUrl, base)
    const headers = { "user-agent": `image-skill/${host.version}` }
    const response = await exchange({ method: "GET", path: pathname }, signal, () =>
      transport({ method: "GET", url, headers, body: null, timeoutMillis: 120_000, signal })
    )
    if (!response.ok || response.value.status === 200) return response
    const { status } = response.value
    return refused("ASSET_DOWNLOAD_FAILED", `The asset's bytes were answered with status ${status}`, {
      details: { status }
    })
  }

  return {
    mode: baseUrl === null ? "embedded" : "remote",
    send,
    download,
    close: async () => {
      if (opening !== undefined) await (await opening).close()
    }
  }
}
