/** The requests of a batch: each item with what it shares, its key, and where its images go. */
import { createHash } from "node:crypto"
import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import type { BatchDefaults, BatchItem } from "./batchFile.ts"
import type { Journal } from "./batchJournal.ts"

export interface BatchRequest {
  readonly id: string
  readonly index: number
  /** The body of POST /v1/create, without its key. */
  readonly body: JsonObject
  readonly key: string
  /** An earlier run of the batch has seen it completed: sending it again pays nothing. */
  readonly isPaid: boolean
  readonly output: string | null
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** The same content gives the same text, in whatever order its fields were written. */
const canonical = (value: Json): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join(",")}]`
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(",")}}`
}

/** A batch, an item and what it asks for: another content is another request, and is paid for. */
const keyOf = (batchId: string, id: string, body: JsonObject, attempt: number): string =>
  `batch_${createHash("sha256")
    .update([batchId, id, canonical(body), attempt].join("\n"))
    .digest("hex")
    .slice(0, 48)}`

/** After a failure that only a new key can mend, the next run has the next key. */
const attemptMax = 100

const currentKey = (batchId: string, id: string, body: JsonObject, journal: Journal): string => {
  for (let attempt = 0; attempt < attemptMax; attempt += 1) {
    const key = keyOf(batchId, id, body, attempt)
    if (journal.get(key) !== "failed") return key
  }
  return keyOf(batchId, id, body, attemptMax)
}

const bodyOf = ({ output: _, references, ...fields }: BatchDefaults): JsonObject => ({
  ...fields,
  ...(references === undefined ? {} : { references })
})

/** The file's defaults, then the flags, then the item's own; model parameters are put together field by field. */
export const requestsOf = (
  items: ReadonlyArray<BatchItem>,
  layers: { readonly defaults: BatchDefaults; readonly flags: JsonObject; readonly output: string | undefined },
  batchId: string,
  journal: Journal
): ReadonlyArray<BatchRequest> => {
  const { model_parameters: flagParameters = {}, ...flags } = layers.flags
  return items.map(({ fields, id }, index) => {
    const parameters = {
      ...layers.defaults.model_parameters,
      ...(isObject(flagParameters) ? flagParameters : {}),
      ...fields.model_parameters
    }
    const { model_parameters: _, ...own } = { ...bodyOf(layers.defaults), ...flags, ...bodyOf(fields) }
    const body: JsonObject = {
      aspect_ratio: "1:1",
      ...own,
      ...(Object.keys(parameters).length === 0 ? {} : { model_parameters: parameters })
    }
    const key = currentKey(batchId, id, body, journal)
    const output = fields.output ?? layers.output ?? layers.defaults.output ?? null
    return { id, index, body, key, isPaid: journal.get(key) === "completed", output }
  })
}
