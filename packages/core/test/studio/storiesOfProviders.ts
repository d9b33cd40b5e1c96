import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ModelId } from "../../src/kernel/Ids.ts"
import { answers, inOrder, refuses } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait, type House } from "../../src/testing/house.ts"
import type { Life } from "../../src/testing/SimulatorLife.ts"
import { plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { queue, restart, told, unknown } from "./stories.ts"

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

  it("answers queued work with what is no image: it is refused, and the bill is on the house", () => {
    const script = inOrder(answers({ kind: "text", afterMillis: 5_000 }))
    const { exposed, phases } = told(script, (house, life) => house.ask(life, plainRequest(queue)))
    assert.deepStrictEqual(phases, ["refused"])
    assert.isAbove(exposed, 0)
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

  it("names URLs that are away for longer: the paid images wait, and are delivered", () => {
    const urls = inOrder(answers({ kind: "urls", fetchFailures: 12 }))
    const { phases, settled } = told(urls, (house, life) => house.ask(life, plainRequest()))
    assert.deepStrictEqual([phases, settled], [["delivered"], 9])
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
        yield* house.ask(life, plainRequest(queue))
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
