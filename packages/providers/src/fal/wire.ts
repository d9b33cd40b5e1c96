import { Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { parseUsd, shareUp, ticksPerUsd, UsdTicks } from "@image-skill/core/kernel/Money"
import {
  type Outcome,
  ProviderError,
  type ProviderOutput,
  type SpooledReply
} from "@image-skill/core/provider/Provider"
import { Effect, Either, Option, Schema } from "effect"
import type { Route } from "./Record.ts"

/** Finds accepted work again, also in another process. The addresses are the provider's own: they cannot be derived. */
export const Handle = Schema.Struct({
  request_id: Schema.String.pipe(Schema.maxLength(200)),
  status_url: Schema.String,
  response_url: Schema.String,
  cancel_url: Schema.String
})
export type Handle = typeof Handle.Type

export const Submitted = Schema.parseJson(Handle)

/** Only these three states exist; work that failed is `COMPLETED` as well. */
export const Status = Schema.parseJson(
  Schema.Struct({
    status: Schema.Literal("IN_QUEUE", "IN_PROGRESS", "COMPLETED"),
    error: Schema.optional(Schema.Unknown),
    error_type: Schema.optional(Schema.NullOr(Schema.String))
  })
)

/** An address of the provider's is followed only at the origin and under the path that the operator configured. */
export const isOurs = (base: URL, address: string): boolean => {
  if (!URL.canParse(address)) return false
  const url = new URL(address)
  const root = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`
  return url.origin === base.origin && url.username === "" && url.password === "" && url.pathname.startsWith(root)
}

const File = Schema.Struct({ url: Schema.String })
const Answer = Schema.parseJson(
  Schema.Struct({
    images: Schema.optional(Schema.Array(File)),
    image: Schema.optional(Schema.NullOr(File)),
    has_nsfw_concepts: Schema.optional(Schema.NullOr(Schema.Array(Schema.Boolean))),
    seed: Schema.optional(Schema.Unknown)
  })
)
const decodeAnswer = Schema.decodeUnknown(Answer)

/** The units that were billed, times what one costs; null when either is not known. Rounded up to a tick. */
const costOf = (route: Route, facts: JsonObject): UsdTicks | null => {
  const units = facts["billable_units"]
  if (route.unitTicks === undefined || typeof units !== "string") return null
  // A count of units is a decimal like an amount of dollars, and is read as exactly.
  return Either.match(parseUsd(units), {
    onLeft: () => null,
    onRight: (scaled) => shareUp(UsdTicks.make(route.unitTicks ?? 0), scaled, ticksPerUsd)
  })
}

/** Images by address, in order. One that was flagged is delivered black: it is no image, and was paid. */
export const decodeReply = (route: Route, reply: SpooledReply): Effect.Effect<Outcome, ProviderError> =>
  decodeAnswer(new TextDecoder().decode(reply.bytes)).pipe(
    Effect.mapError(
      () => new ProviderError({ reason: "bad_output", message: "the provider's answer cannot be read", billed: "yes" })
    ),
    Effect.map((answer) => {
      const files = route.isSingle === true ? (answer.image ? [answer.image] : []) : (answer.images ?? [])
      const flags = route.hasFlags === true ? (answer.has_nsfw_concepts ?? []) : []
      return {
        outputs: files.map(
          ({ url }, index): ProviderOutput => (flags[index] === true ? { _tag: "Refused" } : { _tag: "Url", url })
        ),
        cost: costOf(route, reply.facts),
        warnings: [],
        details: typeof answer.seed === "number" ? { seed: answer.seed } : {}
      }
    })
  )

const Detail = Schema.Struct({
  type: Schema.optional(Schema.String),
  loc: Schema.optional(Schema.Array(Schema.Union(Schema.String, Schema.Number)))
})
const ErrorBody = Schema.parseJson(
  Schema.Struct({
    detail: Schema.optional(Schema.Union(Schema.String, Schema.Array(Detail), Json)),
    error_type: Schema.optional(Schema.NullOr(Schema.String))
  })
)
const decodeErrorBody = Schema.decodeUnknownOption(ErrorBody)
const isDetails = Schema.is(Schema.Array(Detail))

/** An answer that is no success, read as far as errors go. */
export interface ErrorAnswer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly text: string
}

/** What an error says of itself. `isOwn`: it is fal's, not of a proxy before it. */
export interface ErrorFacts {
  readonly types: ReadonlyArray<string>
  readonly fields: ReadonlyArray<string>
  readonly isOwn: boolean
  readonly isAccountLocked: boolean
}

const word = /^[\w.-]{1,60}$/

export const errorFacts = ({ headers, text }: ErrorAnswer): ErrorFacts => {
  const body = Option.getOrNull(decodeErrorBody(text))
  const details = isDetails(body?.detail) ? body.detail : []
  const header = headers["x-fal-error-type"]
  const types = [...details.map((one) => one.type), body?.error_type, typeof header === "string" ? header : null]
  return {
    types: types.filter((one) => typeof one === "string").filter((one) => word.test(one)),
    // Names of fields are public; what stood in them is not.
    fields: details
      .flatMap((one) => one.loc?.slice(1, 2) ?? [])
      .map(String)
      .filter((one) => word.test(one)),
    isOwn: body?.detail !== undefined || types.some((one) => typeof one === "string"),
    isAccountLocked: typeof body?.detail === "string" && /balance|locked|credit|billing/i.test(body.detail)
  }
}
