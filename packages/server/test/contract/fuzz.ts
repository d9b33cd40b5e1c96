import type { OperationObject } from "@image-skill/core/api/OpenApiDocument"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { JsonObject as JsonObjectSchema } from "@image-skill/core/kernel/Json"
import { Schema } from "effect"
import * as FastCheck from "effect/FastCheck"
import { broken, type Contract, valuesOf, wordsOf } from "./generate.ts"
import { type Asked, contract, type House, operatorToken } from "./house.ts"
import { faultsOf } from "./judge.ts"

const plain = Schema.decodeUnknownSync(Schema.parseJson(JsonObjectSchema))

const jsonOf = (value: unknown): JsonObject => plain(JSON.stringify(value ?? {}))

/** An unpaired surrogate has no encoding. */
const escaped = (text: string) => encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "\ufffd"))

const isHeader = (text: string) => /^[\t\x20-\x7e]*$/.test(text)

interface Endpoint {
  readonly method: string
  readonly path: string
  readonly operation: OperationObject
}

const endpoints: ReadonlyArray<Endpoint> = Object.entries(contract.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
)

/** Bodies whose schema cannot say what is right: a body of a rail, and none. */
const rawBodies: ReadonlyArray<unknown> = [
  "",
  "{",
  "null",
  "[]",
  '"x"',
  "{}",
  '{"a":',
  '{"__proto__":{"a":1}}',
  "\ufeff{}",
  new Uint8Array([0xff, 0xfe, 0, 1]),
  `${"[".repeat(500)}${"]".repeat(500)}`
]

const headersOf = FastCheck.constantFrom<Readonly<Record<string, string>>>(
  {},
  {},
  {},
  { "content-type": "text/plain" },
  { "content-type": "multipart/form-data; boundary=x" },
  { "content-type": "application/x-www-form-urlencoded" },
  { "idempotency-key": "x".repeat(300) },
  { "idempotency-key": "" },
  { prefer: "respond-async" },
  { range: "bytes=5-1", "if-none-match": "*" },
  { "stripe-signature": "t=1,v1=00" },
  { "x-forwarded-for": "not an address" },
  { accept: "text/html" }
)

const tokensOf = (token: string) =>
  FastCheck.constantFrom<string | undefined>(
    token,
    token,
    token,
    token,
    token,
    operatorToken,
    undefined,
    "isk_r_no",
    "x"
  )

/** Requests of one endpoint: right ones, and ones that are wrong somewhere. */
const requestsOf = (
  { method, operation, path }: Endpoint,
  token: string,
  known: Contract
): FastCheck.Arbitrary<Asked> => {
  const parts = operation.parameters.map((parameter) =>
    FastCheck.option(wordsOf(jsonOf(parameter.schema), known, place(path, parameter.name)), {
      freq: parameter.required ? 50 : 2,
      nil: undefined
    }).map((value) => ({ in: parameter.in, name: parameter.name, value }))
  )
  const schema = operation.requestBody?.content["application/json"]?.schema
  const bodies: FastCheck.Arbitrary<unknown> =
    method === "GET"
      ? FastCheck.constant(undefined)
      : schema === undefined
        ? FastCheck.constantFrom(undefined, ...rawBodies)
        : FastCheck.oneof(
            { weight: 4, arbitrary: valuesOf(jsonOf(schema), known) },
            { weight: 3, arbitrary: broken(valuesOf(jsonOf(schema), known)) },
            { weight: 1, arbitrary: FastCheck.constantFrom(...rawBodies) }
          )
  const methods = FastCheck.oneof(
    { weight: 30, arbitrary: FastCheck.constant(method) },
    { weight: 1, arbitrary: FastCheck.constantFrom("PUT", "PATCH", "OPTIONS") }
  )
  return FastCheck.tuple(FastCheck.tuple(...parts), bodies, headersOf, tokensOf(token), methods).map(
    ([values, body, headers, bearer, verb]): Asked => {
      const given = values.flatMap(({ in: place, name, value }) =>
        value === undefined ? [] : [{ place, name, value }]
      )
      const query = given.filter(({ place }) => place === "query").map(({ name, value }) => `${name}=${escaped(value)}`)
      const filled = given
        .filter(({ place }) => place === "path")
        .reduce((whole, { name, value }) => whole.replace(`{${name}}`, () => escaped(value)), path)
      const own = given
        .filter(({ place, value }) => place === "header" && isHeader(value))
        .map(({ name, value }) => [name, value] as const)
      return {
        method: verb,
        path: `${filled.replace(/\{[^}]+\}/g, "x")}${query.length === 0 ? "" : `?${query.join("&")}`}`,
        headers: { ...Object.fromEntries(own), ...headers },
        ...(bearer === undefined ? {} : { token: bearer }),
        ...(body === undefined || verb === "OPTIONS" ? {} : { body })
      }
    }
  )
}

/** `id` is an id of what stands before it. */
const place = (path: string, name: string) => (name === "id" ? (/([a-z]+)\/\{id\}/.exec(path)?.[1] ?? name) : name)

const words = [
  "1:1",
  "16:9",
  "auto",
  "explore",
  "image.edit",
  "starter-500",
  "fake",
  "reference_image",
  "stand-in",
  "x"
]
const models = ["stand-in.make", "stand-in.change", "stand-in.refuse", "local.resize", "fal.no-such"]

/** Texts that lead further than "not found". */
const knownIn =
  (ids: ReadonlyArray<string>): Contract["knownOf"] =>
  (field) => {
    const of = (kind: RegExp) => ids.filter((id) => kind.test(id))
    const fitting = /model/.test(field)
      ? models
      : /asset|file|mask/.test(field)
        ? of(/^image_/)
        : /job/.test(field)
          ? of(/^job_/)
          : /quote|pay|receipt|session/.test(field)
            ? of(/^(quote|payatt|receipt|cs)_/)
            : []
    // What the operator does to an agent would end the run.
    return fitting.length > 0 ? fitting : [...words, ...ids.filter((id) => !/^(agt|org)_/.test(id))]
  }

export interface Tokens {
  readonly agent: string
  /** Of an agent that is not needed later: a signup that carries a token ends it. */
  readonly spare: string
}

const tokenFor = ({ operation }: Endpoint, { agent, spare }: Tokens) =>
  operation.operationId === "identity.signup" ? spare : agent

/**
 * Asks every endpoint `count` times for what its contract describes, and for what it nearly does. What is wrong with
 * the answers.
 */
export const fuzz = async (
  house: House,
  tokens: Tokens,
  ids: ReadonlyArray<string>,
  { count, seed }: { readonly count: number; readonly seed: number }
): Promise<{ readonly asked: number; readonly codes: ReadonlySet<string>; readonly faults: ReadonlyArray<string> }> => {
  const schemas = jsonOf(contract.components.schemas)
  const texts = { schemas, knownOf: knownIn(ids) }
  const sets = endpoints.map((endpoint, at) =>
    FastCheck.sample(requestsOf(endpoint, tokenFor(endpoint, tokens), texts), { numRuns: count, seed: seed + at })
  )
  const waiting = Array.from({ length: count }, (_, round) => sets.flatMap((set) => set.slice(round, round + 1))).flat()
  const asked = waiting.length
  const codes = new Set<string>()
  const faults: Array<string> = []
  const next = async (): Promise<void> => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const answer = await house.ask(one).catch((error: unknown) => String(error))
      if (typeof answer === "string") faults.push(`${one.method} ${one.path.slice(0, 200)}: ${answer}`)
      else {
        codes.add(answer.envelope?.error?.code ?? String(answer.status))
        faults.push(...faultsOf(answer).map((fault) => `${fault} <- ${JSON.stringify(one.body ?? null).slice(0, 300)}`))
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, next))
  return { asked, codes, faults }
}
