import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import type { QueueOutcome } from "../../feedback/FeedbackQueue.ts"
import { FeedbackStore } from "../../feedback/FeedbackStore.ts"
import type { Signal } from "../../feedback/Signal.ts"
import { AgentId, FeedbackId, TraceId } from "../../kernel/Ids.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import { numbers, organization, otherOrganization } from "./samples.ts"

const feedbackId = (name: string | number) => FeedbackId.make(`sig_${name}`)

const sampleSignal = (name: string | number, changes: Partial<Signal> = {}): Signal => ({
  id: feedbackId(name),
  organizationId: organization,
  agentId: AgentId.make("agt_one"),
  traceId: TraceId.make("trace_one"),
  type: "user_feedback",
  severity: "medium",
  confidence: "high",
  nextState: "watch",
  source: null,
  said: {
    title: "Short “title” 🌫",
    body: "What happened",
    command: null,
    expected: null,
    actual: null,
    friction: null,
    proof_needed: null,
    strategic_reason: null
  },
  surface: ["cli", "docs"],
  evidence: ["trace:trace_one"],
  aboutTraceId: null,
  dedupeKey: null,
  idempotencyKey: null,
  requestHash: "ab".repeat(32),
  createdAt: 1_000,
  ...changes
})

const outcome: QueueOutcome = {
  state: "promoted",
  reason: "it is new",
  issue_urls: ["https://example.com/1"],
  issue_numbers: [1],
  mode: "issues",
  github_mutation: true
}

/** What every `FeedbackStore` promises. */
export const feedbackStoreSuite = <E>(name: string, layer: Layer.Layer<FeedbackStore | Transaction, E>) =>
  describe(`FeedbackStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, FeedbackStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("keeps one for each key of an organization, however many come at a time", () =>
      run(
        Effect.gen(function* () {
          const store = yield* FeedbackStore
          const first = sampleSignal("first", { dedupeKey: "same", idempotencyKey: "once" })
          assert.isTrue(yield* store.insert(first))
          const racing = numbers(8).map((one) => store.insert(sampleSignal(one, { dedupeKey: "race" })))
          const kept = yield* Effect.all(racing, { concurrency: "unbounded" })
          assert.strictEqual(kept.filter((one) => one).length, 1)
          assert.isFalse(yield* store.insert(sampleSignal("a", { dedupeKey: "same" })))
          assert.isFalse(yield* store.insert(sampleSignal("b", { idempotencyKey: "once" })))
          // A key of one kind is no key of the other, and of another organization.
          assert.isTrue(yield* store.insert(sampleSignal("c", { dedupeKey: "once", idempotencyKey: "same" })))
          const theirs = sampleSignal("theirs", { organizationId: otherOrganization, dedupeKey: "same" })
          assert.isTrue(yield* store.insert(theirs))
          assertSome(yield* store.findRepeated(organization, { kind: "dedupe", key: "same" }), {
            signal: first,
            outcome: null
          })
          assertSome(yield* store.findRepeated(otherOrganization, { kind: "dedupe", key: "same" }), {
            signal: theirs,
            outcome: null
          })
          assertNone(yield* store.findRepeated(otherOrganization, { kind: "idempotency", key: "once" }))
        })
      )
    )

    it.effect("keeps the first outcome, and knows what was never offered", () =>
      run(
        Effect.gen(function* () {
          const store = yield* FeedbackStore
          yield* store.insert(sampleSignal("young", { createdAt: 5_000 }))
          yield* store.insert(sampleSignal("second", { createdAt: 2_000 }))
          yield* store.insert(sampleSignal("first", { createdAt: 1_000, dedupeKey: "d" }))
          const open = Effect.map(store.toOffer(5_000, 10), (all) => all.map(({ id }) => id))
          assert.deepStrictEqual(yield* open, [feedbackId("first"), feedbackId("second")])
          assert.isTrue(yield* store.offered(feedbackId("first"), outcome))
          assert.isFalse(yield* store.offered(feedbackId("first"), { ...outcome, state: "skipped" }))
          assert.isFalse(yield* store.offered(feedbackId("none"), outcome))
          assert.deepStrictEqual(yield* open, [feedbackId("second")])
          const found = yield* store.findRepeated(organization, { kind: "dedupe", key: "d" })
          assertSome(found, { signal: sampleSignal("first", { createdAt: 1_000, dedupeKey: "d" }), outcome })
        })
      )
    )

    it.effect("pages newest first, and keeps none of a transaction that failed", () =>
      run(
        Effect.gen(function* () {
          const store = yield* FeedbackStore
          yield* Effect.forEach(numbers(7), (one) => store.insert(sampleSignal(one)))
          const failed = Effect.zipRight(store.insert(sampleSignal("no")), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(failed))
          const listed = yield* allPages(3, (query) => store.list(query), Effect.void)
          assert.deepStrictEqual(
            listed.map(({ signal }) => signal.id),
            numbers(7).map(feedbackId).reverse()
          )
        })
      )
    )
  })
