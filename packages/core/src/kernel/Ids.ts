import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { hexOf } from "./Hex.ts"

/** Ids of any shape decode: whether one exists is for the store to say, so that a wrong id is `*_NOT_FOUND`. */
const id = <const Brand extends string>(brand: Brand) => Schema.String.pipe(Schema.maxLength(512), Schema.brand(brand))

export const JobId = id("JobId")
export type JobId = typeof JobId.Type
export const AttemptId = id("AttemptId")
export type AttemptId = typeof AttemptId.Type
export const AssetId = id("AssetId")
export type AssetId = typeof AssetId.Type
export const EventId = id("EventId")
export type EventId = typeof EventId.Type
export const UsageId = id("UsageId")
export type UsageId = typeof UsageId.Type
export const TraceId = id("TraceId")
export type TraceId = typeof TraceId.Type
export const AgentId = id("AgentId")
export type AgentId = typeof AgentId.Type
export const OrganizationId = id("OrganizationId")
export type OrganizationId = typeof OrganizationId.Type
export const RunId = id("RunId")
export type RunId = typeof RunId.Type
export const ModelId = id("ModelId")
export type ModelId = typeof ModelId.Type
export const ProviderId = id("ProviderId")
export type ProviderId = typeof ProviderId.Type
export const CapabilityId = id("CapabilityId")
export type CapabilityId = typeof CapabilityId.Type
export const InviteId = id("InviteId")
export type InviteId = typeof InviteId.Type
export const QuoteId = id("QuoteId")
export type QuoteId = typeof QuoteId.Type
export const PaymentAttemptId = id("PaymentAttemptId")
export type PaymentAttemptId = typeof PaymentAttemptId.Type
export const ReceiptId = id("ReceiptId")
export type ReceiptId = typeof ReceiptId.Type
export const CreditEventId = id("CreditEventId")
export type CreditEventId = typeof CreditEventId.Type
export const ReversalId = id("ReversalId")
export type ReversalId = typeof ReversalId.Type
export const FeedbackId = id("FeedbackId")
export type FeedbackId = typeof FeedbackId.Type

/** The shape of an asset id: also how an owned asset URL is recognised. */
export const assetIdPattern = /^(asset|image|video|audio|mask|thumb|file)_[A-Za-z0-9._-]{1,128}$/

/**
 * Makes ids. An asset id is a capability (who knows it may read the bytes), so live ids carry 128 random bits.
 */
export class Ids extends Context.Tag("@image-skill/core/Ids")<
  Ids,
  {
    readonly job: Effect.Effect<JobId>
    readonly attempt: Effect.Effect<AttemptId>
    readonly asset: Effect.Effect<AssetId>
    readonly event: Effect.Effect<EventId>
    readonly usage: Effect.Effect<UsageId>
    readonly trace: Effect.Effect<TraceId>
    readonly run: Effect.Effect<RunId>
    readonly agent: Effect.Effect<AgentId>
    readonly organization: Effect.Effect<OrganizationId>
    readonly invite: Effect.Effect<InviteId>
    /** 64 hex digits: what a token or an invite code is made of. Live ones carry 256 random bits. */
    readonly secret: Effect.Effect<Redacted.Redacted<string>>
    readonly quote: Effect.Effect<QuoteId>
    readonly paymentAttempt: Effect.Effect<PaymentAttemptId>
    readonly receipt: Effect.Effect<ReceiptId>
    readonly creditEvent: Effect.Effect<CreditEventId>
    readonly reversal: Effect.Effect<ReversalId>
    readonly feedback: Effect.Effect<FeedbackId>
  }
>() {
  /** From Web Crypto. */
  static readonly layer = Layer.sync(this, () => makeIds(randomHex))

  /** `job_0000…1`, `job_0000…2`, …: the same in every run. For tests. */
  static readonly layerSequential = Layer.sync(this, () => {
    let count = 0
    return makeIds(() => {
      count += 1
      return count.toString(16).padStart(32, "0")
    })
  })
}

const randomHex = () => hexOf(crypto.getRandomValues(new Uint8Array(16)))

const makeIds = (hex: () => string) => ({
  job: Effect.sync(() => JobId.make(`job_${hex()}`)),
  attempt: Effect.sync(() => AttemptId.make(`att_${hex()}`)),
  asset: Effect.sync(() => AssetId.make(`image_${hex()}`)),
  event: Effect.sync(() => EventId.make(`evt_${hex()}`)),
  usage: Effect.sync(() => UsageId.make(`usage_${hex()}`)),
  trace: Effect.sync(() => TraceId.make(`trace_${hex()}`)),
  run: Effect.sync(() => RunId.make(`run_${hex()}`)),
  agent: Effect.sync(() => AgentId.make(`agt_${hex()}`)),
  organization: Effect.sync(() => OrganizationId.make(`org_${hex()}`)),
  invite: Effect.sync(() => InviteId.make(`invite_${hex()}`)),
  secret: Effect.sync(() => Redacted.make(`${hex()}${hex()}`)),
  quote: Effect.sync(() => QuoteId.make(`quote_${hex()}`)),
  paymentAttempt: Effect.sync(() => PaymentAttemptId.make(`payatt_${hex()}`)),
  receipt: Effect.sync(() => ReceiptId.make(`receipt_${hex()}`)),
  creditEvent: Effect.sync(() => CreditEventId.make(`credit_event_${hex()}`)),
  reversal: Effect.sync(() => ReversalId.make(`payment_reversal_${hex()}`)),
  feedback: Effect.sync(() => FeedbackId.make(`sig_${hex()}`))
})
