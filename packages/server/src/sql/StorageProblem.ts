import { SqlError } from "@effect/sql/SqlError"
import { failure } from "@image-skill/core/kernel/Errors"
import type { StorageUnavailable } from "@image-skill/core/kernel/Transaction"
import { Data, Effect, ParseResult, Predicate } from "effect"

/** The cause of a `SqlError` that is the storage's fault and not ours: it carries what the caller is told. */
export class StorageProblem extends Data.TaggedError("StorageProblem")<{ readonly failure: StorageUnavailable }> {}

export const unavailable = (
  database: string,
  message: string,
  more: { readonly [key: string]: number | string } = {}
) => failure("STORAGE_UNAVAILABLE", message, { details: { database, ...more } })

export const problemOf = (failed: StorageUnavailable): SqlError =>
  new SqlError({ cause: new StorageProblem({ failure: failed }), message: failed.message })

const damaged = "The database file is damaged, or is no database. It was left as it is"
const forbidden = "The database cannot be opened or written: the path or its permissions are in the way"
const full = "The disk that holds the database is full"
const broken = "The disk that holds the database failed to read or write"

/** By the engine's code, or by the system's where the folder could not be made. The first that fits counts. */
const words: ReadonlyArray<readonly [RegExp, string, string]> = [
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, "Another process holds the database for too long", "busy"],
  [/^SQLITE_(CORRUPT|NOTADB|FORMAT)/, damaged, "damaged"],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, full, "full"],
  [
    /^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|ENAMETOOLONG|EISDIR)/,
    forbidden,
    "forbidden"
  ],
  [/^(SQLITE_(IOERR|NOLFS|INTERRUPT|NOMEM)|EIO|EMFILE|ENFILE|ENOMEM)/, broken, "broken"]
]

const codeOf = (cause: unknown): string => {
  if (Predicate.hasProperty(cause, "code") && typeof cause.code === "string" && cause.code !== "") return cause.code
  // The binding fails to open without a code; the engine's number ends the message.
  const message = cause instanceof Error ? cause.message : ""
  if (/connection is not open/.test(message)) return "SQLITE_IOERR"
  // A failure of the platform's file system keeps the system's own error as its cause.
  if (Predicate.hasProperty(cause, "cause") && cause.cause !== undefined) return codeOf(cause.cause)
  const opening = /Unable to open connection.*: (\d+)/.exec(message)?.[1]
  return opening === undefined ? "" : opening === "14" ? "SQLITE_CANTOPEN" : "SQLITE_IOERR"
}

/** Another connection is in the way: to be tried again. */
export const isBusy = (cause: unknown): boolean => /^SQLITE_(BUSY|LOCKED|PROTOCOL)/.test(codeOf(cause))

/** The storage's own failures become `StorageProblem`; what is left is a mistake of ours, such as a wrong statement. */
export const sqlErrorOf = (database: string, cause: unknown): SqlError => {
  if (cause instanceof SqlError) return cause
  const found = words.find(([pattern]) => pattern.test(codeOf(cause)))
  return found === undefined
    ? new SqlError({ cause, message: "A statement failed" })
    : problemOf(unavailable(database, found[1], { reason: found[2] }))
}

const unreadable = failure("STORAGE_UNAVAILABLE", "The database holds a record that this version cannot read")

/** What a store answers with. A failed statement that is no storage problem is a defect. */
export const failureOf = (error: SqlError | ParseResult.ParseError): Effect.Effect<never, StorageUnavailable> => {
  if (error._tag === "ParseError") {
    // Where, and never what: a record may hold a prompt.
    const places = ParseResult.ArrayFormatter.formatErrorSync(error).map((issue) => issue.path.join("."))
    return Effect.zipRight(Effect.logError(`a record cannot be read at ${places.join(", ")}`), Effect.fail(unreadable))
  }
  return error.cause instanceof StorageProblem ? Effect.fail(error.cause.failure) : Effect.die(error)
}

/** Turns the failures of statements and of decoding into those of a port. */
export const orUnavailable = <A, R>(
  effect: Effect.Effect<A, SqlError | ParseResult.ParseError, R>
): Effect.Effect<A, StorageUnavailable, R> => Effect.catchAll(effect, failureOf)
