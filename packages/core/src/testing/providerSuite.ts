import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Either, Redacted, Schema } from "effect"
import { inspect } from "../assets/ImageInspector.ts"
import { collect } from "../assets/ResultSpool.ts"
import { Model } from "../catalog/Model.ts"
import { Json } from "../kernel/Json.ts"
import type { Adapter, Plugin, ProviderCall, ProviderOutput, Reply } from "../provider/Provider.ts"
import { ProviderError } from "../provider/Provider.ts"
import { type Bringing, type Sample, sampleCall, samplePlan } from "./providerSamples.ts"

export interface ProviderSuiteOptions {
  readonly sample?: Sample
  /** How result URLs are fetched; without it an answer with URLs fails the suite. */
  readonly fetch?: (url: string) => Effect.Effect<Uint8Array, ProviderError>
  /** Models that are not called, each with the reason: they are checked as data only. */
  readonly notCalled?: { readonly [modelId: string]: string }
  /** The same plugin over a provider that refuses, breaks or is away: every call of it must fail in our words. */
  readonly failing?: ReadonlyArray<{ readonly name: string; readonly plugin: Plugin }>
}

/** What any plugin must keep. Its calls must go to a double of its provider, never to one that charges. */
export const providerSuite = (name: string, plugin: Plugin, options: ProviderSuiteOptions = {}) =>
  describe(`Provider / ${name}`, () => {
    const executable = plugin.models.filter(
      (model) => model.execution === "executable" && model.lifecycle.status !== "retired"
    )
    const called = executable.filter((model) => isPlannable(model) && !Object.hasOwn(options.notCalled ?? {}, model.id))

    it("has models that fit the schema, each its own and only once", () => {
      for (const model of plugin.models) {
        Either.getOrThrowWith(
          Schema.validateEither(Model)(model),
          (error) => new Error(`${model.id}: ${error.message}`)
        )
        assert.strictEqual(model.provider, plugin.id, model.id)
      }
      assert.strictEqual(new Set(plugin.models.map((model) => model.id)).size, plugin.models.length)
    })

    it("says where each price is from, and of when", () => {
      for (const { id, price } of plugin.models) {
        assert.isNotEmpty(price.source, id)
        assert.match(price.asOf, /^\d{4}-\d{2}-\d{2}$/, id)
      }
    })

    it("plans every executable model at its defaults", () => {
      for (const model of executable) {
        const planned = samplePlan(plugin, model, options.sample)
        if (isPlannable(model)) Either.getOrThrowWith(planned, (error) => new Error(`${model.id}: ${error.message}`))
        else assert.strictEqual(Either.isLeft(planned) && planned.left.code, "MODEL_NOT_EXECUTABLE", model.id)
      }
    })

    for (const model of called) {
      it.scopedLive(`makes an image with ${model.id}`, () =>
        Effect.gen(function* () {
          const call = sampleCall(plugin, model, options.sample)
          const outcome = yield* madeBy(plugin, call, options)
          const prompt = call.prompt === null ? null : Redacted.value(call.prompt)
          if (prompt !== null) assert.notInclude(JSON.stringify(outcome.details), prompt)
        })
      )

      for (const bringing of takenBy(model)) {
        it.scopedLive(`makes an image with ${model.id} and the ${bringing} that it takes`, () =>
          Effect.asVoid(madeBy(plugin, sampleCall(plugin, model, options.sample, bringing), options))
        )
      }

      it.scopedLive(`reads any bytes as an answer of ${model.id}, and never throws`, () =>
        Effect.gen(function* () {
          const adapter = yield* plugin.load
          const call = sampleCall(plugin, model, options.sample)
          for (const text of ["", "{", "null", "[]", "{}", '{"images":[{}]}', "<html></html>"]) {
            const reply = { contentType: "application/json", bytes: new TextEncoder().encode(text), facts: {} }
            const read = yield* Effect.either(adapter.decode(call, reply))
            if (Either.isLeft(read)) assert.instanceOf(read.left, ProviderError, text)
          }
        })
      )
    }

    for (const broken of options.failing ?? []) {
      it.scopedLive(`fails in our words when its provider ${broken.name}`, () =>
        Effect.gen(function* () {
          const adapter = yield* broken.plugin.load
          for (const model of called.slice(0, 3)) {
            const call = sampleCall(plugin, model, options.sample)
            const failed = yield* Effect.flip(Effect.flatMap(answered(adapter, call), collect))
            assert.instanceOf(failed, ProviderError)
            assert.notMatch(failed.message, /https?:\/\/|bearer|api.?key/i)
          }
        })
      )
    }
  })

/** What it may be given besides what every call of it has. */
const takenBy = ({ input }: Model): ReadonlyArray<Bringing> => [
  ...(input.mask === "optional" ? (["mask"] as const) : []),
  ...(input.references === null ? [] : (["references"] as const))
]

/** What the plugin makes of a call: each output must be an image. */
const madeBy = (plugin: Plugin, call: ProviderCall, options: ProviderSuiteOptions) =>
  Effect.gen(function* () {
    const adapter = yield* plugin.load
    const reply = yield* Effect.flatMap(answered(adapter, call), collect)
    const outcome = yield* adapter.decode(call, reply)
    assert.isAtLeast(outcome.outputs.length, 1)
    for (const output of outcome.outputs) {
      const made = inspect(yield* bytesOf(output, options))
      assert.isTrue(Either.isRight(made), `the answer is no image: ${JSON.stringify(made)}`)
    }
    return outcome
  })

/** A cost that is neither known nor bounded is never called. */
const isPlannable = (model: Model): boolean => model.price.rule.kind !== "unknown" || model.price.ceiling !== null

/** The reply to a call, asked for until it is there. A handle goes through JSON first, as it does through a database. */
const answered = (adapter: Adapter, call: ProviderCall): Effect.Effect<Reply, ProviderError> =>
  Effect.gen(function* () {
    const submitted = yield* adapter.submit(call)
    if (submitted._tag === "Replied") return submitted.reply
    const text = JSON.stringify(submitted.handle)
    const handle = yield* Effect.orDie(Schema.decodeUnknown(Schema.parseJson(Json))(text))
    assert.deepStrictEqual(handle, submitted.handle, "a handle is plain JSON")
    const poll = adapter.poll
    if (poll === undefined) return yield* Effect.dieMessage("it accepts work and cannot be polled")
    for (let asked = 0; asked < 200; asked += 1) {
      const answer = yield* poll(handle)
      if (answer._tag === "Replied") return answer.reply
      assert.notStrictEqual(answer._tag, "Canceled")
      yield* Effect.sleep(Duration.min(Duration.decode(adapter.pollEvery ?? "1 second"), Duration.millis(20)))
    }
    return yield* Effect.dieMessage("it does not end")
  })

const bytesOf = (output: ProviderOutput, options: ProviderSuiteOptions): Effect.Effect<Uint8Array, ProviderError> => {
  if (output._tag === "Bytes") return Effect.succeed(output.bytes)
  if (output._tag === "Refused") return Effect.dieMessage("the sample call was refused")
  return options.fetch === undefined
    ? Effect.dieMessage("an answer with URLs needs `fetch`")
    : options.fetch(output.url)
}
