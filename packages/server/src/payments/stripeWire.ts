import type { DisputeEvent, RailEvent } from "@image-skill/core/ledger/RailEvents"
import { Effect, Schema } from "effect"

const Metadata = Schema.NullishOr(Schema.Record({ key: Schema.String, value: Schema.String }))

/** A field that is an id, or the object itself where it was asked for. */
const Linked = Schema.Union(Schema.String, Schema.Struct({ id: Schema.String }))
const idOf = (linked: typeof Linked.Type | null | undefined): string | null =>
  linked === null || linked === undefined ? null : typeof linked === "string" ? linked : linked.id

export const Session = Schema.Struct({
  id: Schema.String,
  client_reference_id: Schema.NullishOr(Schema.String),
  metadata: Metadata,
  status: Schema.NullishOr(Schema.String),
  payment_status: Schema.String,
  amount_total: Schema.NullishOr(Schema.Int),
  currency: Schema.NullishOr(Schema.String),
  payment_intent: Schema.NullishOr(
    Schema.Union(Schema.String, Schema.Struct({ id: Schema.String, status: Schema.optional(Schema.String) }))
  )
})
export type Session = typeof Session.Type

const Charge = Schema.Struct({
  id: Schema.String,
  payment_intent: Schema.NullishOr(Linked),
  amount_refunded: Schema.Int,
  currency: Schema.String
})

const Refund = Schema.Struct({
  id: Schema.String,
  amount: Schema.Int,
  currency: Schema.String,
  status: Schema.NullishOr(Schema.String),
  created: Schema.Int,
  charge: Schema.NullishOr(Linked),
  payment_intent: Schema.NullishOr(Linked)
})

const Dispute = Schema.Struct({
  id: Schema.String,
  amount: Schema.Int,
  currency: Schema.String,
  status: Schema.String,
  charge: Schema.NullishOr(Linked),
  payment_intent: Schema.NullishOr(Linked),
  balance_transactions: Schema.NullishOr(Schema.Array(Schema.Struct({ amount: Schema.Int, currency: Schema.String })))
})
type Dispute = typeof Dispute.Type

export const Refunds = Schema.Struct({ data: Schema.Array(Refund) })
export const Disputes = Schema.Struct({ data: Schema.Array(Dispute) })

/** What we read of an event before we know its kind. */
export const StripeEvent = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  created: Schema.Int,
  livemode: Schema.Boolean,
  account: Schema.NullishOr(Schema.String),
  data: Schema.Struct({ object: Schema.Unknown })
})
export type StripeEvent = typeof StripeEvent.Type

const decodeSession = Schema.decodeUnknown(Session)
const decodeCharge = Schema.decodeUnknown(Charge)
const decodeRefund = Schema.decodeUnknown(Refund)
const decodeDispute = Schema.decodeUnknown(Dispute)

/** The name under which our attempt travels in Stripe's metadata. */
export const attemptField = "image_skill_payment_attempt_id"

const millis = (seconds: number) => seconds * 1000

const ofSession = (session: Session, eventId: string, at: number) => ({
  eventId,
  attemptId: session.metadata?.[attemptField] ?? null,
  sessionId: session.id,
  paymentId: idOf(session.payment_intent),
  at
})

export const paidEvent = (session: Session, eventId: string, at: number): RailEvent => ({
  kind: "paid",
  ...ofSession(session, eventId, at),
  amountCents: session.amount_total ?? 0,
  currency: session.currency ?? ""
})

const isPaid = (session: Session) => session.payment_status === "paid"

/** Whether the session is one that this house made: other products may share the account. */
const isOurs = (session: Session) =>
  session.metadata?.[attemptField] !== undefined && session.client_reference_id === session.metadata[attemptField]

const sessionEvent = (event: StripeEvent, session: Session): RailEvent | null => {
  if (!isOurs(session)) return null
  const about = ofSession(session, event.id, millis(event.created))
  switch (event.type) {
    case "checkout.session.completed":
      return isPaid(session) ? paidEvent(session, event.id, about.at) : { kind: "pending", ...about }
    case "checkout.session.async_payment_succeeded":
      return paidEvent(session, event.id, about.at)
    case "checkout.session.async_payment_failed":
      return { kind: "failed", ...about }
    default:
      return { kind: "expired", ...about }
  }
}

const chargeEvent = (event: StripeEvent, charge: typeof Charge.Type): RailEvent => ({
  kind: "refunded_total",
  ...named(event, idOf(charge.payment_intent) ?? charge.id),
  amountCents: charge.amount_refunded,
  currency: charge.currency,
  reference: charge.id
})

const refundEvent = (event: Told, refund: typeof Refund.Type): RailEvent => ({
  kind: "refund",
  ...named(event, idOf(refund.payment_intent) ?? idOf(refund.charge)),
  amountCents: refund.amount,
  currency: refund.currency,
  refundId: refund.id,
  // A pending refund has left the balance already.
  isDead: refund.status === "failed" || refund.status === "canceled",
  madeAt: millis(refund.created)
})

const changes = new Map([
  ["charge.dispute.created", "opened"],
  ["charge.dispute.funds_withdrawn", "withdrawn"],
  ["charge.dispute.funds_reinstated", "reinstated"]
] as const)
type Opening = Parameters<typeof changes.get>[0]

const closings: { readonly [status: string]: "won" | "lost" | undefined } = { won: "won", lost: "lost" }

/** What moved for a dispute, in its own currency; the account may be settled in another, whose cents say nothing here. */
const movedCents = (dispute: Dispute, sign: 1 | -1): number =>
  (dispute.balance_transactions ?? [])
    .filter(({ amount, currency }) => amount * sign > 0 && currency === dispute.currency)
    .reduce((sum, { amount }) => sum + amount * sign, 0)

const disputeStep = (event: Told, dispute: Dispute, change: DisputeEvent["change"]): RailEvent => {
  const back = movedCents(dispute, 1)
  return {
    kind: "dispute",
    ...named(event, idOf(dispute.payment_intent) ?? idOf(dispute.charge)),
    amountCents: dispute.amount,
    currency: dispute.currency,
    disputeId: dispute.id,
    change,
    ...(back > 0 ? { reinstatedCents: back } : {})
  }
}

const disputeEvent = (event: StripeEvent, dispute: Dispute): RailEvent | null => {
  // An inquiry that is closed without a dispute moves no money.
  const change = isOpening(event.type) ? changes.get(event.type) : closings[dispute.status]
  return change === undefined ? null : disputeStep(event, dispute, change)
}

/** A refund as it stands when it is asked for. The same answer is the same event. */
export const standingRefund = (refund: typeof Refund.Type, at: number): RailEvent =>
  refundEvent({ id: `asked:${refund.id}:${refund.status ?? "made"}`, created: Math.floor(at / 1000) }, refund)

/** The steps that a dispute has taken when it is asked for. What of it came back is part of the event's name. */
export const standingDispute = (dispute: Dispute, at: number): ReadonlyArray<RailEvent> => {
  const moves = dispute.balance_transactions ?? []
  const steps: ReadonlyArray<DisputeEvent["change"] | undefined> = [
    moves.some(({ amount }) => amount < 0) ? "withdrawn" : undefined,
    moves.some(({ amount }) => amount > 0) ? "reinstated" : undefined,
    closings[dispute.status]
  ]
  return steps.flatMap((change) => {
    const id = `asked:${dispute.id}:${change}:${movedCents(dispute, 1)}`
    return change === undefined ? [] : [disputeStep({ id, created: Math.floor(at / 1000) }, dispute, change)]
  })
}

const isOpening = (type: string): type is Opening => [...changes.keys()].some((key) => key === type)

type Told = Pick<StripeEvent, "id" | "created">

const named = (event: Told, paymentId: string | null) => ({
  eventId: event.id,
  attemptId: null,
  sessionId: null,
  paymentId,
  at: millis(event.created)
})

/** What a verified event means to the house; null for what it need not know. Fails on one that it should, and cannot read. */
export const railEventOf = (event: StripeEvent) => {
  const { object } = event.data
  switch (event.type) {
    case "checkout.session.completed":
    case "checkout.session.async_payment_succeeded":
    case "checkout.session.async_payment_failed":
    case "checkout.session.expired":
      return Effect.map(decodeSession(object), (session) => sessionEvent(event, session))
    case "charge.refunded":
      return Effect.map(decodeCharge(object), (charge) => chargeEvent(event, charge))
    case "refund.created":
    case "refund.updated":
    case "refund.failed":
    case "charge.refund.updated":
      return Effect.map(decodeRefund(object), (refund) => refundEvent(event, refund))
    case "charge.dispute.created":
    case "charge.dispute.funds_withdrawn":
    case "charge.dispute.funds_reinstated":
    case "charge.dispute.closed":
      return Effect.map(decodeDispute(object), (dispute) => disputeEvent(event, dispute))
    default:
      return Effect.succeed(null)
  }
}

/** How a session stands when it is asked for; null when there is no news. The same answer is the same event. */
export const standingEvent = (session: Session, at: number): RailEvent | null => {
  const about = (word: string) => ofSession(session, `asked:${session.id}:${word}`, at)
  if (isPaid(session)) return paidEvent(session, about("paid").eventId, at)
  if (session.status === "expired") return { kind: "expired", ...about("expired") }
  if (session.status !== "complete") return null
  const intent = session.payment_intent
  const status = typeof intent === "object" && intent !== null ? intent.status : undefined
  return status === "canceled" || status === "requires_payment_method"
    ? { kind: "failed", ...about("failed") }
    : { kind: "pending", ...about("pending") }
}
