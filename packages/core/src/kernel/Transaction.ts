import { Context, Effect, FiberRef, Layer, Option, Ref } from "effect"
import type { Failure } from "./Errors.ts"

export type StorageUnavailable = Failure<"STORAGE_UNAVAILABLE">

/** Rolls back every table that was registered; transactions take turns. The memory stores of a process share one. */
export class MemoryTables extends Context.Tag("@image-skill/core/MemoryTables")<
  MemoryTables,
  {
    readonly table: <A>(initial: A) => Effect.Effect<Ref.Ref<A>>
    readonly transact: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function* () {
      const turn = yield* Effect.makeSemaphore(1)
      const inside = FiberRef.unsafeMake(false)
      const snapshots: Array<Effect.Effect<Effect.Effect<void>>> = []
      const table = <A>(initial: A) =>
        Ref.make(initial).pipe(
          Effect.tap((ref) =>
            Effect.sync(() => {
              snapshots.push(Effect.map(Ref.get(ref), (before) => Ref.set(ref, before)))
            })
          )
        )
      const transact = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.flatMap(FiberRef.get(inside), (joined) =>
          joined
            ? effect
            : turn.withPermits(1)(
                Effect.acquireUseRelease(
                  Effect.all(snapshots),
                  () => Effect.locally(effect, inside, true),
                  (restore, exit) => (exit._tag === "Success" ? Effect.void : Effect.all(restore, { discard: true }))
                )
              )
        )
      return { table, transact }
    })
  )
}

/**
 * Runs writes of several stores as one: all are durable, or none happened.
 * Never fork inside (a fork inherits the connection), and start no paid work before it returns.
 * A nested `run` joins the transaction that is open.
 */
export class Transaction extends Context.Tag("@image-skill/core/Transaction")<
  Transaction,
  {
    readonly run: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | StorageUnavailable, R>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.map(MemoryTables, (tables) => ({ run: tables.transact }))
  )
}

/** A lookup that a caller wants as a value or as this failure. */
export const orFail =
  <E>(error: () => E) =>
  <A, E2, R>(found: Effect.Effect<Option.Option<A>, E2, R>): Effect.Effect<A, E | E2, R> =>
    Effect.flatMap(found, Option.match({ onNone: () => Effect.fail(error()), onSome: Effect.succeed }))
