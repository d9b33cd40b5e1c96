import { Schema } from "effect"
import type { Issue } from "../kernel/Errors.ts"
import { type Dimensions, MediaType } from "../kernel/Media.ts"

/** What a model's provider documents of the files that it takes. Bytes and pixels are inclusive limits. */
export const InputFiles = Schema.Struct({
  mediaTypes: Schema.NonEmptyArray(MediaType),
  bytesMax: Schema.Int,
  /** Width times height. */
  pixelsMax: Schema.optionalWith(Schema.Int, { exact: true }),
  mask: Schema.NullOr(
    Schema.Struct({
      mediaTypes: Schema.NonEmptyArray(MediaType),
      bytesMax: Schema.Int,
      /** Width and height must be the input image's. */
      sameSize: Schema.Boolean,
      /** Its shape must be the input image's, within the rounding of a pixel or half a percent. */
      sameRatio: Schema.optionalWith(Schema.Boolean, { exact: true }),
      pixelsMax: Schema.optionalWith(Schema.Int, { exact: true })
    })
  )
})
export type InputFiles = typeof InputFiles.Type

interface FileFacts extends Dimensions {
  readonly mediaType: MediaType
  readonly bytes: number
}

type FileRule = Pick<InputFiles, "mediaTypes" | "bytesMax" | "pixelsMax">

const ruleIssues = (path: string, rule: FileRule, file: FileFacts): ReadonlyArray<Issue> => [
  ...(rule.mediaTypes.includes(file.mediaType)
    ? []
    : [{ path, message: `${path} is ${file.mediaType}; allowed: ${rule.mediaTypes.join(", ")}` }]),
  ...(file.bytes <= rule.bytesMax
    ? []
    : [{ path, message: `${path} is ${file.bytes} bytes; allowed: at most ${rule.bytesMax}` }]),
  ...(rule.pixelsMax === undefined || file.width * file.height <= rule.pixelsMax
    ? []
    : [
        {
          path,
          message: `${path} is ${file.width}x${file.height}, ${file.width * file.height} pixels; allowed: at most ${rule.pixelsMax}`
        }
      ])
]

/** Within the rounding of one pixel, or half a percent: a mask drawn on a thumbnail has rounded sides. */
const hasSameRatio = (mask: Dimensions, image: Dimensions): boolean => {
  const width = (mask.width * image.height) / mask.height
  const height = (mask.height * image.width) / mask.width
  return (
    Math.abs(width - image.width) <= Math.max(1, image.width * 0.005) ||
    Math.abs(height - image.height) <= Math.max(1, image.height * 0.005)
  )
}

/** Every rule that the input image and the mask break; empty when they fit. */
export const inputFileIssues = (
  files: InputFiles,
  image: FileFacts | undefined,
  mask: FileFacts | undefined
): ReadonlyArray<Issue> => {
  const path = "mask_asset_id"
  const own = image === undefined ? [] : ruleIssues("input_asset_id", files, image)
  if (mask === undefined || files.mask === null) return own
  const isOther = image !== undefined && (mask.width !== image.width || mask.height !== image.height)
  const isMisshapen = files.mask.sameRatio === true && image !== undefined && !hasSameRatio(mask, image)
  return [
    ...own,
    ...ruleIssues(path, files.mask, mask),
    ...(files.mask.sameSize && isOther
      ? [{ path, message: `${path} is ${mask.width}x${mask.height}; the input is ${image.width}x${image.height}` }]
      : []),
    ...(isMisshapen
      ? [
          {
            path,
            message: `${path} is ${mask.width}x${mask.height}; allowed: the shape of the input, ${image.width}x${image.height}`
          }
        ]
      : [])
  ]
}
