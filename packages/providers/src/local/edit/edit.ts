import type { CodecFailure, Colour, DigitalSourceType, Encoded, Encoding } from "@image-skill/core/assets/ImageCodec"
import { describeProblem, type ImageFacts, inspect } from "@image-skill/core/assets/ImageInspector"
import { Data, Effect, Either, ParseResult, Schema } from "effect"

/** The picture to edit. `facts` spare a second inspection where the caller has them. */
export interface EditInput {
  readonly bytes: Uint8Array
  readonly facts?: ImageFacts
  /** Where the picture came from, when that is known: a generated picture stays one after a crop. */
  readonly digitalSourceType?: DigitalSourceType
}

/** What an edit gives back. Warnings are for people: what was left out, and what had no effect. */
export type Edited = Encoded

/**
 * Why an edit was not begun: its parameters are wrong (`invalid_parameters`, with the names of those to blame), the
 * picture is none (`unreadable`), or the result would be too large (`too_large`).
 */
export class EditRefused extends Data.TaggedError("EditRefused")<{
  readonly reason: "invalid_parameters" | "unreadable" | "too_large"
  readonly message: string
  readonly issues: ReadonlyArray<{ readonly path: string; readonly message: string }>
}> {}

export type EditFailure = EditRefused | CodecFailure

/** The longest side that an edit may make, in pixels. */
export const outputSideMax = 4096

/** A number with a range and a default, so that no parameter is required. */
export const ranged = (minimum: number, maximum: number, fallback: number, description: string) =>
  withDefault(numberFrom(minimum, maximum, description), fallback)

export const numberFrom = (minimum: number, maximum: number, description: string) =>
  Schema.Number.pipe(Schema.between(minimum, maximum)).annotations({
    description,
    message: () => ({ message: `must be a number from ${minimum} to ${maximum}`, override: true })
  })

export const wholeFrom = (minimum: number, maximum: number, description: string) =>
  Schema.Int.pipe(Schema.between(minimum, maximum)).annotations({
    description,
    message: () => ({ message: `must be a whole number from ${minimum} to ${maximum}`, override: true })
  })

export const oneOf = <const Words extends readonly [string, ...Array<string>]>(description: string, ...words: Words) =>
  Schema.Literal(...words).annotations({
    description,
    message: () => ({ message: `must be one of ${words.join(", ")}`, override: true })
  })

/** `exact`: a field may be left out, but not be undefined, or every wrong value would be reported twice. */
export const withDefault = <A, I>(schema: Schema.Schema<A, I>, fallback: NoInfer<A>) =>
  Schema.optionalWith(schema, { exact: true, default: () => fallback })

export const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const colourPattern = /^(transparent|#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?)$/

/** `#rrggbb`, `#rrggbbaa` or `transparent`. */
export const ColourParameter = Schema.String.pipe(Schema.pattern(colourPattern)).annotations({
  description: "A colour as #rrggbb, #rrggbbaa or transparent",
  message: () => ({ message: "must be #rrggbb, #rrggbbaa or transparent", override: true })
})

/** `#rrggbb`, where nothing may shine through. */
export const OpaqueColour = Schema.String.pipe(Schema.pattern(/^#[0-9a-fA-F]{6}$/)).annotations({
  description: "A colour as #rrggbb",
  message: () => ({ message: "must be #rrggbb", override: true })
})

/** Reads a decoded `ColourParameter` or `OpaqueColour`. */
export const parseColour = (text: string): Colour => {
  if (text === "transparent") return { red: 0, green: 0, blue: 0, alpha: 0 }
  const channel = (start: number) => Number.parseInt(text.slice(start, start + 2), 16)
  return { red: channel(1), green: channel(3), blue: channel(5), alpha: text.length === 9 ? channel(7) / 255 : 1 }
}

/** The parameters that every edit takes: how the result is written. */
export const outputParameters = {
  format: withDefault(oneOf("Format of the result", "png", "jpeg", "webp", "avif", "gif"), "png"),
  quality: optional(wholeFrom(1, 100, "Quality of a JPEG, WebP or AVIF result; PNG and GIF have none"))
} as const

/**
 * How a result is written and labelled. The label is IPTC's `algorithmicallyEnhanced`: a program changed a picture
 * without a trained model and without a hand at the tools, which `humanEdits` would claim. A picture whose origin is
 * known keeps its label, for an AI picture that was sharpened is still one.
 */
export const encodingOf = (
  input: EditInput,
  output: { readonly format: "png" | "jpeg" | "webp" | "avif" | "gif"; readonly quality?: number }
): Encoding => ({
  mediaType: `image/${output.format}`,
  digitalSourceType: input.digitalSourceType ?? "algorithmicallyEnhanced",
  ...(output.quality === undefined ? {} : { quality: output.quality })
})

export const refuseParameter = (path: string, message: string): EditRefused =>
  new EditRefused({ reason: "invalid_parameters", message: `${path} ${message}.`, issues: [{ path, message }] })

/** Decodes what a caller sent, strictly: an unknown parameter is refused by name. */
export const decodeParameters = <A, I>(
  schema: Schema.Schema<A, I>,
  parameters: unknown
): Effect.Effect<A, EditRefused> =>
  Schema.decodeUnknown(schema)(parameters, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.mapError((error) => {
      const issues = ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message, path }) => ({
        path: path.join("."),
        message
      }))
      const message = issues.map((issue) => `${issue.path} ${issue.message}`).join("; ")
      return new EditRefused({ reason: "invalid_parameters", message: `${message}.`, issues })
    })
  )

/** The facts of the picture, from the caller or from the bytes. */
export const factsOf = (input: EditInput): Effect.Effect<ImageFacts, EditRefused> =>
  input.facts === undefined
    ? Either.mapLeft(
        inspect(input.bytes),
        (problem) => new EditRefused({ reason: "unreadable", message: describeProblem(problem), issues: [] })
      )
    : Effect.succeed(input.facts)

/** A strength of 0 to 100 as pixels: 100 is a twentieth of the shorter side, so that a thumbnail and a poster look alike. */
export const relativeSigma = (strength: number, facts: ImageFacts): number =>
  (strength / 100) * 0.05 * Math.min(facts.width, facts.height)

export const withWarnings = (edited: Edited, warnings: ReadonlyArray<string>): Edited =>
  warnings.length === 0 ? edited : { ...edited, warnings: [...edited.warnings, ...warnings] }
