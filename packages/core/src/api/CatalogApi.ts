import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Envelope } from "../kernel/Envelope.ts"
import { Command } from "./Command.ts"
import { numeral, query } from "./Fields.ts"

export const ModelsQuery = query({
  operation: Schema.optional(Schema.String),
  provider: Schema.optional(Schema.String),
  query: Schema.optional(Schema.String),
  available: Schema.optional(Schema.Literal("true", "false", "")),
  max_credits: Schema.optional(numeral("max_credits", 0, Number.MAX_SAFE_INTEGER)),
  sort: Schema.optional(Schema.Literal("quality", "price", "latency", "id")),
  limit: Schema.optional(numeral("limit", 1, 1000)),
  view: Schema.optional(Schema.Literal("overview", "find", "list"))
})
export type ModelsQuery = typeof ModelsQuery.Type

const id = HttpApiSchema.param("id", Schema.String)

/** Public: what can be made, and what it costs. */
export const CatalogApi = HttpApiGroup.make("catalog")
  .add(
    HttpApiEndpoint.get("listModels", "/v1/models")
      .setUrlParams(ModelsQuery)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill models list")
  )
  .add(
    HttpApiEndpoint.get("showModel")`/v1/models/${id}`.addSuccess(Envelope).annotate(Command, "image-skill models show")
  )
  .add(
    HttpApiEndpoint.get("listCapabilities", "/v1/capabilities")
      .addSuccess(Envelope)
      .annotate(Command, "image-skill capabilities list")
  )
  .add(
    HttpApiEndpoint.get("showCapability")`/v1/capabilities/${id}`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill capabilities show")
  )
