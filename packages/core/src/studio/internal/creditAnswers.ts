import { Clock, Effect } from "effect"
import type { JsonObject } from "../../kernel/Json.ts"
import { isoOf } from "../../kernel/Time.ts"
import { type CreditPack, creditPacks } from "../../ledger/CreditTerms.ts"
import type { Availability, PaymentRail } from "../../ledger/PaymentRail.ts"
import {
  type CreditQuote,
  type PaymentAttempt,
  type PaymentReceipt,
  type ProviderEvent,
  quoteState
} from "../../ledger/PaymentRecords.ts"
import type { PurchaseStatus } from "../../ledger/Purchases.ts"
import { outCents, rejectedCents } from "../../ledger/Reversals.ts"

type UrlOf = (attempt: PaymentAttempt) => string

export const methodAnswer = (rail: PaymentRail, offered: Availability): JsonObject => ({
  method_id: rail.id,
  available: offered.available,
  live_money: rail.isLive,
  buyer_modes: [...rail.buyerModes],
  requires_browser: rail.requiresBrowser,
  ...(rail.defaultPackId === null ? {} : { default_pack_id: rail.defaultPackId }),
  min_amount_cents: rail.amountCentsMin,
  purchase_endpoint: rail.purchaseEndpoint,
  ...(offered.available
    ? {}
    : { unavailable_reason: offered.reason, recovery: { suggested_commands: [...offered.commands] } })
})

export const packAnswer = (pack: CreditPack): JsonObject => ({
  pack_id: pack.id,
  name: pack.name,
  credits: pack.credits,
  amount_cents: pack.credits,
  currency: "USD"
})

const quoteFields = (quote: CreditQuote, now: number): JsonObject => {
  const pack = creditPacks.find(({ id }) => id === quote.packId)
  return {
    quote_id: quote.id,
    state: quoteState(quote, now),
    credits: quote.credits,
    price_amount_cents: quote.amountCents,
    currency: quote.currency,
    expires_at: isoOf(quote.expiresAt),
    accepted_payment_method: quote.rail,
    idempotency_key: quote.idempotencyKey,
    pack_id: quote.packId,
    pack: pack === undefined ? null : packAnswer(pack)
  }
}

export const quoteAnswer = (quote: CreditQuote, isLive: boolean): Effect.Effect<JsonObject> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({ ...quoteFields(quote, now), live_money: isLive }))

/** What the wire calls the state of a purchase. */
const stateOf = (attempt: PaymentAttempt): string => {
  if (attempt.state === "requires_action") return "action_required"
  return attempt.state === "created" ? "processing" : attempt.state
}

const places = (attempt: PaymentAttempt, urlOf: UrlOf): JsonObject =>
  attempt.url === null
    ? {}
    : {
        checkout_handoff_url: urlOf(attempt),
        checkout_compact_url: attempt.url,
        checkout_url: attempt.url
      }

const afterPayment = (attempt: PaymentAttempt) =>
  `open checkout_handoff_url, or the full checkout_url if only that is available, then poll image-skill credits status --payment-attempt-id ${attempt.id} --json or image-skill usage quota --json; credits are granted only after the payment is verified`

const humanNext = (attempt: PaymentAttempt, urlOf: UrlOf): JsonObject => ({
  human_action: attempt.url === null ? "await_approval" : "open_checkout_url",
  ...places(attempt, urlOf),
  ...(attempt.url === null ? {} : { fallback_checkout_url: attempt.url })
})

/** The answer of a purchase: settled at once, or waiting for a person. */
export const purchaseAnswer = (
  bought: PurchaseStatus & { readonly rail: PaymentRail; readonly isReplay: boolean },
  urlOf: UrlOf
): JsonObject => {
  const { attempt, isReplay, quote, rail, receipt } = bought
  const common = {
    quote_id: quote.id,
    accepted_payment_method: quote.rail,
    credits: quote.credits,
    amount_cents: quote.amountCents,
    currency: quote.currency,
    idempotency_key: attempt?.idempotencyKey ?? null,
    live_money: rail.isLive,
    provider: rail.provider,
    payment_attempt_id: attempt?.id ?? null,
    ...(isReplay ? { idempotent_replay: true } : {})
  }
  if (receipt !== null) {
    return {
      state: "succeeded",
      ...common,
      receipt_id: receipt.id,
      credit_event_id: receipt.creditEventId,
      credits_granted: receipt.credits,
      balance_after: receipt.balanceAfter
    }
  }
  if (attempt === null) return { state: "processing", ...common }
  return {
    state: stateOf(attempt),
    ...common,
    checkout_session_id: attempt.sessionId,
    ...places(attempt, urlOf),
    expires_at: isoOf(attempt.expiresAt),
    next: { ...humanNext(attempt, urlOf), after_payment: afterPayment(attempt) }
  }
}

const attemptFields = (attempt: PaymentAttempt, urlOf: UrlOf): JsonObject => ({
  payment_attempt_id: attempt.id,
  checkout_session_id: attempt.sessionId,
  ...places(attempt, urlOf),
  attempt_status: attempt.state === "created" ? "processing" : attempt.state,
  live_money: attempt.isLive,
  created_at: isoOf(attempt.createdAt),
  expires_at: isoOf(attempt.expiresAt)
})

const receiptFields = (receipt: PaymentReceipt): JsonObject => ({
  receipt_id: receipt.id,
  amount_cents: receipt.amountCents,
  currency: "USD",
  payment_method: receipt.rail,
  live_money: receipt.isLive,
  created_at: isoOf(receipt.createdAt)
})

const creditFields = (receipt: PaymentReceipt): JsonObject => ({
  credit_event_id: receipt.creditEventId,
  credits_granted: receipt.credits,
  balance_after: receipt.balanceAfter
})

const eventFields = (stored: ProviderEvent): JsonObject => ({
  provider_event_id: stored.event.eventId,
  type: stored.event.kind,
  received_at: isoOf(stored.receivedAt)
})

const reversalFields = (reversal: PurchaseStatus["reversals"][number]): JsonObject => ({
  payment_reversal_id: reversal.id,
  kind: reversal.kind,
  amount_cents: reversal.amountCents,
  credits_applied: reversal.countedCents - reversal.pendingCents,
  credits_pending: reversal.pendingCents,
  credits_rejected: rejectedCents(reversal),
  state:
    outCents(reversal) === 0
      ? "reinstated"
      : reversal.pendingCents > 0
        ? "reversal_pending"
        : reversal.countedCents === 0
          ? "rejected"
          : "applied",
  created_at: isoOf(reversal.createdAt)
})

const nextOf = (quote: CreditQuote, attempt: PaymentAttempt | null, state: string, urlOf: UrlOf): JsonObject => {
  if (attempt !== null && attempt.state === "requires_action")
    return { retry_after_seconds: 10, ...humanNext(attempt, urlOf) }
  if (attempt !== null && (attempt.state === "created" || attempt.state === "processing"))
    return { retry_after_seconds: 10, command: `image-skill credits status --payment-attempt-id ${attempt.id} --json` }
  if (state === "succeeded") return { command: "image-skill usage quota --json" }
  const terms = quote.packId === null ? `--credits ${quote.credits}` : `--pack ${quote.packId}`
  return { command: `image-skill credits quote ${terms} --payment-method ${quote.rail} --json` }
}

export const statusAnswer = (found: PurchaseStatus, limits: JsonObject, urlOf: UrlOf): Effect.Effect<JsonObject> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const { attempt, event, quote, receipt, reversals } = found
    const state = attempt === null ? quoteState(quote, now) : stateOf(attempt)
    return {
      state,
      quote: quoteFields(quote, now),
      payment_attempt: attempt === null ? null : attemptFields(attempt, urlOf),
      receipt: receipt === null ? null : receiptFields(receipt),
      credit_event: receipt === null ? null : creditFields(receipt),
      provider_event: event === null ? null : eventFields(event),
      reversals: reversals.map(reversalFields),
      limits,
      next: nextOf(quote, attempt, state, urlOf)
    }
  })
