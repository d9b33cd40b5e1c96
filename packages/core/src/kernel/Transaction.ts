import { Context, Effect, Layer, type Ref } from "effect"
import type { Failure } from "./Errors.ts"
import { makeMemoryTables } from "./internal/memoryTables.ts"

export type StorageUnavailable = Failure<"STORAGE_UNAVAILABLE">

/** Rolls back every table that was registered; transactions take turns. The memory stores of a process share one. */
export class MemoryTables extends Context.Tag("@image-skill/core/MemoryTables")<
  MemoryTables,
  {
    readonly table: <A>(initial: A) => Effect.Effect<Ref.Ref<A>>
    readonly transact: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {
  static readonly layer = Layer.effect(this, Effect.sync(makeMemoryTables))
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
