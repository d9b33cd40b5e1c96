import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, HttpServerRequest } from "@effect/platform"
import { Effect, Schema } from "effect"
import { Envelope } from "../kernel/Envelope.ts"
import { PaymentAttemptId, QuoteId, ReceiptId } from "../kernel/Ids.ts"
import type { QuoteRequest } from "../ledger/CreditTerms.ts"
import type { PaymentReference, PurchaseRequest } from "../ledger/Purchases.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import {
  anyId,
  IdempotencyHeaders,
  IdempotencyKey,
  idempotencyHeader,
  Name,
  optional,
  query,
  strict
} from "./Fields.ts"

export const QuotePayload = strict({
  credits: optional(Schema.Number),
  pack_id: optional(Name),
  payment_method: optional(Name),
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "QuotePayload" })
export type QuotePayload = typeof QuotePayload.Type

export const PurchasePayload = strict({
  quote_id: anyId(QuoteId),
  provider: optional(Name),
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "PurchasePayload" })
export type PurchasePayload = typeof PurchasePayload.Type

export const StatusQuery = query({
  quote_id: Schema.optional(anyId(QuoteId)),
  payment_attempt_id: Schema.optional(anyId(PaymentAttemptId)),
  checkout_session_id: Schema.optional(Name),
  receipt_id: Schema.optional(anyId(ReceiptId))
})
export type StatusQuery = typeof StatusQuery.Type

/** Where quotes are bought: rails that settle by themselves, and those that send a person to a page. */
export const purchaseEndpoints = {
  direct: "/v1/credit-purchases",
  checkout: "/v1/credit-purchases/stripe-checkout-sessions"
} as const

/** What credits cost, and how they are bought. */
export const CreditsApi = HttpApiGroup.make("credits")
  .add(
    HttpApiEndpoint.get("methods", "/v1/payment-methods")
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits methods")
  )
  .add(
    HttpApiEndpoint.get("packs", "/v1/credit-packs")
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits packs list")
  )
  .add(
    HttpApiEndpoint.post("quote", "/v1/credit-quotes")
      .setHeaders(IdempotencyHeaders)
      .setPayload(QuotePayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits quote")
      .annotate(Caller, { grant: "credits" })
  )
  .add(
    HttpApiEndpoint.post("purchase", purchaseEndpoints.direct)
      .setHeaders(IdempotencyHeaders)
      .setPayload(PurchasePayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits fake-purchase")
      .annotate(Caller, { grant: "credits" })
  )
  .add(
    HttpApiEndpoint.post("checkout", purchaseEndpoints.checkout)
      .setHeaders(IdempotencyHeaders)
      .setPayload(PurchasePayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits buy")
      .annotate(Caller, { grant: "credits" })
  )
  .add(
    HttpApiEndpoint.get("status", "/v1/credit-purchases/status")
      .setUrlParams(StatusQuery)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill credits status")
      .annotate(Caller, { grant: "credits" })
  )
  .add(
    // The unguessable id is the capability: no token.
    HttpApiEndpoint.get("pay")`/pay/${HttpApiSchema.param("id", anyId(PaymentAttemptId))}`
      .addSuccess(Schema.String)
      .annotate(Command, "image-skill credits buy")
  )
  .add(
    // The signature is the token. The body is read raw.
    HttpApiEndpoint.post("stripeWebhook", "/webhooks/stripe")
      .addSuccess(Schema.String)
      .annotate(Command, "image-skill credits status")
  )

const headerKey = Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => headers[idempotencyHeader] ?? null)

/** The request that a body and its `Idempotency-Key` header stand for; the body's key wins. */
export const quoteRequestOf = (
  payload: QuotePayload
): Effect.Effect<QuoteRequest, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(headerKey, (key) => ({
    credits: payload.credits ?? null,
    packId: payload.pack_id ?? null,
    paymentMethod: payload.payment_method ?? null,
    idempotencyKey: payload.idempotency_key ?? key
  }))

export const purchaseRequestOf = (
  payload: PurchasePayload
): Effect.Effect<PurchaseRequest, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(headerKey, (key) => ({
    quoteId: payload.quote_id,
    provider: payload.provider ?? null,
    idempotencyKey: payload.idempotency_key ?? key
  }))

/** Every reference that a query names. */
export const referencesOf = (query: StatusQuery): ReadonlyArray<PaymentReference> => [
  ...(query.quote_id === undefined ? [] : [{ kind: "quote", id: query.quote_id } as const]),
  ...(query.payment_attempt_id === undefined ? [] : [{ kind: "attempt", id: query.payment_attempt_id } as const]),
  ...(query.checkout_session_id === undefined ? [] : [{ kind: "session", id: query.checkout_session_id } as const]),
  ...(query.receipt_id === undefined ? [] : [{ kind: "receipt", id: query.receipt_id } as const])
]
