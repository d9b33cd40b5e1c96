import { assert, it } from "@effect/vitest"
import { doesCreate } from "@image-skill/core/catalog/Model"
import { isObject } from "@image-skill/core/kernel/Json"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { Effect, Logger, LogLevel } from "effect"
import { models as allModels } from "../../src/openai/models.ts"
import { openai } from "../../src/openai/plugin.ts"
import { inputImage } from "./calls.ts"
import { answers, openaiEmulator, openaiKey } from "./emulator.ts"
import { asked, layerMemoryHouse, owned } from "./memoryHouse.ts"
import { type Fault, maskPicture } from "./server.ts"

const models = allModels()

const executable = models.filter((model) => model.execution === "executable")

const inHouse = <A, E, R>(story: (emulator: Effect.Effect.Success<typeof openaiEmulator>) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(openaiEmulator, (emulator) =>
    Effect.provide(
      story(emulator),
      layerMemoryHouse([openai], { OPENAI_API_KEY: openaiKey, OPENAI_BASE_URL: emulator.baseUrl })
    )
  )

const at = (json: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    json
  )

it.scopedLive("every executable model makes images from a request to stored, measured assets", () =>
  inHouse((emulator) =>
    Effect.gen(function* () {
      const image = yield* owned(yield* Effect.promise(() => inputImage()))
      for (const model of executable) {
        const own = doesCreate(model)
          ? { outputCount: 2 }
          : ({ command: "edit", image, aspectRatio: "auto", outputCount: 2 } as const)
        const answer = yield* asked(model.id, own)
        assert.strictEqual(answer["status"], "completed", model.id)
        const assets = answer["assets"]
        assert.strictEqual(Array.isArray(assets) ? assets.length : 0, 2, model.id)
        assert.deepInclude(Array.isArray(assets) && isObject(assets[0]) ? assets[0] : {}, {
          mime_type: "image/png",
          width: 1024,
          height: 1024
        })
      }
      assert.strictEqual(emulator.requests.length, executable.length)
    })
  )
)

it.scopedLive("debits a create what its dry run said, and an edit what its usage came to", () =>
  inHouse(() =>
    Effect.gen(function* () {
      const dry = yield* asked("openai.gpt-image-1.5", {}, true)
      const live = yield* asked("openai.gpt-image-1.5", {})
      assert.strictEqual(at(dry, "cost", "credit_pricing", "credits_required"), 6)
      assert.strictEqual(at(live, "quota", "consumed_credits"), 6)
      const file = yield* Effect.promise(() => inputImage())
      const image = yield* owned(file)
      const mask = yield* owned({ ...file, bytes: yield* Effect.promise(() => maskPicture(320, 320)) })
      const edit = yield* asked("openai.gpt-image-1.5-edit", { command: "edit", image, mask, aspectRatio: "auto" })
      // $0.034... of output and $0.0037 of input, times 1.7, in whole cents.
      assert.strictEqual(at(edit, "quota", "consumed_credits"), 7)
    })
  )
)

it.scopedLive("stores an image as what its bytes are, whatever the answer calls it", () =>
  inHouse((emulator) =>
    Effect.gen(function* () {
      emulator.next({
        kind: "lie",
        change: (body) =>
          body.replace('"size":"1024x1024"', '"size":"9x9"').replace('"output_format":"webp"', '"output_format":"png"')
      })
      const answer = yield* asked("openai.gpt-image-2", { parameters: { output_format: "webp" } })
      const assets = answer["assets"]
      assert.deepInclude(Array.isArray(assets) && isObject(assets[0]) ? assets[0] : {}, {
        mime_type: "image/webp",
        width: 1024
      })
    })
  )
)

it.scopedLive("fails by the contract's codes: policy, operator's troubles, unknown outcome, no image", () =>
  inHouse((emulator) =>
    Effect.gen(function* () {
      const codeAfter = (fault: Fault) => {
        emulator.next(fault)
        return Effect.map(Effect.flip(asked("openai.gpt-image-2", {})), ({ code }) => code)
      }
      assert.strictEqual(yield* codeAfter({ kind: "answer", answer: answers.moderation }), "CONTENT_POLICY_DENIED")
      assert.strictEqual(
        yield* codeAfter({ kind: "answer", answer: answers.insufficientQuota }),
        "PROVIDER_UNAVAILABLE"
      )
      assert.strictEqual(yield* codeAfter({ kind: "vanish" }), "PROVIDER_OUTCOME_UNKNOWN")
      assert.strictEqual(yield* codeAfter({ kind: "cut", hasLength: true }), "PROVIDER_OUTCOME_UNKNOWN")
      const noImage = Buffer.from("no image at all").toString("base64")
      const lie = (body: string) => body.replace(/"b64_json":"[^"]*"/, `"b64_json":"${noImage}"`)
      assert.strictEqual(yield* codeAfter({ kind: "lie", change: lie }), "PROVIDER_FAILURE")
      assert.strictEqual(emulator.requests.length, 5)
    })
  ).pipe(Logger.withMinimumLogLevel(LogLevel.None))
)

it.scopedLive("refuses files that the provider would refuse, before anything is sent or held", () =>
  inHouse((emulator) =>
    Effect.gen(function* () {
      const file = yield* Effect.promise(() => inputImage())
      const small = yield* Effect.promise(() => maskPicture(64, 64))
      const image = yield* owned(file)
      const gif = yield* owned({ ...file, mediaType: "image/gif" })
      const jpegMask = yield* owned({ ...file, mediaType: "image/jpeg" })
      const smallMask = yield* owned({ ...file, bytes: small, width: 64, height: 64 })
      const fields = (own: Partial<ImageRequest>) =>
        asked("openai.gpt-image-2-edit", { command: "edit", aspectRatio: "auto", ...own }).pipe(
          Effect.flip,
          Effect.map(({ code, recovery }): ReadonlyArray<unknown> => [code, recovery?.["fields"]])
        )
      const refused = (field: string): ReadonlyArray<unknown> => ["INVALID_ARGUMENTS", [field]]
      assert.deepStrictEqual(yield* fields({ image: gif }), refused("input_asset_id"))
      assert.deepStrictEqual(yield* fields({ image, mask: jpegMask }), refused("mask_asset_id"))
      assert.deepStrictEqual(yield* fields({ image, mask: smallMask }), refused("mask_asset_id"))
      assert.strictEqual(emulator.requests.length, 0)
    })
  )
)
