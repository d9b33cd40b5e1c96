import { Schema } from "effect"
import { CapabilityId, ModelId, ProviderId } from "../kernel/Ids.ts"
import { Json, JsonObject } from "../kernel/Json.ts"
import { MediaType } from "../kernel/Media.ts"
import { UsdTicks } from "../kernel/Money.ts"
import { InputFiles } from "./InputFiles.ts"
import { Parameter } from "./Parameters.ts"
import { ReferenceRules } from "./References.ts"

export const Operation = Schema.Literal("image.generate", "image.edit", "image.upscale", "image.remove_background")
export type Operation = typeof Operation.Type

/** A condition on effective parameters: every named parameter has one of the values. */
const When = Schema.Record({ key: Schema.String, value: Schema.Array(Json) })

/**
 * What a provider charges. Amounts are for one output image unless `per` says otherwise; the first tier whose
 * condition holds is taken, and when none does the cost is unknown.
 */
export const Price = Schema.Struct({
  confidence: Schema.Literal("known", "estimated", "unknown"),
  rule: Schema.Union(
    Schema.Struct({
      kind: Schema.Literal("per_image"),
      tiers: Schema.Array(Schema.Struct({ when: When, ticks: UsdTicks }))
    }),
    Schema.Struct({
      kind: Schema.Literal("per_megapixel"),
      ticks: UsdTicks,
      /** `up`: to whole megapixels, at least one. */
      rounding: Schema.Literal("up", "exact"),
      /** Of each megapixel after the first, where that has a price of its own. */
      additionalTicks: Schema.optionalWith(UsdTicks, { exact: true }),
      /** Input images are charged as well: each as one megapixel, or by its own size. */
      inputs: Schema.optionalWith(Schema.Literal("one_each", "own_size"), { exact: true })
    }),
    /**
     * Tokens of the image itself, counted from its size: the long side is cut into `grids[quality]` cells, the short
     * side in proportion, and a cell costs (`pixelsBase` + pixels) / `pixelsDivisor` tokens.
     */
    Schema.Struct({
      kind: Schema.Literal("image_tokens"),
      ticksPerToken: UsdTicks,
      quality: Schema.String,
      grids: Schema.Record({ key: Schema.String, value: Schema.Int }),
      pixelsBase: Schema.Int,
      pixelsDivisor: Schema.Int
    }),
    Schema.Struct({ kind: Schema.Literal("unknown") })
  ),
  surcharges: Schema.Array(
    Schema.Struct({ when: When, ticks: UsdTicks, per: Schema.Literal("image", "request", "input_image") })
  ),
  /** The most that one image can cost: what an unknown-cost job holds. Without one, unknown cost is not executable. */
  ceiling: Schema.NullOr(UsdTicks),
  /**
   * With unknown cost: the most that a request's inputs add to one image. Where the rule prices the output, their sum is
   * the ceiling, if it is below `ceiling`.
   */
  inputCeiling: Schema.optionalWith(UsdTicks, { exact: true }),
  source: Schema.String,
  asOf: Schema.String
})
export type Price = typeof Price.Type

/** How the request's aspect ratio reaches the model. `1:1` and `auto` are accepted by every model. */
export const AspectRatioControl = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("none") }),
  /** A parameter of the provider takes the ratio itself. */
  Schema.Struct({ kind: Schema.Literal("parameter"), name: Schema.String, values: Schema.Array(Schema.String) }),
  /** A size parameter takes a value for each ratio. */
  Schema.Struct({
    kind: Schema.Literal("sizes"),
    name: Schema.String,
    sizes: Schema.Record({ key: Schema.String, value: Json })
  }),
  /** Width and height parameters are computed from any ratio, at about this many pixels. */
  Schema.Struct({
    kind: Schema.Literal("dimensions"),
    width: Schema.String,
    height: Schema.String,
    pixels: Schema.Int,
    sideMin: Schema.Int,
    sideMax: Schema.Int
  })
)
export type AspectRatioControl = typeof AspectRatioControl.Type

/** Where the size that will be made can be read from, before it is made. */
export const OutputSize = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("unknown") }),
  Schema.Struct({ kind: Schema.Literal("dimensions"), width: Schema.String, height: Schema.String }),
  /** A parameter whose value is a preset name, `WxH`, or `{width, height}`. */
  Schema.Struct({
    kind: Schema.Literal("parameter"),
    name: Schema.String,
    presets: Schema.Record({
      key: Schema.String,
      value: Schema.Struct({ width: Schema.Int, height: Schema.Int })
    })
  }),
  /**
   * A parameter names a class of sizes, and the sides follow from the ratio: known is the side of a square, by the
   * parameter's value.
   */
  Schema.Struct({
    kind: Schema.Literal("class"),
    name: Schema.String,
    squareSides: Schema.Record({ key: Schema.String, value: Schema.Int })
  }),
  /** The input image's, its sides multiplied by a parameter where one is named; only while `when` holds. */
  Schema.Struct({ kind: Schema.Literal("input"), factor: Schema.NullOr(Schema.String), when: When })
)
export type OutputSize = typeof OutputSize.Type

export const Lifecycle = Schema.Struct({
  status: Schema.Literal("listed", "deprecated", "retired"),
  /** ISO date from which the model is gone. */
  endsOn: Schema.NullOr(Schema.String),
  replacement: Schema.NullOr(ModelId),
  note: Schema.NullOr(Schema.String)
})

/** A rule over several parameters, on the values that a request really has. */
export const Constraint = Schema.Union(
  /** At most one of these groups is given. */
  Schema.Struct({ kind: Schema.Literal("exclusive"), groups: Schema.Array(Schema.Array(Schema.String)) }),
  /** At least one is given. */
  Schema.Struct({ kind: Schema.Literal("one_of"), names: Schema.NonEmptyArray(Schema.String) }),
  /** The provider refuses this combination. */
  Schema.Struct({
    kind: Schema.Literal("forbidden"),
    when: When,
    /** Only where all of these have a value, whichever it is. */
    given: Schema.optionalWith(Schema.Array(Schema.String), { exact: true }),
    reason: Schema.String
  }),
  /** A parameter `{left, top, width, height}` lies inside the input image. */
  Schema.Struct({ kind: Schema.Literal("inside_input"), name: Schema.String }),
  /**
   * The result is the input image's size times `factor`, or `width` by `height`, where a side that is not given follows
   * from the input's ratio. No side is longer than `sideMax`.
   */
  Schema.Struct({
    kind: Schema.Literal("scaled_input"),
    factor: Schema.String,
    width: Schema.String,
    height: Schema.String,
    sideMax: Schema.Int
  }),
  /** A parameter that names a size, `WxH` or `{width, height}`, stays within these. Presets by name are not looked at. */
  Schema.Struct({
    kind: Schema.Literal("size"),
    name: Schema.String,
    sideMultipleOf: Schema.optionalWith(Schema.Int, { exact: true }),
    sideMax: Schema.optionalWith(Schema.Int, { exact: true }),
    pixelsMin: Schema.optionalWith(Schema.Int, { exact: true }),
    pixelsMax: Schema.optionalWith(Schema.Int, { exact: true }),
    /** Long over short side. */
    ratioMax: Schema.optionalWith(Schema.Int, { exact: true })
  })
)
export type Constraint = typeof Constraint.Type

/** What a model is, as data: everything that planning, pricing, validation and the docs know of it. */
export const Model = Schema.Struct({
  id: ModelId,
  displayName: Schema.String,
  provider: ProviderId,
  capability: CapabilityId,
  operations: Schema.NonEmptyArray(Operation),
  summary: Schema.String,
  taskTags: Schema.Array(Schema.String),
  /** `cataloged` models are shown with the reason and never run. */
  execution: Schema.Union(Schema.Literal("executable"), Schema.Struct({ cataloged: Schema.String })),
  input: Schema.Struct({
    prompt: Schema.Literal("required", "optional", "none"),
    promptCharactersMax: Schema.NullOr(Schema.Int),
    image: Schema.Literal("none", "required"),
    mask: Schema.Literal("none", "optional", "required"),
    references: Schema.NullOr(ReferenceRules),
    /** Not given: any image that the house takes. */
    files: Schema.optionalWith(InputFiles, { exact: true })
  }),
  output: Schema.Struct({
    mediaTypes: Schema.NonEmptyArray(MediaType),
    outputsMax: Schema.Int.pipe(Schema.between(1, 10)),
    /** How many of them one provider call makes. */
    outputsPerCall: Schema.Int.pipe(Schema.between(1, 10)),
    /** The provider's parameter for the count, when it has one. */
    countParameter: Schema.NullOr(Schema.String),
    size: OutputSize,
    resolutionMax: Schema.String,
    /** Its answers say where the images are, and hold none: a reply is small. */
    repliesWithUrls: Schema.optionalWith(Schema.Boolean, { exact: true })
  }),
  aspectRatio: AspectRatioControl,
  parameters: Schema.Record({ key: Schema.String, value: Parameter }),
  constraints: Schema.optionalWith(Schema.Array(Constraint), { exact: true }),
  /** Defaults of its higher output tier: taken for final intents when the model was not named and the budget allows. */
  finalDefaults: Schema.optionalWith(JsonObject, { exact: true }),
  price: Price,
  /** A call that costs nothing and always gives the same: after a crash it is simply made again. */
  repeatable: Schema.Boolean,
  /** From submission to the time after which an answer is no longer waited for. */
  deadlineMillis: Schema.Int,
  latency: Schema.Literal("instant", "fast", "medium", "slow"),
  /** For selection: higher is stronger. */
  quality: Schema.Int,
  lifecycle: Lifecycle,
  safety: Schema.Struct({ refusalBilled: Schema.Boolean, note: Schema.String }),
  migrationHints: Schema.Array(Schema.String),
  /** What the receipt and XMP say of how the pixels came to be. */
  provenance: Schema.Literal("generative_model", "algorithmic"),
  /** Public documentation of what is called upstream. Never printed with a job. */
  upstream: JsonObject
})
export type Model = typeof Model.Type

/** `image.generate` is asked for by create, all else by edit. */
export const doesCreate = (model: Model) => model.operations.includes("image.generate")
export const doesEdit = (model: Model) => model.operations.some((operation) => operation !== "image.generate")

/** The capability id where the contract prints no other. */
export const capabilityOf = (operation: "generate" | "edit", publicId: string): CapabilityId =>
  CapabilityId.make(`is.image.${operation}.${publicId.replace(/[./_]/g, "-")}.v1`)
