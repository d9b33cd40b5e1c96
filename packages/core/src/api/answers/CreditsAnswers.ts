import { Schema } from "effect"
import { count, countOrNull, maybe, Replayed, ShownCommand, said, Time, textOrNull, texts } from "./parts.ts"

const Cents = said(count, "US cents")
const Currency = Schema.Literal("USD")

const Pack = Schema.Struct({
  pack_id: Schema.String,
  name: Schema.String,
  credits: count,
  amount_cents: Cents,
  currency: Currency
}).annotations({ identifier: "CreditPack" })

export const Methods = Schema.Struct({
  contract_version: Schema.Literal("image-skill.payment-methods.v1"),
  credit_unit_cents: count,
  currency: Currency,
  quote_endpoint: Schema.String,
  packs_endpoint: Schema.String,
  status_endpoint: Schema.String,
  methods: Schema.Array(
    Schema.Struct({
      method_id: Schema.String,
      available: Schema.Boolean,
      live_money: Schema.Boolean,
      buyer_modes: texts,
      requires_browser: Schema.Boolean,
      default_pack_id: maybe(Schema.String),
      min_amount_cents: Cents,
      purchase_endpoint: Schema.String,
      unavailable_reason: maybe(Schema.String),
      recovery: maybe(Schema.Struct({ suggested_commands: Schema.Array(ShownCommand) }))
    })
  )
})

export const Packs = Schema.Struct({
  credit_unit_cents: count,
  credit_unit_usd: Schema.Number,
  currency: Currency,
  default_pack_id: Schema.String,
  packs: Schema.Array(Pack),
  custom_quotes: Schema.Struct({ supported: Schema.Boolean, min_credits: count, max_credits: count })
})

const quoteFields = {
  quote_id: Schema.String,
  state: said(Schema.String, "created, expired or consumed"),
  credits: count,
  price_amount_cents: Cents,
  currency: Currency,
  expires_at: Time,
  accepted_payment_method: Schema.String,
  idempotency_key: textOrNull,
  pack_id: textOrNull,
  pack: Schema.NullOr(Pack)
}

export const Quoted = Schema.Struct({ ...quoteFields, live_money: Schema.Boolean })

const placeFields = {
  checkout_handoff_url: maybe(said(Schema.String, "the short address of this house that leads to the payment page")),
  checkout_compact_url: maybe(Schema.String),
  checkout_url: maybe(said(Schema.String, "the payment page itself, with every character of its fragment"))
}

const Next = Schema.Struct({
  human_action: maybe(Schema.Literal("open_checkout_url", "await_approval")),
  ...placeFields,
  fallback_checkout_url: maybe(Schema.String),
  after_payment: maybe(Schema.String),
  retry_after_seconds: maybe(count),
  command: maybe(ShownCommand)
})

const purchaseFields = {
  quote_id: Schema.String,
  accepted_payment_method: Schema.String,
  credits: count,
  amount_cents: Cents,
  currency: Currency,
  idempotency_key: textOrNull,
  live_money: Schema.Boolean,
  provider: Schema.String,
  payment_attempt_id: textOrNull,
  idempotent_replay: maybe(Replayed)
}

const Settled = Schema.Struct({
  state: Schema.Literal("succeeded"),
  ...purchaseFields,
  receipt_id: Schema.String,
  credit_event_id: Schema.String,
  credits_granted: count,
  balance_after: said(countOrNull, "paid_remaining after the grant")
}).annotations({ identifier: "PurchaseSettled" })

const Waiting = Schema.Struct({
  state: Schema.Literal("action_required", "processing", "failed", "expired"),
  ...purchaseFields,
  checkout_session_id: maybe(textOrNull),
  ...placeFields,
  expires_at: maybe(Time),
  next: maybe(Next)
}).annotations({ identifier: "PurchaseWaiting" })

export const Bought = Schema.Union(Settled, Waiting)

const Attempt = Schema.Struct({
  payment_attempt_id: Schema.String,
  checkout_session_id: textOrNull,
  ...placeFields,
  attempt_status: Schema.Literal("processing", "requires_action", "succeeded", "failed", "expired"),
  live_money: Schema.Boolean,
  created_at: Time,
  expires_at: Time
})

const Receipt = Schema.Struct({
  receipt_id: Schema.String,
  amount_cents: Cents,
  currency: Currency,
  payment_method: Schema.String,
  live_money: Schema.Boolean,
  created_at: Time
})

const Reversal = Schema.Struct({
  payment_reversal_id: Schema.String,
  kind: Schema.String,
  amount_cents: Cents,
  credits_applied: count,
  credits_pending: said(count, "what could not be taken yet"),
  credits_rejected: count,
  state: Schema.Literal("reinstated", "reversal_pending", "rejected", "applied"),
  created_at: Time
})

export const PurchaseState = Schema.Struct({
  state: Schema.String,
  quote: Schema.Struct(quoteFields),
  payment_attempt: Schema.NullOr(Attempt),
  receipt: Schema.NullOr(Receipt),
  credit_event: Schema.NullOr(
    Schema.Struct({ credit_event_id: Schema.String, credits_granted: count, balance_after: countOrNull })
  ),
  provider_event: Schema.NullOr(
    Schema.Struct({ provider_event_id: Schema.String, type: Schema.String, received_at: Time })
  ),
  reversals: Schema.Array(Reversal),
  limits: Schema.Struct({
    credits: Schema.Struct({
      available: countOrNull,
      unlimited: Schema.Boolean,
      held: count,
      free_remaining: countOrNull,
      paid_remaining: countOrNull,
      owed: said(count, "taken from what comes in, because a reversal found too little"),
      unit_usd: Schema.Number
    })
  }),
  next: Next
})
