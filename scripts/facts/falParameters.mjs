// How one parameter of a fal record becomes a parameter of the catalogue.

/** The pixels behind fal's preset names. */
const presets = {
  square_hd: [1024, 1024],
  square: [512, 512],
  portrait_4_3: [768, 1024],
  portrait_16_9: [576, 1024],
  landscape_4_3: [1024, 768],
  landscape_16_9: [1024, 576]
}

/** Limits of a size object, from the notes of the record. */
export const sizeLimits = (record) => {
  const notes = record.limits.notes.filter((note) => note.startsWith("image_size:"))
  const side = notes.map((note) => /each side (\d+)\.\.(\d+) px/.exec(note)).find((match) => match !== null)
  const total = notes
    .map((note) => /total pixels from (\d+)[*x×](\d+) to (\d+)[*x×](\d+)/.exec(note))
    .find((match) => match !== null)
  return {
    ...(side === undefined ? {} : { sideMin: Number(side[1]), sideMax: Number(side[2]) }),
    ...(total === undefined
      ? {}
      : { pixelsMin: Number(total[1]) * Number(total[2]), pixelsMax: Number(total[3]) * Number(total[4]) })
  }
}

/** The presets whose pixels are known for this record: none where its notes say so, none below its minimum. */
export const presetSizes = (record) => {
  if (record.limits.notes.some((note) => note.includes("behind the preset names"))) return {}
  const { sideMin = 0, pixelsMin = 0 } = sizeLimits(record)
  const known = record.params.find((one) => one.name === "image_size")?.enum ?? []
  return Object.fromEntries(
    Object.entries(presets).filter(
      ([name, [width, height]]) =>
        known.includes(name) && Math.min(width, height) >= sideMin && width * height >= pixelsMin
    )
  )
}

/** Parameters whose meaning their schema does not tell, and why they stay closed. */
const closed = {
  additional_lora_scale: "adapters such as LoRA are files on the web, which are not passed on",
  sync_mode: "results are always taken as files",
  output_mask: "the mask would be a second image, which is not taken",
  request_id: "the provider's own bookkeeping",
  return_byteplus_urls: "results are taken from fal only",
  style_id: "names a style of one fal account",
  result_type: "set how many images are made with --output-count",
  series_amount: "set how many images are made with --output-count",
  num_layers: "set how many images are made with --output-count"
}

const side = (limits) => ({ type: "integer", minimum: limits.sideMin ?? 1, maximum: limits.sideMax ?? 16_384 })
const byte = { type: "integer", minimum: 0, maximum: 255 }
const isColour = (fields) =>
  fields
    ?.map((one) => one.name)
    .sort()
    .join("") === "bgr"
const colour = { type: "object", properties: { r: byte, g: byte, b: byte }, required: ["r", "g", "b"] }
const opaque = { type: "object", properties: {}, required: [] }

/** The schema of a value, and why it cannot be opened when its shape is not known well enough or holds an address. */
const schemaOf = (record, param, values) => {
  const range = {
    ...(param.min === null ? {} : { minimum: param.min }),
    ...(param.max === null ? {} : { maximum: param.max })
  }
  const words = param.enum === null ? undefined : wordsOf(record, param, values)
  switch (param.type) {
    case "boolean":
      return { schema: { type: "boolean" } }
    case "integer":
    case "number":
      return { schema: { type: param.type, ...range } }
    case "string":
      return { schema: { type: "string", ...(words === undefined ? { maxLength: 5000 } : { enum: words }) } }
    case "enum|object": {
      const box = side(sizeLimits(record))
      const object = { type: "object", properties: { width: box, height: box }, required: ["width", "height"] }
      return { schema: { anyOf: [{ type: "string", enum: words }, object] } }
    }
    case "array":
      if (param.items === "number") return { schema: { type: "array", items: { type: "number" }, maxItems: 4 } }
      if (isColour(param.item_fields)) return { schema: { type: "array", items: colour, maxItems: 16 } }
      if (param.items === "string")
        return { schema: { type: "array", items: { type: "string", maxLength: 100 }, maxItems: 16 } }
      return {
        schema: { type: "array", items: opaque, maxItems: 16 },
        reason: "it names files on the web, which are not passed on"
      }
    case "object":
      return isColour(param.object_fields)
        ? { schema: colour }
        : { schema: opaque, reason: "its shape is not documented well enough to check it" }
    default:
      return { schema: { type: "string", maxLength: 5000 }, reason: "an address on the web is not passed on" }
  }
}

/** Vector styles cost another price and make SVG drawings; `any` may choose one. */
const wordsOf = (record, param, values) => {
  const raster = record.prices.some((price) => price.condition === "vector style") && param.name === "style"
  return param.enum.filter(
    (one) => !(values?.without ?? []).includes(one) && !(raster && (one === "any" || one.startsWith("vector")))
  )
}

const fits = (schema, value) => {
  if (schema.anyOf !== undefined) return schema.anyOf.some((one) => fits(one, value))
  switch (schema.type) {
    case "integer":
    case "number":
      return typeof value === "number" && value >= (schema.minimum ?? value) && value <= (schema.maximum ?? value)
    case "string":
      return typeof value === "string" && (schema.enum?.includes(value) ?? true)
    case "boolean":
      return typeof value === "boolean"
    case "array":
      return Array.isArray(value)
    default:
      return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        schema.required.every((one) => one in value)
      )
  }
}

const closedReason = (record, param, aspect) => {
  const opened = record.contract?.executable_params ?? null
  if (closed[param.name] !== undefined) return closed[param.name]
  if (param.role === "safety") return "the provider's own safety setting is kept"
  if (param.role === "adapter") return "adapters such as LoRA are files on the web, which are not passed on"
  if (param.role === "other_media_input") return "only images are taken in"
  if (param.role === "count") return "set how many images are made with --output-count"
  if (opened === null || opened.includes(param.name)) return undefined
  return aspect.name === param.name ? "set with --aspect-ratio" : "shown for inspection; not opened by the contract"
}

const ours = ["prompt", "image_input", "mask", "reference_images"]

/** A parameter as `[name, declaration]`; nothing where a control of the request takes its place. */
export const parameterOf = (record, param, { count, aspect, values }) => {
  if (param.name.endsWith("_reference_task") || param.name === count.name) return []
  if (ours.includes(param.role)) {
    // The contract shows the optional reference image of a route that has no reference role.
    const isShown = param.role === "reference_images" && record.contract !== null && record.contract.references === null
    return isShown
      ? [
          [
            param.name,
            {
              schema: { type: "string", maxLength: 5000 },
              execution: "cataloged",
              reason: "shown for inspection; images are not passed by address"
            }
          ]
        ]
      : []
  }
  const { schema, reason: shape } = schemaOf(record, param, values)
  const note = param.note === null || param.note.startsWith("type file says") ? {} : { description: param.note }
  const isCount = param.role === "count" && ["num_images", "max_images"].includes(param.name)
  if (isCount) {
    const reason = "fixed, so that exactly the images are made that are paid for"
    return [[param.name, { schema, ...note, execution: "fixed", reason, default: 1 }]]
  }
  const reason = closedReason(record, param, aspect) ?? shape
  const known = param.default !== null && fits(schema, param.default) ? { providerDefault: param.default } : {}
  return [
    [
      param.name,
      reason === undefined
        ? { schema, ...note, execution: "executable", ...known }
        : { schema, ...note, execution: "cataloged", reason, ...known }
    ]
  ]
}
