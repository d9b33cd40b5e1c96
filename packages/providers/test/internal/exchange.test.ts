import { createServer, type RequestListener } from "node:http"
import { assert, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { type HttpAnswer, makeExchange, textOf } from "../../src/internal/exchange.ts"
import { type Fault, serve } from "../openai/server.ts"

const question = (url: string, body: string | null = null, answerMillis = 5_000) => ({
  method: body === null ? ("GET" as const) : ("POST" as const),
  url,
  headers: { accept: "application/json" },
  body,
  answerMillis
})

const busy = (status: number, headers: { readonly [name: string]: string } = {}): Fault => ({
  kind: "answer",
  answer: { status, headers, body: "busy" }
})

const sent = (how: "ask" | "pay", ...faults: ReadonlyArray<Fault>) =>
  Effect.gen(function* () {
    const server = yield* serve("", async () => ({ status: 200, body: "well" }))
    server.next(...faults)
    const exchange = yield* makeExchange
    const answer = exchange[how](question(`${server.origin}/`, how === "pay" ? "{}" : null)).pipe(
      Effect.flatMap((one: HttpAnswer) => Effect.map(textOf(one, 100), (text) => `${one.status} ${text}`)),
      Effect.catchAll((error) => Effect.succeed(`${error.reason} ${error.billed}`))
    )
    return [yield* answer, server.requests.length]
  }).pipe(Effect.scoped)

const cases: ReadonlyArray<readonly [string, ReturnType<typeof sent>, readonly [string, number]]> = [
  ["asks again after a broken connection", sent("ask", { kind: "vanish" }), ["200 well", 2]],
  ["hands on what stays busy after three tries", sent("ask", busy(503), busy(429), busy(503)), ["503 busy", 3]],
  ["does not wait where it would be long", sent("ask", busy(429, { "retry-after": "30" })), ["429 busy", 1]],
  ["does not ask again what is refused", sent("ask", busy(404)), ["404 busy", 1]],
  ["never pays again after a broken connection", sent("pay", { kind: "vanish" }), ["outcome_unknown unknown", 1]],
  ["never pays again when the provider is busy", sent("pay", busy(429, { "retry-after": "0" })), ["429 busy", 1]]
]

it.live("waits as long as the provider asks, when that is soon", () =>
  Effect.gen(function* () {
    const [spent, got] = yield* Effect.timed(sent("ask", busy(503, { "retry-after-ms": "1000" })))
    assert.deepStrictEqual(got, ["200 well", 2])
    assert.isAtLeast(Duration.toMillis(spent), 1000)
  })
)

for (const [name, run, expected] of cases) {
  it.live(name, () => Effect.map(run, (got) => assert.deepStrictEqual(got, [...expected])))
}

it.live("does not wait for ever for an answer, which may come all the same", () =>
  Effect.gen(function* () {
    const server = yield* serve("", async () => ({ status: 200, body: "well" }))
    server.next({ kind: "slow", millis: 5_000 })
    const exchange = yield* makeExchange
    const [spent, error] = yield* Effect.timed(Effect.flip(exchange.pay(question(`${server.origin}/`, "{}", 300))))
    assert.strictEqual(error.reason, "outcome_unknown")
    assert.strictEqual(error.billed, "unknown")
    assert.isBelow(Duration.toMillis(spent), 4_000)
  }).pipe(Effect.scoped)
)

/** The origin of a server that answers so. */
const answering = (listener: RequestListener) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const made = createServer(listener)
        await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve))
        return made
      }),
      (made) => Effect.sync(() => made.close())
    )
    const address = server.address()
    assert(typeof address === "object" && address !== null)
    return `http://127.0.0.1:${address.port}`
  })

it.live("waits for a body longer than for its headers", () =>
  Effect.gen(function* () {
    const origin = yield* answering((asked, response) => {
      asked.resume()
      response.writeHead(200)
      response.write("a")
      setTimeout(() => response.end("b"), 600)
    })
    const exchange = yield* makeExchange
    const answer = yield* exchange.pay(question(`${origin}/`, "{}", 200))
    assert.strictEqual(yield* textOf(answer, 100), "ab")
  }).pipe(Effect.scoped)
)

const numbered = (bytes: number) => Array.from({ length: bytes }, (_, index) => index % 10).join("")

it.live("hands on a large answer whole, and once it is too large, no more than that shows", () =>
  Effect.gen(function* () {
    const text = numbered(3_000_000)
    const server = yield* serve("", async () => ({ status: 200, body: text }))
    const exchange = yield* makeExchange
    const answer = yield* exchange.pay(question(`${server.origin}/`, "{}"))
    const bytes = yield* answer.firstBytes(text.length + 1)
    assert.isTrue(Buffer.from(bytes).toString("latin1") === text)
    const other = yield* exchange.pay(question(`${server.origin}/`, "{}"))
    assert.lengthOf(yield* other.firstBytes(text.length - 1), text.length - 1)
  }).pipe(Effect.scoped)
)

it.live("hands on an answer whose length is not known, and no end that was cut", () =>
  Effect.gen(function* () {
    const text = numbered(3_000_000)
    const exchange = yield* makeExchange
    const origin = yield* answering((asked, response) => {
      response.writeHead(200)
      response.write(text, () => (asked.url === "/cut" ? response.destroy() : response.end("end")))
    })
    const bodyAt = (path: string) =>
      Effect.flatMap(exchange.pay(question(`${origin}${path}`, "{}")), ({ firstBytes }) => firstBytes(10_000_000))
    const whole = Buffer.from(yield* bodyAt("/whole")).toString("latin1")
    assert.isTrue(whole === `${text}end`)
    assert.strictEqual((yield* Effect.flip(bodyAt("/cut"))).reason, "outcome_unknown")
  }).pipe(Effect.scoped)
)

it.live("reads no more of a small answer than it may have", () =>
  Effect.gen(function* () {
    const server = yield* serve("", async () => ({ status: 200, body: "x".repeat(1_000_000) }))
    const exchange = yield* makeExchange
    const answer = yield* exchange.ask(question(`${server.origin}/`))
    assert.strictEqual((yield* textOf(answer, 1000)).length, 1000)
  }).pipe(Effect.scoped)
)
