/** Reads an image from a URL that the user named, on the user's machine: the server never fetches for anybody. */
import { type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { type Failure, fail, failure } from "@image-skill/core/kernel/Errors"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect } from "effect"
import { isLoopbackName, isPrivateAddress, literalAddress, privateAddressMessage, publicLookup } from "./addresses.ts"

const redirectsMax = 5
const fetchMillisMax = 30_000

export interface Fetched {
  readonly bytes: Uint8Array
  /** What the host said it is; the server looks for itself. */
  readonly mimeType: string | null
  readonly filename: string
  readonly origin: string
}

class TooLarge extends Error {}

/** Origins whose private addresses may be asked. */
type Trusted = ReadonlySet<string>

const get = (url: URL, trusted: Trusted, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const isTrusted = trusted.has(url.origin)
    const literal = literalAddress(url)
    if (!isTrusted && literal !== null && isPrivateAddress(literal)) return reject(new Error(privateAddressMessage))
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      agent: false,
      signal,
      headers: { accept: "image/*", "user-agent": "image-skill" },
      ...(isTrusted ? {} : { lookup: publicLookup })
    })
    request.on("response", resolve)
    request.on("error", reject)
    return request.end()
  })

const follow = async (from: URL, trusted: Trusted, signal: AbortSignal) => {
  let url = from
  for (let hop = 0; hop <= redirectsMax; hop += 1) {
    const response = await get(url, trusted, signal)
    const { location } = response.headers
    if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined)
      return { response, url }
    response.destroy()
    if (!URL.canParse(location, url.href)) throw new Error("it redirects to no URL")
    url = new URL(location, url)
    if (!/^https?:$/.test(url.protocol)) throw new Error(`it redirects to ${url.protocol}`)
  }
  throw new Error(`it redirects more than ${redirectsMax} times`)
}

const body = async (response: IncomingMessage): Promise<Uint8Array> => {
  if (Number(response.headers["content-length"] ?? 0) > limits.uploadBytesMax) {
    response.destroy()
    throw new TooLarge()
  }
  const parts: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of response) {
    const part: unknown = chunk
    if (!(part instanceof Uint8Array)) continue
    bytes += part.byteLength
    if (bytes > limits.uploadBytesMax) throw new TooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const filenameOf = (url: URL): string => {
  const last = url.pathname.split("/").at(-1) ?? ""
  return last === "" ? "image" : last.slice(0, 200)
}

const fetched = async (from: URL, trusted: Trusted, signal: AbortSignal): Promise<Fetched> => {
  const { response, url } = await follow(from, trusted, AbortSignal.any([signal, AbortSignal.timeout(fetchMillisMax)]))
  if (response.statusCode !== 200) {
    response.destroy()
    throw new Error(`it answered with status ${response.statusCode ?? 0}`)
  }
  const type = response.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase()
  return {
    bytes: await body(response),
    mimeType: type === undefined || type === "" ? null : type,
    filename: filenameOf(url),
    origin: from.origin
  }
}

/**
 * Reads a URL within limits: http and https, 5 redirects, 20 MiB, 30 seconds, no private addresses. Two exceptions: the
 * configured server, and loopback when the user names it, since it is their own machine and a local dev server is a
 * common source. A redirect from elsewhere is a stranger's wish and gets neither.
 */
export const fetchUrl = (
  text: string,
  baseUrl: URL | null
): Effect.Effect<Fetched, Failure<"REMOTE_UPLOAD_FETCH_FAILED" | "INPUT_POLICY_DENIED" | "INVALID_ARGUMENTS">> =>
  Effect.gen(function* () {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || url.username !== "" || url.password !== "") {
      return yield* fail("INVALID_ARGUMENTS", "an image URL must be well formed, without a user name or password")
    }
    const trusted = new Set([
      ...(baseUrl === null ? [] : [baseUrl.origin]),
      ...(isLoopbackName(url) ? [url.origin] : [])
    ])
    return yield* Effect.tryPromise({
      try: (signal) => fetched(url, trusted, signal),
      catch: (error) => error
    }).pipe(
      Effect.mapError((error) =>
        error instanceof TooLarge
          ? failure(
              "INPUT_POLICY_DENIED",
              `The image at ${url.origin} is larger than ${limits.uploadBytesMax} bytes, the limit of an upload`,
              { details: { bytes_max: limits.uploadBytesMax } }
            )
          : // Its path and query may hold a secret: the origin says enough.
            failure(
              "REMOTE_UPLOAD_FETCH_FAILED",
              `The image at ${url.origin} could not be read: ${error instanceof Error ? error.message : String(error)}`,
              {
                details: { remote_origin: url.origin },
                recovery: {
                  suggested_command: "image-skill upload IMAGE_FILE --json",
                  missing_inputs: ["IMAGE_FILE"]
                }
              }
            )
      )
    )
  })
