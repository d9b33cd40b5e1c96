import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI, { APIError, toFile } from "openai"
import { answers, openaiEmulator, openaiKey } from "./emulator.ts"
import { maskPicture, picture } from "./server.ts"

/** The emulator is proven by OpenAI's own SDK: what this accepts and reads is what the API is. */
const sdk = (baseURL: string, apiKey = openaiKey) => new OpenAI({ apiKey, baseURL, maxRetries: 0 })

const failed = (promise: Promise<unknown>) =>
  Effect.promise(() =>
    promise.then(
      () => assert.fail("it succeeded"),
      (error: unknown) => (error instanceof APIError ? error : assert.fail(String(error)))
    )
  )

it.scopedLive("answers the SDK's generate with as many images as were asked for, and usage", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* openaiEmulator
    const reply = yield* Effect.promise(() =>
      sdk(baseUrl).images.generate({
        model: "gpt-image-1.5",
        prompt: "a pier",
        n: 2,
        size: "1536x1024",
        output_format: "webp"
      })
    )
    assert.strictEqual(reply.data?.length, 2)
    assert.strictEqual(reply.size, "1536x1024")
    assert.strictEqual(reply.output_format, "webp")
    assert.strictEqual(reply.usage?.output_tokens, 2112)
    assert.deepStrictEqual(
      [...Buffer.from(reply.data?.[0]?.b64_json ?? "", "base64").subarray(8, 12)],
      [...Buffer.from("WEBP")]
    )
  })
)

it.scopedLive("answers the SDK's edit with an image and a mask", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* openaiEmulator
    const { image, mask } = yield* Effect.promise(async () => ({
      image: await toFile(await picture(320, 320, "png"), "image.png", { type: "image/png" }),
      mask: await toFile(await maskPicture(320, 320), "mask.png", { type: "image/png" })
    }))
    const reply = yield* Effect.promise(() =>
      sdk(baseUrl).images.edit({ model: "gpt-image-2", prompt: "a pier", image, mask, quality: "low" })
    )
    assert.strictEqual(reply.data?.length, 1)
    assert.strictEqual(reply.usage?.input_tokens_details.image_tokens, 388)
  })
)

it.scopedLive("fails as the SDK expects failures", () =>
  Effect.gen(function* () {
    const emulator = yield* openaiEmulator
    const ask = (key?: string) => sdk(emulator.baseUrl, key).images.generate({ model: "gpt-image-2", prompt: "a pier" })
    assert.strictEqual((yield* failed(ask("sk-other"))).code, "invalid_api_key")
    emulator.next({ kind: "answer", answer: answers.moderation })
    const moderation = yield* failed(ask())
    assert.deepStrictEqual(
      [moderation.status, moderation.code, moderation.type],
      [400, "moderation_blocked", "image_generation_user_error"]
    )
    emulator.next({ kind: "answer", answer: answers.insufficientQuota })
    assert.strictEqual((yield* failed(ask())).code, "insufficient_quota")
    const stray = yield* failed(
      sdk(emulator.baseUrl).images.generate({ model: "gpt-image-2", prompt: "a pier", ...{ seed: 7 } })
    )
    assert.deepStrictEqual([stray.code, stray.param], ["unknown_parameter", "seed"])
  })
)
