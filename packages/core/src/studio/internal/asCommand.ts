import type { Model } from "../../catalog/Model.ts"
import { isSensitive } from "../../catalog/Parameters.ts"
import type { Reference } from "../../catalog/References.ts"
import type { Recovery } from "../../kernel/Errors.ts"
import type { AssetId } from "../../kernel/Ids.ts"
import { usdOf } from "../../kernel/Money.ts"
import { assetsOf, type ImageRequest } from "../Request.ts"
import { hasPrompt } from "./able.ts"

/** A word as a shell reads it back. */
const word = (text: string): string =>
  /^[A-Za-z0-9_.,:/@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

const referenceWords = (one: Reference, image: string): ReadonlyArray<string> => {
  switch (one.role) {
    case "reference_image": {
      const task = one.reference_task === undefined ? "" : `:${one.reference_task}`
      return ["--reference-image", `${image}@${one.index}${task}`]
    }
    case "element_frontal":
      return ["--element-frontal", `${image}@${one.index}`]
    case "element_reference": {
      const slot = one.reference_index === undefined ? "" : `:${one.reference_index}`
      return ["--element-reference", `${image}@${one.index}${slot}`]
    }
  }
}

const flag = (name: string, value: string | null): ReadonlyArray<string> => (value === null ? [] : [name, value])

/**
 * The same request as a command, with more flags, to be pasted. What is the caller's own is not repeated: its place is
 * held by a word in capitals, and `missing_inputs` names it.
 */
export const asCommand = (
  request: ImageRequest,
  model: Model,
  isAsset: (id: AssetId) => boolean,
  more: ReadonlyArray<string>
): Pick<Recovery, "suggested_command" | "missing_inputs"> => {
  const { budget } = request
  const names = Object.keys(request.parameters)
  const isOwn = names.some((name) => {
    const declared = Object.hasOwn(model.parameters, name) ? model.parameters[name] : undefined
    return declared === undefined || isSensitive(declared)
  })
  const parameters = names.length === 0 ? null : isOwn ? "MODEL_PARAMETERS_JSON" : JSON.stringify(request.parameters)
  // A dry run may describe an image that is no asset yet: only the caller knows where it is.
  const imageOf = (id: AssetId) => (isAsset(id) ? id : "IMAGE")
  const words = [
    ...["image-skill", request.command, "--model", model.id],
    ...flag("--prompt", hasPrompt(request) ? "PROMPT" : null),
    ...flag("--input", request.image === null ? null : imageOf(request.image)),
    ...flag("--mask", request.mask === null ? null : imageOf(request.mask)),
    ...request.references.flatMap((one) => referenceWords(one, imageOf(one.asset_id))),
    ...flag("--intent", request.intent),
    ...["--aspect-ratio", request.aspectRatio, "--output-count", String(request.outputCount)],
    ...flag("--model-parameters-json", parameters),
    ...flag("--max-estimated-usd-per-image", budget.perImage === null ? null : String(usdOf(budget.perImage))),
    ...flag("--max-usd", budget.whole === null ? null : String(usdOf(budget.whole))),
    ...more,
    "--json"
  ]
  const missing = [
    ...(hasPrompt(request) ? ["prompt"] : []),
    ...(assetsOf(request).every(isAsset) ? [] : ["image"]),
    ...(isOwn ? ["model_parameters"] : [])
  ]
  return {
    suggested_command: words.map(word).join(" "),
    ...(missing.length === 0 ? {} : { missing_inputs: missing })
  }
}
