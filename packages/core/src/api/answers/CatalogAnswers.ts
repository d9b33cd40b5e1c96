import { Schema } from "effect"
import { Lifecycle, Operation } from "../../catalog/Model.ts"
import { JsonObject } from "../../kernel/Json.ts"
import { MediaType } from "../../kernel/Media.ts"
import { count, countOrNull, maybe, ShownCommand, said, textOrNull, texts, usdOrNull } from "./parts.ts"

const Status = Schema.Literal("available", "unconfigured", "cataloged", "retired")
const Latency = Schema.Literal("instant", "fast", "medium", "slow")
const operations = Schema.Array(Operation)

const rowFields = {
  model_id: Schema.String,
  display_name: Schema.String,
  provider_id: Schema.String,
  status: said(Status, "unconfigured: its provider has no key here; cataloged: shown, and never run"),
  operations,
  capability_id: Schema.String,
  summary: Schema.String,
  estimated_usd_per_image: said(usdOrNull, "the provider's cost, at the model's defaults"),
  credits_required: said(countOrNull, "for one image at the model's defaults"),
  pricing_confidence: Schema.Literal("known", "estimated", "unknown"),
  max_outputs_per_request: count,
  max_resolution: Schema.String,
  aspect_ratios: texts,
  task_tags: texts,
  show_command: ShownCommand
}

const ModelRow = Schema.Struct(rowFields).annotations({ identifier: "ModelRow" })

const FoundRow = Schema.Struct({
  model_id: Schema.String,
  status: Status,
  operations,
  credits_required: countOrNull,
  latency_class: Latency,
  summary: Schema.String
}).annotations({ identifier: "ModelFound" })

const fileFields = { mime_types: Schema.Array(MediaType), max_bytes: countOrNull, max_pixels: countOrNull }

const References = Schema.Struct({
  kind: Schema.Literal("images", "elements"),
  roles: texts,
  min_references: maybe(count),
  max_references: count,
  tasks: maybe(texts),
  max_elements: maybe(count),
  max_references_per_element: maybe(count),
  assets: Schema.Struct({
    mime_types: Schema.Array(MediaType),
    max_bytes: count,
    min_side_pixels: count,
    min_ratio: Schema.Number,
    max_ratio: Schema.Number
  })
})

const Media = Schema.Struct({
  input: Schema.Struct({
    prompt: Schema.Literal("required", "optional", "none"),
    prompt_max_characters: countOrNull,
    image: Schema.Literal("none", "required"),
    mask: Schema.Literal("none", "optional", "required"),
    references: Schema.NullOr(References),
    files: Schema.NullOr(
      Schema.Struct({
        ...fileFields,
        mask: Schema.NullOr(Schema.Struct({ ...fileFields, same_size: Schema.Boolean, same_ratio: Schema.Boolean }))
      })
    )
  }),
  output: Schema.Struct({
    mime_types: Schema.Array(MediaType),
    max_outputs_per_request: count,
    max_resolution: Schema.String
  })
})

const Pricing = Schema.Struct({
  confidence: Schema.Literal("known", "estimated", "unknown"),
  unit: Schema.String,
  table: said(Schema.Array(JsonObject), "rows in USD, each with when it applies"),
  surcharges: Schema.Array(JsonObject),
  ceiling_usd: said(usdOrNull, "the most that is held for a price that is known only afterwards"),
  source: Schema.String,
  as_of: said(Schema.String, "ISO date of the price")
})

const fullFields = {
  ...rowFields,
  cataloged_reason: textOrNull,
  media: Media,
  model_parameters: said(JsonObject, "a JSON Schema 2020-12 object; x-execution says what can be set"),
  constraints: said(texts, "rules over several parameters, in words"),
  defaults: said(JsonObject, "what is sent when nothing is given"),
  fixed_controls: said(JsonObject, "what is always sent, and cannot be set"),
  normalized_controls: Schema.Struct({
    aspect_ratio: JsonObject,
    output_count: Schema.Struct({ max: count, provider_parameter: textOrNull, provider_calls: Schema.String })
  }),
  pricing: Pricing,
  latency_class: Latency,
  safety: Schema.Struct({ refusal_billed: Schema.Boolean, note: Schema.String }),
  lifecycle: Schema.Struct({
    status: Lifecycle.fields.status,
    ends_on: textOrNull,
    replacement: textOrNull,
    note: textOrNull
  }),
  migration_hints: texts,
  examples: Schema.Array(ShownCommand),
  provenance: Schema.Struct({ kind: Schema.String, upstream: JsonObject })
}

const FullModel = Schema.Struct(fullFields).annotations({ identifier: "Model" })

const Overview = Schema.Struct({
  counts: Schema.Struct({ models: count, available: count, unconfigured: count, cataloged: count }),
  providers_ready: texts,
  providers_need: said(Schema.Record({ key: Schema.String, value: Schema.String }), "the settings that each needs"),
  best: Schema.Array(
    Schema.Struct({
      operation: Operation,
      intents: maybe(texts),
      model_id: Schema.String,
      credits_required: countOrNull,
      estimated_usd_per_image: usdOrNull,
      command: maybe(Schema.String),
      missing_inputs: maybe(said(texts, "words of the command that stand for a file of yours")),
      needs: maybe(texts),
      show_command: maybe(ShownCommand)
    })
  ),
  find_command: Schema.String
}).annotations({ identifier: "CatalogOverview", description: "view=overview" })

const Listed = Schema.Struct({
  models: Schema.Array(ModelRow),
  count,
  total: said(count, "before `limit`")
}).annotations({ identifier: "ModelsListed" })

const Found = Schema.Struct({ models: Schema.Array(FoundRow), count, total: count }).annotations({
  identifier: "ModelsFound",
  description: "view=find"
})

export const Models = Schema.Union(Listed, Found, Overview)

export const ModelShown = Schema.Struct({ model: FullModel })

const capabilityFields = {
  capability_id: Schema.String,
  operations,
  model_ids: texts,
  available: Schema.Boolean,
  show_command: ShownCommand
}

export const Capabilities = Schema.Struct({
  capabilities: Schema.Array(Schema.Struct(capabilityFields).annotations({ identifier: "Capability" }))
})

export const CapabilityShown = Schema.Struct({
  capability: Schema.Struct({ ...capabilityFields, models: Schema.Array(FullModel) })
})
