import { errorTable, Failure, fail } from "@image-skill/core/kernel/Errors"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { Data, Effect, Option, Redacted, Schema } from "effect"
import type { Answer, Envelope } from "./Envelope.ts"
import type { Embedded, Host } from "./Host.ts"
import type { Settings } from "./internal/config.ts"
import { faultOf, mayRepeat, pausesMillis, reasonOfFault } from "./internal/reach.ts"
import { embeddedTransport, type Transport, type WireResponse } from "./internal/transport.ts"

export interface Call {
  readonly method: "GET" | "POST" | "DELETE"
  /** Begins with a slash; its parts are encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: JsonObject
  /** The default is 30 seconds. */
  readonly timeoutMillis?: number
  /** Whose token goes along; the default is the settings' own. `none` is for a stranger. */
  readonly as?: "settings" | "none"
}

/** The server's envelope as it came, and the exit code that it asks for. */
export interface Reply extends Answer {
  readonly status: number
}

/** The server answered with a failure: the run's answer, unless the program knows better. */
export class Refused extends Data.TaggedError("Refused")<{ readonly reply: Reply }> {}

/** A thin client of the HTTP wire, to a server or to the same app in this process. */
export interface Client {
  readonly mode: "embedded" | "remote"
  /** Any envelope, failures included; fails when there is none. */
  readonly send: (call: Call) => Effect.Effect<Reply, Failure>
  /** The envelope of a success; everything else fails. */
  readonly ask: (call: Call) => Effect.Effect<Reply, Failure | Refused>
  /** The bytes behind an asset's URL, as a response of status 200. */
  readonly download: (assetUrl: string) => Effect.Effect<WireResponse, Failure>
  /** Ends embedded mode, if it was begun: waits for the jobs that it runs. */
  readonly close: () => Promise<void>
}

const wireEnvelope = Schema.parseJson(
  Schema.Struct({
    ok: Schema.Boolean,
    command: Schema.String,
    trace_id: Schema.String,
    actor: Schema.NullOr(JsonObject),
    data: Schema.NullOr(JsonObject),
    warnings: Schema.Array(Schema.String),
    error: Schema.NullOr(JsonObject)
  })
)

// A newer server may add fields: they are passed on, not dropped.
const decodeEnvelope = Schema.decodeUnknownOption(wireEnvelope, { onExcessProperty: "preserve" })

/** Listings are small; the largest answer that we know is a catalogue of some 100 KB. */
const replyBytesMax = 32 * 1024 * 1024
const timeoutMillisDefault = 30_000

const isKnownCode = (code: string): code is keyof typeof errorTable => Object.hasOwn(errorTable, code)

/** The header when it fits, else the table's exit for the code, else what the status means. */
const exitCodeOf = (response: WireResponse, envelope: Envelope): number => {
  if (envelope.ok) return 0
  const header = response.header("x-image-skill-exit-code") ?? ""
  if (/^([1-9]|130)$/.test(header)) return Number(header)
  const code = envelope.error?.code
  if (typeof code === "string" && isKnownCode(code)) return errorTable[code].exit
  if (response.status === 401 || response.status === 403) return 3
  if (response.status === 402 || response.status === 429) return 5
  return response.status >= 500 ? 7 : 1
}

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

const isFailure = (error: unknown): error is Failure => error instanceof Failure

const unreachable = (base: URL, error: unknown) =>
  fail("HOSTED_API_REQUEST_FAILED", `${base.origin} did not answer: ${reasonOfFault(error)}`, {
    details: { api_base_url: base.origin, sent: faultOf(error) !== "unsent" },
    recovery: { suggested_command: "image-skill doctor --json" }
  })

/** What is no answer of ours. A success has data, a failure has a code: without it nobody could act on it. */
const isAnswer = ({ data, error, ok }: Envelope) => (ok ? data !== null : typeof error?.code === "string")

const noEnvelope = (base: URL | null, response: WireResponse) => {
  const location = response.header("location") ?? ""
  const to = response.status >= 300 && response.status < 400 && base !== null && URL.canParse(location, base.href)
  const hint = to ? `it sends on to ${new URL(location, base.href).origin}` : "is it an Image Skill server?"
  return fail(
    "HOSTED_API_REQUEST_FAILED",
    `${base?.origin ?? "the embedded server"} answered ${response.status} without an envelope: ${hint}`,
    {
      details: { api_base_url: base?.origin ?? null, status: response.status, retryable: response.status >= 500 },
      recovery: { suggested_command: "image-skill doctor --json" }
    }
  )
}

export const makeClient = (host: Host, settings: Settings): Client => {
  let opening: Promise<Embedded> | undefined
  const open = () => {
    opening ??= host.openEmbedded({ dataDirectory: settings.dataDirectory, environment: host.environment })
    return opening
  }
  const base = settings.baseUrl ?? embeddedBase
  const transport: Transport =
    settings.baseUrl === null
      ? embeddedTransport(open)
      : async (request) => (await import("./internal/network.ts")).networkTransport(request)
  const authorization: Readonly<Record<string, string>> =
    settings.baseUrl === null
      ? {}
      : Option.match(settings.token, {
          onNone: () => ({}),
          onSome: (token) => ({ authorization: `Bearer ${Redacted.value(token)}` })
        })

  const tried = <A>(call: Call, run: Effect.Effect<A, unknown>, pauses: ReadonlyArray<number>): typeof run =>
    Effect.catchAll(run, (error) => {
      const [pause, ...rest] = pauses
      return pause === undefined || !mayRepeat(call, faultOf(error))
        ? Effect.fail(error)
        : Effect.zipRight(Effect.sleep(pause), tried(call, run, rest))
    })

  // In this process there is no network that could be at fault: what is thrown, and is no Failure, is a defect.
  const exchange = <A>(call: Call, run: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, Failure> =>
    tried(
      call,
      Effect.tryPromise({ try: run, catch: (error) => error }),
      settings.baseUrl === null ? [] : pausesMillis
    ).pipe(
      Effect.catchAll((error) => {
        if (isFailure(error)) return Effect.fail(error)
        return settings.baseUrl === null ? Effect.die(error) : unreachable(settings.baseUrl, error)
      })
    )

  const send = Effect.fn("Client.send")(function* (call: Call) {
    const { response, body } = yield* exchange(call, async (signal) => {
      const response = await transport({
        method: call.method,
        url: urlOf(base, call),
        headers: {
          accept: "application/json",
          "user-agent": `image-skill/${host.version}`,
          ...(call.as === "none" ? {} : authorization),
          ...(call.body === undefined ? {} : { "content-type": "application/json" })
        },
        body: call.body === undefined ? null : JSON.stringify(call.body),
        timeoutMillis: call.timeoutMillis ?? timeoutMillisDefault,
        signal
      })
      return { response, body: await read(response, replyBytesMax) }
    })
    const envelope = decodeEnvelope(body)
    if (Option.isNone(envelope) || !isAnswer(envelope.value)) return yield* noEnvelope(settings.baseUrl, response)
    const reply: Reply = {
      status: response.status,
      exitCode: exitCodeOf(response, envelope.value),
      envelope: envelope.value
    }
    return reply
  })

  const download = Effect.fn("Client.download")(function* (assetUrl: string) {
    if (!URL.canParse(assetUrl, base.href)) {
      return yield* fail("ASSET_DOWNLOAD_FAILED", "The server names no URL for the asset's bytes")
    }
    const { pathname } = new URL(assetUrl, base)
    // Media may be served by another origin than the API. An asset's URL is its capability: no token goes along.
    const url = settings.baseUrl === null ? new URL(pathname, embeddedBase) : new URL(assetUrl, base)
    const response = yield* exchange({ method: "GET", path: pathname }, (signal) =>
      transport({
        method: "GET",
        url,
        headers: { "user-agent": `image-skill/${host.version}` },
        body: null,
        timeoutMillis: 120_000,
        signal
      })
    )
    if (response.status === 200) return response
    return yield* fail("ASSET_DOWNLOAD_FAILED", `The asset's bytes were answered with status ${response.status}`, {
      details: { status: response.status }
    })
  })

  return {
    mode: settings.baseUrl === null ? "embedded" : "remote",
    send,
    ask: (call) =>
      Effect.flatMap(send(call), (reply) => (reply.envelope.ok ? Effect.succeed(reply) : new Refused({ reply }))),
    download,
    close: async () => {
      if (opening !== undefined) await (await opening).close()
    }
  }
}

/** The longest that a POST that waits for a job may take: the server's window, and time to answer. */
export const waitingMillisMax = limits.waitMillisMax + 30_000
