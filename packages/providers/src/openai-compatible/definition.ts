import { ValueSchema } from "@image-skill/core/catalog/Parameters"
import { Json } from "@image-skill/core/kernel/Json"
import { parseUsd } from "@image-skill/core/kernel/Money"
import { Either, Schema } from "effect"
import { qualityOf } from "../internal/qualityRanks.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>, fallback: () => A) =>
  Schema.optionalWith(schema, { exact: true, default: fallback })

const Size = Schema.String.pipe(Schema.pattern(/^[1-9]\d{1,3}x[1-9]\d{1,3}$/))

const Usd = Schema.Union(Schema.Number, Schema.String).pipe(
  Schema.filter((amount) => Either.isRight(parseUsd(amount)) || "a price is a decimal of USD, such as 0.02")
)

const OwnParameters = Schema.Record({
  key: Schema.String.pipe(Schema.pattern(/^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/)),
  value: Schema.Struct({
    schema: ValueSchema,
    description: Schema.optionalWith(Schema.String, { exact: true }),
    default: Schema.optionalWith(Json, { exact: true })
  })
})

/**
 * A model of a server that speaks the OpenAI Images API, as its operator describes it in `OPENAI_COMPATIBLE_MODELS`, a
 * JSON array. Only `id` is needed to list a model; it runs when a price is given, and 0 is a price.
 *
 * @example
 * ```ts
 * import { ModelDefinition } from "@image-skill/providers/openai-compatible/definition"
 * import { Schema } from "effect"
 * Schema.decodeUnknownSync(ModelDefinition)({ id: "flux-schnell", sizes: ["1024x1024"], price_usd_per_image: 0 })
 * ```
 */
export const ModelDefinition = Schema.Struct({
  /** As the server calls it; the public id is `openai-compatible.` and this, in lower case. */
  id: Schema.NonEmptyString.pipe(Schema.maxLength(200)),
  display_name: Schema.optionalWith(Schema.NonEmptyString, { exact: true }),
  /** An edit model has a public id of its own, with `-edit`. */
  operations: optional(Schema.Array(Schema.Literal("create", "edit")).pipe(Schema.minItems(1)), () => [
    "create" as const
  ]),
  /** The sizes it makes, the default first. Without any, no size is sent. */
  sizes: optional(Schema.Array(Size), () => []),
  /** Most images of one call, sent as `n`. */
  outputs_max: optional(Schema.Int.pipe(Schema.between(1, 10)), () => 1),
  /** Edits take a mask: a PNG whose transparent parts are changed. */
  mask: optional(Schema.Boolean, () => false),
  prompt_characters_max: optional(Schema.NullOr(Schema.Int.pipe(Schema.positive())), () => null),
  /** Further controls, named as the server names them. */
  parameters: Schema.optionalWith(OwnParameters, { exact: true, default: () => ({}) }),
  /** Null where the server knows no such field. */
  response_format: optional(Schema.NullOr(Schema.Literal("b64_json", "url")), () => "b64_json" as const),
  /** What one image costs the operator. */
  price_usd_per_image: Schema.optionalWith(Usd, { exact: true }),
  /** How long a call may take. */
  seconds_max: optional(Schema.Int.pipe(Schema.between(1, 3600)), () => 300),
  /** Rank for selection: higher is stronger. */
  quality: optional(Schema.Int.pipe(Schema.between(0, 100)), () => qualityOf("", "operators"))
})
export type ModelDefinition = typeof ModelDefinition.Type

/** The last part of a public id. */
export const slugOf = (id: string): string =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")

const areDistinct = (all: ReadonlyArray<ModelDefinition>): boolean =>
  new Set(all.map(({ id }) => slugOf(id))).size === all.length && all.every(({ id }) => slugOf(id) !== "")

/** The text of `OPENAI_COMPATIBLE_MODELS`. Unknown fields are refused: a misspelt price must not become no price. */
export const ModelDefinitions = Schema.parseJson(
  Schema.Array(ModelDefinition).pipe(
    Schema.filter((all) => areDistinct(all) || "the models' ids must differ in letters and digits")
  )
).annotations({
  parseOptions: { onExcessProperty: "error" }
})
