import { assert, describe, it } from "@effect/vitest"
import { ActivityLog } from "@image-skill/core/activity/ActivityLog"
import { Feedback, type FeedbackRequest } from "@image-skill/core/feedback/Feedback"
import { FeedbackQueue, type OutgoingSignal, QueueUnavailable } from "@image-skill/core/feedback/FeedbackQueue"
import { FeedbackStore } from "@image-skill/core/feedback/FeedbackStore"
import { localOwner, organizationOf } from "@image-skill/core/identity/Identity"
import { Call, makeCall } from "@image-skill/core/kernel/Call"
import { failure } from "@image-skill/core/kernel/Errors"
import { Ids, TraceId } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Effect, Layer, TestClock } from "effect"
import { type Answer, codeOf, onFolder, textOf } from "../serve/house.ts"
import { layerTemporary } from "../stores/temporary.ts"

const story = { title: "Upload is slow", body: "It took a minute for a picture of a megabyte, I expected a second" }

const posting =
  (ask: (path: string, init?: RequestInit) => Promise<Answer>) =>
  (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    ask("/v1/feedback", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body)
    })

const other = { authorization: "Bearer org_other" }

describe("POST /v1/feedback", () => {
  it("takes a story as it is, says what would help, and shows what became of it", () =>
    onFolder(async (start) => {
      const { ask } = await start()
      const post = posting(ask)
      const { envelope, status } = await post(story)
      assert.strictEqual(status, 200, JSON.stringify(envelope))
      const data = envelope.data ?? {}
      assert.match(textOf(data["feedback_id"]), /^sig_[0-9a-f]{32}$/)
      assert.deepNestedInclude(data, {
        "quality.level": "narrative",
        "quality.actionable": false,
        "quality.missing": ["command", "expected", "actual", "proof_needed", "evidence"],
        "github_queue.state": "skipped",
        "github_queue.reason": "no queue is configured",
        deduplicated: false
      })
      assert.strictEqual(envelope.command, "image-skill feedback create")
      const shown = await ask(`/v1/activity/${textOf(data["feedback_id"])}`)
      const events = JSON.stringify(shown.envelope.data?.["events"])
      assert.match(events, /"feedback.github_queue.processed".*"github_mutation":false.*"feedback.created"/)
      assert.notMatch(events, /slow|minute/)
      const theirs = await ask(`/v1/activity/${textOf(data["feedback_id"])}`, { headers: other })
      assert.strictEqual(codeOf(theirs), "404 ACTIVITY_NOT_FOUND")
      const full = { ...story, command: "upload", expected: "1 s", actual: "60 s", trace_id: envelope.trace_id }
      assert.nestedPropertyVal((await post(full)).envelope.data ?? {}, "quality.level", "actionable")
    }))

  it("keeps one for a dedupe key and for an idempotency key of an organization, and says so", () =>
    onFolder(async (start) => {
      const post = posting((await start()).ask)
      const id = ({ envelope }: Answer) => envelope.data?.["feedback_id"]
      const first = await post({ ...story, dedupe_key: "slow" })
      const again = await post({ ...story, title: "Still slow", dedupe_key: "slow" })
      assert.deepStrictEqual([id(again), again.envelope.data?.["deduplicated"]], [id(first), true])
      assert.notStrictEqual(id(await post({ ...story, dedupe_key: "slow" }, other)), id(first))
      const racing = await Promise.all(Array.from({ length: 5 }, () => post(story, { "idempotency-key": "once" })))
      assert.strictEqual(new Set(racing.map(id)).size, 1)
      assert.strictEqual(racing.filter(({ envelope }) => envelope.data?.["idempotent_replay"] === true).length, 4)
      const changed = await post({ ...story, severity: "high", idempotency_key: "once" })
      assert.strictEqual(codeOf(changed), "409 IDEMPOTENCY_CONFLICT")
    }))

  it("refuses what says nothing and names what it does not take; words of other houses are kept", () =>
    onFolder(async (start) => {
      const post = posting((await start()).ask)
      const weak = await post({ title: "Upload is slow" })
      assert.deepStrictEqual(
        [codeOf(weak), weak.envelope.error?.recovery?.["required_flags"]],
        ["400 INVALID_ARGUMENTS", ["--body"]]
      )
      const meant = await post({ title: "Upload is slow", allow_weak_signal: true })
      assert.nestedPropertyVal(meant.envelope.data ?? {}, "quality.level", "weak")
      assert.strictEqual(codeOf(await post({ allow_weak_signal: true })), "400 INVALID_ARGUMENTS")
      const wrong = await post({ ...story, severity: "catastrophic", secret_field: 1, title: "x".repeat(301) })
      assert.match(
        wrong.envelope.error?.message ?? "",
        /severity is "catastrophic"; allowed: low, medium, high, critical/
      )
      assert.match(wrong.envelope.error?.message ?? "", /secret_field/)
      const lists = await post({ ...story, surface: "cli", evidence: ["x".repeat(501)] })
      assert.deepStrictEqual(lists.envelope.error?.details?.["issues"], [
        { path: "surface", message: "surface is a list of at most 20 words, such as cli or docs" },
        { path: "evidence", message: "evidence is a list of at most 50 texts of at most 500 characters" }
      ])
      assert.match(wrong.envelope.error?.message ?? "", /title is a text of at most 300 characters/)
      const strange = await post({ ...story, type: "delight_gap", next_state: "promote" })
      assert.strictEqual(strange.envelope.data?.["type"], "delight_gap")
      assert.match(strange.envelope.warnings.join(), /type "delight_gap" is kept/)
      const leaky = await post({ ...story, evidence: [`token isk_r_${"ab".repeat(32)}`] })
      assert.match(leaky.envelope.warnings.join(), /looked like a token/)
    }))
})

const request: FeedbackRequest = {
  type: null,
  severity: null,
  confidence: null,
  nextState: null,
  source: null,
  said: {
    ...story,
    command: `image-skill edit --prompt "my secret scene" --input image_${"a".repeat(32)}`,
    expected: "mask_asset_id is optional",
    actual: "http://127.0.0.1/a/image_abc1.png",
    friction: '{"prompt": "my secret scene"}',
    proof_needed: null,
    strategic_reason: null
  },
  surface: ["cli"],
  evidence: [`asset:image_${"b".repeat(32)}`],
  aboutTraceId: "trace_1",
  dedupeKey: null,
  idempotencyKey: null,
  allowWeakSignal: false
}

const called = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(makeCall(TraceId.make("trace_test"), "image-skill feedback create"), (call) =>
    Effect.provideService(effect, Call, call)
  )
const create = Effect.flatMap(Feedback, (feedback) => called(feedback.create(localOwner, request)))

const typesOf = Effect.flatMap(ActivityLog, (log) =>
  log.list(organizationOf(localOwner), { limit: 50, cursor: null, subject: null })
).pipe(Effect.map(({ items }) => items.map(({ type }) => type)))

const houseWith = (queue: Layer.Layer<FeedbackQueue>) =>
  Feedback.Default.pipe(Layer.provide([queue, Ids.layer]), Layer.provideMerge(layerTemporary))

const promoted = {
  state: "promoted",
  reason: "new",
  issue_urls: [],
  issue_numbers: [],
  mode: "test",
  github_mutation: true
} as const

describe("the feedback queue", () => {
  it.scoped(
    "is told no asset id, no prompt and nobody's name; is asked again after it was away, and once more never",
    () =>
      Effect.gen(function* () {
        const offers: Array<OutgoingSignal> = []
        let isAway = true
        const queue = Layer.succeed(FeedbackQueue, {
          offer: (signal) =>
            Effect.suspend(() => {
              if (isAway) return Effect.fail(new QueueUnavailable({ message: "away" }))
              offers.push(signal)
              return Effect.succeed(promoted)
            })
        })
        yield* Effect.gen(function* () {
          assert.isNull((yield* create)["github_queue"])
          assert.deepStrictEqual(yield* typesOf, ["feedback.created"])
          isAway = false
          const feedback = yield* Feedback
          yield* feedback.offerLeft(10)
          assert.lengthOf(offers, 0)
          yield* TestClock.adjust(limits.feedbackOfferMillis + 1)
          yield* feedback.offerLeft(10)
          yield* feedback.offerLeft(10)
          assert.deepStrictEqual(yield* typesOf, ["feedback.github_queue.processed", "feedback.created"])
        }).pipe(Effect.provide(houseWith(queue)))
        assert.lengthOf(offers, 1)
        const told = JSON.stringify(offers)
        assert.notMatch(told, /secret scene|image_|org_|agt_/)
        assert.include(told, "mask_asset_id is optional")
      })
  )

  it.scoped("feedback that cannot be stored is no success", () =>
    Effect.gen(function* () {
      const away = Layer.succeed(Transaction, { run: () => Effect.fail(failure("STORAGE_UNAVAILABLE", "away")) })
      const house = Feedback.Default.pipe(
        Layer.provide([FeedbackQueue.layerOff, Ids.layer]),
        Layer.provide(away),
        Layer.provideMerge(layerTemporary)
      )
      yield* Effect.gen(function* () {
        assert.strictEqual((yield* Effect.flip(create)).code, "STORAGE_UNAVAILABLE")
        assert.deepStrictEqual((yield* (yield* FeedbackStore).list({ limit: 9, cursor: null })).items, [])
        assert.deepStrictEqual(yield* typesOf, [])
      }).pipe(Effect.provide(house))
    })
  )
})
