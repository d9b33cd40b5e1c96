import { Schema } from "effect"
import { Operation } from "../../catalog/Model.ts"
import { Json } from "../../kernel/Json.ts"
import { AspectRatio, MediaType } from "../../kernel/Media.ts"
import {
  count,
  countOrNull,
  maybe,
  Problem,
  Replayed,
  ShownCommand,
  said,
  textOrNull,
  texts,
  usdOrNull
} from "./parts.ts"
import { AssetAnswer, AssetLine, CreditPricing, costFields, UploadSource } from "./RecordsAnswers.ts"

const Selection = Schema.Struct({
  policy: Schema.Literal("explicit", "hosted_default_create_v1", "hosted_default_edit_v1"),
  reason: said(Schema.String, "why this model"),
  intent: textOrNull,
  model_id: Schema.String,
  capability: Schema.Struct({ id: Schema.String }),
  model_parameters: Schema.Struct({
    keys: texts,
    defaults_applied: said(texts, "name=value, of what the house set by itself"),
    source: Schema.Literal("explicit", "default_policy"),
    effective: said(
      Schema.Record({
        key: Schema.String,
        value: Schema.Struct({
          value: Json,
          source: Schema.Literal("explicit", "default_policy", "provider_default")
        })
      }),
      "every parameter with the value that the provider works with; words of the caller's own are redacted"
    )
  }),
  output: Schema.Struct({
    resolution_class: Schema.NullOr(Schema.Literal("0.5k", "1k", "2k", "4k")),
    expected_width: countOrNull,
    expected_height: countOrNull,
    expected_min_short_edge: countOrNull
  })
}).annotations({ identifier: "Selection" })

const PlannedRequest = Schema.Struct({
  operation: Operation,
  output_count: count,
  aspect_ratio: AspectRatio,
  reference_count: count,
  has_mask: Schema.Boolean,
  provenance: Schema.String,
  selection: Selection
}).annotations({ identifier: "PlannedRequest" })

const Mutation = Schema.Struct({
  provider_call: Schema.Boolean,
  credit_debit: Schema.Boolean,
  media_write: Schema.Boolean
}).annotations({ description: "what the call changed" })

const NextAction = Schema.Struct({ description: Schema.String, command: ShownCommand })

const planFields = {
  capability: Schema.Struct({ id: Schema.String }),
  request: PlannedRequest,
  safety: Schema.Struct({ status: Schema.Literal("allowed", "denied") }),
  mutation: Mutation,
  next_actions: Schema.Array(NextAction)
}

const plannedCost = { ...costFields, estimated_usd_per_image: usdOrNull, credit_pricing: CreditPricing }

const Planned = Schema.Struct({
  job_id: Schema.Null,
  status: Schema.Literal("planned"),
  dry_run: Schema.Literal(true),
  ...planFields,
  input_asset: maybe(Schema.Union(AssetAnswer, AssetLine)),
  cost: Schema.Struct(plannedCost),
  idempotency_key: Schema.Null,
  assets: Schema.Tuple(),
  quota: Schema.Struct({
    consumed_credits: Schema.Literal(0),
    available_credits: said(countOrNull, "null where credits are not counted"),
    unlimited: Schema.Boolean,
    daily_jobs_remaining: countOrNull,
    sufficient: Schema.Boolean
  }),
  blockers: said(Schema.Array(Problem), "what the live call would be refused for, as things stand")
}).annotations({ identifier: "Planned", description: "a dry run: the plan and its exact price; nothing was written" })

const jobFields = {
  job_id: Schema.String,
  dry_run: Schema.Literal(false),
  ...planFields,
  input_asset: maybe(AssetAnswer),
  idempotency_key: textOrNull,
  quota: Schema.Struct({ consumed_credits: count }),
  idempotent_replay: maybe(Replayed)
}

const Running = Schema.Struct({
  ...jobFields,
  status: Schema.Literal("queued", "running"),
  cost: Schema.Struct(plannedCost),
  assets: Schema.Tuple()
}).annotations({ identifier: "Running", description: "202: the job goes on, and `next_actions` waits for it" })

const Completed = Schema.Struct({
  ...jobFields,
  status: Schema.Literal("completed"),
  cost: Schema.Struct({
    ...plannedCost,
    settled_credits: said(count, "what was debited"),
    provider_reported_usd: usdOrNull,
    provider_variance_usd: usdOrNull
  }),
  assets: Schema.Array(AssetAnswer),
  outputs: said(
    Schema.Array(Schema.Struct({ asset_ids: texts }, { key: Schema.String, value: Json })),
    "one for each call of the provider, with what it told of it, such as its seed"
  ),
  usage_event_id: Schema.String
}).annotations({ identifier: "Completed" })

/** A plan, a job that still runs, or what was made. A job that failed is an error that names it. */
export const Made = Schema.Union(Completed, Running, Planned)

export const Uploaded = Schema.Struct({
  job_id: Schema.String,
  request: UploadSource,
  asset: AssetAnswer,
  upload: Schema.Struct({
    bytes: said(count, "as they were received"),
    mime_type: MediaType,
    sha256: said(Schema.String, "of the bytes that were received"),
    metadata_removed: Schema.Boolean,
    policy: Schema.Struct({ status: Schema.Literal("allowed") })
  }),
  idempotent_replay: maybe(Replayed)
})
