/** An answer of the wire, read and checked by hand: no schema is loaded for it. */
import { errorTable } from "@image-skill/core/kernel/ErrorTable"
import { isJsonObject, type JsonObject } from "@image-skill/core/kernel/JsonValue"
import type { Envelope } from "../Envelope.ts"
import { isRecord, readJson } from "./readJson.ts"
import type { WireResponse } from "./transport.ts"

const isObjectOrNull = (value: unknown): value is JsonObject | null => value === null || isJsonObject(value)

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string")

/**
 * Undefined for what is no answer of ours. A newer server may add fields: they are passed on, not dropped. A success has
 * data, a failure has a code: without it nobody could act on it.
 */
export const envelopeIn = (text: string): Envelope | undefined => {
  const found = readJson(text)
  if (!isRecord(found)) return undefined
  const { actor, command, data, error, ok, trace_id, warnings } = found
  if (typeof ok !== "boolean" || typeof command !== "string" || typeof trace_id !== "string") return undefined
  if (!isObjectOrNull(actor) || !isObjectOrNull(data) || !isObjectOrNull(error) || !isTexts(warnings)) return undefined
  if (ok ? data === null : typeof error?.code !== "string") return undefined
  return { ...found, ok, command, trace_id, actor, data, warnings, error }
}

const isKnownCode = (code: string): code is keyof typeof errorTable => Object.hasOwn(errorTable, code)

/** The header when it fits, else the table's exit for the code, else what the status means. */
export const exitCodeOf = (response: WireResponse, envelope: Envelope): number => {
  if (envelope.ok) return 0
  const header = response.header("x-image-skill-exit-code") ?? ""
  if (/^([1-9]|130)$/.test(header)) return Number(header)
  const code = envelope.error?.code
  if (typeof code === "string" && isKnownCode(code)) return errorTable[code].exit
  if (response.status === 401 || response.status === 403) return 3
  if (response.status === 402 || response.status === 429) return 5
  return response.status >= 500 ? 7 : 1
}
