import { Context, Effect, Layer, Option, Ref } from "effect"
import type { FeedbackId, OrganizationId } from "../kernel/Ids.ts"
import { type Page, type PageQuery, pageOf } from "../kernel/Page.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import type { QueueOutcome } from "./FeedbackQueue.ts"
import type { Signal } from "./Signal.ts"

/** By what a repeated submission is recognised. */
export type RepeatKey = { readonly kind: "dedupe" | "idempotency"; readonly key: string }

/** Feedback and what became of it at the queue; null until it was offered. */
export interface KeptSignal {
  readonly signal: Signal
  readonly outcome: QueueOutcome | null
}

/** Feedback, for as long as the house stands. Writes join the open transaction. */
export class FeedbackStore extends Context.Tag("@image-skill/core/FeedbackStore")<
  FeedbackStore,
  {
    /** False, and no change, when one of its keys is taken in its organization. */
    readonly insert: (signal: Signal) => Effect.Effect<boolean, StorageUnavailable>
    readonly findRepeated: (
      organization: OrganizationId,
      key: RepeatKey
    ) => Effect.Effect<Option.Option<KeptSignal>, StorageUnavailable>
    /** For the operator: of every organization, the newest first. */
    readonly list: (query: PageQuery) => Effect.Effect<Page<KeptSignal>, StorageUnavailable>
    /** What was never offered to the queue and came before `before` (epoch milliseconds), the oldest first. */
    readonly toOffer: (before: number, limit: number) => Effect.Effect<ReadonlyArray<Signal>, StorageUnavailable>
    /** Keeps the outcome. False when there is one already. */
    readonly offered: (id: FeedbackId, outcome: QueueOutcome) => Effect.Effect<boolean, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyArray<KeptSignal>>([])
      const hasKey = (signal: Signal, { key, kind }: RepeatKey) =>
        (kind === "dedupe" ? signal.dedupeKey : signal.idempotencyKey) === key
      const repeats = (one: Signal, other: Signal) =>
        one.organizationId === other.organizationId &&
        ((one.dedupeKey !== null && one.dedupeKey === other.dedupeKey) ||
          (one.idempotencyKey !== null && one.idempotencyKey === other.idempotencyKey))
      return {
        insert: (signal) =>
          tables.transact(
            Ref.modify(rows, (all) =>
              all.some((kept) => repeats(kept.signal, signal))
                ? [false, all]
                : [true, [...all, { signal, outcome: null }]]
            )
          ),
        findRepeated: (organization, key) =>
          Effect.map(Ref.get(rows), (all) =>
            Option.fromNullable(all.find(({ signal }) => signal.organizationId === organization && hasKey(signal, key)))
          ),
        list: (query) =>
          Effect.map(Ref.get(rows), (all) =>
            pageOf(
              all.map((kept, sequence) => ({ kept, sequence: sequence + 1 })).reverse(),
              query,
              ({ kept }) => kept,
              ({ sequence }) => sequence
            )
          ),
        toOffer: (before, limit) =>
          Effect.map(Ref.get(rows), (all) =>
            all
              .filter(({ outcome, signal }) => outcome === null && signal.createdAt < before)
              .map(({ signal }) => signal)
              .sort((a, b) => a.createdAt - b.createdAt)
              .slice(0, limit)
          ),
        offered: (id, outcome) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const open = all.find((kept) => kept.signal.id === id && kept.outcome === null)
              return [open !== undefined, all.map((kept) => (kept === open ? { ...kept, outcome } : kept))]
            })
          )
      }
    })
  )
}
