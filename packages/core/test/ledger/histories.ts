import { assert } from "@effect/vitest"
import { Context, Effect, Exit, Layer, TestClock } from "effect"
import { ActivityLog } from "../../src/activity/ActivityLog.ts"
import { AttemptId, Ids } from "../../src/kernel/Ids.ts"
import { limits } from "../../src/kernel/Limits.ts"
import { Credits } from "../../src/kernel/Money.ts"
import { Transaction } from "../../src/kernel/Transaction.ts"
import { type Hold, heldCredits, Ledger } from "../../src/ledger/Ledger.ts"
import { LedgerStore } from "../../src/ledger/LedgerStore.ts"
import type { PaymentAttempt } from "../../src/ledger/PaymentRecords.ts"
import { type PaymentRecordsPort, PaymentStore } from "../../src/ledger/PaymentStore.ts"
import { PaymentSweep } from "../../src/ledger/PaymentSweep.ts"
import type { DisputeEvent, RailEvent } from "../../src/ledger/RailEvents.ts"
import { Settlement } from "../../src/ledger/Settlement.ts"
import { bookIssues, bought, buyer, layerCreditHouse, netPurchased } from "../../src/testing/creditHouse.ts"
import { layerMemoryStores } from "../../src/testing/memoryLayers.ts"
import { dispute, makePaperRail, paid, refund, refundedTotal, stepped } from "../../src/testing/paperRail.ts"
import { allPages } from "../../src/testing/suites/allPages.ts"

interface Refund {
  readonly id: string
  readonly amountCents: number
  readonly madeAt: number
  isDead: boolean
}

interface Dispute {
  readonly id: string
  readonly amountCents: number
  readonly changes: Set<DisputeEvent["change"]>
  /** What came back where it is not the whole. */
  back: number | undefined
}

/** What really happened to a payment, which the house learns from words that come late, twice and in any order. */
interface Truth {
  readonly attempt: PaymentAttempt
  isPaid: boolean
  readonly refunds: Array<Refund>
  readonly disputes: Array<Dispute>
}

const refundedOf = ({ refunds }: Truth) => refunds.reduce((sum, one) => sum + (one.isDead ? 0 : one.amountCents), 0)
const goneOf = ({ amountCents, back, changes }: Dispute) => {
  if (changes.has("lost")) return amountCents - (back ?? 0)
  if (!changes.has("withdrawn")) return 0
  return changes.has("reinstated") || changes.has("won") ? amountCents - (back ?? amountCents) : amountCents
}
const keptOf = (truth: Truth) => {
  if (!truth.isPaid) return 0
  const disputed = truth.disputes.reduce((sum, one) => sum + goneOf(one), 0)
  return truth.attempt.amountCents - Math.min(truth.attempt.amountCents, refundedOf(truth) + disputed)
}

const saidOf = ({ amountCents, back, id }: Dispute, change: DisputeEvent["change"]) => ({
  amountCents,
  disputeId: id,
  change,
  ...(back === undefined || change === "opened" || change === "withdrawn" ? {} : { reinstatedCents: back })
})

const makeDice = (seed: number) => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (count: number) => Math.floor(next() * count)
  return { next, below, pick: <A>(items: ReadonlyArray<A>) => items[below(items.length)] }
}
type Dice = ReturnType<typeof makeDice>

/** A fault that is put in on purpose, to see that the histories notice it. */
export type Sabotage = (real: PaymentRecordsPort) => Partial<PaymentRecordsPort>

/** Stores whose process dies now and then, before or after a write. */
const layerMortal = (dice: Dice, isMortal: () => boolean, sabotage: Sabotage) => {
  const die = Effect.suspend(() => (isMortal() && dice.next() < 0.04 ? Effect.die("the process is gone") : Effect.void))
  const mortal =
    <Input extends ReadonlyArray<never>, A, E>(write: (...input: Input) => Effect.Effect<A, E>) =>
    (...input: Input) =>
      Effect.zipRight(die, Effect.zipLeft(write(...input), die))
  const base = Layer.provideMerge(layerMemoryStores, Ids.layerSequential)
  const store = Effect.map(PaymentStore, (real) => ({
    ...real,
    ...sabotage(real),
    addAttempt: (row: PaymentAttempt) => mortal(() => real.addAttempt(row))(),
    saveAttempt: (row: PaymentAttempt) => mortal(() => real.saveAttempt(row))(),
    addEvent: (row: Parameters<typeof real.addEvent>[0]) => mortal(() => real.addEvent(row))(),
    moveEvent: (...row: Parameters<typeof real.moveEvent>) => mortal(() => real.moveEvent(...row))(),
    addReceipt: (row: Parameters<typeof real.addReceipt>[0]) => mortal(() => real.addReceipt(row))(),
    saveReversal: (row: Parameters<typeof real.saveReversal>[0]) => mortal(() => real.saveReversal(row))()
  }))
  const ledger = Effect.map(LedgerStore, (real) => ({
    ...real,
    post: (row: Parameters<typeof real.post>[0]) => mortal(() => real.post(row))()
  }))
  const log = Effect.map(ActivityLog, (real) => ({
    ...real,
    append: (rows: Parameters<typeof real.append>[0]) => mortal(() => real.append(rows))()
  }))
  const faulty = Layer.effectContext(
    Effect.all([store, ledger, log, Effect.context<Layer.Layer.Success<typeof base>>()]).pipe(
      Effect.map(([payments, posts, events, all]) =>
        all.pipe(Context.add(PaymentStore, payments), Context.add(LedgerStore, posts), Context.add(ActivityLog, events))
      )
    )
  )
  return Layer.provide(faulty, base)
}

/** What the books show at any moment: they are right, and nobody owes who could pay. */
const lawful = (seed: number, step: number) =>
  Effect.gen(function* () {
    const where = `seed ${seed}, step ${step}`
    assert.deepStrictEqual(yield* bookIssues, [], where)
    const { free, owed, paid: credits } = yield* (yield* Ledger).balance(buyer.organizationId)
    assert.isTrue(owed === 0 || free + credits === 0, `${where}: ${owed} are owed beside ${free + credits}`)
  })

/** One history of quotes, payments, refunds, disputes, spends and deaths; dies of what is wrong at its end. */
export const history = (seed: number, steps: number, sabotage: Sabotage = () => ({})) => {
  const dice = makeDice(seed)
  let isMortal = true
  let at = 1
  let count = 0
  const name = (kind: string) => {
    count += 1
    return `${kind}_${count}`
  }
  const truths: Array<Truth> = []
  const keys: Array<{ readonly key: string; readonly credits: number }> = []
  const holds: Array<Hold> = []
  const words: Array<RailEvent> = []
  const open = () => dice.pick(truths.filter((truth) => !truth.isPaid))
  /** One of the last that were paid: much happens to few payments. */
  const settled = () => dice.pick(truths.filter((truth) => truth.isPaid).slice(-2))

  const buy = (again: boolean) =>
    Effect.gen(function* () {
      const one = (again ? dice.pick(keys) : undefined) ?? { key: name("key"), credits: 1 + dice.below(300) }
      if (!keys.includes(one)) keys.push(one)
      const made = yield* Effect.exit(bought(one.credits, one.key))
      if (Exit.isFailure(made) || truths.some(({ attempt }) => attempt.id === made.value.id)) return
      truths.push({ attempt: made.value, isPaid: false, refunds: [], disputes: [] })
    })

  const pay = (truth: Truth) => {
    truth.isPaid = true
    words.push(paid(truth.attempt, name("evt")), stepped("pending", truth.attempt, name("evt")))
    if (dice.below(3) === 0) words.push(paid(truth.attempt, name("evt")))
  }

  const refundSome = (truth: Truth) => {
    const left = truth.attempt.amountCents - refundedOf(truth)
    if (left <= 0) return
    const one = { id: name("re"), amountCents: 1 + dice.below(left), madeAt: at, isDead: false }
    truth.refunds.push(one)
    const said = { amountCents: one.amountCents, refundId: one.id, isDead: false, madeAt: one.madeAt }
    words.push(
      refund(truth.attempt, name("evt"), said, at),
      refundedTotal(truth.attempt, name("evt"), refundedOf(truth), at),
      refund(truth.attempt, name("evt"), said, at)
    )
  }

  const bounce = (truth: Truth) => {
    const one = dice.pick(truth.refunds.filter(({ isDead }) => !isDead))
    if (one === undefined) return
    one.isDead = true
    const said = { amountCents: one.amountCents, refundId: one.id, isDead: true, madeAt: one.madeAt }
    words.push(refund(truth.attempt, name("evt"), said, at))
  }

  const argue = (truth: Truth) => {
    const known = truth.disputes.find(({ changes }) => !changes.has("won") && !changes.has("lost"))
    const amountCents = dice.below(2) === 0 ? truth.attempt.amountCents : 1 + dice.below(truth.attempt.amountCents)
    const one: Dispute = known ?? { id: name("dp"), amountCents, changes: new Set(), back: undefined }
    if (known === undefined) truth.disputes.push(one)
    const change: DisputeEvent["change"] = !one.changes.has("opened")
      ? "opened"
      : !one.changes.has("withdrawn")
        ? "withdrawn"
        : (dice.pick(["reinstated", "won", "lost"] as const) ?? "won")
    const isReturn = change === "reinstated" || (change === "won" && !one.changes.has("reinstated"))
    if (isReturn && one.back === undefined && dice.below(2) === 0) one.back = 1 + dice.below(one.amountCents)
    one.changes.add(change)
    const said = saidOf(one, change)
    words.push(dispute(truth.attempt, name("evt"), said, at), dispute(truth.attempt, name("evt"), said, at))
  }

  /** What the rail answers when it is asked what went back. */
  const reversals = (attempt: PaymentAttempt) =>
    Effect.sync(() => {
      const truth = truths.find((one) => one.attempt.id === attempt.id)
      return [
        ...(truth?.refunds ?? []).map(({ amountCents, id, isDead, madeAt }) =>
          refund(attempt, `asked:${id}:${isDead}`, { amountCents, refundId: id, isDead, madeAt }, at)
        ),
        ...(truth?.disputes ?? []).flatMap((one) =>
          [...one.changes].map((change) =>
            dispute(attempt, `asked:${one.id}:${change}:${one.back}`, saidOf(one, change), at)
          )
        )
      ]
    })

  const spend = Effect.gen(function* () {
    const ledger = yield* Ledger
    const attempt = AttemptId.make(name("att"))
    const held = yield* Effect.exit(
      (yield* Transaction).run(ledger.hold(buyer.organizationId, attempt, Credits.make(1 + dice.below(200)), true))
    )
    if (Exit.isSuccess(held)) holds.push(held.value)
  })

  const gift = Effect.gen(function* () {
    const given = (yield* Ledger).grantFree(buyer.organizationId, Credits.make(1 + dice.below(40)), name("gift"))
    yield* Effect.exit((yield* Transaction).run(given))
  })

  const settle = Effect.gen(function* () {
    const hold = holds[dice.below(holds.length)]
    if (hold === undefined) return
    const debit = Credits.make(dice.below(heldCredits(hold) + 1))
    const ended = yield* Effect.exit((yield* Transaction).run((yield* Ledger).settle(hold, debit)))
    if (Exit.isSuccess(ended)) holds.splice(holds.indexOf(hold), 1)
  })

  /** Some words arrive, several at a time; one that met a death comes again, as one that did not sometimes does. */
  const deliver = Effect.gen(function* () {
    const settlement = yield* Settlement
    const some = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(words)).filter((word) => word !== undefined)
    const told = yield* Effect.forEach(some, (word) => Effect.exit(settlement.apply("paper", word)), {
      concurrency: "unbounded"
    })
    some.forEach((word, index) => {
      const place = words.indexOf(word)
      const end = told[index]
      if (end !== undefined && Exit.isSuccess(end) && place !== -1 && dice.below(5) > 0) words.splice(place, 1)
    })
  })

  const act = Effect.suspend((): Effect.Effect<void, unknown, Layer.Layer.Success<ReturnType<typeof house>>> => {
    at += dice.below(2)
    const one = dice.below(14)
    if (one < 2) return buy(one === 1)
    if (one < 4) return Effect.sync(() => forSome(open(), pay))
    if (one === 4) return Effect.sync(() => forSome(settled(), refundSome))
    if (one === 5) return Effect.sync(() => forSome(settled(), dice.below(3) === 0 ? bounce : argue))
    if (one === 6) return spend
    if (one === 7) return settle
    if (one === 8) return Effect.flatMap(PaymentSweep, ({ sweep }) => Effect.asVoid(Effect.exit(sweep)))
    if (one === 9) return gift
    if (one === 10) return Effect.sync(() => forSome(settled(), argue))
    return deliver
  })

  const paper = makePaperRail({ reversals })
  const house = () =>
    Layer.provideMerge(
      layerCreditHouse([paper.rail]),
      layerMortal(dice, () => isMortal, sabotage)
    )
  return Effect.gen(function* () {
    for (let step = 0; step < steps; step += 1) {
      yield* act
      yield* lawful(seed, step)
    }
    isMortal = false
    const settlement = yield* Settlement
    // Some words of what went back are lost for good: the sweep asks.
    const arrive = words.filter((word) => !("amountCents" in word) || word.kind === "paid" || dice.below(3) > 0)
    for (const word of arrive.toSorted(() => dice.next() - 0.5)) yield* settlement.apply("paper", word)
    const { sweep } = yield* PaymentSweep
    yield* sweep
    yield* TestClock.adjust(limits.reversalLookMillisMax)
    yield* sweep
    yield* lawful(seed, steps)
    const kept = truths.reduce((sum, truth) => sum + keptOf(truth), 0)
    assert.strictEqual(yield* netPurchased, kept, `seed ${seed}: credits are not money received minus money returned`)
    const log = yield* ActivityLog
    const events = yield* allPages(100, (query) => log.list(buyer.organizationId, { ...query, subject: null }))
    const granted = events.filter(({ type }) => type === "credits.payment_backed_granted").length
    const payments = truths.filter(({ isPaid }) => isPaid).length
    assert.strictEqual(granted, payments, `seed ${seed}: a payment has not one grant on record`)
    const waiting = yield* (yield* PaymentStore).listEvents("waiting", { limit: 200, cursor: null })
    assert.deepStrictEqual(waiting.items, [], `seed ${seed}: something waits`)
    return { payments, kept }
  }).pipe(Effect.provide(Layer.fresh(house())))
}

const forSome = <A>(item: A | undefined, act: (item: A) => void) => {
  if (item !== undefined) act(item)
}
