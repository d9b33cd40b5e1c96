import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Stream } from "effect"
import type { Connected } from "./database.ts"

/** Runs one statement on the connection that it should go over. */
export type Runner = <A>(text: string, use: (connected: Connected) => A) => Effect.Effect<A, SqlError>

/** What `@effect/sql` wants of a connection. */
export const connectionOf = (run: Runner): Connection => {
  const rows = (text: string, parameters: ReadonlyArray<unknown>) =>
    run(text, (connected) => connected.rows(text, parameters))
  return {
    execute: rows,
    executeRaw: rows,
    executeUnprepared: rows,
    executeValues: (text, parameters) => run(text, (connected) => connected.values(text, parameters)),
    executeStream: (text, parameters) => Stream.fromIterableEffect(rows(text, parameters))
  }
}

/** Such a statement goes over the connection that cannot write. Wrong guesses fail there: nothing is lost. */
export const isRead = (text: string): boolean => /^\s*(SELECT|EXPLAIN|WITH|VALUES)\b/i.test(text)
