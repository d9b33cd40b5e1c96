import { assert, describe, it } from "@effect/vitest"
import { Effect, HashMap, Layer, Logger, Option, Redacted, type Scope } from "effect"
import { Ids } from "../kernel/Ids.ts"
import { Ledger } from "../ledger/Ledger.ts"
import type { PaymentRail } from "../ledger/PaymentRail.ts"
import type { PaymentAttempt } from "../ledger/PaymentRecords.ts"
import { PaymentStore } from "../ledger/PaymentStore.ts"
import { PaymentSweep } from "../ledger/PaymentSweep.ts"
import type { RailEvent } from "../ledger/RailEvents.ts"
import { Settlement } from "../ledger/Settlement.ts"
import { bookIssues, bought, buyer, layerCreditHouse, netPurchased } from "./creditHouse.ts"
import { layerMemoryStores } from "./memoryLayers.ts"

/** A rail, and what its buyer does: `pay` settles an attempt on the rail and gives every word that the rail has of it. */
export interface RailUnderTest {
  readonly rail: PaymentRail
  readonly pay: (attempt: PaymentAttempt) => Effect.Effect<ReadonlyArray<RailEvent>>
  /** Gives back `amountCents` of a paid attempt on the rail, and every word that the rail has of it. */
  readonly refund?: (attempt: PaymentAttempt, amountCents: number) => Effect.Effect<ReadonlyArray<RailEvent>>
}

/** What every rail promises the house. Run it on yours: `make` gives a fresh rail for each promise. */
export const paymentRailSuite = (name: string, make: Effect.Effect<RailUnderTest, never, Scope.Scope>) =>
  describe(`PaymentRail / ${name}`, () => {
    const promise = <E>(
      story: (
        test: RailUnderTest
      ) => Effect.Effect<
        void,
        E,
        Layer.Layer.Success<typeof house> | Layer.Layer.Success<ReturnType<typeof layerCreditHouse>>
      >
    ) =>
      Effect.gen(function* () {
        const test = yield* make
        const lines: Array<string> = []
        const logger = Logger.make(({ annotations, message }) => {
          lines.push(`${JSON.stringify(message)} ${JSON.stringify([...HashMap.toEntries(annotations)])}`)
        })
        yield* Effect.gen(function* () {
          yield* story(test)
          assert.deepStrictEqual(yield* bookIssues, [])
        }).pipe(
          Effect.provide(
            Layer.mergeAll(
              Layer.provideMerge(layerCreditHouse([test.rail]), house),
              Logger.replace(Logger.defaultLogger, logger)
            )
          )
        )
        for (const secret of test.rail.secrets)
          assert.isFalse(lines.some((line) => line.includes(Redacted.value(secret))))
      })
    const buy = (test: RailUnderTest, credits = 500, key = "one") => bought(credits, key, test.rail.id)
    const paidOf = Effect.flatMap(Ledger, (ledger) => ledger.balance(buyer.organizationId)).pipe(
      Effect.map(({ paid }) => Number(paid))
    )

    it.scopedLive("says how it is bought, in words that fit each other", () =>
      promise(({ rail }) =>
        Effect.sync(() => {
          assert.match(rail.id, /^[a-z][a-z0-9_]{1,40}$/)
          assert.match(rail.purchaseEndpoint, /^\/v1\//)
          assert.isTrue(rail.purchaseCommand.startsWith("image-skill credits "))
          assert.isNotEmpty(rail.buyerModes)
          assert.isFalse(rail.requiresBrowser && rail.buyerModes.includes("agent_only"))
          assert.isTrue(rail.availability({ buyer, hasLiveRail: rail.isLive }).available)
        })
      )
    )

    it.scopedLive("begins an attempt once, however often it is asked to, and grants nothing by that", () =>
      promise((test) =>
        Effect.gen(function* () {
          const attempt = yield* buy(test)
          if (attempt.state === "succeeded") return
          assert.strictEqual(yield* paidOf, 0)
          const quote = yield* (yield* PaymentStore).quote(buyer.organizationId, attempt.quoteId)
          assert.isTrue(Option.isSome(quote))
          if (Option.isNone(quote)) return
          const again = yield* Effect.orDie(
            Effect.mapError(
              test.rail.createAttempt(quote.value, attempt, `https://house.test/pay/${attempt.id}`),
              (problem) => new Error(problem.message)
            )
          )
          assert.strictEqual(again._tag, "ActionRequired")
          if (again._tag !== "ActionRequired") return
          assert.deepStrictEqual([again.sessionId, again.url], [attempt.sessionId, attempt.url])
          const other = yield* buy(test, 500, "two")
          assert.notStrictEqual(other.sessionId, attempt.sessionId)
        })
      )
    )

    it.scopedLive("grants what was paid once, in whatever order and however often its words come", () =>
      promise((test) =>
        Effect.gen(function* () {
          const attempt = yield* buy(test)
          const words = yield* test.pay(attempt)
          const settlement = yield* Settlement
          for (const word of [...words.toReversed(), ...words]) yield* settlement.apply(test.rail.id, word)
          assert.strictEqual(yield* paidOf, 500)
          const other = yield* buy(test, 70, "two")
          const more = yield* test.pay(other)
          yield* Effect.forEach([...more, ...words], (word) => settlement.apply(test.rail.id, word), {
            concurrency: "unbounded"
          })
          assert.strictEqual(yield* paidOf, 570)
          assert.strictEqual(yield* netPurchased, 570)
        })
      )
    )

    it.scopedLive("can be asked about a payment whose word was lost, where it can be asked at all", () =>
      promise((test) =>
        Effect.gen(function* () {
          const attempt = yield* buy(test)
          if (test.rail.status === undefined || attempt.state === "succeeded") return
          const sweep = yield* PaymentSweep
          yield* sweep.reconcile(attempt.id)
          assert.strictEqual(yield* paidOf, 0)
          const words = yield* test.pay(attempt)
          yield* sweep.reconcile(attempt.id)
          yield* sweep.reconcile(attempt.id)
          assert.strictEqual(yield* paidOf, 500)
          const settlement = yield* Settlement
          for (const word of words) yield* settlement.apply(test.rail.id, word)
          assert.strictEqual(yield* paidOf, 500)
        })
      )
    )

    it.scopedLive("can be asked what went back of a payment, where it can be asked at all", () =>
      promise((test) =>
        Effect.gen(function* () {
          if (test.rail.reversals === undefined || test.refund === undefined) return
          const attempt = yield* buy(test)
          const settlement = yield* Settlement
          for (const word of yield* test.pay(attempt)) yield* settlement.apply(test.rail.id, word)
          const words = yield* test.refund(attempt, 120)
          const sweep = yield* PaymentSweep
          yield* sweep.reconcile(attempt.id)
          yield* sweep.reconcile(attempt.id)
          assert.strictEqual(yield* paidOf, 380)
          for (const word of words) yield* settlement.apply(test.rail.id, word)
          assert.strictEqual(yield* paidOf, 380)
        })
      )
    )

    it.scopedLive("takes no word for its own that it cannot know", () =>
      promise((test) =>
        Effect.gen(function* () {
          if (test.rail.verifyEvent === undefined) return
          const body = new TextEncoder().encode('{"type":"paid","amount":500}')
          const heard = yield* Effect.flip(test.rail.verifyEvent(body, {}))
          assert.deepInclude(heard, { code: "WEBHOOK_SIGNATURE_INVALID" })
        })
      )
    )
  })

const house = Layer.provideMerge(layerMemoryStores, Ids.layer)
