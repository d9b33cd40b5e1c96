import { createHash } from "node:crypto"
import type { OpenApiDocument, OperationObject } from "@image-skill/core/api/OpenApiDocument"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/ErrorTable"
import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { Schema } from "effect"
import { style } from "./docsStyle.ts"

export interface DocsPage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)

const tag = (name: string, content: string, attributes = "") => `<${name}${attributes}>${content}</${name}>`

const code = (text: string) => tag("code", escaped(text))

const anchor = (id: string) => ` id="${escaped(id)}"`

const link = (to: string, text: string) => `<a href="#${escaped(to)}">${escaped(text)}</a>`

const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  rows.length === 0
    ? ""
    : tag(
        "div",
        tag(
          "table",
          tag("thead", tag("tr", heads.map((head) => tag("th", head)).join(""))) +
            tag("tbody", rows.map((row) => tag("tr", row.map((cell) => tag("td", cell)).join(""))).join(""))
        ),
        ' class="wide"'
      )

const asJson = Schema.decodeUnknownSync(Schema.parseJson())

/** What is written is read again: the document's schemas are typed more loosely than JSON. */
const plain = (value: unknown): JsonObject => {
  const read: unknown = asJson(JSON.stringify(value ?? {}))
  return isJsonObject(read) ? read : {}
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const listOf = (value: Json | undefined): ReadonlyArray<Json> => (isList(value) ? value : [])

const plainText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value))

const componentPrefix = "#/components/schemas/"

/** A type in a few words; a named one as a link. */
const typeWords = (schema: JsonObject): string => {
  const reference = schema["$ref"]
  if (typeof reference === "string") {
    const name = reference.slice(componentPrefix.length)
    return link(`schema-${name}`, name)
  }
  const choices = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])].map((one) => typeWords(objectOf(one)))
  if (choices.length > 0) return choices.join(" or ")
  const values = isList(schema["enum"]) ? schema["enum"] : schema["const"] === undefined ? [] : [schema["const"]]
  if (values.length > 0) return values.map((value) => code(JSON.stringify(value))).join(" ")
  if (schema["type"] === "array") {
    const items = objectOf(schema["items"])
    return Object.keys(items).length === 0 ? "list" : `list of ${typeWords(items)}`
  }
  const types = isList(schema["type"]) ? schema["type"] : [schema["type"] ?? "anything"]
  return escaped(types.map(plainText).join(" or "))
}

const limitsOf = (schema: JsonObject): string =>
  ["minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern"]
    .flatMap((name) => (schema[name] === undefined ? [] : [`${name} ${code(plainText(schema[name] ?? null))}`]))
    .join(", ")

const textOf = (schema: JsonObject) => (typeof schema["description"] === "string" ? escaped(schema["description"]) : "")

/** Fields one below the other; those of nested objects with their path. */
const fieldRows = (schema: JsonObject, path = ""): ReadonlyArray<ReadonlyArray<string>> => {
  const needed = listOf(schema["required"])
  return Object.entries(objectOf(schema["properties"])).flatMap(([name, value]) => {
    const field = objectOf(value)
    const here = `${path}${name}`
    const notes = [textOf(field), limitsOf(field)].filter((note) => note !== "").join("; ")
    const inner = field["type"] === "array" ? objectOf(field["items"]) : field
    const below = fieldRows(inner, field["type"] === "array" ? `${here}[].` : `${here}.`)
    const row = [code(here) + (needed.includes(name) ? "" : " <small>optional</small>"), typeWords(field), notes]
    return [row, ...below]
  })
}

const fields = (schema: JsonObject): string => {
  const choices = listOf(schema["anyOf"])
  return choices.length > 0 && Object.keys(objectOf(schema["properties"])).length === 0
    ? choices.map((one) => tag("p", typeWords(objectOf(one)))).join("")
    : table(["field", "type", ""], fieldRows(schema))
}

const grantWords = (security: OperationObject["security"]) => {
  const names = security.flatMap((one) => listOf(one["agent"]))
  return names.length === 0 ? "" : ` with the grant ${names.map((name) => code(plainText(name))).join(", ")}`
}

const callerWords = ({ security }: OperationObject): string => {
  const names = security.flatMap((one) => Object.keys(one))
  if (names.length === 0) return "no token"
  const words = names.includes("operator") ? "the operator's token" : `an agent's token${grantWords(security)}`
  return security.some((one) => Object.keys(one).length === 0) ? `with or without ${words}` : words
}

const answerOf = (schema: unknown): string => {
  const envelope = plain(schema)
  const data = objectOf(objectOf(envelope["properties"])["data"])
  return data["$ref"] === undefined ? fields(data) || tag("p", typeWords(data)) : tag("p", typeWords(data))
}

const responses = (operation: OperationObject): string =>
  table(
    ["status", "codes, or what it means"],
    Object.entries(operation.responses).map(([status, { content, description }]) => {
      const examples = Object.keys(content?.["application/json"]?.examples ?? {})
      const codes = examples.map((one) => link(`error-${one}`, one)).join(", ")
      return [code(status), codes === "" ? escaped(description) : codes]
    })
  )

const section = (path: string, method: string, operation: OperationObject): string => {
  const body = plain(operation.requestBody?.content["application/json"]?.schema)
  const success = operation.responses["200"]?.content?.["application/json"]?.schema
  const named = operation.parameters.map((parameter) => [
    code(parameter.name) + (parameter.required ? "" : " <small>optional</small>"),
    parameter.in,
    typeWords(plain(parameter.schema)),
    [textOf(plain(parameter.schema)), limitsOf(plain(parameter.schema))].filter((note) => note !== "").join("; ")
  ])
  return tag(
    "section",
    [
      tag("h3", `<b class="${method}">${method.toUpperCase()}</b> ${code(path)}`),
      tag("p", `${escaped(operation.summary)}. <small>Takes ${callerWords(operation)}.</small>`),
      table(["parameter", "in", "type", ""], named),
      Object.keys(body).length === 0 ? "" : tag("p", `Body: ${typeWords(body)}`),
      success === undefined ? "" : tag("details", tag("summary", "data of the answer") + answerOf(success)),
      tag("details", tag("summary", "statuses and codes") + responses(operation))
    ].join(""),
    anchor(operation.operationId)
  )
}

const errorRows = (): ReadonlyArray<ReadonlyArray<string>> =>
  Object.entries(errorTable).map(([name, rule]: [string, (typeof errorTable)[ErrorCode]]) => [
    `<span${anchor(`error-${name}`)}>${code(name)}</span>`,
    String(rule.exit),
    String(rule.status ?? "–"),
    rule.retryable ? "yes" : "no",
    escaped(rule.when)
  ])

interface Endpoint {
  readonly path: string
  readonly method: string
  readonly operation: OperationObject
}

const endpointsOf = (document: OpenApiDocument): ReadonlyArray<Endpoint> =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation }))
  )

const contents = (groups: ReadonlyArray<readonly [string, ReadonlyArray<Endpoint>]>) =>
  groups
    .map(([name, endpoints]) => {
      const rows = endpoints.map(({ operation }) => tag("li", link(operation.operationId, operation.summary)))
      return tag("li", `${link(`group-${name}`, name)}${tag("ul", rows.join(""))}`)
    })
    .join("")

/** The reference as one page that asks nobody for anything: no script, no font, no other host. */
export const renderDocs = (document: OpenApiDocument): DocsPage => {
  const endpoints = endpointsOf(document)
  const groups = document.tags.map(
    ({ name }) => [name, endpoints.filter(({ operation }) => operation.tags.includes(name))] as const
  )
  const reference = groups.map(
    ([name, own]) =>
      tag("h2", escaped(name), anchor(`group-${name}`)) +
      own.map(({ method, operation, path }) => section(path, method, operation)).join("")
  )
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    tag(
      "section",
      tag("h3", escaped(name)) + tag("p", textOf(plain(schema))) + fields(plain(schema)),
      anchor(`schema-${name}`)
    )
  )
  const nav = `${contents(groups)}<li>${link("schemas", "schemas")}</li><li>${link("errors", "errors")}</li>`
  const main = [
    tag("h1", escaped(document.info.title)),
    tag("p", escaped(document.info.description)),
    tag(
      "p",
      `For tools: <a href="openapi.json">openapi.json</a>. For agents: <a href="llms.txt">llms.txt</a>, <a href="skill.md">skill.md</a>, <a href="cli.md">cli.md</a>.`
    ),
    ...reference,
    tag("h2", "schemas", anchor("schemas")),
    ...schemas,
    tag("h2", "errors", anchor("errors")),
    table(["code", "exit", "status", "retry", "when"], errorRows())
  ].join("\n")
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(document.info.title)}</title><style>${style}</style></head><body><nav><ul>${nav}</ul></nav><main>${main}</main></body></html>`
  const hash = createHash("sha256").update(style).digest("base64")
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  }
}
