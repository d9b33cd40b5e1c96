import { Effect, Option, Redacted, Schema } from "effect"
import { blobKey } from "../../assets/Asset.ts"
import { Reference } from "../../catalog/References.ts"
import type { Attempt, Job } from "../../jobs/Job.ts"
import { type Failure, failure } from "../../kernel/Errors.ts"
import { AssetId, type OrganizationId } from "../../kernel/Ids.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import type { CallImage, ProviderCall } from "../../provider/Provider.ts"
import type { Services } from "./run.ts"

type CallFailure = Failure<"ASSET_NOT_FOUND" | "MODEL_NOT_FOUND" | "STORAGE_UNAVAILABLE">

const gone = (id: string) => failure("ASSET_NOT_FOUND", `The asset ${id} is gone`, { details: { asset_id: id } })

const unreadable = () => failure("STORAGE_UNAVAILABLE", "The bytes of an input image cannot be read")

/** Builds the provider call of an attempt again from its job's work: also in another process, after a crash. */
export const makeCalls = (services: Pick<Services, "assets" | "blobs" | "providers">) => {
  const imageOf = (
    organization: OrganizationId,
    id: string
  ): Effect.Effect<CallImage, CallFailure | StorageUnavailable> =>
    Effect.gen(function* () {
      const asset = yield* Effect.flatMap(
        services.assets.find(organization, AssetId.make(id)),
        Option.match({ onNone: () => Effect.fail(gone(id)), onSome: Effect.succeed })
      )
      const bytes = yield* services.blobs
        .get(blobKey(asset))
        .pipe(
          Effect.mapError(unreadable),
          Effect.flatMap(Option.match({ onNone: () => Effect.fail(gone(id)), onSome: Effect.succeed }))
        )
      const { mediaType, width, height, provenance } = asset
      return { bytes, mediaType, width, height, provenance }
    })

  return Effect.fnUntraced(function* (job: Job, attempt: Attempt): Effect.fn.Return<ProviderCall, CallFailure> {
    const model = job.modelId === null ? undefined : services.providers.model(job.modelId)
    if (model === undefined)
      return yield* failure("MODEL_NOT_FOUND", "The job's model is not in the catalogue any more")
    const work = job.work
    if (work === null || job.command === "upload") return yield* Effect.dieMessage("an open job has its work")
    const optional = (id: string | null) => (id === null ? Effect.succeed(null) : imageOf(job.organizationId, id))
    const references = yield* Effect.forEach(work.references, (raw) =>
      Effect.gen(function* () {
        const reference = yield* Effect.orDie(Schema.decodeUnknown(Reference)(raw))
        return { reference, image: yield* imageOf(job.organizationId, reference.asset_id) }
      })
    )
    return {
      attemptId: attempt.id,
      model,
      operation: job.command,
      prompt: work.prompt === null ? null : Redacted.make(work.prompt),
      parameters: work.parameters,
      outputs: attempt.outputs,
      index: attempt.index,
      image: yield* optional(work.image),
      mask: yield* optional(work.mask),
      references
    }
  }, spanned("Attempt.call"))
}
