import { Schema } from "effect"
import {
  AgentId,
  CreditEventId,
  OrganizationId,
  PaymentAttemptId,
  QuoteId,
  ReceiptId,
  ReversalId
} from "../kernel/Ids.ts"
import { Credits } from "../kernel/Money.ts"
import { RailEvent } from "./RailEvents.ts"

/** Who buys. The rooms above make it of their actor. */
export interface Buyer {
  readonly organizationId: OrganizationId
  readonly agentId: AgentId
  /** An unmetered organization has nothing to buy. */
  readonly metered: boolean
  /** A harness only tries the house: play money is for it when real money can move. */
  readonly isHarness: boolean
}

/** What the house asks for: one credit is one cent, so the price is the credits. Times are epoch milliseconds. */
export const CreditQuote = Schema.Struct({
  id: QuoteId,
  organizationId: OrganizationId,
  agentId: AgentId,
  credits: Credits,
  amountCents: Schema.Int,
  currency: Schema.Literal("USD"),
  packId: Schema.NullOr(Schema.String),
  rail: Schema.String,
  idempotencyKey: Schema.String,
  createdAt: Schema.Int,
  expiresAt: Schema.Int,
  /** Consumed once it is paid. Whether it has expired is for the clock to say. */
  isConsumed: Schema.Boolean
})
export type CreditQuote = typeof CreditQuote.Type

export type QuoteState = "created" | "consumed" | "expired"

export const quoteState = (quote: CreditQuote, now: number): QuoteState =>
  quote.isConsumed ? "consumed" : quote.expiresAt <= now ? "expired" : "created"

/** `created` is the record before the act: the rail may or may not have been asked. */
export const AttemptState = Schema.Literal("created", "requires_action", "processing", "succeeded", "failed", "expired")
export type AttemptState = typeof AttemptState.Type

/** One try to pay a quote on its rail. */
export const PaymentAttempt = Schema.Struct({
  id: PaymentAttemptId,
  quoteId: QuoteId,
  organizationId: OrganizationId,
  agentId: AgentId,
  rail: Schema.String,
  isLive: Schema.Boolean,
  idempotencyKey: Schema.String,
  amountCents: Schema.Int,
  state: AttemptState,
  /** What the rail calls its side of it: a checkout session, an invoice. */
  sessionId: Schema.NullOr(Schema.String),
  /** What refunds and disputes call the payment. Known once it is paid. */
  paymentId: Schema.NullOr(Schema.String),
  /** Where a person pays. The whole of it counts, fragment included. */
  url: Schema.NullOr(Schema.String),
  createdAt: Schema.Int,
  expiresAt: Schema.Int,
  /** When the sweep asks the rail about it, or about what went back of it; null once there is nothing to ask. */
  lookAt: Schema.NullOr(Schema.Int)
})
export type PaymentAttempt = typeof PaymentAttempt.Type

/** Money came in and credits went out: one for each attempt that succeeded. */
export const PaymentReceipt = Schema.Struct({
  id: ReceiptId,
  creditEventId: CreditEventId,
  attemptId: PaymentAttemptId,
  quoteId: QuoteId,
  organizationId: OrganizationId,
  credits: Credits,
  amountCents: Schema.Int,
  rail: Schema.String,
  isLive: Schema.Boolean,
  /** Paid credits of the organization after it. */
  balanceAfter: Credits,
  createdAt: Schema.Int
})
export type PaymentReceipt = typeof PaymentReceipt.Type

/** Money that went back, or was taken back. `amountCents` is what the rail reports. */
export const Reversal = Schema.Struct({
  id: ReversalId,
  creditEventId: CreditEventId,
  organizationId: OrganizationId,
  attemptId: PaymentAttemptId,
  kind: Schema.Literal("refund", "dispute"),
  /** The rail's name of it: a refund, a dispute, a charge. */
  reference: Schema.String,
  amountCents: Schema.Int,
  /** What came back in after all. */
  reinstatedCents: Schema.Int,
  /** What the books reverse for it. The rest of the live amount is above what was paid, and is rejected. */
  countedCents: Schema.Int,
  createdAt: Schema.Int
})
export type Reversal = typeof Reversal.Type

/** What became of an event of a rail. `waiting`: its payment is not recorded yet. */
export const EventOutcome = Schema.Literal("applied", "waiting", "rejected")
export type EventOutcome = typeof EventOutcome.Type

/** An event of a rail as it was understood: stored before it is answered. */
export const ProviderEvent = Schema.Struct({
  rail: Schema.String,
  attemptId: Schema.NullOr(PaymentAttemptId),
  outcome: EventOutcome,
  /** Why it was rejected, for the operator. */
  problem: Schema.NullOr(Schema.String),
  event: RailEvent,
  receivedAt: Schema.Int
})
export type ProviderEvent = typeof ProviderEvent.Type
