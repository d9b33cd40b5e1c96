import { type LookupAddress, lookup as lookupName } from "node:dns"
import { type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { isIP, type LookupFunction } from "node:net"
import { ProviderError } from "@image-skill/core/provider/Provider"
import { SafeFetch } from "@image-skill/core/provider/SafeFetch"
import { Effect, Layer } from "effect"
import { isPublicAddress } from "./SafeFetchAddresses.ts"

/** Every address of a host name. */
export type Resolve = (
  hostname: string,
  done: (error: Error | null, addresses: ReadonlyArray<LookupAddress>) => void
) => void

export interface SafeFetchOptions {
  /** Origins that may have private addresses: those of the configured base URLs. A redirect elsewhere may not. */
  readonly trustedOrigins?: ReadonlyArray<string>
  readonly bytesMax?: number
  readonly timeoutMillis?: number
  readonly resolve?: Resolve
}

type Settings = Required<Omit<SafeFetchOptions, "trustedOrigins">> & { readonly trusted: ReadonlySet<string> }

const redirectsMax = 5
const redirectStatuses: ReadonlyArray<number> = [301, 302, 303, 307, 308]
/** Statuses after which the same URL may answer a moment later. */
const passingStatuses: ReadonlyArray<number> = [408, 425, 429, 500, 502, 503, 504]

/** With an error Node gives no addresses, whatever its types say. */
export const resolveBySystem: Resolve = (hostname, done) =>
  lookupName(hostname, { all: true }, (error, addresses) => done(error, error === null ? addresses : []))

/** The image was made and is paid for, whatever becomes of its delivery. Messages name no host: they are public. */
const refused = (message: string) => new ProviderError({ reason: "bad_output", message, billed: "yes" })
const unreachable = (message: string) => new ProviderError({ reason: "unavailable", message, billed: "yes" })

const privateAddress = () => refused("the result's address is not public")

/** A refusal on its way through Node's callbacks, which pass errors on as they are. */
class Refused extends Error {
  readonly problem: ProviderError
  constructor(problem: ProviderError) {
    super(problem.message)
    this.problem = problem
  }
}

/** Resolves once, checks every address, and connects to no other: a second answer of the name server changes nothing. */
export const publicLookup =
  (resolve: Resolve): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, (error, addresses) => {
      const [first] = addresses
      if (error !== null || first === undefined) return callback(error ?? new Error("no address"), "", 0)
      if (!addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new Refused(privateAddress()), "", 0)
      }
      return options.all === true ? callback(null, [...addresses]) : callback(null, first.address, first.family)
    })

const literalAddress = (url: URL): string | null => {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return isIP(host) === 0 ? null : host
}

/** Where a result may be, absolutely or from where it was redirected. Throws what `makeSafeFetch` answers. */
export const checkedUrl = (text: string, from: URL | null): URL => {
  if (!URL.canParse(text, from?.href)) throw new Refused(refused("the result's address is no URL"))
  const url = new URL(text, from?.href)
  if (!/^https?:$/.test(url.protocol)) throw new Refused(refused("the result's address is neither http nor https"))
  if (url.username !== "" || url.password !== "") throw new Refused(refused("the result's address holds a password"))
  if (from?.protocol === "https:" && url.protocol !== "https:") {
    throw new Refused(refused("the result is redirected from https to http"))
  }
  return url
}

const get = (url: URL, settings: Settings, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const isTrusted = settings.trusted.has(url.origin)
    const literal = literalAddress(url)
    // Node asks no lookup for what is an address already.
    if (!isTrusted && literal !== null && !isPublicAddress(literal)) return reject(new Refused(privateAddress()))
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      agent: false,
      signal,
      headers: { accept: "image/*", "accept-encoding": "identity", "user-agent": "image-skill" },
      ...(isTrusted ? {} : { lookup: publicLookup(settings.resolve) })
    })
    request.on("response", resolve)
    request.on("error", reject)
    return request.end()
  })

const follow = async (text: string, settings: Settings, signal: AbortSignal): Promise<IncomingMessage> => {
  let url = checkedUrl(text, null)
  for (let hop = 0; hop <= redirectsMax; hop += 1) {
    const response = await get(url, settings, signal)
    const { location } = response.headers
    if (!redirectStatuses.includes(response.statusCode ?? 0) || location === undefined) return response
    response.destroy()
    url = checkedUrl(location, url)
  }
  throw new Refused(refused(`the result is redirected more than ${redirectsMax} times`))
}

const problemOf = (response: IncomingMessage, bytesMax: number): ProviderError | null => {
  const status = response.statusCode ?? 0
  if (passingStatuses.includes(status)) return unreachable(`the result's host answered with status ${status}`)
  if (status !== 200) return refused(`the result's host answered with status ${status}`)
  if ((response.headers["content-encoding"] ?? "identity") !== "identity") {
    return refused("the result is compressed, which was not asked for")
  }
  return Number(response.headers["content-length"] ?? 0) > bytesMax ? tooLarge(bytesMax) : null
}

const tooLarge = (bytesMax: number) => refused(`the result is above ${bytesMax} bytes`)

const read = async (text: string, settings: Settings, signal: AbortSignal): Promise<Uint8Array> => {
  const response = await follow(text, settings, signal)
  const problem = problemOf(response, settings.bytesMax)
  if (problem !== null) {
    response.destroy()
    throw new Refused(problem)
  }
  const parts: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of response) {
    const part: unknown = chunk
    if (!(part instanceof Uint8Array)) continue
    bytes += part.length
    if (bytes > settings.bytesMax) throw new Refused(tooLarge(settings.bytesMax))
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const refusalIn = (error: unknown): ProviderError | null =>
  error instanceof Refused
    ? error.problem
    : error instanceof AggregateError
      ? (error.errors.map(refusalIn).find((one) => one !== null) ?? null)
      : null

export const makeSafeFetch = (
  options: SafeFetchOptions = {}
): { readonly bytes: (url: string) => Effect.Effect<Uint8Array, ProviderError> } => {
  const settings: Settings = {
    bytesMax: options.bytesMax ?? 64 * 1024 * 1024,
    timeoutMillis: options.timeoutMillis ?? 30_000,
    resolve: options.resolve ?? resolveBySystem,
    trusted: new Set(options.trustedOrigins ?? [])
  }
  return {
    bytes: Effect.fn("SafeFetch.bytes")((url: string) =>
      Effect.tryPromise({
        try: (signal) => read(url, settings, signal),
        catch: (error) => refusalIn(error) ?? unreachable("the result cannot be fetched")
      }).pipe(
        Effect.timeoutFail({
          duration: settings.timeoutMillis,
          onTimeout: () => unreachable("the result did not arrive in time")
        })
      )
    )
  }
}

/**
 * Reads result URLs over `node:http` and `node:https`: public addresses only, the one that was checked is the one that
 * is used, at most 5 redirects with each checked anew, never from https to http, 64 MiB, 30 seconds.
 */
export const layerSafeFetch = (options: SafeFetchOptions = {}): Layer.Layer<SafeFetch> =>
  Layer.sync(SafeFetch, () => makeSafeFetch(options))
