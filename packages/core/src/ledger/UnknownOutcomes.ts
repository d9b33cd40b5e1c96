import { Context, Effect, Layer, Option, Ref, Schema } from "effect"
import { AttemptId, JobId, ModelId, OrganizationId, ProviderId } from "../kernel/Ids.ts"
import { Json } from "../kernel/Json.ts"
import { UsdTicks } from "../kernel/Money.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"

/** How the operator found that it ended. */
export const Resolution = Schema.Struct({
  outcome: Schema.Literal("charged", "not_charged"),
  /** What the provider charged. */
  cost: UsdTicks,
  reason: Schema.String,
  /** Epoch milliseconds. */
  resolvedAt: Schema.Int
})
export type Resolution = typeof Resolution.Type

/** A call that a provider may have charged, and that it can no longer be asked about by us: what a person asks with. */
export const UnknownOutcome = Schema.Struct({
  attemptId: AttemptId,
  jobId: JobId,
  organizationId: OrganizationId,
  providerId: ProviderId,
  modelId: ModelId,
  /** The provider's own name for the work, where it gave one. */
  handle: Json,
  worstCost: UsdTicks,
  /** Epoch milliseconds: when the job was accepted, the call made, and given up. */
  acceptedAt: Schema.Int,
  claimedAt: Schema.NullOr(Schema.Int),
  lostAt: Schema.Int,
  resolution: Schema.NullOr(Resolution)
})
export type UnknownOutcome = typeof UnknownOutcome.Type

/** What is to be reconciled with the providers' bills. Across organizations: for the operator alone. */
export class UnknownOutcomes extends Context.Tag("@image-skill/core/UnknownOutcomes")<
  UnknownOutcomes,
  {
    /** Once per attempt: again changes nothing. Joins the open transaction. */
    readonly add: (outcome: UnknownOutcome) => Effect.Effect<void, StorageUnavailable>
    readonly get: (id: AttemptId) => Effect.Effect<Option.Option<UnknownOutcome>, StorageUnavailable>
    /** False when it is resolved already, or not there: a conditional update. Joins the open transaction. */
    readonly resolve: (id: AttemptId, resolution: Resolution) => Effect.Effect<boolean, StorageUnavailable>
    /** The newest first: those that are open, or those that are resolved. */
    readonly list: (
      state: "open" | "resolved",
      query: PageQuery
    ) => Effect.Effect<Page<UnknownOutcome>, StorageUnavailable>
    /** How many are open, counted up to `most`. */
    readonly countOpen: (most: number) => Effect.Effect<number, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<AttemptId, UnknownOutcome>>(new Map())
      return {
        add: (outcome) =>
          tables.transact(
            Ref.update(rows, (all) => (all.has(outcome.attemptId) ? all : new Map(all).set(outcome.attemptId, outcome)))
          ),
        get: (id) => Effect.map(Ref.get(rows), (all) => Option.fromNullable(all.get(id))),
        resolve: (id, resolution) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const row = all.get(id)
              return row === undefined || row.resolution !== null
                ? [false, all]
                : [true, new Map(all).set(id, { ...row, resolution })]
            })
          ),
        list: (state, query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              [...all.values()]
                .map((outcome, index) => ({ outcome, sequence: index + 1 }))
                .filter(({ outcome }) => (outcome.resolution === null) === (state === "open"))
                .reverse(),
              query,
              ({ outcome }) => outcome,
              ({ sequence }) => sequence
            )
          ),
        countOpen: (most) =>
          Effect.map(Ref.get(rows), (all) =>
            Math.min(most, [...all.values()].filter(({ resolution }) => resolution === null).length)
          )
      }
    })
  )
}
