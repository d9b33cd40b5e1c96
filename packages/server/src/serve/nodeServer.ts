import { randomUUID } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { failed } from "@image-skill/core/kernel/Envelope"
import { type ErrorCode, type Failure, failure, ruleOf, statusOf } from "@image-skill/core/kernel/Errors"
import { TraceId } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect, Predicate } from "effect"
import { whenBodyIsWanted } from "../http/continuing.ts"
import { makeConnections } from "./connections.ts"
import { cannotListen, type ServeOptions } from "./ServeConfig.ts"

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A socket that listens. Requests that arrive before `serve` wait for it. */
export interface NodeServer {
  readonly address: string
  readonly port: number
  readonly serve: (handler: Handler) => Effect.Effect<void>
  /** No connection is taken any more, and those without a request end. */
  readonly stopAccepting: Effect.Effect<void>
  /** Waits until every answer is out, and ends what is left after `atMostMillis`. */
  readonly end: (atMostMillis: number) => Effect.Effect<void>
}

/** Milliseconds, bytes and counts of the listening socket. */
const socketLimits = {
  headersMillis: 15_000,
  /** A whole request with its body: 30 MB at 2 Mbit/s. */
  requestMillis: 120_000,
  /** Longer than proxies keep theirs, so that the proxy is the one that closes. */
  keepAliveMillis: 75_000,
  /** What was refused may still read its answer this long. */
  lingerMillis: 2_000,
  /** The rest of a body whose request is answered is read and forgotten: so long, and so many bytes. */
  lateBodyMillis: 30_000,
  lateBodyBytesMax: limits.bodyBytesMax,
  headerBytesMax: 16 * 1024,
  connectionsMax: 1_000
} as const

const refusals: Readonly<Record<string, { readonly status: string; readonly message: string }>> = {
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    message: `The headers have more than ${socketLimits.headerBytesMax} bytes`
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    message: `The request was not whole after ${socketLimits.requestMillis} ms`
  }
}

const malformed = { status: "400 Bad Request", message: "This is no HTTP request" }

/** The envelope of what is refused before the house sees it, and the headers that go with it. */
const refusalOf = (error: Failure<ErrorCode>) => {
  const traceId = TraceId.make(`trace_${randomUUID().replaceAll("-", "")}`)
  const body = JSON.stringify(failed({ traceId, command: "image-skill", actor: null, warnings: [] }, error))
  const after = error.recovery?.retry_after_seconds
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-image-skill-trace-id": traceId,
    "x-image-skill-exit-code": String(ruleOf(error.code).exit),
    ...(after === undefined ? {} : { "retry-after": String(Math.ceil(after)) }),
    connection: "close"
  }
  return { body, headers }
}

/** What cannot be read as a request is answered on its socket: there is no response to write to. */
const refuseOn = (error: Error, socket: Duplex) => {
  const code = Predicate.hasProperty(error, "code") ? String(error.code) : ""
  if (code === "ECONNRESET" || !socket.writable) return void socket.destroy()
  const { message, status } = refusals[code] ?? malformed
  const { body, headers } = refusalOf(failure("INVALID_ARGUMENTS", message))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status}`, ...lines, "", body].join("\r\n"))
  // Who never closes its own half would keep the connection, and its place among those that are counted, for ever.
  setTimeout(() => socket.destroy(), socketLimits.lingerMillis).unref()
}

/**
 * Whoever is refused before the body was read may still be sending it, and hears the answer only if nothing is cut off:
 * the rest is read and kept nowhere, within limits. A request whose body is whole keeps its connection.
 */
const forgetRest = (request: IncomingMessage) => {
  if (request.complete || request.destroyed) return
  const { socket } = request
  const from = socket.bytesRead
  // Somebody may have stopped in the middle of it.
  request.resume()
  let looks = Math.ceil(socketLimits.lateBodyMillis / lateBodyLookMillis)
  // Node throws the bytes away before anybody could count them: the socket knows how many they were.
  const looking = setInterval(() => {
    looks -= 1
    const isOver = looks <= 0 || socket.bytesRead - from > socketLimits.lateBodyBytesMax
    if (isOver && !request.complete) socket.destroy()
    if (isOver || request.complete || socket.destroyed) clearInterval(looking)
  }, lateBodyLookMillis).unref()
}

const lateBodyLookMillis = 100

const configured = (handler: Handler): Server => {
  const server = createServer(
    {
      headersTimeout: socketLimits.headersMillis,
      requestTimeout: socketLimits.requestMillis,
      keepAliveTimeout: socketLimits.keepAliveMillis,
      maxHeaderSize: socketLimits.headerBytesMax,
      connectionsCheckingInterval: 5_000,
      noDelay: true,
      // Nothing reads it; without this Node refuses by itself, with no envelope.
      requireHostHeader: false
    },
    handler
  )
  // Nor is an expectation that is not known refused without one.
  server.on("checkExpectation", handler)
  // A client that asks first is told to send its body once somebody wants it.
  server.on("checkContinue", (request, response) => {
    whenBodyIsWanted(request, () => response.writeContinue())
    handler(request, response)
  })
  server.maxConnections = socketLimits.connectionsMax
  return server
}

const listening = (server: Server, options: ServeOptions): Effect.Effect<AddressInfo, Failure<"INVALID_ARGUMENTS">> =>
  Effect.async((resume) => {
    const onError = (error: Error) =>
      resume(
        Effect.fail(cannotListen(options, Predicate.hasProperty(error, "code") ? String(error.code) : error.message))
      )
    server.once("error", onError)
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", onError)
      const address = server.address()
      resume(
        typeof address === "object" && address !== null
          ? Effect.succeed(address)
          : Effect.dieMessage("a TCP server has an address")
      )
    })
  })

/** Listens, until its scope ends. `connectionsMax`: of one address, where it listens; null for no limit. */
export const listen = Effect.fn("Serve.listen")(function* (
  options: ServeOptions,
  connectionsMax: (address: string) => number | null
) {
  const early: Array<readonly [IncomingMessage, ServerResponse]> = []
  let handle: Handler = (request, response) => void early.push([request, response])
  const inFlight = new Set<ServerResponse>()
  let isEnding = false
  /** Whoever keeps the connection is told to come back on another. */
  const sayGoodbye = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader("connection", "close")
  }
  let connections = makeConnections(null, socketLimits.lingerMillis)
  const server = configured((request, response) => {
    const refusal = connections.refusalOf(request)
    if (refusal !== null) {
      const { body, headers } = refusalOf(refusal)
      return void response.writeHead(statusOf(refusal.code), headers).end(body)
    }
    inFlight.add(response)
    response.once("finish", () => forgetRest(request))
    response.once("close", () => void inFlight.delete(response))
    if (isEnding) sayGoodbye(response)
    handle(request, response)
  })
  server.on("connection", (socket) => connections.opened(socket))
  server.on("clientError", refuseOn)
  const closed = new Promise<void>((resolve) => void server.once("close", () => resolve()))
  const { address, port } = yield* Effect.acquireRelease(listening(server, options), () =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
  )
  connections = makeConnections(connectionsMax(address), socketLimits.lingerMillis)
  const made: NodeServer = {
    address,
    port,
    serve: (handler) =>
      Effect.sync(() => {
        handle = handler
        for (const [request, response] of early.splice(0)) handler(request, response)
      }),
    stopAccepting: Effect.sync(() => {
      isEnding = true
      inFlight.forEach(sayGoodbye)
      server.close()
      server.closeIdleConnections()
    }),
    end: (atMostMillis) =>
      // A scope's end is uninterruptible, where nothing would time out.
      Effect.interruptible(Effect.promise(() => closed)).pipe(
        Effect.timeoutOption(atMostMillis),
        Effect.zipRight(Effect.sync(() => server.closeAllConnections()))
      )
  }
  return made
})
