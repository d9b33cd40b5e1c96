import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { Phase } from "../../src/jobs/Job.ts"
import { ModelId } from "../../src/kernel/Ids.ts"
import type { FakeOptions } from "../../src/testing/FakeProvider.ts"
import { type House, type HouseOptions, inHouse } from "../../src/testing/house.ts"
import { brokenLaws } from "../../src/testing/Laws.ts"
import type { Life } from "../../src/testing/SimulatorLife.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"

export const queue = { modelId: ModelId.make("fake.queue") }
export const unknown = { modelId: ModelId.make("fake.unknown") }
/** Every step that an attempt took in any story. */
export const reached = new Set<string>()

/** Tells a story, waits until nothing moves, and holds every law against what is left. */
export const told = (
  script: FakeOptions["script"],
  story: (house: House, life: Life) => Effect.Effect<unknown>,
  options: HouseOptions & { readonly hours?: number } = {}
) => {
  const facts = Effect.runSync(
    inHouse(
      script,
      (house) =>
        Effect.gen(function* () {
          const life = yield* house.start
          yield* story(house, life)
          for (let look = 0; look < 12 * (options.hours ?? 1); look += 1) {
            yield* Effect.sleep("5 minutes")
            const late = yield* house.start
            yield* house.resume(late)
          }
          return yield* house.facts()
        }),
      options
    )
  )
  assert.deepStrictEqual(brokenLaws(facts), [])
  for (const step of facts.transitions) reached.add(step)
  const attempts = facts.jobs.flatMap((work) => work.attempts)
  return {
    facts,
    job: facts.jobs[0]?.job,
    phases: attempts.map((attempt): Phase => attempt.phase),
    settled: attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0),
    answers: facts.calls.map((call) => call.answer),
    exposed: facts.balances.get("house:exposure") ?? 0
  }
}

export const restart = (house: House, life: Life) =>
  Effect.gen(function* () {
    yield* life.kill
    const next = yield* house.start
    yield* house.resume(next)
    return next
  })

export const dies =
  (step: Parameters<Life["dieAt"]>[0], own: Partial<ReturnType<typeof plainRequest>> = {}) =>
  (house: House, life: Life) =>
    Effect.gen(function* () {
      life.dieAt(step, 1)
      yield* house.ask(life, plainRequest(own))
      yield* life.dying
      yield* restart(house, life)
    })
