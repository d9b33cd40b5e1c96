import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Layer } from "effect"
import type { OrganizationId } from "../../kernel/Ids.ts"
import { Credits, UsdTicks } from "../../kernel/Money.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { accounts, auditIssues, type Hold, heldCredits, Ledger } from "../../ledger/Ledger.ts"
import { type Entry, LedgerStore } from "../../ledger/LedgerStore.ts"
import { attemptId, numbers, organization, otherOrganization } from "./samples.ts"

const free = accounts.free(organization)
const paid = accounts.paid(organization)

const move = (from: string, to: string, amount: number): ReadonlyArray<Entry> => [
  { account: from, unit: "credits", amount: -amount },
  { account: to, unit: "credits", amount }
]

const grant = (id: string, account: string, amount: number) =>
  Effect.flatMap(LedgerStore, (store) =>
    store.post({ id, kind: "grant", reference: id, entries: move(accounts.clearing, account, amount), guarded: [] })
  )

const issues = Effect.gen(function* () {
  const { balances, transactions } = yield* (yield* LedgerStore).all
  return auditIssues(transactions, balances)
})

/** Free, paid and held, as plain numbers. */
const shown = (of: OrganizationId) =>
  Effect.flatMap(Ledger, (ledger) => ledger.balance(of)).pipe(
    Effect.map(({ free, paid, held }) => numbersOf([free, paid, held]))
  )
const numbersOf = (credits: ReadonlyArray<number>): ReadonlyArray<number> => credits

/** One step of the property: a hold, or the end of one of the holds that are open. */
const steps = FastCheck.array(
  FastCheck.oneof(
    FastCheck.record({
      kind: FastCheck.constant("hold" as const),
      amount: FastCheck.nat(40),
      metered: FastCheck.boolean()
    }),
    FastCheck.record({ kind: FastCheck.constant("end" as const), which: FastCheck.nat(9), share: FastCheck.nat(100) }),
    FastCheck.record({ kind: FastCheck.constant("again" as const), which: FastCheck.nat(9) }),
    FastCheck.record({ kind: FastCheck.constant("grant" as const), amount: FastCheck.integer({ min: 1, max: 30 }) })
  ),
  { maxLength: 30 }
)
type Step = typeof steps extends FastCheck.Arbitrary<ReadonlyArray<infer One>> ? One : never

/** What the books must say, kept beside them in plain numbers. */
interface Expected {
  granted: number
  revenue: number
  unmetered: number
  count: number
  readonly open: Array<Hold>
  readonly ended: Array<Hold>
}

const take = (step: Step, expected: Expected) =>
  Effect.gen(function* () {
    const ledger = yield* Ledger
    expected.count += 1
    if (step.kind === "grant") {
      yield* ledger.grantFree(organization, Credits.make(step.amount), `grant_${expected.count}`)
      expected.granted += step.amount
      return
    }
    if (step.kind === "hold") {
      const before = yield* ledger.balance(organization)
      const made = yield* Effect.either(
        ledger.hold(organization, attemptId(expected.count), Credits.make(step.amount), step.metered)
      )
      assert.strictEqual(Either.isRight(made), !step.metered || step.amount <= before.free + before.paid)
      if (Either.isRight(made)) expected.open.push(made.right)
      return
    }
    if (step.kind === "again") {
      const held = expected.ended[step.which]
      if (held !== undefined) yield* ledger.release(held)
      return
    }
    const [held] = expected.open.splice(step.which, 1)
    if (held === undefined) return
    const debit = Credits.make(Math.floor((heldCredits(held) * step.share) / 100))
    yield* ledger.settle(held, debit)
    expected.revenue += debit
    if (held.unmetered > 0) expected.unmetered += debit
    expected.ended.push(held)
  })

/** What every `LedgerStore` promises, by itself and under the `Ledger`. */
export const ledgerStoreSuite = <E>(name: string, layer: Layer.Layer<LedgerStore | Transaction, E>) =>
  describe(`LedgerStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, LedgerStore | Transaction | Ledger>) =>
      Effect.provide(effect, Ledger.Default.pipe(Layer.provideMerge(layer)))

    it.effect("never takes more than there is, however many take at a time", () =>
      run(
        Effect.gen(function* () {
          const store = yield* LedgerStore
          yield* grant("grant:1", free, 100)
          const answers = yield* Effect.forEach(
            numbers(50),
            (one) =>
              store.post({
                id: `hold:${one}`,
                kind: "hold",
                reference: `att_${one}`,
                entries: move(free, accounts.held(organization), 3),
                guarded: [free]
              }),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(answers.filter((answer) => answer === "posted").length, 33)
          assert.strictEqual(answers.filter((answer) => answer === "refused").length, 17)
          assert.deepStrictEqual(
            yield* store.balances([free, "org:nobody:free"]),
            new Map([
              [free, 1],
              ["org:nobody:free", 0]
            ])
          )
          assert.deepStrictEqual(yield* issues, [])
        })
      )
    )

    it.effect("changes nothing when it refuses, also inside a transaction that goes on", () =>
      run(
        Effect.gen(function* () {
          const store = yield* LedgerStore
          yield* grant("grant:1", free, 5)
          const before = yield* store.all
          const refused = {
            id: "hold:1",
            kind: "hold",
            reference: "att_1",
            entries: [...move(free, accounts.held(organization), 5), ...move(paid, accounts.held(organization), 1)],
            guarded: [free, paid]
          } as const
          const answer = yield* (yield* Transaction).run(store.post(refused))
          assert.strictEqual(answer, "refused")
          const nonZero = (balances: ReadonlyMap<string, number>) => [...balances].filter(([, amount]) => amount !== 0)
          const after = yield* store.all
          assert.deepStrictEqual(after.transactions, before.transactions)
          assert.deepStrictEqual(nonZero(after.balances), nonZero(before.balances))
          yield* grant("grant:2", paid, 1)
          assert.strictEqual(yield* store.post(refused), "posted")
        })
      )
    )

    it.effect("posts an id once, however often it is asked to", () =>
      run(
        Effect.gen(function* () {
          const answers = yield* Effect.forEach(numbers(10), () => grant("grant:1", free, 7), {
            concurrency: "unbounded"
          })
          assert.strictEqual(answers.filter((answer) => answer === "posted").length, 1)
          assert.strictEqual(answers.filter((answer) => answer === "duplicate").length, 9)
          const { balances, transactions } = yield* (yield* LedgerStore).all
          assert.strictEqual(balances.get(free), 7)
          assert.deepStrictEqual(transactions, [
            { id: "grant:1", kind: "grant", reference: "grant:1", entries: move(accounts.clearing, free, 7) }
          ])
        })
      )
    )

    it.effect("takes a post back with the transaction it was in", () =>
      run(
        Effect.gen(function* () {
          yield* grant("grant:1", free, 5)
          const { run } = yield* Transaction
          yield* Effect.exit(run(Effect.zipRight(grant("grant:2", free, 5), Effect.fail("no"))))
          assert.strictEqual((yield* (yield* LedgerStore).balances([free])).get(free), 5)
          assert.strictEqual(yield* grant("grant:2", free, 5), "posted")
          assert.deepStrictEqual(yield* issues, [])
        })
      )
    )

    it.effect("holds free credits first and gives paid ones back first", () =>
      run(
        Effect.gen(function* () {
          const ledger = yield* Ledger
          yield* grant("grant:1", free, 4)
          yield* grant("grant:2", paid, 10)
          const held = yield* ledger.hold(organization, attemptId(1), Credits.make(9), true)
          assert.deepStrictEqual(numbersOf([held.free, held.paid, held.unmetered]), [4, 5, 0])
          yield* ledger.settle(held, Credits.make(3))
          assert.deepStrictEqual(yield* shown(organization), [1, 10, 0])
          const short = yield* Effect.flip(ledger.hold(organization, attemptId(2), Credits.make(12), true))
          assert.deepInclude(short, { code: "QUOTA_EXCEEDED" })
          assert.deepStrictEqual(yield* shown(organization), [1, 10, 0])
          assert.deepStrictEqual(yield* shown(otherOrganization), [0, 0, 0])
          yield* ledger.expose(attemptId(3), UsdTicks.make(500_000_000))
          yield* ledger.expose(attemptId(3), UsdTicks.make(500_000_000))
          const exposed = yield* (yield* LedgerStore).balances([accounts.exposure])
          assert.strictEqual(exposed.get(accounts.exposure), 500_000_000)
          assert.deepStrictEqual(yield* issues, [])
        })
      )
    )

    it.effect.prop(
      "keeps clean books through any holds, settlements and releases",
      { steps },
      ({ steps }) =>
        run(
          Effect.gen(function* () {
            const expected: Expected = { granted: 0, revenue: 0, unmetered: 0, count: 0, open: [], ended: [] }
            for (const step of steps) yield* take(step, expected)
            const balance = yield* (yield* Ledger).balance(organization)
            const open = expected.open.reduce((sum, held) => sum + heldCredits(held), 0)
            const lent = expected.open.reduce((sum, held) => sum + held.unmetered, 0)
            assert.strictEqual(balance.held, open)
            assert.strictEqual(balance.unmeteredSpent, expected.unmetered + lent)
            assert.strictEqual(
              balance.free + balance.paid,
              expected.granted - (expected.revenue - expected.unmetered) - (open - lent)
            )
            assert.deepStrictEqual(yield* issues, [])
          })
        ),
      { fastCheck: { numRuns: 25 }, timeout: 60_000 }
    )
  })
