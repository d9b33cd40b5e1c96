import type { ActivityEvent, EventType, OwnedEvent } from "../../activity/Activity.ts"
import type { EventId, TraceId } from "../../kernel/Ids.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import { isoOf } from "../../kernel/Time.ts"
import type { PaymentAttempt, PaymentReceipt, Reversal } from "../PaymentRecords.ts"
import type { DisputeEvent } from "../RailEvents.ts"
import { rejectedCents } from "../Reversals.ts"

/** An event before it has an id. */
export interface CreditNote {
  readonly type: EventType
  readonly summary: string
  readonly subject: ActivityEvent["subject"]
  readonly links: JsonLinks
  readonly status: string
  readonly details: JsonObject
}
type JsonLinks = Omit<ActivityEvent["links"], "job_id" | "asset_ids" | "feedback_id" | "usage_event_id">

export const eventOf = (
  attempt: PaymentAttempt,
  note: CreditNote,
  made: { readonly eventId: EventId; readonly traceId: TraceId; readonly at: number }
): OwnedEvent => ({
  organizationId: attempt.organizationId,
  event: {
    event_id: made.eventId,
    trace_id: made.traceId,
    occurred_at: isoOf(made.at),
    operation: note.type.startsWith("payment.") ? "payment" : "credits",
    type: note.type,
    summary: note.summary,
    subject: note.subject,
    links: { job_id: null, asset_ids: [], feedback_id: null, usage_event_id: null, ...note.links },
    status: note.status,
    details: note.details
  }
})

export const openedNote = (attempt: PaymentAttempt): CreditNote => ({
  type: "payment.checkout_session.created",
  summary: "A payment awaits its buyer",
  subject: { type: "payment", id: attempt.id },
  links: {
    quote_id: attempt.quoteId,
    payment_attempt_id: attempt.id,
    ...(attempt.sessionId === null ? {} : { checkout_session_id: attempt.sessionId })
  },
  status: "requires_action",
  details: { amount_cents: attempt.amountCents, payment_method: attempt.rail, live_money: attempt.isLive }
})

export const grantedNote = (receipt: PaymentReceipt): CreditNote => ({
  type: "credits.payment_backed_granted",
  summary: `${receipt.credits} credits granted`,
  subject: { type: "credit", id: receipt.creditEventId },
  links: {
    quote_id: receipt.quoteId,
    payment_attempt_id: receipt.attemptId,
    receipt_id: receipt.id,
    credit_event_id: receipt.creditEventId
  },
  status: "succeeded",
  details: { credits: receipt.credits, amount_cents: receipt.amountCents, live_money: receipt.isLive }
})

const reversalLinks = (receipt: PaymentReceipt, reversal: Reversal | undefined): JsonLinks => ({
  quote_id: receipt.quoteId,
  payment_attempt_id: receipt.attemptId,
  receipt_id: receipt.id,
  ...(reversal === undefined
    ? { credit_event_id: receipt.creditEventId }
    : { payment_reversal_id: reversal.id, credit_event_id: reversal.creditEventId })
})

const reversalNote = (
  receipt: PaymentReceipt,
  reversal: Reversal,
  type: EventType,
  status: string,
  summary: string,
  credits: number
): CreditNote => ({
  type,
  summary,
  subject: { type: "credit", id: reversal.creditEventId },
  links: reversalLinks(receipt, reversal),
  status,
  details: { kind: reversal.kind, credits, amount_cents: reversal.amountCents }
})

const reversedType = ({ kind }: Reversal): EventType =>
  kind === "refund" ? "credits.payment_backed_refunded" : "credits.payment_backed_disputed"

/** What changed of a payment's reversals. `pending` is what could not be taken now. */
export const reversalNotes = (
  receipt: PaymentReceipt,
  before: ReadonlyArray<Reversal>,
  after: ReadonlyArray<Reversal>,
  pending: number
): ReadonlyArray<CreditNote> => {
  const known = new Map(before.map((one) => [one.id, one]))
  const moves = after.map((one) => ({
    one,
    was: known.get(one.id),
    more: one.countedCents - (known.get(one.id)?.countedCents ?? 0)
  }))
  const taken = moves.filter(({ more }) => more > 0)
  const last = taken.at(-1)?.one
  return [
    ...taken.map(({ one, more }) =>
      reversalNote(
        receipt,
        one,
        reversedType(one),
        pending > 0 && one === last ? "pending" : "applied",
        `${more} credits reversed by a ${one.kind}`,
        more
      )
    ),
    ...moves
      .filter(({ more }) => more < 0)
      .map(({ one, more }) =>
        reversalNote(
          receipt,
          one,
          "credits.payment_backed_reinstated",
          "reinstated",
          `${-more} credits reinstated`,
          -more
        )
      ),
    ...moves
      .filter(({ one, was }) => rejectedCents(one) > (was === undefined ? 0 : rejectedCents(was)))
      .map(({ one }) =>
        reversalNote(
          receipt,
          one,
          "credits.payment_backed_reversal_rejected",
          "rejected",
          "A reversal is above what was paid",
          rejectedCents(one)
        )
      ),
    ...(last === undefined || pending === 0
      ? []
      : [
          reversalNote(
            receipt,
            last,
            "credits.payment_backed_reversal_pending",
            "pending",
            `${pending} credits are still owed and are taken from what comes in next`,
            pending
          )
        ])
  ]
}

/** Credits that were owed for a reversal are taken now; `left` are still owed for it. */
export const collectedNote = (receipt: PaymentReceipt, reversal: Reversal, credits: number, left: number): CreditNote =>
  reversalNote(
    receipt,
    reversal,
    reversedType(reversal),
    left > 0 ? "pending" : "applied",
    `${credits} credits that were owed for a ${reversal.kind} are taken`,
    credits
  )

const disputeWords = {
  opened: "A dispute was opened; no money has moved",
  withdrawn: "A dispute took its money",
  reinstated: "A dispute gave its money back",
  won: "A dispute was won",
  lost: "A dispute was lost"
} as const

/** A dispute's step that moves no credits: it is opened, or closed as it stood. */
export const disputeNote = (
  receipt: PaymentReceipt,
  reversal: Reversal | undefined,
  event: DisputeEvent
): CreditNote => ({
  type: "credits.payment_backed_disputed",
  summary: disputeWords[event.change],
  subject: { type: "credit", id: reversal?.creditEventId ?? receipt.creditEventId },
  links: reversalLinks(receipt, reversal),
  status: event.change,
  details: { kind: "dispute", credits: 0, amount_cents: event.amountCents }
})

/** A reversal in words that the books do not speak: another currency. It is the operator's to look at. */
export const unreadableNote = (receipt: PaymentReceipt, amountCents: number, problem: string): CreditNote => ({
  type: "credits.payment_backed_reversal_rejected",
  summary: "A reversal could not be reconciled",
  subject: { type: "credit", id: receipt.creditEventId },
  links: reversalLinks(receipt, undefined),
  status: "rejected",
  details: { credits: 0, amount_cents: amountCents, problem }
})
