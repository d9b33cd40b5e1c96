import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import OpenAI from "openai"
import { xaiEmulator, xaiKey } from "./emulator.ts"

const post = (baseUrl: string, path: string, body: unknown, type = "application/json") =>
  Effect.promise(async () => {
    const response = await fetch(`${baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${xaiKey}`, "content-type": type },
      body: JSON.stringify(body)
    })
    return { status: response.status, json: await response.json() }
  })

const image = { url: "data:image/png;base64,AAAA", type: "image_url" }

it.scopedLive("takes the documented bodies, and refuses what the documents refuse", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* xaiEmulator
    const edit = { model: "grok-imagine-image", prompt: "<IMAGE_0> at night" }
    const statuses = yield* Effect.forEach(
      [
        post(baseUrl, "/images/generations", { model: "grok-imagine-image", prompt: "a pier", aspect_ratio: "19.5:9" }),
        post(baseUrl, "/images/edits", { ...edit, image }),
        post(baseUrl, "/images/edits", { ...edit, images: [image, image, image] }),
        post(baseUrl, "/images/generations", { model: "grok-imagine-image", prompt: "a pier", size: "1024x1024" }),
        post(baseUrl, "/images/edits", { ...edit, image, images: [image] }),
        post(baseUrl, "/images/edits", edit),
        post(baseUrl, "/images/edits", { ...edit, image }, "multipart/form-data; boundary=x")
      ],
      (answer) => Effect.map(answer, ({ status }) => status)
    )
    assert.deepStrictEqual(statuses, [200, 200, 200, 400, 400, 400, 415])
  })
)

it.scopedLive("answers OpenAI's SDK, as xAI promises for generate", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* xaiEmulator
    const sdk = new OpenAI({ apiKey: xaiKey, baseURL: baseUrl, maxRetries: 0 })
    const reply = yield* Effect.promise(() =>
      sdk.images.generate({ model: "grok-imagine-image-quality", prompt: "a pier", n: 2, response_format: "b64_json" })
    )
    assert.strictEqual(reply.data?.length, 2)
  })
)
