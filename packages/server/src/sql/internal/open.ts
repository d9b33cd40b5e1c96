import { statSync } from "node:fs"
import { dirname } from "node:path"
import { Clock, Effect } from "effect"
import { latestVersion, migrations } from "../Migrations.ts"
import { makeFolders } from "../makeFolders.ts"
import { type OpenDatabase, wasClosed, wasOpened } from "../OpenDatabases.ts"
import { problemOf, sqlErrorOf, unavailable } from "../StorageProblem.ts"
import { type Connected, connect, loadLibsql } from "./database.ts"
import { busyWaitMillis, type Restore, untilFree } from "./retry.ts"

/** Two connections to one file: what is not committed on `writer` cannot be seen on `reader`. */
export interface Opened extends OpenDatabase {
  readonly writer: Connected
  readonly reader: Connected
  /**
   * False once the file was removed or replaced: the engine goes on writing into what has no name any more, and says
   * that all is well. About 5 µs.
   */
  readonly isThere: () => boolean
}

/** Null for what is not there, or cannot be reached any more: a folder above it may have become a file. */
const identityOf = (file: string) => {
  try {
    const { dev, ino } = statSync(file)
    return `${dev} ${ino}`
  } catch {
    return null
  }
}

/** Opens the file, makes it where there is none, and brings its tables up to date. */
export const open = (file: string, restore: Restore) =>
  Effect.gen(function* () {
    const libsql = yield* loadLibsql
    const now = yield* Clock.currentTimeMillis
    yield* Effect.tryPromise({ try: () => makeFolders(dirname(file)), catch: (c) => c })
    const connection = (prepare: (connected: Connected) => void) => {
      const connected = connect(libsql, file, busyWaitMillis)
      return closedOnThrow(connected, () => {
        prepare(connected)
        return connected
      })
    }
    const writer = yield* untilFree(
      () =>
        connection((connected) => {
          // FULL: a commit is on the disk when it returns. Erased prompts are overwritten, not only unlinked.
          connected.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON")
          if (versionOf(connected, file) === latestVersion) return
          const lock = connect(libsql, `${file}-migration.lock`, busyWaitMillis)
          closedOnThrow(lock, () => {
            lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
            connected.rows("PRAGMA journal_mode = WAL", [])
            migrate(connected, file, now)
            lock.exec("ROLLBACK")
          })
          lock.close()
        }),
      restore
    )
    const reader = yield* untilFree(
      () => connection((connected) => connected.exec("PRAGMA query_only = ON")),
      restore
    ).pipe(Effect.onError(() => Effect.sync(writer.close)))
    const identity = identityOf(file)
    const opened: Opened = { file, writer, reader, isThere: () => identityOf(file) === identity }
    wasOpened(opened)
    return opened
  }).pipe(
    Effect.mapError((cause) => sqlErrorOf(file, cause)),
    Effect.withSpan("sql.open")
  )

/** Leaves nothing of erased rows behind in the log, where no other process is in the way. */
export const close = (opened: Opened): void => {
  const { reader, writer } = opened
  wasClosed(opened)
  reader.close()
  try {
    writer.rows("PRAGMA wal_checkpoint(TRUNCATE)", [])
  } finally {
    writer.close()
  }
}

/** Zero for a file without our tables. Refuses a database that a newer version has written. */
const versionOf = (connected: Connected, file: string): number => {
  const known = connected.values("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'", [])
  if (known.length === 0) return 0
  const found = connected.values("SELECT max(version) FROM migrations", [])[0]?.[0]
  const version = typeof found === "number" ? found : 0
  if (version <= latestVersion) return version
  throw problemOf(
    unavailable(
      file,
      `The database was written by a newer version: schema ${version}, this one knows ${latestVersion}`,
      {
        schema_version: version,
        schema_version_max: latestVersion
      }
    )
  )
}

const migrate = (connected: Connected, file: string, now: number) => {
  connected.exec("BEGIN EXCLUSIVE")
  rolledBackOnThrow(connected, () => {
    // Another process may have done it while this one waited.
    const version = versionOf(connected, file)
    for (const migration of migrations) {
      if (migration.version <= version) continue
      connected.exec(migration.sql.replaceAll("{sequence}", "INTEGER PRIMARY KEY AUTOINCREMENT"))
      connected.rows("INSERT INTO migrations (version, name, applied_at) VALUES (?, ?, ?)", [
        migration.version,
        migration.name,
        now
      ])
    }
    connected.exec("COMMIT")
  })
}

const closedOnThrow = <A>(connected: Connected, use: () => A): A => {
  try {
    return use()
  } catch (cause) {
    connected.close()
    throw cause
  }
}

const rolledBackOnThrow = (connected: Connected, use: () => void): void => {
  try {
    use()
  } catch (cause) {
    if (connected.inTransaction()) connected.exec("ROLLBACK")
    throw cause
  }
}
