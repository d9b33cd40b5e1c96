import { defaultImageLimits } from "@image-skill/core/assets/ImageInspector"
import { type Constraint, capabilityOf, type Model } from "@image-skill/core/catalog/Model"
import type { Parameters } from "@image-skill/core/catalog/Parameters"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { MediaType } from "@image-skill/core/kernel/Media"
import { zeroTicks } from "@image-skill/core/kernel/Money"
import { qualityOf } from "../internal/qualityRanks.ts"
import { editPixelsMax } from "../media/sharpRuntime.ts"
import { motifIds } from "./draw/Lexicon.ts"
import { ConvertParameters } from "./edit/convert.ts"
import { outputSideMax } from "./edit/edit.ts"
import { GradeParameters } from "./edit/grade.ts"
import { MaskEffectParameters } from "./edit/maskEffect.ts"
import { ResizeParameters } from "./edit/resize.ts"
import { imageFormats } from "./encode.ts"
import { drawingDefaults } from "./likely.ts"
import { parametersOf } from "./parameters.ts"

export const localId = ProviderId.make("local")

const executable = "executable" as const

/** Runs on this machine: free, always the same, no content policy, and nothing leaves the house. */
const embedded = {
  provider: localId,
  execution: executable,
  price: {
    confidence: "known",
    rule: { kind: "per_image", tiers: [{ when: {}, ticks: zeroTicks }] },
    surcharges: [],
    ceiling: zeroTicks,
    source: "runs on this machine",
    asOf: "2026-11-22"
  },
  repeatable: true,
  deadlineMillis: 120_000,
  latency: "instant",
  lifecycle: { status: "listed", endsOn: null, replacement: null, note: null },
  safety: { refusalBilled: false, note: "no content policy: nothing is recognised, nothing leaves this machine" },
  migrationHints: [],
  provenance: "algorithmic",
  upstream: { kind: "embedded", package: "@image-skill/providers/local" }
} as const satisfies Partial<Model>

const side = (words: string) =>
  ({
    schema: { type: "integer", minimum: 64, maximum: 4096 },
    description: `${words} in pixels; the aspect ratio sets it at about one megapixel when it is not given`,
    execution: executable,
    default: drawingDefaults.width
  }) as const

const drawing: Parameters = {
  seed: {
    schema: { type: "integer", minimum: 0, maximum: 4_294_967_295 },
    description: "Another seed is another picture of the same prompt; the same seed is the same picture, byte for byte",
    execution: executable,
    default: drawingDefaults.seed
  },
  width: side("Width"),
  height: side("Height"),
  motif: {
    schema: { type: "string", enum: motifIds },
    description: "What is drawn; chosen from the words of the prompt when it is not given",
    execution: executable
  },
  caption: {
    schema: { type: "string", maxLength: 200 },
    description: "Words in Latin letters, set into the lower part of the picture in at most three lines",
    execution: executable
  },
  format: {
    schema: { type: "string", enum: imageFormats },
    description: "File format",
    execution: executable,
    default: drawingDefaults.format
  },
  quality: {
    schema: { type: "integer", minimum: 1, maximum: 100 },
    description: "Quality of JPEG and WebP; PNG has none",
    execution: executable
  }
}

/** A control that would do nothing is refused, not ignored. */
const qualityNeeds = (...formats: ReadonlyArray<string>): Constraint => ({
  kind: "forbidden",
  when: { format: formats },
  given: ["quality"],
  reason: `quality has no effect on the format ${formats.join(" or ")}: name a format that has one, such as jpeg`
})

const procedural: Model = {
  ...embedded,
  id: ModelId.make("local.procedural"),
  displayName: "Procedural",
  capability: capabilityOf("generate", "local.procedural"),
  operations: ["image.generate"],
  summary:
    "Draws landscapes, cities, flowers and patterns from the words of the prompt by an algorithm; no key, no cost",
  taskTags: ["procedural", "illustration", "pattern", "free", "offline"],
  input: { prompt: "required", promptCharactersMax: 4000, image: "none", mask: "none", references: null },
  output: {
    mediaTypes: ["image/png", "image/jpeg", "image/webp"],
    outputsMax: 10,
    outputsPerCall: 1,
    countParameter: null,
    size: { kind: "dimensions", width: "width", height: "height" },
    resolutionMax: "4096x4096"
  },
  aspectRatio: { kind: "dimensions", width: "width", height: "height", pixels: 1_048_576, sideMin: 64, sideMax: 4096 },
  parameters: drawing,
  constraints: [qualityNeeds("png")],
  quality: qualityOf("local.procedural")
}

const edited = {
  ...embedded,
  operations: ["image.edit"],
  output: {
    mediaTypes: ["image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"],
    outputsMax: 1,
    outputsPerCall: 1,
    countParameter: null,
    size: { kind: "input", factor: null, when: {} },
    resolutionMax: "4096x4096"
  },
  aspectRatio: { kind: "none" }
} as const satisfies Partial<Model>

const editQuality = qualityNeeds("png", "gif")

/** Read off their Schemas when they are first asked for: that takes 10 ms, and a drawing needs none of them. */
const withParameters = (read: () => Parameters, model: Omit<Model, "parameters">): Model => {
  const parameters = lazily(read)
  return {
    ...model,
    get parameters() {
      return parameters()
    }
  }
}

/** What an edit reads: the bytes of an upload, and pixels that fit into its memory. */
const readable = { mediaTypes: MediaType.literals, bytesMax: defaultImageLimits.bytes, pixelsMax: editPixelsMax }

const input = (mask: "none" | "required"): Model["input"] => ({
  prompt: "optional",
  promptCharactersMax: 4000,
  image: "required",
  mask,
  references: null,
  files: { ...readable, mask: mask === "none" ? null : { ...readable, sameSize: false, sameRatio: true } }
})

const grade = withParameters(() => parametersOf(GradeParameters), {
  ...edited,
  id: ModelId.make("local.grade"),
  displayName: "Grade",
  capability: capabilityOf("edit", "local.grade"),
  summary: "Brightness, contrast, saturation, hue, warmth, gamma, sharpness and blur of an image",
  taskTags: ["colour", "tone", "free", "offline"],
  input: input("none"),
  constraints: [editQuality],
  quality: qualityOf("local.grade")
})

const resize = withParameters(() => parametersOf(ResizeParameters), {
  ...edited,
  id: ModelId.make("local.resize"),
  displayName: "Resize",
  capability: capabilityOf("edit", "local.resize"),
  summary: "Scales an image by a factor of up to 4, or to a width and height of up to 4096",
  taskTags: ["resize", "upscale", "thumbnail", "free", "offline"],
  input: input("none"),
  output: { ...edited.output, size: { kind: "input", factor: "scale", when: {} } },
  constraints: [
    { kind: "one_of", names: ["scale", "width", "height"] },
    { kind: "exclusive", groups: [["scale"], ["width", "height"]] },
    { kind: "scaled_input", factor: "scale", width: "width", height: "height", sideMax: outputSideMax },
    editQuality
  ],
  quality: qualityOf("local.resize")
})

const convert = withParameters(() => parametersOf(ConvertParameters), {
  ...edited,
  id: ModelId.make("local.convert"),
  displayName: "Convert",
  capability: capabilityOf("edit", "local.convert"),
  summary: "Writes an image as PNG, JPEG, WebP, AVIF or GIF; crops it, or puts a colour behind it",
  taskTags: ["convert", "crop", "compress", "free", "offline"],
  input: input("none"),
  output: { ...edited.output, size: { kind: "input", factor: null, when: { crop: [null] } } },
  constraints: [{ kind: "inside_input", name: "crop" }, editQuality],
  quality: qualityOf("local.convert")
})

const maskEffect = withParameters(() => parametersOf(MaskEffectParameters), {
  ...edited,
  id: ModelId.make("local.mask-effect"),
  displayName: "Mask effect",
  capability: capabilityOf("edit", "local.mask-effect"),
  summary: "Blurs, pixelates, fills or cuts out what a mask covers",
  taskTags: ["mask", "blur", "pixelate", "redact", "cut-out", "free", "offline"],
  input: input("required"),
  constraints: [editQuality],
  quality: qualityOf("local.mask-effect")
})

export const models: ReadonlyArray<Model> = [procedural, grade, resize, convert, maskEffect]
