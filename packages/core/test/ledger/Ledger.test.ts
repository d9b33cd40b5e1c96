import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import { AttemptId, OrganizationId } from "../../src/kernel/Ids.ts"
import { Credits } from "../../src/kernel/Money.ts"
import { MemoryTables } from "../../src/kernel/Transaction.ts"
import { auditIssues, Ledger } from "../../src/ledger/Ledger.ts"
import { type Entry, LedgerStore, type LedgerTransaction } from "../../src/ledger/LedgerStore.ts"

const credits = (account: string, amount: number): Entry => ({ account, unit: "credits", amount })
const transaction = (id: string, ...entries: ReadonlyArray<Entry>): LedgerTransaction => ({
  id,
  kind: "grant",
  reference: id,
  entries
})

const grant = transaction("promo:1", credits("house:promo", -10), credits("org:a:free", 10))
const hold = transaction("hold:1", credits("org:a:free", -4), credits("org:a:held", 4))
const shown = new Map([
  ["house:promo", -10],
  ["org:a:free", 6],
  ["org:a:held", 4]
])

describe("auditIssues", () => {
  it("finds nothing in books that are right", () => {
    assert.deepStrictEqual(auditIssues([grant, hold], shown), [])
    assert.deepStrictEqual(auditIssues([], new Map()), [])
  })

  it("finds a movement that was posted twice", () => {
    const doubled = new Map([...shown, ["org:a:free", 2], ["org:a:held", 8]] as const)
    assert.deepStrictEqual(auditIssues([grant, hold, hold], doubled), ["hold:1 was posted twice"])
  })

  it("finds a transaction that makes money, in each unit by itself", () => {
    const made = transaction("made", credits("org:a:free", 1), { account: "house:x", unit: "usd_ticks", amount: -1 })
    const balances = new Map([
      ["org:a:free", 1],
      ["house:x", -1]
    ])
    assert.deepStrictEqual(auditIssues([made], balances), ["made: credits sum to 1", "made: usd_ticks sum to -1"])
  })

  it("finds a balance that its entries do not give, a lost row and a foreign one", () => {
    const moved = new Map([...shown, ["org:a:free", 7]] as const)
    assert.deepStrictEqual(auditIssues([grant, hold], moved), ["org:a:free: entries give 6, the balance is 7"])
    const lost = new Map([...shown].filter(([account]) => account !== "org:a:held"))
    assert.deepStrictEqual(auditIssues([grant, hold], lost), ["org:a:held: entries give 4, the balance is 0"])
    const foreign = new Map([...shown, ["org:b:paid", 3]] as const)
    assert.deepStrictEqual(auditIssues([grant, hold], foreign), ["org:b:paid: entries give 0, the balance is 3"])
  })

  it("finds an account of an organization below zero, and lets the unmetered and the house go there", () => {
    for (const account of ["org:a:free", "org:a:paid", "org:a:held"]) {
      const overdrawn = transaction("over", credits(account, -2), credits("house:revenue", 2))
      const balances = new Map([
        [account, -2],
        ["house:revenue", 2]
      ])
      assert.deepStrictEqual(auditIssues([overdrawn], balances), [`${account} is below zero: -2`])
    }
    const unmetered = transaction("spent", credits("org:a:unmetered", -2), credits("house:revenue", 2))
    const balances = new Map([
      ["org:a:unmetered", -2],
      ["house:revenue", 2]
    ])
    assert.deepStrictEqual(auditIssues([unmetered], balances), [])
  })
})

describe("Ledger", () => {
  const organization = OrganizationId.make("org_a")
  const books = Ledger.Default.pipe(Layer.provide(LedgerStore.layerMemory), Layer.provide(MemoryTables.layer))

  it.effect("makes no money of a negative hold or a negative debit", () =>
    Effect.gen(function* () {
      const ledger = yield* Ledger
      yield* ledger.grantFree(organization, Credits.make(10), "start")
      const negative = yield* Effect.exit(
        ledger.hold(organization, AttemptId.make("att_1"), Credits.make(-16_211), true)
      )
      assert.isTrue(Exit.isFailure(negative) && Cause.isDie(negative.cause))
      const held = yield* ledger.hold(organization, AttemptId.make("att_2"), Credits.make(4), true)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(ledger.settle(held, Credits.make(-1)))))
      const { free, held: stillHeld } = yield* ledger.balance(organization)
      assert.deepStrictEqual([free, stillHeld], [6, 4])
    }).pipe(Effect.provide(books))
  )
})
