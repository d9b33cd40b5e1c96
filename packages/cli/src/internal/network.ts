/** The server app over the network. Loaded only for a server: TLS alone costs 10 ms of a start. */
import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import type { Transport, WireRequest } from "./transport.ts"

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
