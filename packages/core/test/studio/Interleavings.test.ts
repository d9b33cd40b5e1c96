import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Phase } from "../../src/jobs/Job.ts"
import { transitions } from "../../src/jobs/Transitions.ts"
import { ModelId } from "../../src/kernel/Ids.ts"
import type { FakeOptions } from "../../src/testing/FakeProvider.ts"
import { answers, inOrder, refuses } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait, type House, type HouseOptions, inHouse } from "../../src/testing/house.ts"
import { brokenLaws } from "../../src/testing/Laws.ts"
import type { Life } from "../../src/testing/SimulatorLife.ts"
import { payers, plainRequest } from "../../src/testing/SimulatorRequests.ts"

const queue = { modelId: ModelId.make("fake.queue") }
const unknown = { modelId: ModelId.make("fake.unknown") }
const reached = new Set<string>()

/** Tells a story, waits until nothing moves, and holds every law against what is left. */
const told = (
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

const restart = (house: House, life: Life) =>
  Effect.gen(function* () {
    yield* life.kill
    const next = yield* house.start
    yield* house.resume(next)
    return next
  })

const dies =
  (step: Parameters<Life["dieAt"]>[0], own: Partial<ReturnType<typeof plainRequest>> = {}) =>
  (house: House, life: Life) =>
    Effect.gen(function* () {
      life.dieAt(step, 1)
      yield* house.ask(life, plainRequest(own))
      yield* life.dying
      yield* restart(house, life)
    })

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

describe("A provider that does not keep its word", () => {
  it("holds every turn until the deadline: the call that waited is not made", () => {
    const hang = { _tag: "Hang" } as const
    const { phases, facts } = told(inOrder(hang, hang, hang), (house, life) =>
      house.ask(life, plainRequest({ outputCount: 4 }))
    )
    assert.deepStrictEqual([...phases].sort(), ["refused", "unknown", "unknown", "unknown"])
    assert.lengthOf(facts.records, 3)
  })

  it("ends the work by itself: that is its failure, and no cancel of ours", () => {
    const never = inOrder(answers({ afterMillis: 1_000_000_000 }))
    const { job } = told(never, (house, life) => house.ask(life, plainRequest(queue)))
    // At the deadline we ask it to stop; that it does is no cancel by the caller.
    assert.deepStrictEqual([job?.status, job?.error?.code], ["failed", "PROVIDER_FAILURE"])
  })

  it("does not end before the deadline and cannot be stopped: the outcome is unknown", () => {
    const never = inOrder(answers({ afterMillis: 1_000_000_000 }))
    const { phases } = told(never, (house, life) => house.ask(life, plainRequest(queue)), { canCancel: false })
    assert.deepStrictEqual(phases, ["unknown"])
  })

  it("refuses our key while it works: we go on asking", () => {
    const script = inOrder(answers({ afterMillis: 10_000, pollFailures: 7 }))
    assert.deepStrictEqual(told(script, (house, life) => house.ask(life, plainRequest(queue))).phases, ["delivered"])
  })

  it("refuses before it accepts: the hold is given back, nothing is on the house", () => {
    for (const reason of ["rate_limited", "quota", "authentication", "unavailable", "invalid_request"] as const) {
      const { phases, exposed } = told(inOrder(refuses(reason)), (house, life) => house.ask(life, plainRequest()))
      assert.deepStrictEqual([phases, exposed], [["refused"], 0], reason)
    }
  })

  it("refuses and bills: the customer pays nothing, the house books it (law 9)", () => {
    for (const billed of ["yes", "unknown"] as const) {
      const { exposed, settled } = told(inOrder(refuses("content_policy", billed)), (house, life) =>
        house.ask(life, plainRequest())
      )
      assert.deepStrictEqual([settled, exposed], [0, 500_000_000], billed)
    }
  })

  it("fails a queued work, or refuses its result", () => {
    for (const fails of ["failed", "content_policy", "bad_output"] as const) {
      const { phases } = told(inOrder(answers({ fails })), (house, life) => house.ask(life, plainRequest(queue)))
      assert.deepStrictEqual(phases, ["refused"], fails)
    }
  })

  it("dies in the middle of its answer: unknown when it was the only one, asked again with a handle", () => {
    const cut = inOrder(answers({ isCut: true }))
    assert.deepStrictEqual(told(cut, (house, life) => house.ask(life, plainRequest())).phases, ["unknown"])
    assert.deepStrictEqual(told(cut, (house, life) => house.ask(life, plainRequest(queue))).phases, ["delivered"])
  })

  it("throws, or never answers: unknown", () => {
    for (const act of [{ _tag: "Throw" }, { _tag: "Hang" }] as const) {
      assert.deepStrictEqual(told(inOrder(act), (house, life) => house.ask(life, plainRequest())).phases, ["unknown"])
    }
  })

  it("lies: no image, a header of 900 megapixels, half a file, nothing, an unreadable body", () => {
    for (const kind of ["text", "huge", "torn", "none", "garbage"] as const) {
      const { phases, job } = told(inOrder(answers({ kind })), (house, life) => house.ask(life, plainRequest()))
      assert.deepStrictEqual([phases, job?.error?.code], [["refused"], "PROVIDER_FAILURE"], kind)
    }
  })

  it("names URLs that come and go: they are fetched again", () => {
    const urls = inOrder(answers({ kind: "urls", fetchFailures: 3 }))
    assert.deepStrictEqual(told(urls, (house, life) => house.ask(life, plainRequest())).phases, ["delivered"])
  })
})

describe("Storage that is down after payment (law 8)", () => {
  const down = (life: Life, house: House, minutes: number) =>
    Effect.sync(() => {
      life.faults.blobsUntil = house.now() + minutes * 60_000
    })

  it("answers ARTIFACT_STORAGE_WRITE_FAILED with the hold kept, and settles once it works again", () => {
    const {
      answers: given,
      phases,
      settled
    } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* down(life, house, 10)
        yield* askAndWait(house, life)
      })
    )
    const error = given[0]?._tag === "Failure" ? given[0].error : null
    assert.strictEqual(error?.code, "ARTIFACT_STORAGE_WRITE_FAILED")
    assert.deepStrictEqual(error?.details?.["money"], { held: 9, settled: 0, released: 0 })
    assert.deepStrictEqual([phases, settled], [["delivered"], 9])
  })

  it("gives the hold back when the window has ended, and books the cost on the house", () => {
    const { phases, exposed, settled } = told(
      inOrder(),
      (house, life) =>
        Effect.gen(function* () {
          yield* down(life, house, 600)
          yield* askAndWait(house, life)
          yield* Effect.sleep("61 minutes")
          yield* house.resume(life)
          yield* Effect.sleep("1 minute")
        }),
      { hours: 2 }
    )
    assert.deepStrictEqual([phases, settled, exposed], [["abandoned"], 0, 500_000_000])
  })

  it("keeps what only memory has: another process waits for the one that may have it", () => {
    const { phases } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        yield* down(life, house, 10)
        life.faults.spoolUntil = house.now() + 600_000
        yield* askAndWait(house, life)
        yield* house.resume(yield* house.start)
        yield* Effect.sleep("11 minutes")
        yield* house.resume(life)
        yield* Effect.sleep("1 minute")
      })
    )
    assert.deepStrictEqual(phases, ["delivered"])
  })

  it("loses it when that process dies: unknown, when the window has ended", () => {
    const { phases } = told(
      inOrder(),
      (house, life) =>
        Effect.gen(function* () {
          yield* down(life, house, 10)
          life.faults.spoolUntil = house.now() + 600_000
          yield* askAndWait(house, life)
          yield* restart(house, life)
        }),
      { hours: 2 }
    )
    assert.deepStrictEqual(phases, ["unknown"])
  })

  it("gives up images that are refused once the spool can be read again", () => {
    const { phases } = told(inOrder(answers({ kind: "text", afterMillis: 5_000 })), (house, life) =>
      Effect.gen(function* () {
        life.dieAt("replied", 1)
        yield* house.ask(life, plainRequest())
        yield* life.dying
        yield* life.kill
        const next = yield* house.start
        next.faults.spoolUntil = house.now() + 60_000
        yield* house.resume(next)
        yield* Effect.sleep("2 minutes")
      })
    )
    assert.deepStrictEqual(phases, ["refused"])
  })
})

describe("Partial success (law 10)", () => {
  it("settles each output for itself, over calls and within one", () => {
    const calls = told(inOrder(answers(), refuses("content_policy"), answers()), (house, life) =>
      house.ask(life, plainRequest({ outputCount: 3 }))
    )
    assert.deepStrictEqual([calls.job?.status, calls.settled], ["completed", 18])
    const batch = told(inOrder(answers({ kind: "withheld" })), (house, life) =>
      house.ask(life, plainRequest({ modelId: ModelId.make("fake.batch"), outputCount: 4 }))
    )
    // $0.03 and a quarter of $0.01 each: 6 credits.
    assert.deepStrictEqual([batch.job?.status, batch.settled], ["completed", 18])
    assert.include(batch.job?.warnings.join(), "3 of 4 images")
  })
})

describe("A price (law 11)", () => {
  it("that is known debits the quote, whatever the provider reports", () => {
    const { settled } = told(inOrder(answers({ reports: "too_much" })), (house, life) =>
      house.ask(life, plainRequest())
    )
    assert.strictEqual(settled, 9)
  })

  it("that is unknown settles from usage, at its ceiling when that is above or missing", () => {
    const of = (reports: "cost" | "nothing" | "too_much") =>
      told(inOrder(answers({ reports })), (house, life) => house.ask(life, plainRequest(unknown))).settled
    assert.deepStrictEqual([of("cost"), of("nothing"), of("too_much")], [14, 34, 34])
  })
})

describe("A database that comes and goes", () => {
  it("stops the attempt that cannot be written, and not the paid call beside it", () => {
    const { phases, settled } = told(
      inOrder(answers({ afterMillis: 1_000 }), answers({ afterMillis: 60_000 })),
      (house, life) =>
        Effect.gen(function* () {
          yield* house.ask(life, plainRequest({ outputCount: 2 }))
          yield* Effect.sleep("500 millis")
          life.faults.databaseUntil = house.now() + 45_000
        })
    )
    assert.deepStrictEqual([phases, settled], [["delivered", "delivered"], 18])
  })

  it("does not make a client believe that nothing was done", () => {
    const { answers: given } = told(inOrder(answers({ afterMillis: 20_000 })), (house, life) =>
      Effect.gen(function* () {
        const call = yield* house.ask(life, plainRequest(queue), { waitMillis: 12_000 })
        yield* Effect.sleep("5 seconds")
        life.faults.databaseUntil = house.now() + 15_000
        yield* Effect.sleep("30 seconds")
        return call
      })
    )
    const data = given[0]?._tag === "Data" ? given[0].data : null
    assert.strictEqual(data?.["status"], "running")
    assert.isString(data?.["job_id"])
  })

  it("and reports a commit as failed that was none: the job is found, and answered", () => {
    const { answers: given, facts } = told(inOrder(), (house, life) =>
      Effect.gen(function* () {
        life.faults.losesCommit = true
        yield* askAndWait(house, life)
      })
    )
    assert.strictEqual(given[0]?._tag === "Data" && given[0].data["status"], "completed")
    assert.lengthOf(facts.jobs, 1)
  })
})

describe("Transitions", () => {
  it("are all walked by the stories above", () => {
    const table = Object.entries(transitions).flatMap(([from, events]) =>
      Object.values(events).map((transition) => `${from} to ${transition.to}`)
    )
    assert.deepStrictEqual(
      table.filter((step) => !reached.has(step)),
      []
    )
  })
})
