import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Envelope } from "../kernel/Envelope.ts"
import { AssetId, JobId } from "../kernel/Ids.ts"
import { Caller } from "./Caller.ts"
import { Command } from "./Command.ts"
import { anyId, pageFields, query, waitField } from "./Fields.ts"

const assetId = HttpApiSchema.param("id", anyId(AssetId))
const jobId = HttpApiSchema.param("id", anyId(JobId))

/** What an organization owns. */
export const AssetsApi = HttpApiGroup.make("assets")
  .add(
    HttpApiEndpoint.get("list", "/v1/assets")
      .setUrlParams(
        query({
          ...pageFields,
          job_id: Schema.optional(anyId(JobId)),
          kind: Schema.optional(Schema.Literal("generated", "edited", "uploaded"))
        })
      )
      .addSuccess(Envelope)
      .annotate(Command, "image-skill assets list")
      .annotate(Caller, { grant: "assets" })
  )
  .add(
    HttpApiEndpoint.del("delete")`/v1/assets/${assetId}`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill assets delete")
      .annotate(Caller, { grant: "assets" })
  )
  .add(
    HttpApiEndpoint.get("show")`/v1/assets/${assetId}`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill assets show")
      .annotate(Caller, { grant: "assets" })
  )
  .add(
    // The unguessable id is the capability: no token.
    HttpApiEndpoint.get("bytes")`/a/${HttpApiSchema.param("file", Schema.String)}`
      .addSuccess(
        Schema.Uint8ArrayFromSelf.pipe(HttpApiSchema.withEncoding({ kind: "Uint8Array", contentType: "image/*" }))
      )
      .annotate(Command, "image-skill assets get")
  )

export const JobsApi = HttpApiGroup.make("jobs")
  .add(
    HttpApiEndpoint.get("list", "/v1/jobs")
      .setUrlParams(query(pageFields))
      .addSuccess(Envelope)
      .annotate(Command, "image-skill jobs list")
  )
  .add(
    HttpApiEndpoint.get("show")`/v1/jobs/${jobId}`
      .setUrlParams(query(waitField))
      .addSuccess(Envelope)
      .annotate(Command, "image-skill jobs show")
  )
  .add(
    HttpApiEndpoint.post("cancel")`/v1/jobs/${jobId}/cancel`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill jobs cancel")
  )
  .annotateEndpoints(Caller, { grant: "jobs" })

export const ActivityApi = HttpApiGroup.make("activity")
  .add(
    HttpApiEndpoint.get("list", "/v1/activity")
      .setUrlParams(query({ ...pageFields, subject: Schema.optional(Schema.String) }))
      .addSuccess(Envelope)
      .annotate(Command, "image-skill activity list")
  )
  .add(
    HttpApiEndpoint.get("show")`/v1/activity/${HttpApiSchema.param("reference", Schema.String)}`
      .addSuccess(Envelope)
      .annotate(Command, "image-skill activity show")
  )
  .annotateEndpoints(Caller, { grant: "activity" })
