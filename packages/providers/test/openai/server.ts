import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { Effect, type Scope } from "effect"
import sharp from "sharp"

/** A request as it came over the wire, whole. */
export interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** What goes wrong with the next request. */
export type Fault =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The true answer, after a while. */
  | { readonly kind: "slow"; readonly millis: number }
  /** The true answer's first half, and a broken connection; `honest` names no length, as a proxy does. */
  | { readonly kind: "cut"; readonly hasLength: boolean }
  /** It took the request, and the connection ends without a word. */
  | { readonly kind: "vanish" }
  /** The true answer, changed. */
  | { readonly kind: "lie"; readonly change: (body: string) => string | Buffer }

export interface Emulator {
  readonly origin: string
  readonly baseUrl: string
  readonly requests: ReadonlyArray<Recorded>
  /** Connections that are open now. */
  readonly open: () => number
  /** Faults are used up one a request. */
  readonly next: (...faults: ReadonlyArray<Fault>) => void
}

export const fixture = (url: URL): string => readFileSync(url, "utf8")

const wholeBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  for await (const part of request) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

const recordedOf = async (request: IncomingMessage): Promise<Recorded> => ({
  method: request.method ?? "",
  path: request.url ?? "",
  headers: Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []))
  ),
  body: await wholeBody(request)
})

const write = (response: ServerResponse, { body, headers = {}, status }: Answer) => {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_7c", ...headers })
  response.end(body)
}

const cut = (response: ServerResponse, { body }: Answer, hasLength: boolean) => {
  const bytes = Buffer.from(body)
  response.writeHead(200, {
    "content-type": "application/json",
    ...(hasLength ? { "content-length": String(bytes.length) } : {})
  })
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
}

/** A provider's HTTP on loopback: records every request, answers as `answer` says, breaks as it is told to. */
export const serve = (
  prefix: string,
  answer: (request: Recorded) => Promise<Answer>
): Effect.Effect<Emulator, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly emulator: Emulator; readonly stop: () => void }>((resume) => {
      const requests: Array<Recorded> = []
      const faults: Array<Fault> = []
      const sockets = new Set<Socket>()
      const server = createServer((request, response) => {
        void (async () => {
          const recorded = await recordedOf(request)
          requests.push(recorded)
          const fault = faults.shift()
          if (fault?.kind === "vanish") return request.socket.destroy()
          if (fault?.kind === "answer") return write(response, fault.answer)
          const true_ = await answer(recorded)
          if (fault?.kind === "cut") return cut(response, true_, fault.hasLength)
          if (fault?.kind === "lie") return write(response, { ...true_, body: fault.change(String(true_.body)) })
          if (fault?.kind === "slow") await new Promise((done) => setTimeout(done, fault.millis))
          return write(response, true_)
        })()
      })
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
        const stop = () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        }
        const emulator = {
          origin,
          baseUrl: `${origin}${prefix}`,
          requests,
          open: () => sockets.size,
          next: (...all: ReadonlyArray<Fault>) => faults.push(...all)
        }
        resume(Effect.succeed({ emulator, stop }))
      })
    }),
    ({ stop }) => Effect.sync(stop)
  ).pipe(Effect.map(({ emulator }) => emulator))

const pictures = new Map<string, Buffer>()

/** A real picture of this size and format. */
export const picture = async (width: number, height: number, format: "png" | "jpeg" | "webp"): Promise<Buffer> => {
  const key = `${width}x${height}.${format}`
  const made =
    pictures.get(key) ??
    (await sharp({ create: { width, height, channels: 3, background: "#3a7" } })
      .toFormat(format)
      .toBuffer())
  pictures.set(key, made)
  return made
}

/** A PNG with alpha, clear in its middle: a mask as OpenAI wants it. */
export const maskPicture = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toBuffer()
