import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { ModelId } from "../../src/kernel/Ids.ts"
import { answers, inOrder, refuses } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait } from "../../src/testing/house.ts"
import { payers, plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { dies, queue, restart, told } from "./stories.ts"

describe("A client that hangs up (law 2)", () => {
  it("does not stop the paid call", () => {
    const { phases, settled } = told(inOrder(answers({ afterMillis: 30_000 })), (house, life) =>
      Effect.gen(function* () {
        const call = yield* house.ask(life, plainRequest())
        yield* Effect.sleep("1 second")
        if (call.fiber) yield* Fiber.interrupt(call.fiber)
      })
    )
    assert.deepStrictEqual([phases, settled], [["delivered"], 9])
  })
})

describe("A client that hangs up between the commit and the start", () => {
  it("leaves a job that runs at once", () => {
    const { facts } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        // The step stands still there; the process lives on.
        life.dieAt("accepted", 1)
        const call = yield* house.ask(life, plainRequest())
        yield* Effect.sleep("1 second")
        if (call.fiber) yield* Fiber.interrupt(call.fiber)
        yield* Effect.sleep("5 seconds")
        assert.lengthOf(yield* house.provider.records, 1)
      })
    )
    assert.lengthOf(facts.records, 1)
  })
})

describe("A hold (law 3)", () => {
  it("is refused when credits are short, and leaves nothing behind", () => {
    const { answers: given, facts } = told(inOrder(), (house, life) =>
      askAndWait(house, life, { outputCount: 4 }, {}, payers.poor)
    )
    assert.strictEqual(given[0]?._tag === "Failure" && given[0].error.code, "QUOTA_EXCEEDED")
    assert.lengthOf(facts.jobs, 0)
  })

  it("lets only as many of many simultaneous calls through as there are credits", () => {
    const { facts } = told(inOrder(), (house, life) =>
      Effect.forEach([1, 2, 3, 4, 5, 6], () => house.ask(life, plainRequest(), {}, payers.poor))
    )
    // 23 credits, 9 each.
    assert.lengthOf(facts.jobs, 2)
  })
})

describe("A process that dies (laws 4 and 7)", () => {
  it("before the provider was called: the job is made by the next", () => {
    for (const step of ["accepted", "leased"] as const) {
      assert.deepStrictEqual(told(inOrder(), dies(step)).phases, ["delivered"], step)
    }
  })

  it("during a call that cannot be asked for: the outcome is unknown, on the house, and never submitted again", () => {
    const { phases, exposed, job, settled } = told(inOrder(), dies("claimed"))
    assert.deepStrictEqual([phases, settled, job?.error?.code], [["unknown"], 0, "PROVIDER_OUTCOME_UNKNOWN"])
    assert.strictEqual(exposed, 500_000_000)
  })

  it("during a call that the provider finds again: it goes on", () => {
    const lost = inOrder({ _tag: "LoseAnswer", afterMillis: 60_000 })
    const { phases } = told(
      lost,
      (house, life) =>
        Effect.gen(function* () {
          yield* house.ask(life, plainRequest(queue))
          yield* Effect.sleep("5 seconds")
          yield* restart(house, life)
        }),
      { canFind: true }
    )
    assert.deepStrictEqual(phases, ["delivered"])
  })

  it("before its call reached a provider that can be asked: it is refused, and costs nothing", () => {
    const { phases, exposed } = told(inOrder({ _tag: "Throw" }), dies("claimed"), { canFind: true })
    assert.deepStrictEqual([phases, exposed], [["refused"], 0])
  })

  it("while the provider works with a handle: the next process finishes it", () => {
    const slow = inOrder(answers({ afterMillis: 90_000 }))
    assert.deepStrictEqual(told(slow, dies("submitted", queue)).phases, ["delivered"])
  })

  it("with the reply on the spool, at every step after: it is delivered once", () => {
    for (const step of ["spooled", "replied", "stored", "settled", "unspooled", "ended"] as const) {
      const { phases, settled } = told(inOrder(), dies(step))
      assert.deepStrictEqual([phases, settled], [["delivered"], 9], step)
    }
  })

  it("with the reply in memory only: the outcome is unknown", () => {
    assert.deepStrictEqual(told(inOrder(), dies("collected")).phases, ["unknown"])
  })

  it("with a reply that said it was there, and a spool that could not be written: unknown at once", () => {
    const { phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.faults.spoolUntil = Number.POSITIVE_INFINITY
        yield* dies("replied")(house, life)
      })
    )
    assert.deepStrictEqual(phases, ["unknown"])
  })

  it("in a call that costs nothing and can be repeated: it is made again", () => {
    const { phases, facts } = told(inOrder(answers({ afterMillis: 20_000 })), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest({ modelId: ModelId.make("fake.free") }))
        yield* Effect.sleep("2 seconds")
        yield* restart(house, life)
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 2)
  })

  it("and is not proven dead: its handle is taken over when the lease has run out", () => {
    const { phases, facts } = told(inOrder(answers({ afterMillis: 120_000 })), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest(queue))
        yield* Effect.sleep("3 seconds")
        // From here on its own process cannot reach the database, and lives.
        life.faults.databaseUntil = Number.POSITIVE_INFINITY
        yield* Effect.sleep("30 seconds")
        yield* house.resume(yield* house.start)
        yield* Effect.sleep("3 minutes")
        life.faults.databaseUntil = 0
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
    assert.lengthOf(facts.records, 1)
  })
})

describe("An idempotency key (law 5)", () => {
  const keyed = { idempotencyKey: "once" }

  it("makes one job of many simultaneous calls", () => {
    const { facts, answers: given } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        const other = yield* house.start
        yield* Effect.forEach([life, other, life, other], (one) => house.ask(one, plainRequest(), keyed))
      })
    )
    assert.lengthOf(facts.jobs, 1)
    assert.deepStrictEqual(
      given.map((one) => one._tag === "Data" && one.data["status"]),
      ["completed", "completed", "completed", "completed"]
    )
  })

  it("stays free after a refusal", () => {
    const { answers: given } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* askAndWait(house, life, { parameters: { style: "none" } }, keyed)
        yield* askAndWait(house, life, {}, keyed)
      })
    )
    assert.deepStrictEqual(
      given.map((one) => one._tag),
      ["Failure", "Data"]
    )
  })

  it("refuses another body", () => {
    const { answers: given } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* askAndWait(house, life, {}, keyed)
        yield* askAndWait(house, life, { intent: "other" }, keyed)
      })
    )
    assert.strictEqual(given[1]?._tag === "Failure" && given[1].error.code, "IDEMPOTENCY_CONFLICT")
  })

  it("answers a failed job's replay with the same failure, and marks it", () => {
    const { answers: given } = told(inOrder(refuses("content_policy")), (house, life) =>
      Effect.gen(function* () {
        yield* askAndWait(house, life, {}, keyed)
        yield* askAndWait(house, life, {}, keyed)
      })
    )
    const [first, second] = given.map((one) => (one._tag === "Failure" ? one.error : null))
    assert.deepStrictEqual([first?.code, second?.code], ["CONTENT_POLICY_DENIED", "CONTENT_POLICY_DENIED"])
    assert.strictEqual(second?.details?.["idempotent_replay"], true)
  })

  it("answers a replay while the job runs with the running job", () => {
    const { answers: given } = told(inOrder(answers({ afterMillis: 50_000 })), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest(queue), keyed)
        yield* Effect.sleep("2 seconds")
        yield* askAndWait(house, yield* house.start, queue, { ...keyed, waitMillis: 1_000 })
      })
    )
    assert.strictEqual(given[1]?._tag === "Data" && given[1].data["status"], "running")
  })
})

describe("A cancel (law 6)", () => {
  it("before the call: nothing is sent, the hold is given back", () => {
    const script = inOrder(
      answers({ afterMillis: 30_000 }),
      answers({ afterMillis: 30_000 }),
      answers({ afterMillis: 30_000 })
    )
    const { facts, phases } = told(script, (house, life) =>
      Effect.gen(function* () {
        // The provider takes three calls at a time: the fourth waits for its turn.
        yield* house.ask(life, plainRequest({ outputCount: 4 }))
        yield* Effect.sleep("1 second")
        yield* house.cancel(life, payers.rich, 1)
      })
    )
    assert.lengthOf(facts.records, 3)
    assert.strictEqual(phases.filter((phase) => phase === "canceled").length, 1)
  })

  it("of work with a handle: the job is canceled when the provider confirms", () => {
    const { job, settled } = told(inOrder(answers({ afterMillis: 90_000 })), (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest(queue))
        yield* Effect.sleep("2 seconds")
        yield* house.cancel(life, payers.rich, 1)
      })
    )
    assert.deepStrictEqual([job?.status, settled], ["canceled", 0])
  })

  it("that comes too late: the images settle, and the answer says so", () => {
    const stubborn = inOrder(answers({ afterMillis: 40_000, ignoresCancel: true }))
    const { job, settled } = told(stubborn, (house, life) =>
      Effect.gen(function* () {
        yield* house.ask(life, plainRequest(queue))
        yield* Effect.sleep("2 seconds")
        yield* house.cancel(life, payers.rich, 1)
      })
    )
    assert.deepStrictEqual([job?.status, settled], ["completed", 12])
    assert.include(job?.warnings.join(), "too late")
  })
})
