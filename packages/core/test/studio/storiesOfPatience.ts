import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ModelId } from "../../src/kernel/Ids.ts"
import type { Adapter, Plugin } from "../../src/provider/Provider.ts"
import { answers, inOrder } from "../../src/testing/FakeProviderActs.ts"
import type { Facts } from "../../src/testing/LawsFacts.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { queue, restart, told, unknown } from "./stories.ts"

/** From the acceptance of the first job to its end. */
const millisOf = ({ jobs: [work] }: Facts) => (work?.job.completedAt ?? Number.NaN) - (work?.job.createdAt ?? 0)

const withAdapter =
  (change: (adapter: Adapter) => Adapter) =>
  (plugin: Plugin): Plugin => ({ ...plugin, load: Effect.map(plugin.load, change) })

describe("What a process was told and could not write down", () => {
  it("is kept in its hands: a reply is delivered once the database and the spool are back", () => {
    const { facts, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest())
        yield* Effect.sleep("500 millis")
        // Longer than a write is tried again for.
        Object.assign(life.faults, { databaseUntil: house.now() + 90_000, spoolUntil: house.now() + 90_000 })
        yield* Effect.sleep("2 minutes")
        yield* house.resume(life)
        yield* Effect.sleep("1 minute")
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })

  it("is kept in its hands: a handle is followed once the database is back", () => {
    const taking = withAdapter((adapter) => ({
      ...adapter,
      submit: (call) => Effect.delay(adapter.submit(call), "1 second")
    }))
    const { facts, phases } = told(
      inOrder(),
      (house, life) =>
        Effect.gen(function* () {
          yield* house.ask(life, plainRequest(queue))
          yield* Effect.sleep("500 millis")
          life.faults.databaseUntil = house.now() + 90_000
          yield* Effect.sleep("2 minutes")
          yield* house.resume(life)
          yield* Effect.sleep("1 minute")
        }),
      { sabotage: { plugin: taking } }
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })
})

describe("A call whose process died, and whose fate cannot be asked for at the moment", () => {
  const lost = inOrder({ _tag: "LoseAnswer", afterMillis: 60_000 })

  it("waits for a provider that does not answer the question", () => {
    const { phases } = told(
      lost,
      (house, life) =>
        Effect.gen(function* () {
          yield* house.ask(life, plainRequest(queue))
          yield* Effect.sleep("5 seconds")
          const next = yield* restart(house, life)
          for (const _ of [1, 2, 3]) {
            yield* Effect.sleep("10 seconds")
            yield* house.resume(next)
          }
        }),
      { canFind: true, findFailures: 3 }
    )
    assert.deepStrictEqual(phases, ["delivered"])
  })

  it("waits for a spool that cannot be read", () => {
    const { facts, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.dieAt("spooled", 1)
        yield* house.ask(life, plainRequest())
        yield* life.dying
        yield* life.kill
        const next = yield* house.start
        next.faults.spoolUntil = house.now() + 30_000
        yield* house.resume(next)
        yield* Effect.sleep("40 seconds")
        yield* house.resume(next)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })

  it("is not taken for lost while its request may still be on its way to the provider", () => {
    const { facts, phases } = told(
      lost,
      (house, life) =>
        Effect.gen(function* () {
          yield* house.ask(life, plainRequest(queue))
          yield* Effect.sleep("1 second")
          yield* restart(house, life)
        }),
      { canFind: true, findLagMillis: 20_000 }
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })

  it("is refused, with its hold given back, when the provider still denies it after that", () => {
    const seen: Array<number> = []
    const { exposed, phases } = told(
      inOrder({ _tag: "Throw" }),
      (house, life) =>
        Effect.gen(function* () {
          life.dieAt("claimed", 1)
          yield* house.ask(life, plainRequest(queue))
          yield* life.dying
          yield* restart(house, life)
          yield* Effect.sleep("25 seconds")
          seen.push((yield* house.facts()).jobs.filter(({ job }) => job.completedAt === null).length)
          yield* Effect.sleep("10 seconds")
          seen.push((yield* house.facts()).jobs.filter(({ job }) => job.completedAt === null).length)
        }),
      { canFind: true }
    )
    assert.deepStrictEqual([phases, exposed, seen], [["refused"], 0, [1, 0]])
  })
})

describe("Work that nobody asked after until long after its deadline", () => {
  it("is asked after before it is stopped: what is done is delivered", () => {
    const { phases } = told(inOrder(answers({ afterMillis: 90_000 })), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest(queue))
        yield* Effect.sleep("5 seconds")
        yield* life.kill
        // Ten minutes of deadline, and ten of grace.
        yield* Effect.sleep("45 minutes")
        yield* house.resume(yield* house.start)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
  })
})

describe("A provider that falls silent", () => {
  it("in the middle of its polls is asked again", () => {
    const silent = inOrder(answers({ afterMillis: 20_000, pollSilences: 2 }))
    const { facts, phases } = told(silent, (house, life) => house.ask(life, plainRequest(queue)))
    assert.deepStrictEqual(phases, ["delivered"])
    // Long before the deadline: each silence holds the run for a minute.
    assert.isBelow(millisOf(facts), 180_000)
  })

  it("for good, as it takes work and cannot be asked after it: the outcome is unknown, and on the house", () => {
    const mute = withAdapter(({ poll: _, ...adapter }) => adapter)
    const { exposed, facts, phases } = told(inOrder(), (house, life) => house.ask(life, plainRequest(queue)), {
      sabotage: { plugin: mute }
    })
    assert.deepStrictEqual([phases, exposed], [["unknown"], 700_000_000])
    // At once: there is nothing to wait for.
    assert.isBelow(millisOf(facts), 1_000)
  })
})

describe("A process without the provider's key", () => {
  it("leaves the job of one that has it alone, and it is delivered", () => {
    const { facts, phases } = told(inOrder(answers({ afterMillis: 60_000 })), (house, life) =>
      Effect.gen(function* () {
        life.dieAt("accepted", 1)
        yield* house.ask(life, plainRequest(queue))
        yield* life.dying
        yield* life.kill
        const keyless = yield* house.startKeyless
        yield* house.resume(keyless)
        yield* Effect.sleep("1 minute")
        const [work] = (yield* house.facts()).jobs
        assert.deepStrictEqual([work?.job.status, work?.job.epoch], ["queued", 0])
        yield* house.resume(yield* house.start)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })
})

describe("A bill for images of which some were held back", () => {
  const inPairs = (plugin: Plugin): Plugin => ({
    ...plugin,
    models: plugin.models.map((model) =>
      model.id === unknown.modelId ? { ...model, output: { ...model.output, outputsPerCall: 2 } } : model
    )
  })

  it("is shared by all of them: the customer pays for what came", () => {
    const { settled } = told(
      inOrder(answers({ kind: "withheld" })),
      (house, life) => house.ask(life, plainRequest({ ...unknown, outputCount: 2 })),
      { sabotage: { plugin: inPairs } }
    )
    // $0.16 for two, one of them withheld: the credits of $0.08.
    assert.strictEqual(settled, 14)
  })

  it("leaves the rest of it on the house where the provider bills what it holds back", () => {
    const batch = { modelId: ModelId.make("fake.batch"), outputCount: 4 }
    const of = (reports: "cost" | "nothing") =>
      told(inOrder(answers({ kind: "withheld", reports })), (house, life) => house.ask(life, plainRequest(batch)))
    // $0.0325 an image: a quarter of the bill, and of the worst where there is none.
    assert.deepStrictEqual([of("cost").exposed, of("nothing").exposed], [325_000_000, 325_000_000])
    const kept = told(inOrder(answers({ kind: "withheld" })), (house, life) =>
      house.ask(life, plainRequest({ ...unknown, outputCount: 1 }))
    )
    assert.strictEqual(kept.exposed, 0)
  })
})
