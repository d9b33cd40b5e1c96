import { Schema } from "effect"
import type { Issue } from "../kernel/Errors.ts"
import { MediaType } from "../kernel/Media.ts"

/** What a model's provider documents of the files that it takes. Bytes are inclusive limits. */
export const InputFiles = Schema.Struct({
  mediaTypes: Schema.NonEmptyArray(MediaType),
  bytesMax: Schema.Int,
  mask: Schema.NullOr(
    Schema.Struct({
      mediaTypes: Schema.NonEmptyArray(MediaType),
      bytesMax: Schema.Int,
      /** Width and height must be the input image's. */
      sameSize: Schema.Boolean
    })
  )
})
export type InputFiles = typeof InputFiles.Type

interface FileFacts {
  readonly mediaType: MediaType
  readonly bytes: number
  readonly width: number
  readonly height: number
}

type FileRule = Pick<InputFiles, "mediaTypes" | "bytesMax">

const ruleIssues = (path: string, rule: FileRule, file: FileFacts): ReadonlyArray<Issue> => [
  ...(rule.mediaTypes.includes(file.mediaType)
    ? []
    : [{ path, message: `${path} is ${file.mediaType}; allowed: ${rule.mediaTypes.join(", ")}` }]),
  ...(file.bytes <= rule.bytesMax
    ? []
    : [{ path, message: `${path} is ${file.bytes} bytes; allowed: at most ${rule.bytesMax}` }])
]

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
  return [
    ...own,
    ...ruleIssues(path, files.mask, mask),
    ...(files.mask.sameSize && isOther
      ? [{ path, message: `${path} is ${mask.width}x${mask.height}; the input is ${image.width}x${image.height}` }]
      : [])
  ]
}
