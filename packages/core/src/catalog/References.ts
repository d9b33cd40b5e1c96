import { Schema } from "effect"
import type { Issue } from "../kernel/Errors.ts"
import { AssetId } from "../kernel/Ids.ts"
import { MediaType } from "../kernel/Media.ts"

export const ReferenceRole = Schema.Literal("reference_image", "element_frontal", "element_reference")
export type ReferenceRole = typeof ReferenceRole.Type

/** One owned image that a request refers to besides its input. */
export const Reference = Schema.Struct({
  asset_id: AssetId,
  role: ReferenceRole,
  index: Schema.Int.pipe(Schema.between(0, 1000)),
  reference_index: Schema.optionalWith(Schema.Int.pipe(Schema.between(0, 1000)), { exact: true }),
  reference_task: Schema.optionalWith(Schema.String, { exact: true })
})
export type Reference = typeof Reference.Type

/** What references a model takes: flat images by index, or elements of one frontal image and a few others. */
export const ReferenceRules = Schema.Union(
  Schema.Struct({
    kind: Schema.Literal("images"),
    indexesMax: Schema.Int,
    /** Fewer are refused. None are needed where it is not given. */
    indexesMin: Schema.optionalWith(Schema.Int, { exact: true }),
    tasks: Schema.Array(Schema.String)
  }),
  Schema.Struct({
    kind: Schema.Literal("elements"),
    entriesMax: Schema.Int,
    elementsMax: Schema.Int,
    referencesPerElementMax: Schema.Int
  })
)
export type ReferenceRules = typeof ReferenceRules.Type

export const rolesOf = (rules: ReferenceRules): ReadonlyArray<ReferenceRole> =>
  rules.kind === "images" ? ["reference_image"] : ["element_frontal", "element_reference"]

/** What a referenced asset must be, by the contract. Bytes, pixels, and width over height in hundredths. */
export const referenceAssetLimits = {
  mediaTypes: ["image/png", "image/jpeg", "image/webp"],
  bytesMax: 10 * 1024 * 1024,
  sidePixelsMin: 300,
  ratioHundredthsMin: 40,
  ratioHundredthsMax: 250
} as const

export interface ReferenceAsset {
  readonly mediaType: MediaType
  readonly bytes: number
  readonly width: number
  readonly height: number
}

const assetIssues = (path: string, asset: ReferenceAsset): ReadonlyArray<Issue> => {
  const limit = referenceAssetLimits
  const issues: Array<string> = []
  if (!limit.mediaTypes.some((type) => type === asset.mediaType)) {
    issues.push(`is ${asset.mediaType}; allowed: ${limit.mediaTypes.join(", ")}`)
  }
  if (asset.bytes < 1 || asset.bytes > limit.bytesMax) {
    issues.push(`is ${asset.bytes} bytes; allowed: 1 to ${limit.bytesMax}`)
  }
  if (Math.min(asset.width, asset.height) < limit.sidePixelsMin) {
    issues.push(`is ${asset.width}x${asset.height}; each side needs ${limit.sidePixelsMin} pixels`)
  }
  if (
    asset.width * 100 < limit.ratioHundredthsMin * asset.height ||
    asset.width * 100 > limit.ratioHundredthsMax * asset.height
  ) {
    issues.push(`is ${asset.width}x${asset.height}; width over height must be 0.40 to 2.50`)
  }
  return issues.map((text) => ({ path, message: `${path} ${text}` }))
}

const contiguous = (path: string, indexes: ReadonlyArray<number>): ReadonlyArray<Issue> => {
  const distinct = [...new Set(indexes)].sort((a, b) => a - b)
  return distinct.every((value, position) => value === position)
    ? []
    : [{ path, message: `${path}: indexes are ${distinct.join(", ")}; they must run from 0 without gaps` }]
}

const imageIssues = (rules: Extract<ReferenceRules, { kind: "images" }>, all: ReadonlyArray<Reference>) => {
  const issues: Array<Issue> = [
    ...contiguous(
      "references",
      all.map((one) => one.index)
    )
  ]
  if (all.length > rules.indexesMax || new Set(all.map((one) => one.index)).size !== all.length) {
    issues.push({
      path: "references",
      message: `${all.length} references; allowed: ${rules.indexesMax}, each with an index of its own`
    })
  }
  all.forEach((one, position) => {
    const path = `references[${position}].reference_task`
    if (one.reference_task !== undefined && !rules.tasks.includes(one.reference_task)) {
      issues.push({
        path,
        message: `${path} is "${one.reference_task}"; allowed: ${rules.tasks.length === 0 ? "none" : rules.tasks.join(", ")}`
      })
    }
    if (one.reference_index !== undefined) {
      issues.push({ path: `references[${position}].reference_index`, message: "only element references have one" })
    }
  })
  return issues
}

const elementIssues = (rules: Extract<ReferenceRules, { kind: "elements" }>, all: ReadonlyArray<Reference>) => {
  const issues: Array<Issue> = [
    ...contiguous(
      "references",
      all.map((one) => one.index)
    )
  ]
  if (all.length > rules.entriesMax) {
    issues.push({ path: "references", message: `${all.length} references; allowed: ${rules.entriesMax}` })
  }
  const elements = new Set(all.map((one) => one.index))
  if (elements.size > rules.elementsMax) {
    issues.push({ path: "references", message: `${elements.size} elements; allowed: ${rules.elementsMax}` })
  }
  for (const element of elements) {
    const own = all.filter((one) => one.index === element)
    const frontal = own.filter((one) => one.role === "element_frontal")
    const others = own.filter((one) => one.role === "element_reference")
    const path = `references (element ${element})`
    if (frontal.length !== 1)
      issues.push({ path, message: `${path} has ${frontal.length} frontal images; it needs one` })
    if (others.length > rules.referencesPerElementMax) {
      issues.push({
        path,
        message: `${path} has ${others.length} references; allowed: ${rules.referencesPerElementMax}`
      })
    }
    const slots = others.map((one, position) => one.reference_index ?? position)
    if (new Set(slots).size !== slots.length) issues.push({ path, message: `${path} uses a reference_index twice` })
    issues.push(...contiguous(path, slots))
    if (own.some((one) => one.reference_task !== undefined)) {
      issues.push({ path, message: `${path}: elements take no reference_task` })
    }
  }
  return issues
}

/** Every rule that a request's references break; empty when they fit. The caller has checked roles already. */
export const referenceIssues = (
  rules: ReferenceRules,
  all: ReadonlyArray<Reference>,
  assetOf: (id: AssetId) => ReferenceAsset | undefined
): ReadonlyArray<Issue> => [
  ...(rules.kind === "images" ? imageIssues(rules, all) : elementIssues(rules, all)),
  ...all.flatMap((one, position) => {
    const asset = assetOf(one.asset_id)
    return asset === undefined ? [] : assetIssues(`references[${position}]`, asset)
  })
]
