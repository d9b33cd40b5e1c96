import type { OpenApiDocument, OperationObject } from "@image-skill/core/api/OpenApiDocument"
import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import type { Answered, Asked } from "./house.ts"

/** A place of an endpoint that takes an id of somebody's. */
export interface Slot {
  readonly operation: string
  readonly name: string
  readonly ask: (id: string) => Asked
}

/** Ids of the house, which are nobody's. */
const ofTheHouse: ReadonlySet<string> = new Set(["pack_id"])

const isId = (name: string) => (name.endsWith("_id") || name === "subject") && !ofTheHouse.has(name)

/** Bodies that are right but for the id. A new endpoint that takes one needs a line here. */
const bodies: Readonly<Record<string, (name: string, id: string, ownAsset: string) => JsonObject>> = {
  "studio.create": (_, id) => ({
    model: "stand-in.change",
    prompt: "x",
    references: [{ asset_id: id, role: "reference_image", index: 0 }]
  }),
  "studio.edit": (name, id, ownAsset) => ({
    model: "stand-in.change",
    prompt: "x",
    input_asset_id: ownAsset,
    [name]: name === "references" ? [{ asset_id: id, role: "reference_image", index: 0 }] : id
  }),
  "credits.purchase": (_, id) => ({ quote_id: id, idempotency_key: "another's" }),
  "credits.checkout": (_, id) => ({ quote_id: id, idempotency_key: "another's" }),
  "feedback.create": (name, id) => ({ title: "A title", body: "A body", [name]: id })
}

const isSchema = (schema: unknown): schema is { readonly properties: object } =>
  typeof schema === "object" && schema !== null && "properties" in schema

const fieldsOf = (document: OpenApiDocument, { requestBody }: OperationObject): ReadonlyArray<string> => {
  const text = JSON.stringify(requestBody?.content["application/json"]?.schema ?? {})
  const name = /#\/components\/schemas\/([^"]+)/.exec(text)?.[1] ?? ""
  const schema: unknown = document.components.schemas[name]
  return isSchema(schema) ? Object.keys(schema.properties) : []
}

/** Every place of every endpoint for agents that takes an id: of the path, of the query, and of the body. */
export const slotsOf = (document: OpenApiDocument, ownAsset: string): ReadonlyArray<Slot> =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([verb, operation]): ReadonlyArray<Slot> => {
      const isAgents = operation.security.some((one) => "agent" in one) && operation.security.length === 1
      if (!isAgents || path.startsWith("/v1/models") || path.startsWith("/v1/capabilities")) return []
      const { operationId } = operation
      const method = verb.toUpperCase()
      const inPath = operation.parameters.filter((parameter) => parameter.in === "path")
      const inQuery = operation.parameters.filter((parameter) => parameter.in === "query" && isId(parameter.name))
      const inBody = fieldsOf(document, operation).filter((name) => isId(name) || name === "references")
      const body = bodies[operationId]
      if (inBody.length > 0 && body === undefined) throw new Error(`slots.ts has no body for ${operationId}`)
      return [
        ...inPath.map(({ name }) => ({
          operation: operationId,
          name,
          ask: (id: string) => ({ method, path: path.replace(`{${name}}`, encodeURIComponent(id)) })
        })),
        ...inQuery.map(({ name }) => ({
          operation: operationId,
          name,
          ask: (id: string) => ({ method, path: `${path}?${name}=${encodeURIComponent(id)}` })
        })),
        ...inBody.map((name) => ({
          operation: operationId,
          name,
          ask: (id: string) => ({ method, path, body: body?.(name, id, ownAsset) })
        }))
      ]
    })
  )

/** Fields whose values are ids of an organization. */
const idFields =
  /^(job_id|asset_id|event_id|usage_event_id|quote_id|payment_attempt_id|checkout_session_id|receipt_id|credit_event_id|feedback_id|organization_id|actor_id|trace_id|id|payment_reversal_id)$/

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const collect = (value: Json, into: Set<string>): void => {
  if (isList(value)) for (const one of value) collect(one, into)
  else if (isObject(value)) {
    for (const [name, field] of Object.entries(value)) {
      if (typeof field === "string" && idFields.test(name) && /^[a-z_]+_[A-Za-z0-9]{8,}$/.test(field)) into.add(field)
      else if (name === "asset_ids" && isList(field))
        for (const one of field) into.add(JSON.stringify(one).slice(1, -1))
      else collect(field, into)
    }
  }
}

/** Every id that an organization's own answers name. */
export const idsIn = (answers: ReadonlyArray<Answered>): ReadonlyArray<string> => {
  const ids = new Set<string>()
  for (const { envelope } of answers) {
    if (envelope === null) continue
    ids.add(envelope.trace_id)
    if (envelope.actor !== null) collect({ ...envelope.actor }, ids)
    if (envelope.data !== null) collect(envelope.data, ids)
  }
  return [...ids]
}

/** An id of the same shape that does not exist. */
export const absent = (id: string): string => id.replace(/[A-Za-z0-9]{8,}$/, (tail) => "0".repeat(tail.length))
