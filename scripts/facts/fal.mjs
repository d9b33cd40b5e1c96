// Writes packages/providers/src/fal/records.generated.ts from the collected facts:
//   node scripts/facts/fal.mjs /path/to/models.jsonl
// Every rule here reads roles, units and notes of a record; the only tables by name are those of the contract and of
// parameters whose meaning their schema does not tell (`closed`).
import { readFileSync, writeFileSync } from "node:fs"
import { parameterOf, presetSizes, sizeLimits } from "./falParameters.mjs"
import { priceOf, quotable, unitTicksOf } from "./falPrices.mjs"

const [, , source] = process.argv
if (source === undefined) throw new Error("usage: node scripts/facts/fal.mjs models.jsonl")

/** Values that the contract opens where the provider has more. */
const contractValues = {
  "fal.bytedance-seedream-v5-lite-text-to-image": { image_size: { without: ["auto_4K"] } },
  "fal.bytedance-seedream-v5-lite-edit": { image_size: { without: ["auto_4K"] } }
}

const imageRoles = ["image_input", "mask", "reference_images"]
const ofRole = (record, ...roles) => record.params.filter((one) => roles.includes(one.role))
const isArray = (param) => param.type === "array"
const isTool = (record) =>
  record.tags.some((tag) => ["upscale", "background-removal", "restore", "vector"].includes(tag))

const catalogedReason = (record) => {
  if (record.tags.includes("vector")) return "it makes SVG drawings, which this house does not take"
  if (record.params.some((one) => one.name === "num_layers"))
    return "it makes an image for each layer, which an output count does not describe"
  return quotable(record)
}

const doesOf = (record) => {
  if (record.operations.includes("generate")) return "image.generate"
  if (record.tags.includes("upscale")) return "image.upscale"
  return record.tags.includes("background-removal") ? "image.remove_background" : "image.edit"
}

/** A prompt that may be left away on a tool has a default of its own: it is never sent there. */
const promptOf = (record) => {
  const prompt = ofRole(record, "prompt")[0]
  return prompt === undefined || (!prompt.required && (isTool(record) || prompt.default === ""))
    ? undefined
    : prompt.name
}

const countOf = (record) => {
  const name =
    record.limits.max_outputs_param ?? record.params.find((one) => one.name === "num_images")?.name ?? undefined
  const isFixed = record.contract_notes.some((note) => /fixed/.test(note) && /num_images|multi-output/.test(note))
  if (name === undefined || isFixed) return { max: 1, perCall: 1 }
  const most = record.limits.max_outputs
  const isPerCall = record.params.find((one) => one.name === name)?.max !== null && most !== null
  // Without a documented bound, or where a call has one price whatever it makes, each image is a call of its own.
  return isPerCall && record.pricing_model !== "per_request"
    ? { name, max: Math.min(10, most), perCall: Math.min(10, most) }
    : { name, max: Math.min(10, most ?? 4), perCall: 1 }
}

const slotsOf = (record, references) =>
  references.map((one) => [one.name, one.name.replace("image_url", "reference_task")])

const referencesOf = (record) => {
  const edits = !record.operations.includes("generate")
  const references = ofRole(record, "reference_images")
  if (record.contract !== null) {
    const promised = record.contract.references
    if (promised === null) return {}
    if (promised.roles.includes("element_frontal")) {
      return {
        rules: {
          kind: "elements",
          entriesMax: promised.max_entries,
          elementsMax: promised.max_elements,
          referencesPerElementMax: promised.max_extra_per_element
        },
        wire: { elements: references[0].name }
      }
    }
    return {
      rules: { kind: "images", indexesMax: promised.max_entries, tasks: promised.tasks },
      wire: { slots: slotsOf(record, references) }
    }
  }
  const images = (max, min) => ({ kind: "images", indexesMax: max, tasks: [], ...(min > 0 ? { indexesMin: min } : {}) })
  const main = mainImage(record)
  if (edits && main !== undefined && isArray(main)) {
    // How many images fit is known or it is one.
    const most = record.limits.max_input_images ?? 1
    return most > 1 ? { rules: images(most - 1, 0), wire: { list: main.name } } : {}
  }
  const own = references.filter((one) => one !== main && (one.required || !isArray(one)))[0]
  if (own === undefined) return {}
  return { rules: images(1, own.required ? 1 : 0), wire: isArray(own) ? { list: own.name } : { single: own.name } }
}

/** Where the image to edit goes. */
const mainImage = (record) => {
  if (record.operations.includes("generate")) return undefined
  const inputs = ofRole(record, "image_input")
  return (
    inputs.find((one) => one.required) ?? inputs[0] ?? ofRole(record, "reference_images").find((one) => one.required)
  )
}

const usualRatios = ["21:9", "16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "9:21"]
const isRatio = (text) => /^\d+(\.\d+)?:\d+(\.\d+)?$/.test(text)
const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b))
const ratioOf = (size) => {
  const [width, height] = size.split("x").map(Number)
  return `${width / divisor(width, height)}:${height / divisor(width, height)}`
}
const presetOfRatio = {
  "1:1": "square_hd",
  "4:3": "landscape_4_3",
  "3:4": "portrait_4_3",
  "16:9": "landscape_16_9",
  "9:16": "portrait_16_9"
}

const aspectOf = (record) => {
  if (record.contract_notes.some((note) => /aspect_ratio/.test(note) && /catalogued/.test(note)))
    return { kind: "none" }
  const named = (name) => record.params.find((one) => one.name === name && one.role === "size")
  if (named("canvas_size") !== undefined) return { kind: "none" }
  const ratio = named("aspect_ratio")
  if (ratio !== undefined) return { kind: "parameter", name: ratio.name, values: ratio.enum ?? usualRatios }
  const mode = named("resolution_mode")
  if (mode !== undefined) return { kind: "parameter", name: mode.name, values: mode.enum.filter(isRatio) }
  const size = named("image_size")
  if (size === undefined || size.enum === null) return { kind: "none" }
  const sizes = size.enum.every((one) => one === "auto" || /^\d+x\d+$/.test(one))
    ? Object.fromEntries(size.enum.filter((one) => one !== "auto").map((one) => [ratioOf(one), one]))
    : Object.fromEntries(Object.entries(presetOfRatio).filter(([, preset]) => size.enum.includes(preset)))
  return {
    kind: "sizes",
    name: size.name,
    sizes: { ...sizes, ...(size.enum.includes("auto") ? { auto: "auto" } : {}) }
  }
}

/** Sizes that the parameters tell before the call: a preset or object, or the input image times a factor. */
const sizeOf = (record) => {
  if (record.params.some((one) => one.name === "image_size"))
    return { kind: "parameter", name: "image_size", presets: presetSizes(record) }
  const factor = ["upscale_factor", "scale_factor"].find((name) => record.params.some((one) => one.name === name))
  const mode = record.params.find((one) => one.name === "upscale_mode")
  if (factor !== undefined)
    return { kind: "input", factor, when: mode === undefined ? {} : { upscale_mode: ["factor"] } }
  // A tool that changes no size gives back the size that it was given.
  return isTool(record) && !record.tags.includes("upscale")
    ? { kind: "input", factor: null, when: {} }
    : { kind: "unknown" }
}

const mediaTypes = { jpeg: "image/jpeg", jpg: "image/jpeg", png: "image/png", webp: "image/webp", gif: "image/gif" }

const typesOf = (record, parameters) => {
  const format = ofRole(record, "output_format")[0]
  if (format === undefined) return ["image/png", "image/jpeg", "image/webp"]
  const isOpen = parameters.some(([name, one]) => name === format.name && one.execution === "executable")
  return [...new Set((isOpen ? format.enum : [format.default]).map((one) => mediaTypes[one]))]
}

const largest = (record) => {
  const { sideMax, pixelsMax } = sizeLimits(record)
  if (sideMax !== undefined) return `${sideMax}x${sideMax}`
  if (pixelsMax !== undefined) return `${Math.sqrt(pixelsMax)}x${Math.sqrt(pixelsMax)}`
  const resolution = record.params.find((one) => one.name === "resolution")
  return resolution?.enum?.at(-1) ?? "not stated"
}

const constraintsOf = (record, parameters) => {
  const open = new Map(parameters.filter(([, one]) => one.execution === "executable"))
  const { pixelsMin, pixelsMax } = sizeLimits(record)
  const size = record.params.find((one) => one.name === "image_size" && one.object_fields !== null)
  const needed = record.params.filter(
    (one) => one.required && open.has(one.name) && one.default === null && ![...imageRoles, "prompt"].includes(one.role)
  )
  const values = (name) => open.get(name)?.schema.enum ?? []
  return [
    ...needed.map((one) => ({ kind: "one_of", names: [one.name] })),
    // 50 megapixels are the most that this house takes in: what is larger would be paid and thrown away.
    ...(size === undefined
      ? []
      : [
          {
            kind: "size",
            name: "image_size",
            ...(pixelsMin === undefined ? {} : { pixelsMin }),
            pixelsMax: pixelsMax ?? 50_000_000
          }
        ]),
    ...(values("background").includes("transparent") && values("output_format").includes("jpeg")
      ? [
          {
            kind: "forbidden",
            when: { background: ["transparent"], output_format: ["jpeg"] },
            reason: "JPEG has no transparency: take png or webp for background transparent"
          }
        ]
      : [])
  ]
}

const routeOf = (record, references) => {
  const main = mainImage(record)
  const mask = ofRole(record, "mask").find((one) => !isArray(one))
  const unit = unitTicksOf(record)
  return {
    endpoint: record.upstream.endpoint_id,
    ...(promptOf(record) === undefined ? {} : { prompt: promptOf(record) }),
    ...(main === undefined ? {} : isArray(main) ? { images: main.name } : { image: main.name }),
    ...(mask === undefined || main === undefined ? {} : { mask: mask.name }),
    ...(references.wire === undefined ? {} : { references: references.wire }),
    ...(record.output.list_path === null ? { isSingle: true } : {}),
    ...(record.output.safety_flag_path === null ? {} : { hasFlags: true }),
    ...(unit === undefined ? {} : { unitTicks: unit }),
    ...(record.limits.max_file_mb === null ? {} : { bytesMax: record.limits.max_file_mb * 1_048_576 })
  }
}

const table = () => {
  const keys = new Map()
  const entries = []
  const add = (value) => {
    const key = JSON.stringify(value)
    if (!keys.has(key)) keys.set(key, entries.push(value) - 1)
    return keys.get(key)
  }
  return { entries, add }
}
const parameterTable = table()
const aspectTable = table()
const sourceTable = table()

const rowOf = (record) => {
  const count = countOf(record)
  const references = referencesOf(record)
  const aspect = aspectOf(record)
  const cataloged = catalogedReason(record)
  const parameters = record.params.flatMap((one) =>
    parameterOf(record, one, { count, aspect, values: contractValues[record.public_id]?.[one.name] })
  )
  const mask = ofRole(record, "mask").find((one) => !isArray(one))
  const constraints = constraintsOf(record, parameters)
  const price = priceOf(record, { count, references: references.rules?.indexesMax ?? 0 })
  const isOpen = (name) => parameters.some(([own, one]) => own === name && one.execution === "executable")
  // What nobody can switch on is never charged.
  const surcharges = price.surcharges.filter(({ when }) => Object.keys(when).every(isOpen))
  const size = sizeOf(record)
  const isGone = record.lifecycle.status !== "listed"
  return {
    id: record.public_id,
    name: record.display_name,
    does: doesOf(record),
    tags: record.tags,
    ...(cataloged === undefined ? {} : { cataloged }),
    ...(record.limits.prompt_max_chars === null ? {} : { promptMax: record.limits.prompt_max_chars }),
    ...(mask === undefined || mainImage(record) === undefined ? {} : { mask: mask.required ? "required" : "optional" }),
    ...(mask?.note?.includes("same pixel size") === true ? { isMaskOfImageSize: true } : {}),
    ...(references.rules === undefined ? {} : { references: references.rules }),
    types: typesOf(record, parameters),
    ...(count.name === undefined ? {} : { count: count.name }),
    outputsMax: count.max,
    perCall: count.perCall,
    size: size.kind === "parameter" ? { ...size, presets: Object.keys(size.presets) } : size,
    largest: largest(record),
    aspect: aspectTable.add(aspect),
    parameters: parameters.map(parameterTable.add),
    ...(constraints.length === 0 ? {} : { constraints }),
    price: { ...price, surcharges, source: sourceTable.add(price.source) },
    ...(isTool(record) ? { kind: "tool" } : isGone ? { kind: "gone" } : {}),
    ...(isGone ? { gone: record.lifecycle.note } : {}),
    route: routeOf(record, references)
  }
}

const rows = readFileSync(source, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .filter((record) => record.provider === "fal")
  .map(rowOf)

const block = (name, type, values) =>
  `export const ${name} = lazily((): ReadonlyArray<${type}> => [\n${values.map((one) => `  ${JSON.stringify(one)}`).join(",\n")}\n])\n`

const text = [
  "// Written by scripts/facts/fal.mjs from the collected facts. Do not edit: change the facts or the script.",
  'import { lazily } from "@image-skill/core/kernel/Lazily"',
  'import type { AspectRow, NamedParameter, RecordRow } from "./Record.ts"\n',
  block("sources", "string", sourceTable.entries),
  block("aspects", "AspectRow", aspectTable.entries),
  block("parameters", "NamedParameter", parameterTable.entries),
  block("records", "RecordRow", rows)
].join("\n")
const target = new URL("../../packages/providers/src/fal/records.generated.ts", import.meta.url)
writeFileSync(target, text)
const executable = rows.filter((row) => row.cataloged === undefined).length
console.log(
  `${rows.length} records, ${executable} executable, ${parameterTable.entries.length} parameters, ${text.length} bytes`
)
