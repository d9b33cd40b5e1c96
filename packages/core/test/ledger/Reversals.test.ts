import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import type { RailEvent } from "../../src/ledger/RailEvents.ts"
import { countedCents, type Draft, reckon, standingOf } from "../../src/ledger/Reversals.ts"

let count = 0
const about = (at: number) => {
  count += 1
  return { eventId: `evt_${count}`, attemptId: null, sessionId: null, paymentId: "pi_1", at, currency: "usd" }
}
const total = (at: number, amountCents: number): RailEvent => ({
  kind: "refunded_total",
  ...about(at),
  amountCents,
  reference: "ch_1"
})
const part = (at: number, refundId: string, amountCents: number, madeAt = at, isDead = false): RailEvent => ({
  kind: "refund",
  ...about(at),
  amountCents,
  refundId,
  madeAt,
  isDead
})
const dispute = (
  change: Extract<RailEvent, { readonly kind: "dispute" }>["change"],
  disputeId = "dp_1",
  amountCents = 500
): RailEvent => ({ kind: "dispute", ...about(1), amountCents, disputeId, change })

const refundedBy = (...events: ReadonlyArray<RailEvent>) => standingOf(events).refundedCents
const reversedBy = (paid: number, ...events: ReadonlyArray<RailEvent>) =>
  countedCents(reckon(paid, [], standingOf(events)))

describe("what is refunded", () => {
  it("is told once by a total and by its parts", () => {
    assert.strictEqual(refundedBy(total(1, 300), part(1, "re_1", 300), part(2, "re_1", 300, 1)), 300)
    assert.strictEqual(refundedBy(part(1, "re_1", 100), part(2, "re_2", 200), total(2, 300), total(1, 100)), 300)
  })

  it("grows by parts that were made after the total", () => {
    assert.strictEqual(refundedBy(total(1, 300), part(2, "re_2", 200)), 500)
  })

  it("shrinks by a refund that died after the total, and not by one that the total left out", () => {
    assert.strictEqual(refundedBy(total(1, 500), part(3, "re_2", 200, 1, true)), 300)
    assert.strictEqual(refundedBy(total(5, 300), part(3, "re_2", 200, 1, true)), 300)
    assert.strictEqual(refundedBy(part(1, "re_1", 500), part(1, "re_1", 500, 1, true)), 0)
  })

  it.prop(
    "does not depend on the order of what is heard, nor on how often",
    [
      FastCheck.array(
        FastCheck.record({
          at: FastCheck.nat(4),
          made: FastCheck.nat(4),
          amount: FastCheck.nat(300),
          id: FastCheck.constantFrom("re_1", "re_2", "dp_1", "dp_2"),
          kind: FastCheck.constantFrom(
            ...(["total", "part", "dead", "opened", "withdrawn", "reinstated", "won", "lost"] as const)
          )
        }),
        { maxLength: 8 }
      ),
      FastCheck.infiniteStream(FastCheck.nat())
    ],
    ([facts, dice]) => {
      const events = facts.map(({ amount, at, id, kind, made }) =>
        kind === "total"
          ? total(at, amount)
          : kind === "part" || kind === "dead"
            ? part(at, id, amount, made, kind === "dead")
            : dispute(kind, id, amount)
      )
      const shuffled = [...events, ...events.slice(0, 2)]
        .map((event) => ({ event, rank: dice.next().value }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ event }) => event)
      const [one, other] = [standingOf(events), standingOf(shuffled)]
      assert.strictEqual(other.refundedCents, one.refundedCents)
      assert.strictEqual(other.disputes.size, one.disputes.size)
      for (const [id, found] of one.disputes) assert.deepStrictEqual(other.disputes.get(id), found)
    }
  )
})

describe("a dispute", () => {
  it("takes money from its withdrawal to its return, and for good when it is lost", () => {
    assert.strictEqual(reversedBy(500, dispute("opened")), 0)
    assert.strictEqual(reversedBy(500, dispute("opened"), dispute("withdrawn")), 500)
    assert.strictEqual(reversedBy(500, dispute("withdrawn"), dispute("reinstated"), dispute("won")), 0)
    assert.strictEqual(reversedBy(500, dispute("won"), dispute("withdrawn")), 0)
    assert.strictEqual(reversedBy(500, dispute("lost")), 500)
    assert.strictEqual(reversedBy(500, dispute("withdrawn"), dispute("reinstated"), dispute("lost")), 500)
  })
})

describe("the reversals of a payment", () => {
  it("never count more than was paid; what is above is kept and rejected", () => {
    const records = reckon<Draft>(500, [], standingOf([part(1, "re_1", 400), dispute("withdrawn")]))
    assert.deepStrictEqual(
      records.map(({ amountCents, countedCents: counted, kind }) => [kind, amountCents, counted]),
      [
        ["refund", 400, 400],
        ["dispute", 500, 100]
      ]
    )
  })

  it("let what was rejected count when an older one is given back", () => {
    const first = reckon<Draft>(500, [], standingOf([dispute("withdrawn")]))
    const second = reckon<Draft>(500, first, standingOf([dispute("withdrawn"), part(1, "re_1", 500)]))
    assert.deepStrictEqual(
      second.map((one) => one.countedCents).toSorted((a, b) => a - b),
      [0, 500]
    )
    const won = [dispute("withdrawn"), part(1, "re_1", 500), dispute("won")]
    assert.strictEqual(countedCents(reckon<Draft>(500, second, standingOf(won))), 500)
  })

  it.prop(
    "come to the same sum when they are reckoned step by step",
    [
      FastCheck.array(
        FastCheck.record({ amount: FastCheck.integer({ min: 1, max: 200 }), dead: FastCheck.boolean() }),
        {
          maxLength: 6
        }
      )
    ],
    ([refunds]) => {
      const events = refunds.flatMap(({ amount, dead }, index) => [
        part(index, `re_${index}`, amount),
        ...(dead ? [part(index + 10, `re_${index}`, amount, index, true)] : [])
      ])
      const stepwise = events.reduce<ReadonlyArray<Draft>>(
        (records, _, index) => reckon(500, records, standingOf(events.slice(0, index + 1))),
        []
      )
      assert.strictEqual(countedCents(stepwise), reversedBy(500, ...events))
    }
  )
})
