/** An answer for a person at a terminal: short, aligned, and honest about paths and cost. */
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import type { Answer } from "./Envelope.ts"

/** What goes to each of the two places. */
export interface Rendered {
  readonly stdout: string
  readonly stderr: string
}

type Row = readonly [string, string]

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const objects = (value: Json | undefined): ReadonlyArray<JsonObject> =>
  Array.isArray(value) ? value.filter(isObject) : []

/** Text of a server must not move the cursor or colour the screen: no control character but line break and tab. */
const clean = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, "\ufffd")

const scalar = (value: Json | undefined): string => {
  if (value === null || value === undefined) return "-"
  if (Array.isArray(value)) return value.map(scalar).join(", ")
  return typeof value === "string" ? value : JSON.stringify(value)
}

const aligned = (rows: ReadonlyArray<Row>): string => {
  const width = Math.max(0, ...rows.map(([head]) => head.length))
  return rows.map(([head, tail]) => `${head.padEnd(width)}  ${tail}`.trimEnd()).join("\n")
}

const size = (bytes: Json | undefined): string => {
  if (typeof bytes !== "number") return ""
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** Columns that a list is shown by; a list of other things shows what its first row has. */
const columns: Readonly<Record<string, ReadonlyArray<string>>> = {
  jobs: ["job_id", "status", "operation", "created_at"],
  assets: ["asset_id", "kind", "mime_type", "width", "height", "content_length", "created_at"],
  best: ["operation", "intents", "model_id", "credits_required", "needs"],
  steps: ["state", "name", "message"],
  items: ["id", "status", "model_id", "credits_required", "credits", "job_id", "files", "error"],
  models: ["model_id", "status", "operations", "credits_required", "estimated_usd_per_image", "summary"],
  capabilities: ["capability_id", "operations", "model_ids"],
  events: ["occurred_at", "type", "status", "summary", "event_id"],
  checks: ["status", "name", "message", "suggested_command"],
  parameters: ["parameter", "allowed", "default", "message"]
}

const cellMax = 60
/** What loses its use when it is cut: a sentence, and a command that is to be pasted. */
const wholeColumns: ReadonlyArray<string> = ["message", "suggested_command", "recover_command"]

const table = (name: string, rows: ReadonlyArray<JsonObject>): string => {
  const wanted = columns[name] ?? Object.keys(rows[0] ?? {}).slice(0, 5)
  const heads = wanted.filter((head) => rows.some((row) => row[head] !== undefined))
  const cell = (row: JsonObject, head: string) => {
    const text = scalar(row[head]).replace(/\s+/g, " ")
    return text.length > cellMax && !wholeColumns.includes(head) ? `${text.slice(0, cellMax - 1)}…` : text
  }
  const widths = heads.map((head) => Math.max(head.length, ...rows.map((row) => cell(row, head).length)))
  const line = (cells: ReadonlyArray<string>) =>
    cells
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd()
  return [line(heads), ...rows.map((row) => line(heads.map((head) => cell(row, head))))].join("\n")
}

const money = (data: JsonObject): string => {
  const cost = isObject(data.cost) ? data.cost : {}
  const pricing = isObject(cost.credit_pricing) ? cost.credit_pricing : {}
  const credits = typeof cost.settled_credits === "number" ? cost.settled_credits : pricing.credits_required
  const usd = typeof cost.estimated_usd === "number" ? `$${cost.estimated_usd}` : "not known beforehand"
  const verb = data.dry_run === true ? "would cost" : "cost"
  return `${verb} ${credits === null || credits === undefined ? "?" : scalar(credits)} credits (provider ${usd})`
}

const assetLine = (asset: JsonObject, file: JsonObject | undefined): Row => [
  file === undefined ? "asset" : "saved",
  [
    file === undefined ? scalar(asset.asset_id) : scalar(file.path),
    `${scalar(asset.width)}x${scalar(asset.height)} ${scalar(asset.mime_type).replace("image/", "")}`,
    size(asset.content_length),
    ...(file === undefined ? [] : [scalar(asset.asset_id)])
  ].join("  ")
]

/** create, edit and upload: where the image is, what made it, what it cost. */
const operation = (data: JsonObject): string => {
  const files = objects(data.output_files)
  const assets = isObject(data.asset) ? [data.asset] : objects(data.assets)
  const request = isObject(data.request) ? data.request : {}
  const selection = isObject(request.selection) ? request.selection : {}
  const next = objects(data.next_actions)[0]
  return aligned([
    ...assets.map((asset) =>
      assetLine(
        asset,
        files.find((file) => file.asset_id === asset.asset_id)
      )
    ),
    ...(assets.length === 0 ? [["status", scalar(data.status)] satisfies Row] : []),
    ...(selection.model_id === undefined ? [] : [["model", scalar(selection.model_id)] satisfies Row]),
    ...(data.cost === undefined ? [] : [["money", money(data)] satisfies Row]),
    ...(typeof data.job_id === "string" ? [["job", data.job_id] satisfies Row] : []),
    ...(files.length === 0 && next !== undefined ? [["next", scalar(next.command)] satisfies Row] : [])
  ])
}

/** What a JSON Schema property allows, in few words. */
const allowed = (property: JsonObject): string => {
  if (Array.isArray(property.enum)) return property.enum.map(scalar).join(" | ")
  const [from, to] = [property.minimum, property.maximum]
  const range = from === undefined && to === undefined ? "" : ` ${scalar(from)} to ${scalar(to)}`
  return `${scalar(property.type)}${range}`
}

/** models show: what decides whether to use it, and its parameters as a table. */
const model = (data: JsonObject): string => {
  const schema = isObject(data.model_parameters) ? data.model_parameters : {}
  const properties = Object.entries(isObject(schema.properties) ? schema.properties : {})
  const parameters = properties.flatMap(
    ([name, property]): ReadonlyArray<JsonObject> =>
      isObject(property)
        ? [
            {
              parameter: name,
              allowed: allowed(property),
              default: property.default ?? "",
              message: property.description ?? ""
            }
          ]
        : []
  )
  const shown = [
    "model_id",
    "summary",
    "status",
    "operations",
    "capability_id",
    "credits_required",
    "estimated_usd_per_image"
  ]
  const limits = ["max_outputs_per_request", "max_resolution", "aspect_ratios", "examples"]
  const rows = [...shown, ...limits].filter((name) => data[name] !== undefined)
  const head = aligned(rows.map((name) => [name, scalar(data[name])]))
  return parameters.length === 0 ? head : `${head}\n\n${table("parameters", parameters)}`
}

const isEmpty = (value: Json | undefined) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)

/** Any other answer: its fields as lines, its lists as tables; what is empty is left out. */
const general = (data: JsonObject): string => {
  const rows: Array<Row> = []
  const blocks: Array<string> = []
  const add = (prefix: string, object: JsonObject, depth: number) => {
    for (const [name, value] of Object.entries(object)) {
      const list = objects(value)
      if (list.length > 0) blocks.push(table(name, list))
      else if (isEmpty(value)) continue
      else if (isObject(value) && depth < 2) add(`${prefix}${name}.`, value, depth + 1)
      else rows.push([`${prefix}${name}`, scalar(value)])
    }
  }
  add("", data, 0)
  return [...(rows.length === 0 ? [] : [aligned(rows)]), ...blocks].join("\n\n")
}

const failureText = (error: JsonObject): string => {
  const recovery = isObject(error.recovery) ? error.recovery : {}
  const issues = isObject(error.details) ? objects(error.details.issues) : []
  return [
    `error: ${scalar(error.message)} [${scalar(error.code)}]`,
    ...(issues.length > 1 ? issues.map((issue) => `  - ${scalar(issue.message)}`) : []),
    ...(recovery.suggested_command === undefined ? [] : [`try:   ${scalar(recovery.suggested_command)}`])
  ].join("\n")
}

const isOperation = (data: JsonObject) =>
  data.cost !== undefined || data.upload !== undefined || data.output_files !== undefined

const textOf = (data: JsonObject): string => {
  // A text is the whole answer: it may be read by a shell.
  if (typeof data.script === "string") return data.script.trimEnd()
  if (typeof data.skill === "string") return data.skill.trimEnd()
  if (isOperation(data)) return operation(data)
  if (isObject(data.model)) return model(data.model)
  return objects(data.checks).length > 0 ? table("checks", objects(data.checks)) : general(data)
}

export const readable = ({ envelope }: Answer): Rendered => {
  const warnings = envelope.warnings.map((warning) => `note:  ${warning}\n`).join("")
  if (!envelope.ok) return { stdout: "", stderr: clean(`${warnings}${failureText(envelope.error ?? {})}\n`) }
  const data = envelope.data ?? {}
  const text = textOf(data)
  return { stdout: clean(`${text}\n`), stderr: clean(warnings) }
}
