import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer } from "effect"
import type { ActivityEvent } from "../../activity/Activity.ts"
import { ActivityLog } from "../../activity/ActivityLog.ts"
import { JobId, type OrganizationId, UsageId } from "../../kernel/Ids.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import { assetId, jobId, numbers, organization, otherOrganization, sampleEvent } from "./samples.ts"

const append = (organizationId: OrganizationId, ...events: ReadonlyArray<ActivityEvent>) =>
  Effect.flatMap(ActivityLog, (log) => log.append(events.map((event) => ({ organizationId, event }))))

const namesOf = (events: ReadonlyArray<ActivityEvent>) => events.map((event) => event.event_id.slice(4))

const found = (organizationId: OrganizationId, subject: string | null) =>
  Effect.flatMap(ActivityLog, (log) => log.list(organizationId, { limit: 50, cursor: null, subject })).pipe(
    Effect.map(({ items }) => namesOf(items))
  )

/** What every `ActivityLog` promises. */
export const activityLogSuite = <E>(name: string, layer: Layer.Layer<ActivityLog | Transaction, E>) =>
  describe(`ActivityLog / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, ActivityLog | Transaction>) => Effect.provide(effect, layer)

    it.effect("finds an event by every id that it refers to, newest first", () =>
      run(
        Effect.gen(function* () {
          const links = { job_id: jobId("a"), asset_ids: [assetId(1), assetId(2)], feedback_id: "fb_1" }
          const rich = sampleEvent("rich", {
            subject: { type: "asset", id: assetId(1) },
            links: { ...links, usage_event_id: UsageId.make("usage_1") },
            cost: { credits: 9 },
            details: { nested: [{ a: null }] }
          })
          yield* append(organization, sampleEvent("a"), rich, sampleEvent("b"))
          const log = yield* ActivityLog
          assertSome(yield* log.find(organization, "evt_rich"), rich)
          assert.deepStrictEqual(yield* found(organization, null), ["b", "rich", "a"])
          assert.deepStrictEqual(yield* found(organization, jobId("a")), ["rich", "a"])
          for (const reference of [assetId(1), assetId(2), "fb_1", "usage_1", "trace_rich"])
            assert.deepStrictEqual(yield* found(organization, reference), ["rich"])
          assert.deepStrictEqual(yield* found(organization, "job_%"), [])
        })
      )
    )

    it.effect("shows an organization its own events only", () =>
      run(
        Effect.gen(function* () {
          const log = yield* ActivityLog
          yield* append(organization, sampleEvent("mine"))
          yield* append(otherOrganization, sampleEvent("theirs", { subject: { type: "job", id: jobId("mine") } }))
          assert.deepStrictEqual(yield* found(organization, null), ["mine"])
          assert.deepStrictEqual(yield* found(otherOrganization, null), ["theirs"])
          assert.deepStrictEqual(yield* found(organization, jobId("mine")), ["mine"])
          assert.deepStrictEqual(yield* found(organization, jobId("theirs")), [])
          assertNone(yield* log.find(organization, "evt_theirs"))
          assertNone(yield* log.find(organization, "evt_none"))
        })
      )
    )

    it.effect("keeps an event once, and none of a transaction that failed", () =>
      run(
        Effect.gen(function* () {
          yield* append(organization, sampleEvent("a"), sampleEvent("b"))
          yield* append(organization, sampleEvent("a"), sampleEvent("c"))
          yield* Effect.exit(
            (yield* Transaction).run(Effect.zipRight(append(organization, sampleEvent("d")), Effect.fail("no")))
          )
          assert.deepStrictEqual(yield* found(organization, null), ["c", "b", "a"])
          assert.deepStrictEqual(yield* found(organization, jobId("a")), ["a"])
        })
      )
    )

    it.effect("pages without gaps or doubles while new events arrive", () =>
      run(
        Effect.gen(function* () {
          const log = yield* ActivityLog
          const links = { job_id: JobId.make("job_all"), asset_ids: [], feedback_id: null, usage_event_id: null }
          yield* Effect.forEach(numbers(23), (one) => append(organization, sampleEvent(one, { links })))
          const expected = numbers(23).map(String).reverse()
          let arrived = 100
          const arrive = Effect.suspend(() => append(organization, sampleEvent((arrived += 1), { links })))
          for (const subject of [null, "job_all"]) {
            const listed = yield* allPages(5, (query) => log.list(organization, { ...query, subject }), arrive)
            assert.deepStrictEqual(
              namesOf(listed).filter((name) => Number(name) < 100),
              expected
            )
          }
        })
      )
    )
  })
