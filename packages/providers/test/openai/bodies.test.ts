import { assert, it } from "@effect/vitest"
import { doesCreate, type Model } from "@image-skill/core/catalog/Model"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect, Schema } from "effect"
import OpenAI, { toFile } from "openai"
import { openai } from "../../src/openai/plugin.ts"
import { callOf, inputImage, loaded } from "./calls.ts"
import { formOf, openaiEmulator, openaiKey } from "./emulator.ts"
import { maskPicture, type Recorded } from "./server.ts"

// What we send and what OpenAI's SDK sends for the same request must be the same. The schemas below are held against the
// SDK's own parameter types by the compiler, since their results are passed to it as they are.

const controls = {
  model: Schema.String,
  prompt: Schema.String,
  n: Schema.NumberFromString,
  size: Schema.optionalWith(Schema.String, { exact: true }),
  quality: Schema.optionalWith(Schema.Literal("low", "medium", "high", "auto"), { exact: true }),
  background: Schema.optionalWith(Schema.Literal("transparent", "opaque", "auto"), { exact: true }),
  output_format: Schema.optionalWith(Schema.Literal("png", "jpeg", "webp"), { exact: true }),
  output_compression: Schema.optionalWith(Schema.NumberFromString, { exact: true })
}
const Generate = Schema.parseJson(
  Schema.Struct({
    ...controls,
    n: Schema.Number,
    output_compression: Schema.optionalWith(Schema.Number, { exact: true }),
    moderation: Schema.optionalWith(Schema.Literal("low", "auto"), { exact: true })
  })
)
const Edit = Schema.Struct({
  ...controls,
  input_fidelity: Schema.optionalWith(Schema.Literal("high", "low"), { exact: true })
})
const strict = { onExcessProperty: "error" } as const

const executable = openai.models.filter((model) => model.execution === "executable")

/** A spread of parameters: none, and each executable one with a value of its own. */
const spreads = (model: Model): ReadonlyArray<JsonObject> => [
  {},
  {
    size: "1024x1536",
    quality: "high",
    output_format: "webp",
    output_compression: 80,
    background: "opaque",
    ...(model.parameters["input_fidelity"] === undefined ? {} : { input_fidelity: "low" })
  }
]

/** Headers that decide how a body is read, without what differs by nature. */
const meaning = ({ headers, method, path }: Recorded) => ({
  method,
  path,
  authorization: headers["authorization"],
  type: headers["content-type"]?.split(";")[0]
})

it.scopedLive("sends the bodies that OpenAI's SDK sends, for every executable model", () =>
  Effect.gen(function* () {
    const emulator = yield* openaiEmulator
    const adapter = yield* loaded(openai, { OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: `${emulator.baseUrl}/` })
    const sdk = new OpenAI({ apiKey: openaiKey, baseURL: emulator.baseUrl, maxRetries: 0 })
    for (const model of executable) {
      for (const given of spreads(model)) {
        const mask = yield* Effect.promise(() => maskPicture(320, 320))
        const call = yield* callOf(model, given, {
          outputs: 3,
          ...(doesCreate(model) ? {} : { mask: { ...(yield* Effect.promise(() => inputImage(320))), bytes: mask } })
        })
        yield* adapter.submit(call)
        const ours = emulator.requests.at(-1) ?? assert.fail()
        if (doesCreate(model)) {
          const body = yield* Schema.decodeUnknown(Generate)(ours.body.toString(), strict)
          yield* Effect.promise(() => sdk.images.generate(body))
        } else {
          const { image: _, mask: __, ...fields } = yield* Effect.promise(() => formOf(ours))
          const body = yield* Schema.decodeUnknown(Edit)(fields, strict)
          const bytes = call.image?.bytes ?? assert.fail()
          yield* Effect.promise(async () =>
            sdk.images.edit({
              ...body,
              image: await toFile(bytes, "image.png", { type: "image/png" }),
              mask: await toFile(mask, "mask.png", { type: "image/png" })
            })
          )
        }
        const theirs = emulator.requests.at(-1) ?? assert.fail()
        assert.notStrictEqual(theirs, ours)
        assert.deepStrictEqual(meaning(ours), meaning(theirs), model.id)
        const read = (one: Recorded) =>
          doesCreate(model) ? Promise.resolve(JSON.parse(one.body.toString())) : formOf(one)
        assert.deepStrictEqual(
          yield* Effect.promise(() => read(ours)),
          yield* Effect.promise(() => read(theirs)),
          model.id
        )
      }
    }
    assert.isAtLeast(executable.length, 10)
  })
)

it.scopedLive("sends moderation with an edit too, which the SDK's types leave out", () =>
  Effect.gen(function* () {
    const emulator = yield* openaiEmulator
    const adapter = yield* loaded(openai, { OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: emulator.baseUrl })
    const model = executable.find((one) => one.id === "openai.gpt-image-2-edit") ?? assert.fail()
    yield* adapter.submit(yield* callOf(model, { moderation: "low" }))
    const form = yield* Effect.promise(() => formOf(emulator.requests[0] ?? assert.fail()))
    assert.deepInclude(form, { moderation: "low", n: "1", model: "gpt-image-2" })
    assert.match(form["image"] ?? "", /^image\.png; image\/png; \d+$/)
  })
)
