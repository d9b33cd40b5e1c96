import { type Answer, answers } from "@image-skill/core/api/Answers"
import type { OperationObject } from "@image-skill/core/api/OpenApiDocument"
import { ruleOf, statusOf } from "@image-skill/core/kernel/Errors"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/ErrorTable"
import { Either, ParseResult, Schema } from "effect"
import { type Answered, contract, operationOf, operatorToken } from "./house.ts"

const table: Readonly<Record<string, Answer>> = answers

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

/** Fields that no schema declares, and values that are not what theirs says. */
const undeclaredFields = (schema: Schema.Schema.AnyNoContext, data: unknown): ReadonlyArray<string> => {
  const decoded = Schema.decodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })(data)
  return Either.isRight(decoded)
    ? []
    : ParseResult.ArrayFormatter.formatErrorSync(decoded.left).map(
        ({ message, path }) => `${path.join(".")} ${message.slice(0, 150)}`
      )
}

const faultsOfEnvelope = (answer: Answered): ReadonlyArray<string> => {
  const { envelope, headers, status } = answer
  if (envelope === null) return [`no envelope: ${answer.text.slice(0, 200)}`]
  const trace = headers.get("x-image-skill-trace-id") === envelope.trace_id ? [] : ["another trace id in the header"]
  const exit = headers.get("x-image-skill-exit-code")
  if (envelope.error === null) {
    return [
      ...trace,
      ...(exit === "0" ? [] : [`exit ${exit}`]),
      ...(status === 200 || status === 202 ? [] : ["status"])
    ]
  }
  const { code } = envelope.error
  if (!isCode(code)) return [`${code} is no code of the table`]
  return [
    ...trace,
    ...(exit === String(ruleOf(code).exit) ? [] : [`${code} with exit ${exit}`]),
    ...(status === statusOf(code) ? [] : [`${code} with status ${status}`]),
    ...(envelope.error.retryable === ruleOf(code).retryable ? [] : [`${code} is retryable or not`])
  ]
}

/** Whether the contract lets who holds the token have an answer. */
const isEntitled = ({ security }: OperationObject, token: string | undefined): boolean =>
  security.length === 0 ||
  security.some((one) => {
    const [scheme] = Object.keys(one)
    if (scheme === undefined) return true
    return scheme === "operator" ? token === operatorToken : token !== undefined && token !== operatorToken
  })

/** Refusals that come before any endpoint is asked. */
const ofEverything: ReadonlySet<string> = new Set(["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "BODY_TOO_LARGE"])

/** What is wrong with an answer, by the contract that the house publishes; nothing when it keeps it. */
export const faultsOf = (answer: Answered): ReadonlyArray<string> => {
  const { asked, envelope, headers, status } = answer
  const operation = operationOf(contract, asked)
  const where = (text: string) => `${asked.method} ${asked.path.slice(0, 200)} ${status}: ${text}`
  if (status === 500) return [where(answer.text.slice(0, 300))]
  if (asked.method === "HEAD" || asked.method === "OPTIONS") return []
  const declared = operation?.responses[String(status)]
  const described = operation === undefined ? undefined : table[operation.operationId]
  const contentType = headers.get("content-type")?.split(";")[0] ?? ""
  const isPage = described?.raw?.statuses[status] !== undefined
  if (isPage && envelope === null) {
    const isDeclared = answer.text === "" || (described.raw?.contentTypes ?? []).includes(contentType)
    return isDeclared ? [] : [where(`${contentType} is not declared`)]
  }
  const faults = faultsOfEnvelope(answer)
  const code = envelope?.error?.code
  if (operation === undefined || (code !== undefined && ofEverything.has(code))) return faults.map(where)
  const examples = Object.keys(declared?.content?.["application/json"]?.examples ?? {})
  return [
    ...faults,
    ...(envelope?.ok === true && !isEntitled(operation, asked.token) ? ["answered without the token it takes"] : []),
    ...(declared === undefined ? ["the status is not declared"] : []),
    ...(code === undefined || examples.includes(code) ? [] : [`${code} is not declared`]),
    ...(envelope?.ok === true && described?.data ? undeclaredFields(described.data, envelope.data) : [])
  ].map(where)
}
