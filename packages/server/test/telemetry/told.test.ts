import { assert, describe, it } from "@effect/vitest"
import { failure } from "@image-skill/core/kernel/Errors"
import { Cause, Effect, Either, HashMap, Layer, Logger, LogLevel, ParseResult, Redacted, Schema } from "effect"
import { jsonLine } from "../../src/telemetry/jsonLogs.ts"
import { scrubbed, toldOf } from "../../src/telemetry/told.ts"

const canary = "a violet canary under glass"

const linesOf = (effect: Effect.Effect<unknown>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const logger = Logger.map(jsonLine, (line) => void lines.push(line))
  const layer = Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.All))
  Effect.runSync(Effect.provide(effect, layer))
  return lines
}

describe("what is told of an error", () => {
  it("foreign errors tell their class and place, never their words", () => {
    const error = Object.assign(new Error(`cannot draw ${canary}`, { cause: new Error(canary) }), { code: "EPIPE" })
    const told = JSON.stringify(toldOf(error))
    assert.notInclude(told, canary)
    assert.include(told, '"error":"Error"')
    assert.include(told, '"code":"EPIPE"')
    assert.match(told, /told\.test\.ts/)
  })

  it("a message of several lines hides none of them among the frames", () => {
    const error = new Error(`first\n    ${canary}\nlast ${canary}`)
    assert.notInclude(JSON.stringify(toldOf(error)), canary)
  })

  it("a parse error tells where, not what", () => {
    const parsed = Schema.decodeUnknownEither(Schema.Struct({ work: Schema.Struct({ prompt: Schema.Number }) }))({
      work: { prompt: canary }
    })
    const error = Either.getOrThrow(Either.flip(parsed))
    assert.isTrue(ParseResult.isParseError(error))
    assert.deepStrictEqual(toldOf(error), { error: "ParseError", at: ["work.prompt"] })
  })

  it("failures repeat no words of a caller; those of the store are told", () => {
    assert.deepStrictEqual(toldOf(failure("MODEL_PARAMETERS_INVALID", canary)), { error: "MODEL_PARAMETERS_INVALID" })
    assert.deepStrictEqual(toldOf(failure("STORAGE_UNAVAILABLE", "away")), {
      error: "STORAGE_UNAVAILABLE",
      message: "away"
    })
  })

  it("what the engine and we ourselves say of a bug is told", () => {
    const bug = Either.getOrThrow(
      Either.flip(Either.try({ try: () => Reflect.get(Object(null), "x").y, catch: (e) => e }))
    )
    assert.include(JSON.stringify(toldOf(bug)), "Cannot read properties of undefined (reading 'y')")
    assert.include(JSON.stringify(toldOf(new Cause.RuntimeException("an open job has its work"))), "open job")
  })

  it.each([
    [`Bearer isk_r_${"a".repeat(64)}`, "Bearer <redacted>"],
    [`code isk_invite_${"0".repeat(64)} used`, "code isk_invite_<redacted> used"],
    ["https://cdn.example/a.png?sig=abcdef", "https://cdn.example/a.png?<redacted>"],
    ["postgres://me:pass@db/x", "postgres://<redacted>@db/x"],
    ["sk-proj-ABCDEFGHIJKL", "sk-<redacted>"],
    ["nothing to hide", "nothing to hide"]
  ])("scrubs %s", (text, expected) => assert.strictEqual(scrubbed(text), expected))
})

describe("jsonLine", () => {
  it("is one JSON document with level, message, annotations, spans and errors", () => {
    const [line = ""] = linesOf(
      Effect.logError("a run broke", new Error(canary)).pipe(
        Effect.annotateLogs({ job_id: "job_1", trace_id: "trace_1" }),
        Effect.withLogSpan("running")
      )
    )
    const decoded = Schema.decodeUnknownSync(
      Schema.parseJson(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
    )(line)
    assert.include(decoded, { level: "error", message: "a run broke", job_id: "job_1", trace_id: "trace_1" })
    assert.hasAllKeys(decoded["spans"], ["running"])
    assert.notInclude(line, canary)
    assert.notInclude(line, "\n")
  })

  it("names what is no plain value, and does not print it", () => {
    const [line = ""] = linesOf(
      Effect.logInfo({ prompt: Redacted.make(canary), map: HashMap.make([canary, 1]), bytes: new Uint8Array(9) })
    )
    assert.notInclude(line, canary)
  })
})
