import { Schema } from "effect"

/** How an event says which payment it is about: any of our attempt, the rail's session, the rail's payment. */
const about = {
  /** Unique on the rail. The same fact may come under several. */
  eventId: Schema.String,
  attemptId: Schema.NullOr(Schema.String),
  sessionId: Schema.NullOr(Schema.String),
  paymentId: Schema.NullOr(Schema.String),
  /** When it happened, in epoch milliseconds by the rail's clock. */
  at: Schema.Int
}
const money = { amountCents: Schema.Int.pipe(Schema.nonNegative()), currency: Schema.String }

/** Everything that a rail can report. Events come late, twice, under other names and in any order. */
export const RailEvent = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("paid"), ...about, ...money }),
  /** The buyer is done, the money is on its way. */
  Schema.Struct({ kind: Schema.Literal("pending"), ...about }),
  Schema.Struct({ kind: Schema.Literal("failed"), ...about }),
  Schema.Struct({ kind: Schema.Literal("expired"), ...about }),
  /** What has been refunded of the payment so far, all in all. */
  Schema.Struct({ kind: Schema.Literal("refunded_total"), ...about, ...money, reference: Schema.String }),
  /** One refund by its id, as it stands. A dead one has failed or was canceled: its money is back. */
  Schema.Struct({
    kind: Schema.Literal("refund"),
    ...about,
    ...money,
    refundId: Schema.String,
    isDead: Schema.Boolean,
    madeAt: Schema.Int
  }),
  Schema.Struct({
    kind: Schema.Literal("dispute"),
    ...about,
    ...money,
    disputeId: Schema.String,
    change: Schema.Literal("opened", "withdrawn", "reinstated", "won", "lost"),
    /** All that has come back so far, where the rail says so. Without it the whole comes back at once. */
    reinstatedCents: Schema.optional(Schema.Int.pipe(Schema.positive()))
  })
)
export type RailEvent = typeof RailEvent.Type
export type PaidEvent = Extract<RailEvent, { readonly kind: "paid" }>
export type RefundEvent = Extract<RailEvent, { readonly kind: "refund" }>
export type DisputeEvent = Extract<RailEvent, { readonly kind: "dispute" }>
