import { Context, type Effect, Layer, type Option } from "effect"
import type { AgentId, OrganizationId, PaymentAttemptId, QuoteId, ReceiptId } from "../kernel/Ids.ts"
import type { Page, PageQuery } from "../kernel/Page.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"
import { makeMemoryPaymentStore } from "./internal/memoryPaymentStore.ts"
import type {
  CreditQuote,
  EventOutcome,
  PaymentAttempt,
  PaymentReceipt,
  ProviderEvent,
  Reversal
} from "./PaymentRecords.ts"

type Stored<A> = Effect.Effect<A, StorageUnavailable>

/** Records of payments. Every method joins the transaction that is open; what a caller asks for is asked by organization. */
export interface PaymentRecordsPort {
  /** False when the agent has used the key before. */
  readonly addQuote: (quote: CreditQuote) => Stored<boolean>
  readonly quoteByKey: (organization: OrganizationId, agent: AgentId, key: string) => Stored<Option.Option<CreditQuote>>
  readonly quote: (organization: OrganizationId, id: QuoteId) => Stored<Option.Option<CreditQuote>>
  /** Locks the quote until the transaction ends. */
  readonly lockQuote: (organization: OrganizationId, id: QuoteId) => Stored<Option.Option<CreditQuote>>
  readonly saveQuote: (quote: CreditQuote) => Stored<void>

  /** False when the organization has used the key on this rail before. */
  readonly addAttempt: (attempt: PaymentAttempt) => Stored<boolean>
  readonly attemptByKey: (
    organization: OrganizationId,
    rail: string,
    key: string
  ) => Stored<Option.Option<PaymentAttempt>>
  /** Newest first, at most `limits.pageMax`. */
  readonly attemptsOf: (organization: OrganizationId, quote: QuoteId) => Stored<ReadonlyArray<PaymentAttempt>>
  readonly ownAttempt: (organization: OrganizationId, id: PaymentAttemptId) => Stored<Option.Option<PaymentAttempt>>
  readonly ownAttemptBySession: (
    organization: OrganizationId,
    sessionId: string
  ) => Stored<Option.Option<PaymentAttempt>>
  /** By our id, which nobody guesses: for the rail's events and the handoff page. */
  readonly attempt: (id: PaymentAttemptId) => Stored<Option.Option<PaymentAttempt>>
  readonly attemptBySession: (rail: string, sessionId: string) => Stored<Option.Option<PaymentAttempt>>
  readonly attemptByPayment: (rail: string, paymentId: string) => Stored<Option.Option<PaymentAttempt>>
  /** Locks the attempt until the transaction ends: its events are applied one after the other. */
  readonly lockAttempt: (id: PaymentAttemptId) => Stored<Option.Option<PaymentAttempt>>
  readonly saveAttempt: (attempt: PaymentAttempt) => Stored<void>
  /** Attempts that are to be asked about by now, the longest waiting first. */
  readonly attemptsToLookAt: (now: number, limit: number) => Stored<ReadonlyArray<PaymentAttempt>>
  /** All of the house, for the operator. */
  readonly listAttempts: (query: PageQuery) => Stored<Page<PaymentAttempt>>

  /** False when the rail's event is known. */
  readonly addEvent: (event: ProviderEvent) => Stored<boolean>
  readonly event: (rail: string, eventId: string) => Stored<Option.Option<ProviderEvent>>
  /** Changes nothing when the event is not any more what it was. */
  readonly moveEvent: (
    event: ProviderEvent,
    to: { readonly attemptId: PaymentAttemptId | null; readonly outcome: EventOutcome; readonly problem?: string }
  ) => Stored<void>
  /** In the order of their arrival. */
  readonly eventsOf: (attempt: PaymentAttemptId) => Stored<ReadonlyArray<ProviderEvent>>
  /** Events whose payment was not on record when they came. */
  readonly waitingFor: (rail: string, paymentId: string) => Stored<ReadonlyArray<ProviderEvent>>
  /** Waiting events whose payment is on record by now, the oldest first. */
  readonly waitingFound: (limit: number) => Stored<ReadonlyArray<ProviderEvent>>
  /** All that wait, the oldest first. */
  readonly waitingLongest: (limit: number) => Stored<ReadonlyArray<ProviderEvent>>
  /** Newest first, for the operator. */
  readonly listEvents: (outcome: Exclude<EventOutcome, "applied">, query: PageQuery) => Stored<Page<ProviderEvent>>

  readonly addReceipt: (receipt: PaymentReceipt) => Stored<void>
  readonly receipt: (organization: OrganizationId, id: ReceiptId) => Stored<Option.Option<PaymentReceipt>>
  readonly receiptOf: (attempt: PaymentAttemptId) => Stored<Option.Option<PaymentReceipt>>

  /** Adds it, or replaces the one of its id. */
  readonly saveReversal: (reversal: Reversal) => Stored<void>
  /** Oldest first. */
  readonly reversalsOf: (attempt: PaymentAttemptId) => Stored<ReadonlyArray<Reversal>>
  /** Newest first, at most `limits.pageMax`. */
  readonly reversalsOfOrganization: (organization: OrganizationId) => Stored<ReadonlyArray<Reversal>>
}

export class PaymentStore extends Context.Tag("@image-skill/core/PaymentStore")<PaymentStore, PaymentRecordsPort>() {
  static readonly layerMemory = Layer.effect(this, makeMemoryPaymentStore)
}
