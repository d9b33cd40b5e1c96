/** Two ways to the server app: over the network, and in this process. One shape for both. */
import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import type { Embedded } from "../Host.ts"

export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly timeoutMillis: number
  readonly signal: AbortSignal
}

export interface WireResponse {
  readonly status: number
  /** By lower-case name. */
  readonly header: (name: string) => string | null
  readonly chunks: AsyncIterable<Uint8Array>
}

export type Transport = (request: WireRequest) => Promise<WireResponse>

/** A host that does not even accept a connection is found out long before a create's own deadline. */
const connectMillisMax = 10_000

const deadline = (request: WireRequest) => AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMillis)])

/** `node:http` and not `fetch`: the first fetch of a process costs 80 ms on Node 20. Redirects are not followed. */
export const networkTransport: Transport = (wire) =>
  new Promise((resolve, reject) => {
    const request = (wire.url.protocol === "https:" ? requestHttps : requestHttp)(wire.url, {
      method: wire.method,
      agent: false,
      signal: deadline(wire),
      headers: {
        ...wire.headers,
        ...(wire.body === null ? {} : { "content-length": String(Buffer.byteLength(wire.body)) })
      }
    })
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection within ${connectMillisMax / 1000} s`)),
      connectMillisMax
    )
    request.on("socket", (socket) => socket.once("connect", () => clearTimeout(connecting)))
    request.on("close", () => clearTimeout(connecting))
    request.on("error", reject)
    request.on("response", (response) =>
      resolve({
        status: response.statusCode ?? 0,
        header: (name) => {
          const value = response.headers[name]
          return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value
        },
        chunks: response
      })
    )
    request.end(wire.body ?? undefined)
  })

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

/** Requests never leave the process; the origin in their URLs is a name only. */
export const embeddedTransport =
  (open: () => Promise<Embedded>): Transport =>
  async (wire) => {
    const embedded = await open()
    const response = await embedded.fetch(
      new Request(wire.url, {
        method: wire.method,
        headers: wire.headers,
        body: wire.body,
        signal: wire.signal
      })
    )
    return { status: response.status, header: (name) => response.headers.get(name), chunks: chunksOf(response) }
  }
