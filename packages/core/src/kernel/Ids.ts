import { Context, Effect, Layer, Schema } from "effect"

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

const randomHex = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")

const makeIds = (hex: () => string) => ({
  job: Effect.sync(() => JobId.make(`job_${hex()}`)),
  attempt: Effect.sync(() => AttemptId.make(`att_${hex()}`)),
  asset: Effect.sync(() => AssetId.make(`image_${hex()}`)),
  event: Effect.sync(() => EventId.make(`evt_${hex()}`)),
  usage: Effect.sync(() => UsageId.make(`usage_${hex()}`)),
  trace: Effect.sync(() => TraceId.make(`trace_${hex()}`)),
  run: Effect.sync(() => RunId.make(`run_${hex()}`))
})
