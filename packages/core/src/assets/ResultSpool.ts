import { Context, Effect, Layer, Option, Ref } from "effect"
import type { AttemptId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"
import { ProviderError, type Reply, type SpooledReply } from "../provider/Provider.ts"
import type { BlobError } from "./BlobStore.ts"

/**
 * Keeps a provider's raw reply until its job is settled, so that a paid answer outlives the process.
 * On the local disk a spool belongs to its machine: another machine can read it only on shared storage.
 */
export class ResultSpool extends Context.Tag("@image-skill/core/ResultSpool")<
  ResultSpool,
  {
    /** Complete and durable when it returns; a torn one is never read back. Then the caller may write over its bytes. */
    readonly write: (attempt: AttemptId, reply: SpooledReply) => Effect.Effect<void, BlobError>
    /** `None` when nothing complete is there. */
    readonly read: (attempt: AttemptId) => Effect.Effect<Option.Option<SpooledReply>, BlobError>
    readonly remove: (attempt: AttemptId) => Effect.Effect<void, BlobError>
    /** Bytes that there is room for at this moment; null where that cannot be known. */
    readonly roomBytes: Effect.Effect<number | null>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.map(Ref.make<ReadonlyMap<AttemptId, SpooledReply>>(new Map()), (spools) => ({
      write: (attempt, reply) =>
        Ref.update(spools, (all) => new Map(all).set(attempt, { ...reply, bytes: reply.bytes.slice() })),
      read: (attempt) => Effect.map(Ref.get(spools), (all) => Option.fromNullable(all.get(attempt))),
      remove: (attempt) =>
        Ref.update(spools, (all) => {
          const next = new Map(all)
          next.delete(attempt)
          return next
        }),
      roomBytes: Effect.succeed(null)
    }))
  )
}

/** The whole reply in memory, within `limits.replyBytesMax`. */
export const collect = ({ body, contentType, facts }: Reply): Effect.Effect<SpooledReply, ProviderError> =>
  Effect.flatMap(body, (bytes) =>
    bytes.length > limits.replyBytesMax ? Effect.fail(tooLarge) : Effect.succeed({ contentType, bytes, facts })
  )

const tooLarge = new ProviderError({
  reason: "bad_output",
  message: `the reply is above ${limits.replyBytesMax} bytes`,
  billed: "unknown"
})
