// The provider that the victims call: a process of its own, which outlives them and remembers what reached it.
// Prints its port, then serves until its standard input ends.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { setTimeout as pause } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import { Schema } from "effect"
import { pictureOf } from "./pictures.ts"
import { type Job, Order, type Seen, ticksPerImage } from "./wire.ts"

interface Known extends Omit<Seen, "answered"> {
  answered: number
  readonly order: typeof Order.Type
  readonly readyAt: number
  isCanceled: boolean
}

const known = new Map<string, Known>()
const decodeOrder = Schema.decodeUnknownSync(Schema.parseJson(Order))

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString("utf8")
}

/** Accepted and charged from here on, whatever becomes of whoever asked. */
const accept = (house: string, order: typeof Order.Type): Known => {
  const before = known.get(order.attempt)
  const price = ticksPerImage[order.model] * order.outputs
  const record: Known = {
    house,
    order,
    attempt: order.attempt,
    model: order.model,
    outputs: order.outputs,
    accepted: (before?.accepted ?? 0) + 1,
    charged: (before?.charged ?? 0) + price,
    answered: before?.answered ?? 0,
    readyAt: Date.now() + order.slowMillis,
    isCanceled: false
  }
  known.set(order.attempt, record)
  return record
}

const bodyOf = ({ order }: Known): Buffer => {
  const images = Array.from({ length: order.outputs }, (_, index) =>
    Buffer.from(pictureOf(order.attempt, index, order.isLarge)).toString("base64")
  )
  return gzipSync(JSON.stringify({ images, cost: ticksPerImage[order.model] * order.outputs }))
}

/** In four pieces, the whole taking `slowMillis`. */
const answer = async (record: Known, response: ServerResponse, slowMillis: number) => {
  const body = bodyOf(record)
  response.on("finish", () => void (record.answered += 1))
  response.writeHead(200, { "content-type": "application/gzip" })
  response.flushHeaders()
  const size = Math.ceil(body.length / 4)
  for (let from = 0; from < body.length && !response.destroyed; from += size) {
    await pause(slowMillis / 4)
    response.write(body.subarray(from, from + size))
  }
  response.end()
}

const json = (response: ServerResponse, value: unknown) => {
  response.writeHead(200, { "content-type": "application/json" })
  response.end(JSON.stringify(value))
}

const stateOf = (record: Known): Job["state"] => {
  if (record.isCanceled) return "canceled"
  return Date.now() < record.readyAt ? "running" : "done"
}

const serve = async (request: IncomingMessage, response: ServerResponse) => {
  // Each data directory has a folder of its own here.
  const [, house = "", route, attempt] = (request.url ?? "").split("/")
  const record = known.get(attempt ?? "")
  switch (route) {
    case "generate": {
      const order = decodeOrder(await textOf(request))
      return answer(accept(house, order), response, order.slowMillis)
    }
    case "submit": {
      const order = decodeOrder(await textOf(request))
      return json(response, { handle: accept(house, order).attempt, state: "running" })
    }
    case "find":
      return json(response, { handle: record?.attempt ?? null, state: "running" })
    case "status":
      return json(response, { handle: attempt, state: record === undefined ? "canceled" : stateOf(record) })
    case "cancel":
      if (record !== undefined && stateOf(record) === "running") record.isCanceled = true
      return json(response, { handle: attempt, state: "canceled" })
    case "result":
      return record === undefined ? response.writeHead(404).end() : answer(record, response, 0)
    default:
      return json(
        response,
        [...known.values()].filter((one) => one.house === house).map(({ order: _, ...seen }) => seen)
      )
  }
}

const server = createServer((request, response) => {
  // The one who asked may have been killed: that is what this is for.
  serve(request, response).catch(() => response.destroy())
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  process.stdout.write(`${typeof address === "object" && address !== null ? address.port : 0}\n`)
})
process.stdin.resume().on("end", () => process.exit(0))
