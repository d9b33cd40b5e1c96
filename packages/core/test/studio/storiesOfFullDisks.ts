import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ModelId } from "../../src/kernel/Ids.ts"
import { answers, inOrder } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait, type House } from "../../src/testing/house.ts"
import type { Answer } from "../../src/testing/SimulatorClients.ts"
import type { Life } from "../../src/testing/SimulatorLife.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { dies, restart, told } from "./stories.ts"

const free = { modelId: ModelId.make("fake.free") }
const keyed = { idempotencyKey: "once" }

/** Neither the images nor the replies fit, for this process. */
const isFull = (life: Life, house: House, minutes: number, tellsRoom = false) =>
  Effect.sync(() => {
    const until = house.now() + minutes * 60_000
    Object.assign(life.faults, { blobsUntil: until, spoolUntil: until, tellsRoom })
  })

const errorOf = (answer: Answer | undefined) => (answer?._tag === "Failure" ? answer.error : null)

describe("A free drawing that fits nowhere", () => {
  it("is said to be made again, and is, by the next call with its key once there is room", () => {
    const {
      answers: given,
      facts,
      phases
    } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* isFull(life, house, 60)
        yield* askAndWait(house, life, free, keyed)
        yield* life.kill
        yield* askAndWait(house, yield* house.start, free, keyed)
      })
    )
    const error = errorOf(given[0])
    assert.strictEqual(error?.code, "ARTIFACT_STORAGE_WRITE_FAILED")
    assert.include(error?.message, "made again")
    assert.strictEqual(given[1]?._tag === "Data" && given[1].data["status"], "completed")
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 2)
  })

  it("is made again where its process died with the reply in memory, also after its deadline", () => {
    const { facts, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.faults.spoolUntil = Number.POSITIVE_INFINITY
        life.dieAt("replied", 1)
        yield* house.ask(life, plainRequest(free))
        yield* life.dying
        yield* life.kill
        yield* Effect.sleep("30 minutes")
        yield* house.resume(yield* house.start)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 2)
  })

  it("is given up when its hour has ended, and says so", () => {
    const { facts, job, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* isFull(life, house, 600)
        yield* askAndWait(house, life, free)
        yield* life.kill
        const next = yield* house.start
        yield* isFull(next, house, 600)
        yield* Effect.sleep("2 hours")
        yield* house.resume(next)
        yield* Effect.sleep("1 minute")
      })
    )
    assert.deepStrictEqual(phases, ["abandoned"])
    assert.include(job?.error?.message, "given up")
    // Once for the caller, and once more before it was given up.
    assert.lengthOf(facts.records, 2)
  })

  it("that ends its process every time comes to an end too", () => {
    const { phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.dieAt("claimed", 1)
        yield* house.ask(life, plainRequest(free))
        let now = life
        for (const _ of [1, 2, 3]) {
          yield* now.dying
          yield* now.kill
          yield* Effect.sleep("1 minute")
          now = yield* house.start
          now.dieAt("claimed", 1)
          yield* house.resume(now)
          yield* Effect.sleep("1 second")
        }
      })
    )
    assert.deepStrictEqual(phases, ["unknown"])
  })
})

describe("A paid call with a full disk", () => {
  it("is refused before its key is bound and anything is sent, with both numbers; the key works once there is room", () => {
    const {
      answers: given,
      facts,
      phases
    } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* isFull(life, house, 10, true)
        yield* askAndWait(house, life, {}, keyed)
        assert.lengthOf(yield* house.provider.records, 0)
        yield* Effect.sleep("11 minutes")
        yield* askAndWait(house, life, {}, keyed)
      })
    )
    const error = errorOf(given[0])
    assert.strictEqual(error?.code, "STORAGE_UNAVAILABLE")
    assert.match(error?.message ?? "", /room for 0 bytes .* may need 1052672: nothing was sent/)
    assert.deepStrictEqual(error?.details, { bytes_free: 0, bytes_needed: 1_052_672 })
    assert.lengthOf(facts.jobs, 1)
    assert.deepStrictEqual(phases, ["delivered"])
  })

  it("is not sent when the room has gone while it waited for its turn: its hold is given back", () => {
    const slow = answers({ afterMillis: 30_000 })
    const { facts, job, phases, settled } = told(inOrder(slow, slow, slow), (house, life) =>
      Effect.gen(function* () {
        // The provider takes three calls at a time.
        yield* house.ask(life, plainRequest({ outputCount: 4 }))
        yield* Effect.sleep("1 second")
        Object.assign(life.faults, { spoolUntil: house.now() + 60_000, tellsRoom: true })
      })
    )
    assert.deepStrictEqual([...phases].sort(), ["delivered", "delivered", "delivered", "refused"])
    assert.strictEqual(settled, 27)
    assert.lengthOf(facts.records, 3)
    assert.include(job?.warnings.join(), "nothing was sent")
  })

  it("is sent where nobody can say how full the disk is, and its answer says where the reply is", () => {
    const isSpooled = (spoolMinutes: number) => {
      const { answers: given } = told(inOrder(), (house, life) =>
        Effect.gen(function* () {
          yield* isFull(life, house, 10)
          life.faults.spoolUntil = house.now() + spoolMinutes * 60_000
          yield* askAndWait(house, life)
          yield* Effect.sleep("11 minutes")
          yield* house.resume(life)
        })
      )
      const error = errorOf(given[0])
      assert.strictEqual(error?.code, "ARTIFACT_STORAGE_WRITE_FAILED")
      return [error?.details?.["reply_spooled"], error?.message.includes("only the process that made it has it")]
    }
    assert.deepStrictEqual(
      [isSpooled(0), isSpooled(10)],
      [
        [true, false],
        [false, true]
      ]
    )
  })

  it("has its reply spooled as soon as that works: from then on it outlives the process", () => {
    const { facts, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* isFull(life, house, 30)
        life.faults.spoolUntil = house.now() + 60_000
        yield* askAndWait(house, life)
        yield* Effect.sleep("2 minutes")
        yield* house.resume(life)
        yield* Effect.sleep("1 second")
        const [row] = (yield* house.facts()).jobs.flatMap((work) => work.attempts)
        assert.strictEqual(row?.error?.details?.["reply_spooled"], true)
        yield* restart(house, life)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })

  it("whose reply only a dead process had is unknown, and never sent again", () => {
    const { facts, phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.faults.spoolUntil = Number.POSITIVE_INFINITY
        yield* dies("replied")(house, life)
      })
    )
    assert.deepStrictEqual(phases, ["unknown"])
    assert.lengthOf(facts.records, 1)
  })
})
