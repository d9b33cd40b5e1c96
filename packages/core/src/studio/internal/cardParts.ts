import type { InputFiles } from "../../catalog/InputFiles.ts"
import type { AspectRatioControl } from "../../catalog/Model.ts"
import { type ReferenceRules, referenceAssetLimits, rolesOf } from "../../catalog/References.ts"
import type { JsonObject } from "../../kernel/Json.ts"

// Parts of a model as the wire spells them: snake_case, with the unit in the name.

const fileRule = (rule: Pick<InputFiles, "mediaTypes" | "bytesMax"> & { readonly pixelsMax?: number }): JsonObject => ({
  mime_types: [...rule.mediaTypes],
  max_bytes: rule.bytesMax,
  max_pixels: rule.pixelsMax ?? null
})

/** What the files of a request must be, by the provider. */
export const filesJson = (files: InputFiles): JsonObject => ({
  ...fileRule(files),
  mask:
    files.mask === null
      ? null
      : { ...fileRule(files.mask), same_size: files.mask.sameSize, same_ratio: files.mask.sameRatio ?? false }
})

/** Roles and limits of references, and what each referenced image must be. */
export const referencesJson = (rules: ReferenceRules): JsonObject => ({
  kind: rules.kind,
  roles: [...rolesOf(rules)],
  ...(rules.kind === "images"
    ? { min_references: rules.indexesMin ?? 0, max_references: rules.indexesMax, tasks: [...rules.tasks] }
    : {
        max_references: rules.entriesMax,
        max_elements: rules.elementsMax,
        max_references_per_element: rules.referencesPerElementMax
      }),
  assets: {
    mime_types: [...referenceAssetLimits.mediaTypes],
    max_bytes: referenceAssetLimits.bytesMax,
    min_side_pixels: referenceAssetLimits.sidePixelsMin,
    min_ratio: referenceAssetLimits.ratioHundredthsMin / 100,
    max_ratio: referenceAssetLimits.ratioHundredthsMax / 100
  }
})

/** How the request's aspect ratio maps. Names and values are the provider's own. */
export const aspectRatioJson = (control: AspectRatioControl): JsonObject => {
  switch (control.kind) {
    case "none":
      return { kind: control.kind }
    case "parameter":
      return { kind: control.kind, parameter: control.name, values: [...control.values] }
    case "sizes":
      return { kind: control.kind, parameter: control.name, sizes: control.sizes }
    case "dimensions":
      return {
        kind: control.kind,
        width_parameter: control.width,
        height_parameter: control.height,
        pixels: control.pixels,
        min_side_pixels: control.sideMin,
        max_side_pixels: control.sideMax
      }
  }
}
