import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import { type StorageUnavailable, Transaction } from "@image-skill/core/kernel/Transaction"
import { Effect, Layer } from "effect"
import { failureOf } from "./StorageProblem.ts"

/** Transactions of the SQL stores that share the client. */
export const layer = Layer.effect(
  Transaction,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    run: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.catchAll(
        sql.withTransaction(effect),
        (error): Effect.Effect<never, E | StorageUnavailable> =>
          error instanceof SqlError ? failureOf(error) : Effect.fail(error)
      )
  }))
)
