import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, type Layer, Option } from "effect"
import { ActivityLog } from "../../activity/ActivityLog.ts"
import { DailyJobs } from "../../identity/Quota.ts"
import { JobStore } from "../../jobs/JobStore.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { LedgerStore } from "../../ledger/LedgerStore.ts"
import { jobId, numbers, organization, sampleAttempt, sampleEvent, sampleJob } from "./samples.ts"

const day = "2026-11-22"
const entries = [
  { account: "org:org_one:free", unit: "credits", amount: 5 },
  { account: "house:promo", unit: "credits", amount: -5 }
] as const

/** One write in each of four stores. */
const writeAll = Effect.gen(function* () {
  yield* (yield* JobStore).insert(sampleJob("one"), [sampleAttempt("one", 0)])
  yield* (yield* LedgerStore).post({ id: "promo:one", kind: "grant", reference: "one", entries, guarded: [] })
  yield* (yield* ActivityLog).append([{ organizationId: organization, event: sampleEvent("one") }])
  yield* (yield* DailyJobs).take(organization, day, 10)
})

const seen = Effect.gen(function* () {
  const job = yield* (yield* JobStore).get(jobId("one"))
  const books = yield* (yield* LedgerStore).all
  const events = yield* (yield* ActivityLog).list(organization, { limit: 10, cursor: null, subject: null })
  return {
    jobs: Option.isSome(job) ? 1 : 0,
    transactions: books.transactions.length,
    balance: books.balances.get("org:org_one:free") ?? 0,
    events: events.items.length,
    used: yield* (yield* DailyJobs).used(organization, day)
  }
})
const nothing = { jobs: 0, transactions: 0, balance: 0, events: 0, used: 0 }
const everything = { jobs: 1, transactions: 1, balance: 5, events: 1, used: 1 }

type Stores = Transaction | JobStore | LedgerStore | ActivityLog | DailyJobs

/** What every `Transaction` promises about the stores that share it. */
export const transactionSuite = <E>(name: string, layer: Layer.Layer<Stores, E>) =>
  describe(`Transaction / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, Stores>) => Effect.provide(effect, layer)

    it.effect("keeps the writes of every store", () =>
      run(
        Effect.gen(function* () {
          yield* (yield* Transaction).run(writeAll)
          assert.deepStrictEqual(yield* seen, everything)
        })
      )
    )

    it.effect("takes the writes of every store back on a failure, a defect and an interruption", () =>
      run(
        Effect.gen(function* () {
          const transaction = yield* Transaction
          for (const end of [Effect.fail("no"), Effect.dieMessage("bug"), Effect.interrupt]) {
            const exit = yield* Effect.exit(transaction.run(Effect.zipRight(writeAll, end)))
            assert.isTrue(Exit.isFailure(exit))
            assert.deepStrictEqual(yield* seen, nothing)
          }
          const written = yield* Deferred.make<void>()
          const fiber = yield* transaction
            .run(writeAll.pipe(Effect.zipRight(Deferred.succeed(written, undefined)), Effect.zipRight(Effect.never)))
            .pipe(Effect.fork)
          yield* Deferred.await(written)
          yield* Fiber.interrupt(fiber)
          assert.deepStrictEqual(yield* seen, nothing)
          yield* transaction.run(writeAll)
          assert.deepStrictEqual(yield* seen, everything)
        })
      )
    )

    it.effect("hides what is not committed from everybody else", () =>
      run(
        Effect.gen(function* () {
          const written = yield* Deferred.make<void>()
          const go = yield* Deferred.make<void>()
          const writer = yield* (yield* Transaction)
            .run(
              Effect.gen(function* () {
                yield* writeAll
                assert.deepStrictEqual(yield* seen, everything)
                yield* Deferred.succeed(written, undefined)
                yield* Deferred.await(go)
              })
            )
            .pipe(Effect.fork)
          yield* Deferred.await(written)
          const daily = yield* DailyJobs
          assert.strictEqual(yield* daily.used(organization, day), 0)
          assert.isTrue(Option.isNone(yield* (yield* JobStore).get(jobId("one"))))
          const balances = yield* (yield* LedgerStore).balances(["org:org_one:free"])
          assert.strictEqual(balances.get("org:org_one:free"), 0)
          yield* Deferred.succeed(go, undefined)
          yield* Fiber.join(writer)
          assert.deepStrictEqual(yield* seen, everything)
        })
      )
    )

    it.effect("lets a nested run join: both are kept, or both are taken back", () =>
      run(
        Effect.gen(function* () {
          const transaction = yield* Transaction
          const daily = yield* DailyJobs
          const take = daily.take(organization, day, 10)
          const nested = transaction.run(Effect.zipRight(take, transaction.run(take)))
          yield* Effect.exit(transaction.run(Effect.zipRight(nested, Effect.fail("no"))))
          assert.strictEqual(yield* daily.used(organization, day), 0)
          yield* transaction.run(Effect.zipRight(nested, take))
          assert.strictEqual(yield* daily.used(organization, day), 3)
        })
      )
    )

    it.effect("runs fifty at a time as if one after the other", () =>
      run(
        Effect.gen(function* () {
          const transaction = yield* Transaction
          const daily = yield* DailyJobs
          const one = (index: number) =>
            transaction.run(
              Effect.gen(function* () {
                const before = yield* daily.used(organization, day)
                yield* Effect.yieldNow()
                yield* daily.take(organization, day, 100)
                yield* Effect.yieldNow()
                if (index % 5 === 0) return yield* Effect.fail(before)
                return before
              })
            )
          const exits = yield* Effect.forEach(numbers(50), (index) => Effect.exit(one(index)), {
            concurrency: "unbounded"
          })
          const kept = exits.filter(Exit.isSuccess).map((exit) => exit.value)
          assert.deepStrictEqual(
            [...kept].sort((a, b) => a - b),
            numbers(40).map((n) => n - 1)
          )
          assert.strictEqual(yield* daily.used(organization, day), 40)
        })
      )
    )

    it.effect("goes on after one that waited for its turn was interrupted", () =>
      run(
        Effect.gen(function* () {
          const transaction = yield* Transaction
          const daily = yield* DailyJobs
          const go = yield* Deferred.make<void>()
          const held = yield* Deferred.make<void>()
          const hold = Effect.zipRight(Deferred.succeed(held, undefined), Deferred.await(go))
          const holder = yield* Effect.fork(transaction.run(hold))
          yield* Deferred.await(held)
          const waiting = yield* Effect.forEach(numbers(5), () => Effect.fork(transaction.run(writeAll)))
          yield* Effect.forEach(numbers(10), () => Effect.yieldNow())
          yield* Fiber.interruptAllAs(waiting, yield* Effect.fiberId)
          yield* Deferred.succeed(go, undefined)
          yield* Fiber.join(holder)
          yield* transaction.run(daily.take(organization, day, 10))
          assert.deepStrictEqual(yield* seen, { ...nothing, used: 1 })
        })
      )
    )

    it.effect("keeps a fiber that outlives its transaction out of the next one", () =>
      run(
        Effect.gen(function* () {
          const transaction = yield* Transaction
          const daily = yield* DailyJobs
          const go = yield* Deferred.make<void>()
          const late = Effect.zipRight(Deferred.await(go), daily.take(organization, day, 10))
          const fiber = yield* transaction.run(Effect.forkDaemon(late))
          yield* transaction
            .run(
              Deferred.succeed(go, undefined).pipe(
                Effect.zipRight(Effect.forEach(numbers(20), () => Effect.yieldNow())),
                Effect.zipRight(Effect.fail("no"))
              )
            )
            .pipe(Effect.exit)
          yield* Fiber.join(fiber)
          assert.strictEqual(yield* daily.used(organization, day), 1)
        })
      )
    )
  })
