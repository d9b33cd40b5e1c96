import { Effect } from "effect"
import type Database from "libsql"

type Libsql = typeof Database

/** The native engine, loaded by whoever needs it first: most commands do not. */
export const loadLibsql: Effect.Effect<Libsql> = Effect.promise(() => import("libsql").then((module) => module.default))

/** One connection with its prepared statements. Every method throws what the engine throws. */
export interface Connected {
  readonly rows: (text: string, parameters: ReadonlyArray<unknown>) => ReadonlyArray<unknown>
  /** The rows as arrays of their columns. */
  readonly values: (text: string, parameters: ReadonlyArray<unknown>) => ReadonlyArray<ReadonlyArray<unknown>>
  readonly exec: (text: string) => void
  readonly inTransaction: () => boolean
  readonly close: () => void
}

const statementsMax = 500

export const connect = (libsql: Libsql, file: string, busyWaitMillis: number): Connected => {
  const database = new libsql(file)
  const prepare = (text: string) => {
    const statement = database.prepare(text)
    return { statement, isReader: statement.reader }
  }
  const cache = new Map<string, ReturnType<typeof prepare>>()
  const prepared = (text: string) => {
    const known = cache.get(text)
    if (known !== undefined) return known
    // Statements with lists of varying length could grow without end.
    if (cache.size >= statementsMax) cache.clear()
    const made = prepare(text)
    cache.set(text, made)
    return made
  }
  // Parameters go in as one array: the binding takes a lone null for an object of named ones.
  const rows: Connected["rows"] = (text, parameters) => {
    const { statement, isReader } = prepared(text)
    if (isReader) return statement.all([...parameters])
    statement.run([...parameters])
    return []
  }
  const values: Connected["values"] = (text, parameters) => {
    const { statement } = prepare(text)
    return statement
      .raw(true)
      .all([...parameters])
      .map((row): ReadonlyArray<unknown> => (Array.isArray(row) ? row : []))
  }
  database.exec(`PRAGMA busy_timeout = ${busyWaitMillis}`)
  return {
    rows,
    values,
    exec: (text) => void database.exec(text),
    inTransaction: () => database.inTransaction,
    close: () => {
      cache.clear()
      database.close()
    }
  }
}
