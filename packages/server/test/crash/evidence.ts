import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Schema } from "effect"
import Database from "libsql"
import { dataPaths } from "../../src/Storage.ts"

const JobRow = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  idempotency_key: Schema.NullOr(Schema.String),
  work: Schema.String
})
const AttemptRow = Schema.Struct({
  id: Schema.String,
  job_id: Schema.String,
  phase: Schema.String,
  outputs: Schema.Int,
  handle: Schema.String,
  credits_per_image: Schema.Int,
  settled: Schema.NullOr(Schema.Int),
  worst_cost: Schema.Int,
  asset_ids: Schema.parseJson(Schema.Array(Schema.String))
})
const AssetRow = Schema.Struct({ id: Schema.String, job_id: Schema.String, sha256: Schema.String })
const KeyRow = Schema.Struct({ idempotency_key: Schema.String, job_id: Schema.String })
const EntryRow = Schema.Struct({
  id: Schema.String,
  kind: Schema.Literal("hold", "settle", "release", "grant", "reverse", "exposure"),
  reference: Schema.String,
  account: Schema.String,
  unit: Schema.Literal("credits", "usd_ticks"),
  amount: Schema.Int
})
const BalanceRow = Schema.Struct({ account: Schema.String, amount: Schema.Int })

const rows = <A, I>(database: Database.Database, schema: Schema.Schema<A, I>, text: string): ReadonlyArray<A> =>
  Schema.decodeUnknownSync(Schema.Array(schema))(database.prepare(text).all([]))

/** Every file under a folder; none when it is not there. */
export const filesUnder = (folder: string): ReadonlyArray<string> =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : []

/** A file aside is one that was being written: torn, and cleared later. */
const isAside = (file: string) => basename(dirname(file)) === "aside"

/** The attempts whose replies lie whole on the spool. */
export const spooledIn = (dataDirectory: string): ReadonlyArray<string> =>
  filesUnder(dataPaths(dataDirectory).spool)
    .filter((file) => !isAside(file))
    .map((file) => basename(file))

/** The files of a data directory that hold these bytes. */
export const filesHolding = (dataDirectory: string, text: string): ReadonlyArray<string> =>
  filesUnder(dataDirectory).filter((file) => readFileSync(file).includes(text))

const digest = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex")

/** All that a data directory says, read without the code that wrote it. Nobody may have it open. */
export const gather = (dataDirectory: string) => {
  const paths = dataPaths(dataDirectory)
  const blobs = new Map(
    filesUnder(paths.blobs)
      .filter((file) => !isAside(file))
      .map((file) => [basename(file).replace(/\.[a-z]+$/, ""), digest(file)])
  )
  const database = new Database(paths.database)
  try {
    return {
      jobs: rows(database, JobRow, "SELECT id, status, idempotency_key, work FROM jobs"),
      attempts: rows(database, AttemptRow, "SELECT * FROM attempts"),
      assets: rows(database, AssetRow, "SELECT id, job_id, sha256 FROM assets"),
      keys: rows(database, KeyRow, "SELECT idempotency_key, job_id FROM idempotency_keys"),
      entries: rows(
        database,
        EntryRow,
        `SELECT t.id, t.kind, t.reference, e.account, e.unit, e.amount FROM ledger_transactions t
         JOIN ledger_entries e ON e.transaction_id = t.id ORDER BY t.sequence, e.sequence`
      ),
      balances: new Map(
        rows(database, BalanceRow, "SELECT account, amount FROM ledger_balances").map((row) => [
          row.account,
          row.amount
        ])
      ),
      spooled: spooledIn(dataDirectory),
      blobs
    }
  } finally {
    database.close()
  }
}
export type Evidence = ReturnType<typeof gather>
export type AttemptFacts = Evidence["attempts"][number]
