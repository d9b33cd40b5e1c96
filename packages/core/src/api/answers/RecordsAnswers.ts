import { Schema } from "effect"
import { ActivityEvent } from "../../activity/Activity.ts"
import { Asset } from "../../assets/Asset.ts"
import { JsonObject } from "../../kernel/Json.ts"
import { MediaType } from "../../kernel/Media.ts"
import { count, countOrNull, maybe, paged, said, Time, TimeOrNull, textOrNull, usdOrNull } from "./parts.ts"

const assetFields = {
  asset_id: said(Schema.String, "unguessable: who knows it may read the bytes"),
  job_id: Schema.String,
  kind: Asset.fields.kind,
  path: said(Schema.String, "the same as `url`"),
  url: said(Schema.String, "where the bytes are, without a token"),
  filename: Schema.String,
  mime_type: MediaType,
  content_length: said(count, "bytes, as they are stored"),
  sha256: said(Schema.String, "lower-case hex, of the stored bytes"),
  width: count,
  height: count,
  provenance: said(Asset.fields.provenance, "how the pixels came to be"),
  created_at: Time,
  deleted: maybe(said(Schema.Literal(true), "it was, and its bytes are not served any more")),
  deleted_at: maybe(Time)
}

export const AssetAnswer = Schema.Struct(assetFields).annotations({ identifier: "Asset" })

export const CreditPricing = Schema.Struct({
  credit_unit_usd: Schema.Number,
  credits_required: said(countOrNull, "what is debited, exactly; null where the cost is known only afterwards"),
  max_credits: said(count, "what is held while the job runs"),
  credits_per_image: count,
  estimated_provider_cost_usd: usdOrNull,
  estimated_revenue_usd: usdOrNull,
  pricing_confidence: Schema.Literal("known", "estimated", "unknown")
}).annotations({ identifier: "CreditPricing" })

export const costFields = {
  estimated_usd: said(usdOrNull, "the provider's cost of the whole operation, estimated"),
  estimated_usd_per_image: maybe(usdOrNull),
  credit_pricing: maybe(CreditPricing)
}

export const Money = Schema.Struct({ held: count, settled: count, released: count }).annotations({
  description: "credits of the job that are held, debited and given back"
})

export const JobAnswer = Schema.Struct({
  job_id: Schema.String,
  status: Schema.Literal("queued", "running", "completed", "failed", "canceled"),
  operation: Schema.Literal("create", "edit", "upload"),
  trace_id: Schema.String,
  capability: Schema.NullOr(Schema.Struct({ id: Schema.String })),
  created_at: Time,
  completed_at: TimeOrNull,
  cost: Schema.Struct({ ...costFields, money: Money }),
  safety: Schema.Struct({ status: Schema.Literal("allowed", "denied") }),
  assets: Schema.Array(AssetAnswer),
  cancel_requested: Schema.Boolean,
  error: Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String, details: maybe(JsonObject) }))
}).annotations({ identifier: "Job" })

export const JobShown = Schema.Struct({ job: JobAnswer })
export const JobCanceled = Schema.Struct({ job: JobAnswer, cancel_requested: Schema.Literal(true) })
export const JobsListed = paged({ jobs: Schema.Array(JobAnswer) })

const AssetNamed = Schema.Struct({
  reference: Schema.String,
  reference_type: Schema.Literal("asset_id", "asset_url")
})

const OwnAsset = Schema.Struct({ ...assetFields, source: Schema.Literal("hosted_metadata") }).annotations({
  identifier: "OwnAsset"
})

export const AssetShown = Schema.Struct({ request: AssetNamed, asset: OwnAsset })
export const AssetsListed = paged({ assets: Schema.Array(OwnAsset) })
export const AssetDeleted = Schema.Struct({
  request: AssetNamed,
  asset: OwnAsset,
  deleted: Schema.Literal(true),
  bytes_removed: said(Schema.Boolean, "false: they cannot be removed now, and are removed later")
})

export const EventAnswer = ActivityEvent.annotations({ identifier: "ActivityEvent" })

const source = said(Schema.Literal("hosted_activity_ledger"), "where the events are kept")

export const EventsListed = paged({ events: Schema.Array(EventAnswer), source })

export const EventShown = Schema.Struct({
  request: Schema.Struct({ reference: Schema.String, reference_type: Schema.Literal("event", "subject") }),
  event: said(Schema.NullOr(EventAnswer), "null when the reference is a subject: see `events`"),
  events: Schema.Array(EventAnswer),
  source
})

export const AssetLine = Schema.Struct({
  asset_id: Schema.Null,
  mime_type: MediaType,
  content_length: count,
  width: count,
  height: count
}).annotations({ description: "an image that a dry run was told of: it is no asset yet" })

export const UploadSource = Schema.Struct({
  source_kind: Schema.Literal("local_path", "remote_url"),
  filename: textOrNull,
  remote_origin: textOrNull
})
