import { assert, it } from "@effect/vitest"
import { inspect } from "@image-skill/core/assets/ImageInspector"
import { collect } from "@image-skill/core/assets/ResultSpool"
import type { ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Either, Fiber, Logger, LogLevel } from "effect"
import { openai } from "../../src/openai/plugin.ts"
import { callOf, carriedOut, loaded, modelNamed } from "./calls.ts"
import { answers, openaiEmulator, openaiKey } from "./emulator.ts"
import type { Fault } from "./server.ts"

const create = modelNamed(openai.models, "openai.gpt-image-1.5")
const edit = modelNamed(openai.models, "openai.gpt-image-1.5-edit")

const house = Effect.gen(function* () {
  const emulator = yield* openaiEmulator
  const adapter = yield* loaded(openai, { OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: emulator.baseUrl })
  return { emulator, adapter }
})

const afterFault = (fault: Fault, deadlineMillis = 60_000) =>
  Logger.withMinimumLogLevel(loggedFault(fault, deadlineMillis), LogLevel.None)

const loggedFault = (fault: Fault, deadlineMillis = 60_000) =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    emulator.next(fault)
    const call = yield* callOf({ ...create, deadlineMillis })
    const error = yield* Effect.flip(carriedOut(adapter, call))
    return { error, requests: emulator.requests.length }
  }).pipe(Effect.scoped)

const told = ({ billed, reason }: ProviderError) => [reason, billed]

it.scopedLive("makes several images in one call and reckons their cost from usage to the tick", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    const made = yield* carriedOut(adapter, yield* callOf(create, { size: "1024x1024" }, { outputs: 3 }))
    assert.strictEqual(emulator.requests.length, 1)
    assert.strictEqual(made.outputs.length, 3)
    // 12 text tokens at $5 and 3 x 1056 image tokens at $32 per million.
    assert.strictEqual(made.cost, 12 * 50_000 + 3168 * 320_000)
    const [first] = made.outputs
    const facts = Either.getOrThrow(inspect(first?._tag === "Bytes" ? first.bytes : new Uint8Array()))
    assert.deepInclude(facts, { mediaType: "image/png", width: 1024, height: 1024 })
    assert.deepInclude(made.details, { size: "1024x1024", quality: "medium" })
  })
)

it.scopedLive("gives every call a connection of its own, and hangs up when it is interrupted", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    yield* carriedOut(adapter, yield* callOf(create))
    assert.strictEqual(emulator.requests[0]?.headers["connection"], "close")
    emulator.next({ kind: "slow", millis: 60_000 })
    const call = yield* callOf(create)
    const fiber = yield* Effect.fork(carriedOut(adapter, call))
    while (emulator.requests.length < 2) yield* Effect.sleep(10)
    assert.strictEqual(emulator.open(), 1)
    yield* Fiber.interrupt(fiber)
    while (emulator.open() > 0) yield* Effect.sleep(10)
  })
)

it.scopedLive("counts an edit's input image at the price of image tokens", () =>
  Effect.gen(function* () {
    const { adapter } = yield* house
    const made = yield* carriedOut(adapter, yield* callOf(edit))
    assert.strictEqual(made.cost, 12 * 50_000 + 388 * 80_000 + 1056 * 320_000)
  })
)

it.scopedLive("keeps the images when usage is missing or absurd, and says nothing of the cost", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    for (const usage of ["null", '{"input_tokens":-5,"output_tokens":1e30}', '"free"']) {
      emulator.next({ kind: "lie", change: (body) => body.replace(/"usage":\{.*\}\}$/, `"usage":${usage}}`) })
      const made = yield* carriedOut(adapter, yield* callOf(create))
      assert.deepStrictEqual([made.outputs.length, made.cost], [1, null])
    }
  })
)

it.scopedLive("warns when fewer images came than were asked for", () =>
  Effect.gen(function* () {
    const { adapter, emulator } = yield* house
    emulator.next({
      kind: "lie",
      change: (body) => body.replace(/"data":\[(\{"b64_json":"[^"]*"\}),/, '"data":[{"b64_json":""},')
    })
    const made = yield* carriedOut(adapter, yield* callOf(create, {}, { outputs: 2 }))
    assert.strictEqual(made.outputs.length, 1)
    assert.deepStrictEqual(made.warnings, ["the provider made 1 of 2 images"])
  })
)

it.scopedLive("reads a reply again from its bytes alone, as after a crash", () =>
  Effect.gen(function* () {
    const { adapter } = yield* house
    const call = yield* callOf(create)
    const submission = yield* adapter.submit(call)
    const spooled = yield* collect(submission._tag === "Replied" ? submission.reply : assert.fail())
    assert.deepStrictEqual(spooled.facts, { request_id: "req_7c" })
    const { attemptId, model, operation, outputs, parameters } = call
    const again = yield* house.pipe(
      Effect.flatMap(({ adapter: other }) =>
        other.decode({ attemptId, model, operation, outputs, parameters }, spooled)
      )
    )
    assert.strictEqual(again.outputs.length, 1)
  })
)

const faults: ReadonlyArray<readonly [string, Fault, ReadonlyArray<string>]> = [
  ["a refused key", { kind: "answer", answer: answers.invalidKey }, ["authentication", "no"]],
  ["a blocked prompt", { kind: "answer", answer: answers.moderation }, ["content_policy", "unknown"]],
  ["too many requests", { kind: "answer", answer: answers.rateLimit }, ["rate_limited", "no"]],
  ["an account without credit", { kind: "answer", answer: answers.insufficientQuota }, ["quota", "no"]],
  ["a refused value", { kind: "answer", answer: answers.invalidValue }, ["invalid_request", "no"]],
  ["a failure in its own words", { kind: "answer", answer: answers.serverError }, ["failed", "unknown"]],
  ["an overload in its own words", { kind: "answer", answer: answers.overloaded }, ["unavailable", "no"]],
  ["a gateway that gives up", { kind: "answer", answer: answers.badGateway }, ["outcome_unknown", "unknown"]],
  [
    "a redirect",
    { kind: "answer", answer: { status: 307, headers: { location: "http://127.0.0.1:1/" }, body: "" } },
    ["unavailable", "no"]
  ],
  ["a connection that ends without a word", { kind: "vanish" }, ["outcome_unknown", "unknown"]],
  ["an answer cut short of its length", { kind: "cut", hasLength: true }, ["outcome_unknown", "unknown"]],
  ["an answer cut in its middle", { kind: "cut", hasLength: false }, ["outcome_unknown", "unknown"]],
  ["an answer that is no JSON", { kind: "lie", change: () => "<html>" }, ["bad_output", "unknown"]],
  [
    "an answer torn within its image",
    { kind: "lie", change: (body) => body.slice(0, -200) },
    ["bad_output", "unknown"]
  ],
  ["an answer without images", { kind: "lie", change: () => '{"created":1,"data":[]}' }, ["bad_output", "unknown"]]
]

for (const [name, fault, expected] of faults) {
  it.live(`tells ${name} apart, and sends once`, () =>
    Effect.gen(function* () {
      const { error, requests } = yield* afterFault(fault)
      assert.deepStrictEqual(told(error), expected)
      assert.strictEqual(requests, 1)
      assert.notMatch(error.message, /lighthouse|sk-|org-1|127\.0\.0\.1|req_/)
    })
  )
}

it.live("says when to come back: in milliseconds or in seconds", () =>
  Effect.gen(function* () {
    const limited = yield* afterFault({ kind: "answer", answer: answers.rateLimit })
    const overloaded = yield* afterFault({ kind: "answer", answer: answers.overloaded })
    assert.deepStrictEqual([limited.error.retryAfterSeconds, overloaded.error.retryAfterSeconds], [2, 7])
  })
)

it.live("names the parameter that was refused, and quotes nothing", () =>
  Effect.gen(function* () {
    const { error } = yield* afterFault({ kind: "answer", answer: answers.invalidValue })
    assert.strictEqual(error.message, "the provider refuses the request: parameter size code invalid_value")
  })
)

it.live("does not take a fault in the moderation parameter for moderation", () =>
  Effect.gen(function* () {
    const error = {
      message: "Unknown parameter: 'moderation'.",
      type: "invalid_request_error",
      param: "moderation",
      code: "unknown_parameter"
    }
    const fault = yield* afterFault({ kind: "answer", answer: { status: 400, body: JSON.stringify({ error }) } })
    assert.strictEqual(fault.error.reason, "invalid_request")
  })
)

it.live("does not know the outcome when the answer takes longer than its deadline", () =>
  Effect.gen(function* () {
    const { error } = yield* afterFault({ kind: "slow", millis: 2_000 }, 200)
    assert.deepStrictEqual(told(error), ["outcome_unknown", "unknown"])
  })
)

it.scopedLive("knows that nothing was sent where nobody listens, or no name resolves", () =>
  Effect.gen(function* () {
    for (const host of ["127.0.0.1:9", "no-such-host.invalid"]) {
      const adapter = yield* loaded(openai, { OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: `http://${host}/v1` })
      const error = yield* Effect.flip(adapter.submit(yield* callOf(create)))
      assert.deepStrictEqual(told(error), ["unavailable", "no"])
    }
  })
)

it.live("keeps keys and prompts out of what it logs", () =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const logger = Logger.make(({ annotations, message }) =>
      lines.push(`${JSON.stringify(message)} ${JSON.stringify([...annotations])}`)
    )
    yield* loggedFault({ kind: "answer", answer: answers.moderation }).pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, logger))
    )
    assert.include(lines.join("\n"), "moderation_blocked")
    assert.include(lines.join("\n"), "req_7c")
    assert.notMatch(lines.join("\n"), /lighthouse|sk-/)
  })
)

it.live("is not configured without a key, with an empty one, or with a base URL that is none", () =>
  Effect.gen(function* () {
    for (const environment of [{}, { OPENAI_API_KEY: "" }, { OPENAI_API_KEY: "sk", OPENAI_BASE_URL: "ftp://x" }]) {
      const exit = yield* Effect.exit(Effect.scoped(loaded(openai, environment)))
      assert.isTrue(exit._tag === "Failure")
    }
  })
)
