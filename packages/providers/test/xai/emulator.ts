import { type Effect, Schema, type Scope } from "effect"
import { type Answer, type Emulator, fixture, picture, type Recorded, serve } from "../openai/server.ts"

export const xaiKey = "xai-test-1234567890"

const shape = (name: string) => fixture(new URL(`./fixtures/${name}`, import.meta.url))

export const answers = {
  contentPolicy: { status: 400, body: shape("content-policy.json") },
  invalidKey: { status: 400, body: shape("invalid-key.json") },
  badArgument: { status: 400, body: shape("bad-argument.json") },
  rateLimit: { status: 429, body: shape("rate-limit.json") },
  serverError: { status: 500, body: shape("server-error.json") }
} as const satisfies Record<string, Answer>

const ratios = "1:1 3:4 4:3 9:16 16:9 2:3 3:2 9:19.5 19.5:9 9:20 20:9 1:2 2:1 auto 21:9 5:2".split(" ")

const Image = Schema.Struct({
  url: Schema.String.pipe(Schema.pattern(/^(https:\/\/|data:image\/(png|jpeg|webp);base64,)/)),
  type: Schema.Literal("image_url")
})

const generation = {
  model: Schema.Literal("grok-imagine-image", "grok-imagine-image-quality", "grok-imagine-image-2.0"),
  prompt: Schema.NonEmptyString,
  n: Schema.optional(Schema.Int.pipe(Schema.between(1, 10))),
  aspect_ratio: Schema.optional(Schema.String.pipe(Schema.filter((ratio) => ratios.includes(ratio)))),
  resolution: Schema.optional(Schema.Literal("1k", "2k")),
  quality: Schema.optional(Schema.Literal("low", "medium", "auto")),
  response_format: Schema.optional(Schema.Literal("url", "b64_json")),
  user: Schema.optional(Schema.String)
}

/** The documented bodies: strict, since the API answers 400 to `size`, and takes `image` or `images`, not both. */
export const GenerationBody = Schema.Struct(generation)
export const EditBody = Schema.Struct({
  ...generation,
  image: Schema.optional(Image),
  images: Schema.optional(Schema.Array(Image).pipe(Schema.minItems(1), Schema.maxItems(5)))
}).pipe(Schema.filter(({ image, images }) => (image === undefined) !== (images === undefined)))

export const strictly = { onExcessProperty: "error" } as const

const prices: Record<string, { readonly [tier: string]: number }> = {
  "grok-imagine-image": { "1k": 200_000_000, "2k": 200_000_000 },
  "grok-imagine-image-quality": { "1k": 400_000_000, "2k": 600_000_000 },
  "grok-imagine-image-2.0": { "1k": 400_000_000, "2k": 600_000_000, "medium 1k": 600_000_000, "medium 2k": 800_000_000 }
}

const answer = async (request: Recorded): Promise<Answer> => {
  if (request.headers["authorization"] !== `Bearer ${xaiKey}`) return answers.invalidKey
  const isEdit = request.path === "/v1/images/edits"
  if (!isEdit && request.path !== "/v1/images/generations") return { status: 404, body: "{}" }
  if (request.headers["content-type"] !== "application/json") return { status: 415, body: "{}" }
  const text = request.body.toString()
  const read = isEdit
    ? Schema.decodeUnknownEither(Schema.parseJson(EditBody))(text, strictly)
    : Schema.decodeUnknownEither(Schema.parseJson(GenerationBody))(text, strictly)
  if (read._tag === "Left") return answers.badArgument
  const body: typeof EditBody.Type = read.right
  const side = body.resolution === "2k" ? 2048 : 1024
  const image = (await picture(side, side, "jpeg")).toString("base64")
  const inputs = body.images?.length ?? (body.image === undefined ? 0 : 1)
  const tier = `${body.quality === "medium" ? "medium " : ""}${body.resolution ?? "1k"}`
  const count = body.n ?? 1
  const each = prices[body.model]?.[tier] ?? 0
  const input = body.model === "grok-imagine-image" ? 20_000_000 : 100_000_000
  return {
    status: 200,
    body: JSON.stringify({
      ...JSON.parse(shape("generation.json")),
      model: body.model === "grok-imagine-image" ? body.model : "grok-imagine-image-2.0",
      data: Array.from({ length: count }, (_, index) => ({
        // Some answers carry a data URI where base64 is promised.
        b64_json: index === 0 ? image : `data:image/jpeg;base64,${image}`,
        mime_type: "image/jpeg",
        revised_prompt: "",
        respect_moderation: true
      })),
      usage: { cost_in_usd_ticks: each * count + input * inputs }
    })
  }
}

/** xAI's Images API on loopback, by its documented bodies. */
export const xaiEmulator: Effect.Effect<Emulator, never, Scope.Scope> = serve("/v1", answer)
