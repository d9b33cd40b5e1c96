/** The server app over the network. */
import type { Transport, WireRequest } from "./transport.ts"

/** A host that does not even accept a connection is found out long before a create's own deadline. */
const connectMillisMax = 10_000

/** Named as the system names its own: nothing was sent. */
const noConnection = () =>
  Object.assign(new Error(`no connection within ${connectMillisMax / 1000} s`), { code: "ENOCONNECTION" })

const deadline = (request: WireRequest) => AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMillis)])

/** TLS is loaded only where it is spoken: it costs a third of a start of Node. */
const speaking = async (protocol: string) =>
  (protocol === "https:" ? await import("node:https") : await import("node:http")).request

/** `node:http` and not `fetch`: the first fetch of a process costs 80 ms on Node 20. Redirects are not followed. */
export const networkTransport: Transport = async (wire) => {
  const send = await speaking(wire.url.protocol)
  return new Promise((resolve, reject) => {
    const request = send(wire.url, {
      method: wire.method,
      agent: false,
      signal: deadline(wire),
      headers: {
        ...wire.headers,
        ...(wire.body === null ? {} : { "content-length": String(Buffer.byteLength(wire.body)) })
      }
    })
    const connecting = setTimeout(() => request.destroy(noConnection()), connectMillisMax)
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
}
