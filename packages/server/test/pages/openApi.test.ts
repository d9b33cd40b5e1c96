import { HttpApi } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { answers } from "@image-skill/core/api/Answers"
import { Api } from "@image-skill/core/api/Api"
import { Caller } from "@image-skill/core/api/Caller"
import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import { isObject, type Json, JsonObject } from "@image-skill/core/kernel/Json"
import { Context, Option, Schema } from "effect"
import { renderDocs } from "../../src/pages/DocsPage.ts"

const document = Schema.decodeUnknownSync(Schema.parseJson(JsonObject))(JSON.stringify(openApiDocument()))

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** The value at a path of JSON pointers' kind; undefined where there is none. */
const at = (path: string): Json | undefined =>
  path
    .slice(2)
    .split("/")
    .reduce<Json | undefined>((value, name) => (isObject(value) ? value[name] : undefined), document)

const visit = (value: Json, see: (object: JsonObject) => void): void => {
  if (isList(value)) for (const one of value) visit(one, see)
  else if (isObject(value)) {
    see(value)
    for (const one of Object.values(value)) visit(one, see)
  }
}

/** The fields of a body that is a named schema. */
const bodyOf = (schema: unknown): JsonObject => {
  const named = JSON.stringify(schema ?? {})
  const found = at(/"(#\/components\/schemas\/[^"]+)"/.exec(named)?.[1] ?? "#/none")
  const properties = isObject(found) ? found["properties"] : undefined
  return isObject(properties) ? properties : {}
}

const operations = Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation }))
)

describe("the OpenAPI document", () => {
  it("has every endpoint of the API, each described, and refers to nothing that is not there", () => {
    const endpoints: Array<string> = []
    HttpApi.reflect(Api, {
      onGroup: () => {},
      onEndpoint: ({ endpoint, group }) => void endpoints.push(`${group.identifier}.${endpoint.name}`)
    })
    assert.deepStrictEqual(Object.keys(answers).sort(), [...endpoints].sort())
    assert.deepStrictEqual(operations.map(({ operation }) => operation.operationId).sort(), endpoints.sort())
    const missing: Array<string> = []
    visit(document, ({ $ref }) => {
      if (typeof $ref === "string" && at($ref) === undefined) missing.push($ref)
    })
    assert.deepStrictEqual(missing, [])
  })

  it("asks for a token, and for the grant that it names, before all else", () => {
    const [found, expected]: [Array<string>, Array<string>] = [[], []]
    HttpApi.reflect(Api, {
      onGroup: () => {},
      onEndpoint: ({ endpoint, group }) => {
        const id = `${group.identifier}.${endpoint.name}`
        const told = Object.entries(answers).find(([one]) => one === id)?.[1]
        found.push(`${id}: ${JSON.stringify(Option.getOrNull(Context.getOption(endpoint.annotations, Caller)))}`)
        const needed = told?.caller === "agent" ? { grant: told.grant ?? null } : told?.caller
        expected.push(`${id}: ${JSON.stringify(typeof needed === "object" || needed === "operator" ? needed : null)}`)
      }
    })
    assert.deepStrictEqual(found, expected)
  })

  it("says what each field of a request is", () => {
    const silent = operations.flatMap(({ method, operation, path }) => {
      const body = bodyOf(operation.requestBody?.content["application/json"]?.schema)
      const fields = Object.entries(body).filter(([, field]) => !isObject(field) || field["description"] === undefined)
      const parameters = operation.parameters.filter(({ description }) => description === undefined)
      return [...parameters.map(({ name }) => name), ...fields.map(([name]) => name)].map(
        (name) => `${method} ${path} ${name}`
      )
    })
    assert.deepStrictEqual(silent, [])
    assert.isAbove(Object.keys(bodyOf({ $ref: "#/components/schemas/CreatePayload" })).length, 10)
  })

  it("has no words and no components that only the machinery knows", () => {
    const made: Array<string> = []
    visit(document, ({ $ref, description, title, type }) => {
      if (typeof title === "string" && typeof type === "string") made.push(title)
      if (typeof description === "string" && /^a (number|string) /.test(description)) made.push(description)
      if ($ref === "#/components/schemas/Int") made.push($ref)
    })
    assert.deepStrictEqual(made, [])
    const { wait_ms } = bodyOf({ $ref: "#/components/schemas/CreatePayload" })
    assert.deepNestedInclude(wait_ms, { "anyOf[0]": { type: "integer", minimum: 0, maximum: 120_000 } })
  })

  it("names the token that each endpoint takes, and an example for each of its codes", () => {
    for (const { operation, path } of operations) {
      const codes = Object.values(operation.responses).flatMap(({ content }) =>
        Object.keys(content?.["application/json"]?.examples ?? {})
      )
      assert.includeMembers(codes, ["INVALID_ARGUMENTS", "INTERNAL"], path)
      const isOpen = operation.security.length === 0
      assert.strictEqual(codes.includes("AUTH_REQUIRED"), !isOpen, path)
      if (path.startsWith("/v1/admin/")) assert.deepStrictEqual(operation.security, [{ operator: [] }])
    }
  })

  it("is the reference page too, which needs no other host and no script", () => {
    const { contentSecurityPolicy, html } = renderDocs(openApiDocument())
    for (const { operation } of operations) assert.include(html, ` id="${operation.operationId}"`)
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target ?? "")
    assert.deepStrictEqual(
      targets.filter((target) => !html.includes(` id="${target}"`)),
      []
    )
    assert.notMatch(html, /<script|<link(?! rel="icon" href="data:,">)|<img|<iframe|\bon[a-z]+=|src=|url\(/)
    assert.match(contentSecurityPolicy, /default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:;/)
  })
})
