import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { makeJobTurns } from "../../src/jobs/JobTurns.ts"
import { JobId, OrganizationId, ProviderId } from "../../src/kernel/Ids.ts"

const slow = ProviderId.make("slow")
const quick = ProviderId.make("quick")
const limits = { runningMax: () => 2, waitingMax: () => 4, waitingOfOrganizationMax: () => 2 }

const waitingOf = (organization: string, job: string, providerId = slow) => ({
  jobId: JobId.make(job),
  organizationId: OrganizationId.make(organization),
  providerId
})

/** Jobs that run until they are told to end, in the order in which they began. */
const stage = (own: Partial<typeof limits> = {}) => {
  const turns = makeJobTurns({ ...limits, ...own })
  const begun: Array<string> = []
  const ends = new Map<string, Deferred.Deferred<void>>()
  const send = (organization: string, job: string, providerId = slow) =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<void>()
      ends.set(job, end)
      const run = Effect.zipRight(
        Effect.sync(() => void begun.push(job)),
        Deferred.await(end)
      )
      const fiber = yield* Effect.fork(turns.inTurn(waitingOf(organization, job, providerId), run))
      yield* Effect.yieldNow()
      return fiber
    })
  const finish = (job: string) =>
    Effect.gen(function* () {
      const end = ends.get(job)
      if (end !== undefined) yield* Deferred.succeed(end, undefined)
      yield* Effect.yieldNow()
      yield* Effect.yieldNow()
    })
  const isRefused = (organization: string) =>
    Effect.map(Effect.either(turns.arriving(slow, OrganizationId.make(organization), Effect.void)), (result) =>
      result._tag === "Left" ? result.left.code : "taken"
    )
  return { turns, begun, send, finish, isRefused } as const
}

describe("turns of jobs", () => {
  it.effect("a provider that is full delays no other", () =>
    Effect.gen(function* () {
      const { begun, send } = stage()
      for (const job of ["a", "b", "c"]) yield* send("one", job)
      yield* send("one", "other", quick)
      assert.deepStrictEqual(begun, ["a", "b", "other"])
    })
  )

  it.effect("an organization that came later goes before the fifth job of one that has two running", () =>
    Effect.gen(function* () {
      const { begun, finish, send } = stage()
      for (const job of ["a", "b", "c", "d"]) yield* send("many", job)
      yield* send("few", "mine")
      yield* finish("a")
      yield* finish("mine")
      yield* finish("b")
      assert.deepStrictEqual(begun, ["a", "b", "mine", "c", "d"])
    })
  )

  it.effect("refuses the organization that has too many waiting, then everybody", () =>
    Effect.gen(function* () {
      const { isRefused, send } = stage()
      for (const job of ["a", "b", "c"]) yield* send("one", job)
      assert.deepStrictEqual([yield* isRefused("one"), yield* isRefused("two")], ["taken", "taken"])
      yield* send("one", "d")
      assert.deepStrictEqual([yield* isRefused("one"), yield* isRefused("two")], ["RATE_LIMITED", "taken"])
      for (const [organization, job] of [["two", "e"] as const, ["three", "f"] as const]) yield* send(organization, job)
      assert.deepStrictEqual(yield* isRefused("four"), "PROVIDER_UNAVAILABLE")
    })
  )

  it.effect("a job that is being written down holds its place", () =>
    Effect.gen(function* () {
      const { isRefused, turns } = stage({ runningMax: () => 0, waitingOfOrganizationMax: () => 1 })
      const nested = turns.arriving(slow, OrganizationId.make("one"), isRefused("one"))
      assert.deepStrictEqual([yield* nested, yield* isRefused("one")], ["RATE_LIMITED", "taken"])
    })
  )

  it.effect("a waiter that is interrupted leaves no hole, and one that is hurried goes at once", () =>
    Effect.gen(function* () {
      const { begun, finish, send, turns } = stage()
      for (const job of ["a", "b"]) yield* send("one", job)
      const gone = yield* send("one", "c")
      yield* send("one", "d")
      yield* send("one", "e")
      yield* Fiber.interrupt(gone)
      yield* turns.hurry(JobId.make("e"))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(begun, ["a", "b", "e"])
      for (const job of ["a", "b"]) yield* finish(job)
      assert.deepStrictEqual(begun, ["a", "b", "e", "d"])
    })
  )

  it.effect("closing sends who waits home, and what runs runs on", () =>
    Effect.gen(function* () {
      const { begun, finish, send, turns } = stage()
      const runs = yield* send("one", "a")
      yield* send("one", "b")
      const waits = yield* send("one", "c")
      yield* turns.close
      assert.deepStrictEqual(yield* Fiber.join(waits), false)
      yield* finish("a")
      assert.deepStrictEqual(yield* Fiber.join(runs), true)
      assert.deepStrictEqual(begun, ["a", "b"])
    })
  )
})
