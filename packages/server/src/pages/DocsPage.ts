import { createHash } from "node:crypto"
import type { OpenApiDocument, OperationObject } from "@image-skill/core/api/OpenApiDocument"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/ErrorTable"
import { style } from "./docsStyle.ts"
import { anchor, code, details, escaped, link, prose, table, tag } from "./html.ts"
import { fields, listOf, nameOf, notesOf, objectOf, plain, plainText, typeWords } from "./schemaHtml.ts"

export interface DocsPage {
  readonly html: string
  readonly contentSecurityPolicy: string
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
  return fields(objectOf(objectOf(envelope["properties"])["data"]))
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

const parameters = (operation: OperationObject): string =>
  table(
    ["parameter", "type", ""],
    operation.parameters.map((parameter) => {
      const schema = plain(parameter.schema)
      const place = ` <small>${parameter.in}${parameter.required ? "" : ", optional"}</small>`
      const words = parameter.description ?? ""
      return [code(parameter.name) + place, typeWords(schema), notesOf(schema, words)]
    })
  )

/** The fields of the body where it is sent, and not behind a link: no other endpoint takes the same. */
const body = (operation: OperationObject, schemas: OpenApiDocument["components"]["schemas"]): string => {
  const schema = plain(operation.requestBody?.content["application/json"]?.schema)
  if (Object.keys(schema).length === 0) return ""
  const name = nameOf(schema)
  return tag("h4", "Body") + fields(name === null ? schema : plain(schemas[name]))
}

interface Endpoint {
  readonly path: string
  readonly method: string
  readonly operation: OperationObject
}

const section = ({ method, operation, path }: Endpoint, document: OpenApiDocument): string => {
  const success = operation.responses["200"]?.content?.["application/json"]?.schema
  return tag(
    "section",
    [
      tag("h3", `<b class="${method}">${method.toUpperCase()}</b> ${tag("code", escaped(path))}`),
      tag("p", `${escaped(operation.summary)}. <small>Takes ${callerWords(operation)}.</small>`),
      parameters(operation),
      body(operation, document.components.schemas),
      success === undefined ? "" : details("data of the answer", answerOf(success)),
      details("statuses and codes", responses(operation))
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

const endpointsOf = (document: OpenApiDocument): ReadonlyArray<Endpoint> =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation }))
  )

type Groups = ReadonlyArray<readonly [name: string, endpoints: ReadonlyArray<Endpoint>]>

const contents = (groups: Groups): string => {
  const listed = groups.map(([name, endpoints]) => {
    const rows = endpoints.map(({ operation }) => tag("li", link(operation.operationId, operation.summary)))
    return tag("li", `${link(`group-${name}`, name)}${tag("ul", rows.join(""))}`)
  })
  const others = ["schemas", "errors"].map((name) => tag("li", link(name, name)))
  return tag("nav", tag("ul", [...listed, ...others].join("")), ' aria-label="Contents"')
}

const opening = ({ info }: OpenApiDocument): string =>
  tag(
    "header",
    [
      tag("h1", escaped(info.title)),
      tag("p", escaped(info.description)),
      tag(
        "p",
        `A token is sent as ${tag("code", "authorization: Bearer isk_r_…")}. ${link("identity.signup", "A signup")} gives an agent one, once, and ${link("identity.whoami", "who it is")} tells what it may do.`
      ),
      tag(
        "p",
        `For tools: <a href="openapi.json">openapi.json</a>. For agents: <a href="llms.txt">llms.txt</a>, <a href="skill.md">skill.md</a>, <a href="cli.md">cli.md</a>.`
      )
    ].join("")
  )

const schemaSections = ({ components }: OpenApiDocument, bodies: ReadonlySet<string | null>): string =>
  Object.entries(components.schemas)
    .filter(([name]) => !bodies.has(name))
    .map(([name, schema]) => {
      const { description, ...rest } = plain(schema)
      const words = typeof description === "string" ? tag("p", prose(description)) : ""
      return tag("section", tag("h3", escaped(name)) + words + fields(rest), anchor(`schema-${name}`))
    })
    .join("")

/** The reference as one page that asks nobody for anything: no script, no font, no picture, no other host. */
export const renderDocs = (document: OpenApiDocument): DocsPage => {
  const endpoints = endpointsOf(document)
  const bodies = new Set(
    endpoints.map(({ operation }) => nameOf(plain(operation.requestBody?.content["application/json"]?.schema)))
  )
  const groups: Groups = document.tags.map(({ name }) => [
    name,
    endpoints.filter(({ operation }) => operation.tags.includes(name))
  ])
  const reference = groups.map(
    ([name, own]) =>
      tag("h2", escaped(name), anchor(`group-${name}`)) + own.map((endpoint) => section(endpoint, document)).join("")
  )
  const main = [
    ...reference,
    tag("h2", "schemas", anchor("schemas")),
    schemaSections(document, bodies),
    tag("h2", "errors", anchor("errors")),
    table(["code", "exit", "status", "retry", "when"], errorRows(), "wide errors")
  ]
  // The empty icon: a browser would ask for one, and complain that the policy forbids it.
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><title>${escaped(document.info.title)}</title><style>${style}</style>`
  const html = `<!doctype html><html lang="en"><head>${head}</head><body>${opening(document)}${contents(groups)}${tag("main", main.join("\n"))}</body></html>`
  const hash = createHash("sha256").update(style).digest("base64")
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  }
}
