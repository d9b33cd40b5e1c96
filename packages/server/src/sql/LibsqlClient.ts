import { layer as reactivityLayer } from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import { makeCompilerSqlite } from "@effect/sql/Statement"
import { isTraced } from "@image-skill/core/kernel/Traces"
import { Context, Effect, FiberRef, identity, Layer, Option } from "effect"
import { connectionOf, isRead, type Runner } from "./internal/connection.ts"
import { close, type Opened, open } from "./internal/open.ts"
import { atOnce, lockWaitMillisMax, type Restore, untilFree } from "./internal/retry.ts"
import { direct } from "./internal/statements.ts"
import { makeTurn } from "./internal/turn.ts"
import { problemOf, StorageProblem, sqlErrorOf, unavailable } from "./StorageProblem.ts"

export interface LibsqlOptions {
  /** The database file. It and its folder are made by the first statement, not before. */
  readonly file: string
  /** Done before the file is opened. When it fails, so does the statement, and the next one tries again. */
  readonly beforeOpen?: Effect.Effect<void, SqlError>
  /** How long a write waits for its turn, and again for other processes, before it fails. Default 10 s. */
  readonly lockWaitMillisMax?: number
}

/** A transaction as its statements see it. `problem` is why it must not be committed. */
interface Running {
  open: boolean
  problem: SqlError | null
}

const transactionEnd = (text: "COMMIT" | "ROLLBACK", { writer }: Opened) => {
  if (text === "COMMIT" || writer.inTransaction()) writer.exec(text)
}

/** The database, opened by whoever needs it first, and closed with the scope. */
const makeDatabase = (options: LibsqlOptions) =>
  Effect.gen(function* () {
    const opening = yield* Effect.makeSemaphore(1)
    let opened: Opened | null = null
    let closed = false
    const openOnce = Effect.suspend(() => {
      if (opened !== null) return Effect.succeed(opened)
      if (closed) return Effect.fail(problemOf(unavailable(options.file, "The database is closed")))
      return Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(restore(options.beforeOpen ?? Effect.void), open(options.file, restore)).pipe(
          Effect.tap((made) => Effect.sync(() => void (opened = made)))
        )
      )
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
        if (opened !== null) close(opened)
        opened = null
      })
    )
    const gone = () => problemOf(unavailable(options.file, "The database file was removed or replaced while in use"))
    return <A, E, R>(use: (opened: Opened) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
      Effect.suspend(() => {
        if (opened === null) return Effect.flatMap(opening.withPermits(1)(openOnce), use)
        return opened.isThere() ? use(opened) : Effect.fail(gone())
      })
  })

const make = Effect.fnUntraced(function* (options: LibsqlOptions) {
  const waitMillisMax = options.lockWaitMillisMax ?? lockWaitMillisMax
  const turn = makeTurn(waitMillisMax)
  const tooLong = () => problemOf(unavailable(options.file, "Writes to the database wait for each other too long"))
  const errorOf = (cause: unknown) => sqlErrorOf(options.file, cause)
  const withDatabase = yield* makeDatabase(options)

  const runAlone: Runner = (text, use) =>
    withDatabase(({ reader, writer }) => {
      if (isRead(text))
        return Effect.mapError(
          untilFree(() => use(reader), identity, waitMillisMax),
          errorOf
        )
      const write = () => use(writer)
      const waiting = () => turn.take(tooLong, (restore) => untilFree(write, restore, waitMillisMax))
      // A statement that is done at once holds the turn for nobody to see.
      return Effect.mapError(turn.isFree() ? atOnce(write, waiting) : waiting(), errorOf)
    })

  const runWithin =
    ({ writer }: Opened, running: Running): Runner =>
    (text, use) =>
      Effect.suspend(() => {
        // A fiber that was forked inside and lives on has no part in the transactions that came later.
        if (!running.open) return runAlone(text, use)
        if (running.problem !== null) return Effect.fail(running.problem)
        try {
          return Effect.succeed(use(writer))
        } catch (cause) {
          const error = errorOf(cause)
          // The engine may have rolled back by itself: the rest must not run as if it were still inside.
          if (error.cause instanceof StorageProblem || !writer.inTransaction()) running.problem = error
          return Effect.fail(error)
        }
      })

  const alone = connectionOf(runAlone)
  const transactions = new WeakMap<Connection, Running>()

  /** What `effect` is once a transaction has begun, in a region that cannot be interrupted. */
  const begun = <A, E, R>(
    opened: Opened,
    effect: Effect.Effect<A, E, R>,
    context: Context.Context<never>,
    restore: Restore
  ) => {
    const running: Running = { open: true, problem: null }
    const connection = connectionOf(runWithin(opened, running))
    transactions.set(connection, running)
    const within = Context.add(context, SqlClient.TransactionConnection, [connection, 0])
    const end = (text: "COMMIT" | "ROLLBACK") => Effect.try({ try: () => transactionEnd(text, opened), catch: errorOf })
    return Effect.matchCauseEffect(restore(Effect.locally(effect, FiberRef.currentContext, within)), {
      onFailure: (cause) => {
        running.open = false
        return Effect.zipRight(Effect.orDie(end("ROLLBACK")), Effect.failCause(cause))
      },
      onSuccess: (value) => {
        running.open = false
        const commit = running.problem === null ? end("COMMIT") : Effect.fail(running.problem)
        return Effect.as(
          Effect.tapError(commit, () => Effect.orDie(end("ROLLBACK"))),
          value
        )
      }
    })
  }

  const withTransaction = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.withFiberRuntime((fiber) => {
      const context = fiber.currentContext
      const outer = Context.getOption(context, SqlClient.TransactionConnection)
      if (outer._tag === "Some" && transactions.get(outer.value[0])?.open === true) return effect
      const run = (inside: Context.Context<never>) =>
        withDatabase((opened) =>
          turn.take(tooLong, (restore) =>
            Effect.zipRight(
              Effect.mapError(
                untilFree(() => opened.writer.exec("BEGIN IMMEDIATE"), restore, waitMillisMax),
                errorOf
              ),
              begun(opened, effect, inside, restore)
            )
          )
        )
      if (!isTraced(fiber)) return run(context)
      const spanned = Effect.flatMap(Effect.context<never>(), run)
      return Effect.withSpan(spanned, "sql.transaction", { kind: "client", captureStackTrace: false })
    })

  const client = yield* SqlClient.make({
    acquirer: Effect.succeed(alone),
    compiler: makeCompilerSqlite(),
    spanAttributes: [["db.system.name", "sqlite"]]
  })
  const connectionIn = (context: Context.Context<never>) =>
    Option.getOrNull(Context.getOption(context, SqlClient.TransactionConnection))?.[0] ?? alone
  return Object.assign(direct(client, connectionIn), client, { withTransaction })
})

/**
 * An `SqlClient` on one embedded database file, for many fibers and several processes at a time.
 *
 * Writes take turns inside the process and wait for other processes without holding the event loop; after 10 s they
 * fail. Reads outside a transaction go over a connection of their own: they neither wait nor see what is not
 * committed. A nested transaction joins the open one. A commit is on the disk when it returns (measured: 0.2 ms).
 */
export const layer = (options: LibsqlOptions): Layer.Layer<SqlClient.SqlClient> =>
  Layer.scoped(SqlClient.SqlClient, make(options)).pipe(Layer.provide(reactivityLayer))
