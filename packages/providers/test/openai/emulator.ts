import { type Effect, Schema, type Scope } from "effect"
import { type Answer, type Emulator, fixture, picture, type Recorded, serve } from "./server.ts"

export const openaiKey = "sk-test-1234567890"

const shape = (name: string) => fixture(new URL(`./fixtures/${name}`, import.meta.url))

export const answers = {
  moderation: { status: 400, body: shape("moderation.json") },
  rateLimit: { status: 429, body: shape("rate-limit.json"), headers: { "retry-after-ms": "1500" } },
  insufficientQuota: { status: 429, body: shape("insufficient-quota.json") },
  invalidKey: { status: 401, body: shape("invalid-key.json") },
  invalidValue: { status: 400, body: shape("invalid-value.json") },
  serverError: { status: 500, body: shape("server-error.json") },
  overloaded: { status: 503, body: shape("overloaded.json"), headers: { "retry-after": "7" } },
  badGateway: { status: 502, body: shape("bad-gateway.html"), headers: { "content-type": "text/html" } }
} as const satisfies Record<string, Answer>

/** The fields that the published API knows, by endpoint. What is not here is a fault of the caller. */
const fields = {
  "/v1/images/generations":
    "model prompt n size quality background output_format output_compression moderation response_format stream partial_images style user",
  "/v1/images/edits":
    "model prompt n size quality background output_format output_compression moderation input_fidelity response_format stream partial_images user"
} as const

const Format = Schema.Literal("png", "jpeg", "webp")
const Request = Schema.Struct({
  model: Schema.String,
  prompt: Schema.NonEmptyString,
  n: Schema.optional(
    Schema.Union(Schema.Number, Schema.NumberFromString).pipe(Schema.filter((n) => n >= 1 && n <= 10))
  ),
  size: Schema.optional(Schema.String),
  quality: Schema.optional(Schema.String),
  background: Schema.optional(Schema.String),
  output_format: Schema.optional(Format)
})

/** Text input, image input and output tokens that every answer reports; output is for one image. */
export const usage = { text: 12, image: 388, output: 1056 }

const refuse = (param: string, code: string): Answer => ({
  status: 400,
  body: JSON.stringify({ error: { message: `Bad parameter: '${param}'.`, type: "invalid_request_error", param, code } })
})

const imagesOf = async (request: typeof Request.Type, isEdit: boolean): Promise<Answer> => {
  const [width = 1024, height = 1024] = (
    request.size === undefined || request.size === "auto" ? "1024x1024" : request.size
  )
    .split("x")
    .map(Number)
  const format = request.output_format ?? "png"
  if (request.background === "transparent" && format === "jpeg") return refuse("background", "invalid_value")
  const count = request.n ?? 1
  const image = (await picture(width, height, format)).toString("base64")
  const [text, input, output] = [usage.text, isEdit ? usage.image : 0, usage.output * count]
  return {
    status: 200,
    body: JSON.stringify({
      created: 1_795_000_000,
      background: request.background ?? "opaque",
      data: Array.from({ length: count }, () => ({ b64_json: image })),
      output_format: format,
      quality: request.quality ?? "medium",
      size: `${width}x${height}`,
      usage: {
        input_tokens: text + input,
        input_tokens_details: { image_tokens: input, text_tokens: text },
        output_tokens: output,
        output_tokens_details: { image_tokens: output, text_tokens: 0 },
        total_tokens: text + input + output
      }
    })
  }
}

/** The parts of a form: text as it is, files as `name; type; length`. */
export const formOf = async (request: Recorded): Promise<Record<string, string>> => {
  const type = request.headers["content-type"] ?? ""
  const form = await new Response(new Uint8Array(request.body), { headers: { "content-type": type } }).formData()
  return Object.fromEntries(
    [...form].map(([name, value]) => [
      name,
      typeof value === "string" ? value : `${value.name}; ${value.type}; ${value.size}`
    ])
  )
}

const fieldsOf = async (request: Recorded): Promise<Record<string, unknown>> =>
  request.path === "/v1/images/edits" ? formOf(request) : JSON.parse(request.body.toString())

const files: ReadonlyArray<string> = ["image", "image[]", "mask"]

const answer = async (request: Recorded): Promise<Answer> => {
  if (request.headers["authorization"] !== `Bearer ${openaiKey}`) return answers.invalidKey
  const known =
    request.path in fields
      ? fields[request.path === "/v1/images/edits" ? "/v1/images/edits" : "/v1/images/generations"]
      : null
  if (known === null || request.method !== "POST") return { status: 404, body: "{}" }
  const isEdit = request.path === "/v1/images/edits"
  const given = await fieldsOf(request)
  const names = [...known.split(" "), ...(isEdit ? files : [])]
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) return refuse(unknown, "unknown_parameter")
  if (isEdit && given["image"] === undefined && given["image[]"] === undefined)
    return refuse("image", "missing_parameter")
  const read = Schema.decodeUnknownEither(Request)(given)
  return read._tag === "Left" ? refuse("body", "invalid_value") : imagesOf(read.right, isEdit)
}

/** OpenAI's Images API on loopback. */
export const openaiEmulator: Effect.Effect<Emulator, never, Scope.Scope> = serve("/v1", answer)
