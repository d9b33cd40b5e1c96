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

/** Text of a server must not move the cursor or colour the screen. */
const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd")

const scalar = (value: Json | undefined): string => {
  if (value === null || value === undefined) return "-"
  if (Array.isArray(value)) return value.map(scalar).join(", ")
  return isObject(value) ? JSON.stringify(value) : String(value)
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
  models: ["model_id", "status", "operations", "credits_required", "estimated_usd_per_image", "summary"],
  capabilities: ["capability_id", "operations", "model_ids"],
  events: ["occurred_at", "type", "status", "summary", "event_id"],
  checks: ["status", "name", "message", "suggested_command"]
}

const cellMax = 60

const table = (name: string, rows: ReadonlyArray<JsonObject>): string => {
  const wanted = columns[name] ?? Object.keys(rows[0] ?? {}).slice(0, 5)
  const heads = wanted.filter((head) => rows.some((row) => row[head] !== undefined))
  const cell = (row: JsonObject, head: string) => {
    const text = scalar(row[head]).replace(/\s+/g, " ")
    return text.length > cellMax && head !== "message" ? `${text.slice(0, cellMax - 1)}…` : text
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

/** Any other answer: its fields as lines, its lists as tables. */
const general = (data: JsonObject): string => {
  const rows: Array<Row> = []
  const blocks: Array<string> = []
  const add = (prefix: string, object: JsonObject, depth: number) => {
    for (const [name, value] of Object.entries(object)) {
      const list = objects(value)
      if (list.length > 0) blocks.push(table(name, list))
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

export const readable = ({ envelope }: Answer): Rendered => {
  const warnings = envelope.warnings.map((warning) => `note:  ${warning}\n`).join("")
  if (!envelope.ok) return { stdout: "", stderr: clean(`${warnings}${failureText(envelope.error ?? {})}\n`) }
  const data = envelope.data ?? {}
  const text = isOperation(data) ? operation(data) : general(data)
  return { stdout: clean(`${text}\n`), stderr: clean(warnings) }
}
