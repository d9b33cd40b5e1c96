/** A batch as it was written: what its items share, and the items. */
import { type Failure, fail, type Issue } from "@image-skill/core/kernel/Errors"
import { isObject, Json, JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect, Either, ParseResult, Schema } from "effect"
import type { Session } from "../Session.ts"
import { absolute, inWords, listingNear, readLimited } from "./files.ts"

export const batchItemsMax = 1000
const batchBytesMax = 16 * 1024 * 1024

const says = (message: string) => ({ message: () => ({ message, override: true }) })

const Amount = Schema.Number.pipe(Schema.between(0, 100_000)).annotations(says("an amount of USD from 0 to 100000"))

const text = Schema.String.pipe(Schema.minLength(1)).annotations(says("a text that is not empty"))

const maybe = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const shared = {
  model: maybe(text),
  provider: maybe(text),
  intent: maybe(text),
  aspect_ratio: maybe(text),
  output_count: maybe(
    Schema.Int.pipe(Schema.between(1, limits.outputCountMax)).annotations(
      says(`a whole number from 1 to ${limits.outputCountMax}`)
    )
  ),
  model_parameters: maybe(JsonObject),
  references: maybe(Schema.Array(JsonObject)),
  max_estimated_usd_per_image: maybe(Amount),
  max_usd: maybe(Amount),
  accept_unknown_cost: maybe(Schema.Boolean),
  prompt: maybe(Schema.String),
  /** A file name, or a template of one. */
  output: maybe(text)
}

const Defaults = Schema.Struct(shared)
export type BatchDefaults = typeof Defaults.Type

const Item = Schema.Struct({
  id: maybe(
    Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9._-]{1,64}$/)).annotations(
      says("1 to 64 letters, digits, dots, dashes and underscores")
    )
  ),
  ...shared
})

export interface BatchItem {
  /** The item's own id, or its place from 0. */
  readonly id: string
  readonly fields: BatchDefaults
}

export interface Batch {
  readonly defaults: BatchDefaults
  readonly items: ReadonlyArray<BatchItem>
}

const strictly = { onExcessProperty: "error", errors: "all" } as const

const issuesOf =
  (path: string) =>
  (error: ParseResult.ParseError): ReadonlyArray<Issue> =>
    ParseResult.ArrayFormatter.formatErrorSync(error).map((one) => {
      const field = [path, ...one.path].join(".")
      const isUnknown = one._tag === "Unexpected"
      const allowed = Object.keys(Item.fields).join(", ")
      return {
        path: field,
        message: isUnknown ? `${field} is no field of an item; allowed: ${allowed}` : `${field}: ${one.message}`
      }
    })

interface Raw {
  readonly defaults: Json
  readonly items: ReadonlyArray<Json>
}

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const decodeJson = Schema.decodeUnknownEither(Schema.parseJson(Json))

const rawOfLines = (content: string): Either.Either<Raw, ReadonlyArray<Issue>> => {
  const lines = content.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [{ line, number: index + 1 }]))
  const issues: Array<Issue> = []
  const values = lines.flatMap(({ line, number }) =>
    Either.match(decodeJson(line), {
      onLeft: () => {
        issues.push({ path: `line ${number}`, message: `line ${number} is no JSON` })
        return []
      },
      onRight: (value) => [value]
    })
  )
  const [first] = values
  if (issues.length > 0) return Either.left(issues)
  return isObject(first) && first.defaults !== undefined && Object.keys(first).length === 1
    ? Either.right({ defaults: first.defaults, items: values.slice(1) })
    : Either.right({ defaults: {}, items: values })
}

const rawOf = (content: string): Either.Either<Raw, ReadonlyArray<Issue>> => {
  const whole = Either.getOrNull(decodeJson(content))
  if (isList(whole)) return Either.right({ defaults: {}, items: whole })
  if (!isObject(whole) || whole.items === undefined) return rawOfLines(content)
  const unknown = Object.keys(whole).filter((name) => name !== "defaults" && name !== "items")
  if (unknown.length > 0 || !isList(whole.items)) {
    const [name = "items"] = unknown
    return Either.left([{ path: name, message: `${name}: allowed are defaults, an object, and items, a list` }])
  }
  return Either.right({ defaults: whole.defaults ?? {}, items: whole.items })
}

const decoded = ({ defaults, items }: Raw): Either.Either<Batch, ReadonlyArray<Issue>> => {
  const issues: Array<Issue> = []
  const orIssues = <A>(path: string, result: Either.Either<A, ParseResult.ParseError>): A | null =>
    Either.getOrElse(Either.mapLeft(result, issuesOf(path)), (found) => {
      issues.push(...found)
      return null
    })
  const common = orIssues("defaults", Schema.decodeUnknownEither(Defaults, strictly)(defaults))
  const seen = new Set<string>()
  const all = items.map((item, index): BatchItem => {
    const { id = String(index), ...fields } =
      orIssues(`items[${index}]`, Schema.decodeUnknownEither(Item, strictly)(item)) ?? {}
    if (seen.has(id)) issues.push({ path: `items[${index}].id`, message: `items[${index}].id is ${id}, as another's` })
    seen.add(id)
    return { id, fields }
  })
  if (items.length === 0 || items.length > batchItemsMax) {
    issues.push({ path: "items", message: `there are ${items.length} items; allowed: 1 to ${batchItemsMax}` })
  }
  return issues.length > 0 ? Either.left(issues) : Either.right({ defaults: common ?? {}, items: all })
}

/** Every wrong field is named, with its item; JSON with items, a JSON list, and JSON Lines are read. */
export const parseBatch = (content: string): Either.Either<Batch, ReadonlyArray<Issue>> =>
  Either.flatMap(rawOf(content), decoded)

const contentOf = (session: Session, file: string): Effect.Effect<string, Failure> =>
  (file === "-"
    ? Effect.tryPromise({
        try: () => session.host.readStdin(batchBytesMax),
        catch: (error) => (error instanceof Error ? error.message : String(error))
      })
    : readLimited(absolute(session.host.workingDirectory, file), batchBytesMax).pipe(
        Effect.mapError((problem) =>
          problem.kind === "too_large"
            ? `it is ${problem.bytes} bytes; allowed: ${batchBytesMax}`
            : inWords(problem.reason)
        )
      )
  ).pipe(
    Effect.map((bytes) => new TextDecoder().decode(bytes)),
    Effect.catchAll((reason) =>
      fail("FILE_READ_FAILED", `--batch ${JSON.stringify(file)} cannot be read: ${reason}`, {
        recovery: {
          ...(file === "-" ? {} : { suggested_command: listingNear(session.host.workingDirectory, file) }),
          fields: ["--batch"]
        }
      })
    )
  )

const shownMax = 100

export const readBatch = (session: Session, file: string): Effect.Effect<Batch, Failure> =>
  Effect.flatMap(contentOf(session, file), (content) =>
    Either.match(parseBatch(content), {
      onRight: (batch) => Effect.succeed(batch),
      onLeft: (issues) =>
        fail(
          "INVALID_ARGUMENTS",
          `The batch has ${issues.length} mistake${issues.length === 1 ? "" : "s"}, nothing was sent: ${issues[0]?.message ?? ""}`,
          {
            details: { issues: issues.slice(0, shownMax).map(({ message, path }) => ({ path, message })) },
            recovery: { fields: ["--batch"], suggested_command: "image-skill help create --json" }
          }
        )
    })
  )
