/** The contract as an OpenAPI 3.1 document, made from `Api`, `answers` and the error table. */
import { OpenApi, OpenApiJsonSchema } from "@effect/platform"
import { Predicate, Schema } from "effect"
import { ActorRef, failed } from "../kernel/Envelope.ts"
import { type ErrorCode, failure, ruleOf, statusOf } from "../kernel/Errors.ts"
import { TraceId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { type Answer, answers, codesOfAll, codesOfBodies, codesOfCallers, type OperationId } from "./Answers.ts"
import { Api } from "./Api.ts"
import { Problem } from "./answers/parts.ts"
import { fieldWords } from "./fieldWords.ts"

type JsonSchema = OpenApiJsonSchema.JsonSchema

interface Media {
  readonly [contentType: string]: { readonly schema?: unknown; readonly examples?: JsonObject }
}

export interface ResponseObject {
  readonly description: string
  readonly headers?: JsonObject
  readonly content?: Media
}

export interface OperationObject {
  readonly operationId: string
  readonly tags: ReadonlyArray<string>
  readonly summary: string
  readonly security: ReadonlyArray<JsonObject>
  readonly parameters: ReadonlyArray<OpenApi.OpenAPISpecParameter>
  readonly requestBody?: OpenApi.OpenAPISpecRequestBody
  readonly responses: Readonly<Record<string, ResponseObject>>
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0"
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: ReadonlyArray<{ readonly url: string }>
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  /** By path, then by lower-case method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly examples: JsonObject
    readonly headers: JsonObject
    readonly securitySchemes: JsonObject
  }
}

const description =
  "Every answer of /v1 is one envelope: data on success, error with a stable code on failure. Money is in whole credits; USD beside them is for reading. Fields may be added at any time."

const headers: JsonObject = {
  "x-image-skill-trace-id": { description: "The envelope's trace_id", schema: { type: "string" } },
  "x-image-skill-exit-code": {
    description: "The exit code that a command line must end with",
    schema: { type: "string" }
  },
  "retry-after": { description: "Seconds to wait before the next try", schema: { type: "string" } }
}

const headerRefs = (...names: ReadonlyArray<string>): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const own = ["x-image-skill-trace-id", "x-image-skill-exit-code"] as const

const securitySchemes: JsonObject = {
  agent: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "isk_r_…",
    description: "An agent's token, from a signup; an endpoint names the grant that it takes"
  },
  operator: { type: "http", scheme: "bearer", description: "The operator's token: IMAGE_SKILL_ADMIN_TOKEN" }
}

/** A grant stands where OpenAPI has the names of roles. */
const securityOf = ({ caller, grant }: Answer): ReadonlyArray<JsonObject> => {
  switch (caller) {
    case "anyone":
      return []
    case "either":
      return [{}, { agent: [] }]
    case "agent":
      return [{ agent: grant === undefined ? [] : [grant] }]
    case "operator":
      return [{ operator: [] }]
  }
}

const exampleOf = (code: ErrorCode): JsonObject => {
  const head = {
    traceId: TraceId.make("trace_0123456789abcdef0123456789abcdef"),
    command: "image-skill …",
    actor: null,
    warnings: []
  }
  const example = failed(head, failure(code, ruleOf(code).when))
  return {
    summary: ruleOf(code).when,
    value: {
      ...example,
      actor: null,
      warnings: [],
      error: { code, message: ruleOf(code).when, retryable: ruleOf(code).retryable }
    }
  }
}

const head = {
  ok: Schema.Boolean,
  command: Schema.String,
  trace_id: Schema.String,
  actor: Schema.NullOr(ActorRef.annotations({ identifier: "Actor" })),
  warnings: Schema.Array(Schema.String)
}

const successOf = (data: Schema.Schema.AnyNoContext) =>
  Schema.Struct({ ...head, ok: Schema.Literal(true), data, error: Schema.Null })

const Failure = Schema.Struct({ ...head, ok: Schema.Literal(false), data: Schema.Null, error: Problem }).annotations({
  identifier: "Failure"
})

/** Every code that an endpoint may answer with. */
export const codesOf = (answer: Answer, hasBody: boolean): ReadonlyArray<ErrorCode> => [
  ...new Set([...codesOfAll, ...(hasBody ? codesOfBodies : []), ...codesOfCallers[answer.caller], ...answer.codes])
]

const failuresOf = (codes: ReadonlyArray<ErrorCode>): ReadonlyArray<readonly [string, ResponseObject]> => {
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b)
  return statuses.map((status) => {
    const there = codes.filter((code) => statusOf(code) === status)
    return [
      String(status),
      {
        description: there.join(", "),
        headers: headerRefs(...own, ...(there.includes("RATE_LIMITED") ? ["retry-after"] : [])),
        content: {
          "application/json": {
            schema: { $ref: "#/components/schemas/Failure" },
            examples: Object.fromEntries(there.map((code) => [code, { $ref: `#/components/examples/${code}` }]))
          }
        }
      }
    ]
  })
}

const successesOf = (answer: Answer, schemaOf: (schema: Schema.Schema.AnyNoContext) => JsonSchema) => {
  if (answer.raw !== undefined) {
    const { contentTypes, statuses } = answer.raw
    return Object.entries(statuses).map(([status, text]): readonly [string, ResponseObject] => [
      status,
      Number(status) >= 300 || contentTypes.length === 0
        ? { description: text }
        : { description: text, content: Object.fromEntries(contentTypes.map((type) => [type, {}])) }
    ])
  }
  if (answer.data === null) return []
  const schema = schemaOf(successOf(answer.data))
  const response = { headers: headerRefs(...own), content: { "application/json": { schema } } }
  return [
    ["200", { description: "Done", ...response }] as const,
    ...(answer.mayRun === true ? [["202", { description: "A job that still runs", ...response }] as const] : [])
  ]
}

/** A failure of a page that is no envelope keeps its own status; the envelope's then says what else it may be. */
const merged = (
  successes: ReadonlyArray<readonly [string, ResponseObject]>,
  failures: ReadonlyArray<readonly [string, ResponseObject]>
): Readonly<Record<string, ResponseObject>> => {
  const result: Record<string, ResponseObject> = {}
  for (const [status, response] of [...successes, ...failures]) {
    const before = result[status]
    result[status] =
      before === undefined
        ? response
        : {
            ...response,
            description: `${before.description}; ${response.description}`,
            content: { ...before.content, ...response.content }
          }
  }
  return result
}

const withWords = <Described extends { readonly description?: string }>(name: string, field: Described): Described => {
  const words = fieldWords[name]
  return words === undefined ? field : { ...field, description: words }
}

const worded = (schema: JsonSchema): JsonSchema =>
  "properties" in schema
    ? {
        ...schema,
        properties: Object.fromEntries(
          Object.entries(schema.properties).map(([name, property]) => [name, withWords(name, property)])
        )
      }
    : schema

/** Words that Schema makes of a limit, which stands beside them as a number. */
const madeWords = /^an? (?:positive )?(?:string|number|array|integer)\b/

/**
 * Takes out what Schema adds and nobody reads, in place: the titles of checks, their words, and the name of the integer,
 * which would be a component of its own.
 */
const tidy = (part: unknown): void => {
  if (Array.isArray(part)) return part.forEach(tidy)
  if (!Predicate.isRecord(part)) return
  if (part["$ref"] === "#/components/schemas/Int") {
    delete part["$ref"]
    part["type"] = "integer"
  }
  if (typeof part["title"] === "string" && typeof part["type"] === "string") delete part["title"]
  if (typeof part["description"] === "string" && madeWords.test(part["description"])) delete part["description"]
  for (const inner of Object.values(part)) tidy(inner)
}

const reference = /"#\/components\/schemas\/([^"]+)"/g

/** Those that are referred to, from the paths or from each other. */
const used = (schemas: Readonly<Record<string, JsonSchema>>, paths: unknown): Readonly<Record<string, JsonSchema>> => {
  const names = new Set<string>()
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(reference)) {
      if (name === undefined || names.has(name)) continue
      names.add(name)
      visit(schemas[name] ?? null)
    }
  }
  visit(paths)
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => names.has(name)))
}

/** Made anew at each call, some milliseconds long. */
export const openApiDocument = (): OpenApiDocument => {
  const spec = OpenApi.fromApi(Api)
  const schemas: Record<string, JsonSchema> = Object.fromEntries(
    Object.entries(spec.components.schemas).map(([name, schema]) => [
      name,
      name.endsWith("Payload") ? worded(schema) : schema
    ])
  )
  // Clients must not choke on a field that is added: answers are open, requests are closed.
  const schemaOf = (schema: Schema.Schema.AnyNoContext) =>
    OpenApiJsonSchema.makeWithDefs(schema, { defs: schemas, additionalPropertiesStrategy: "allow" })
  const codesSeen = new Set<ErrorCode>()
  schemaOf(Failure)
  const described = (operation: OpenApi.OpenAPISpecOperation): OperationObject => {
    if (!isDescribed(operation.operationId)) throw new Error(`${operation.operationId} is no endpoint of Api`)
    const answer: Answer = answers[operation.operationId]
    const { operationId, parameters, requestBody, tags } = operation
    const codes = codesOf(answer, requestBody !== undefined)
    for (const code of codes) codesSeen.add(code)
    return {
      operationId,
      tags,
      summary: answer.summary,
      security: securityOf(answer),
      parameters: parameters.map((parameter) => withWords(parameter.name, parameter)),
      ...(requestBody === undefined ? {} : { requestBody }),
      responses: merged(successesOf(answer, schemaOf), failuresOf(codes))
    }
  }
  const paths = Object.fromEntries(
    Object.entries(spec.paths).map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, described(operation)]))
    ])
  )
  tidy(schemas)
  tidy(paths)
  return {
    openapi: "3.1.0",
    info: { title: "Image Skill", version: "v1", description },
    servers: [{ url: "./" }],
    tags: spec.tags,
    paths,
    components: {
      schemas: used(schemas, paths),
      examples: Object.fromEntries([...codesSeen].sort().map((code) => [code, exampleOf(code)])),
      headers,
      securitySchemes
    }
  }
}

const isDescribed = (id: string): id is OperationId => Object.hasOwn(answers, id)
