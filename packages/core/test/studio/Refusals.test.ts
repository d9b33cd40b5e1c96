import { assert, describe, it } from "@effect/vitest"
import { Context, Effect } from "effect"
import { RefusalLimit } from "../../src/identity/Refusals.ts"
import { ModelId } from "../../src/kernel/Ids.ts"
import type { FakeAct } from "../../src/testing/FakeProviderActs.ts"
import { answers, inOrder, refuses } from "../../src/testing/FakeProviderActs.ts"
import { askAndWait } from "../../src/testing/house.ts"
import type { ClientCall } from "../../src/testing/SimulatorClients.ts"
import { payers, plainRequest } from "../../src/testing/SimulatorRequests.ts"
import { queue, restart, told } from "./stories.ts"

/** A house whose organizations may have so many images refused and billed in a day. */
const limitedTo = (images: number) => ({
  sabotage: { lasting: <R>(services: Context.Context<R>) => Context.add(services, RefusalLimit, images) }
})

const codeOf = (answer: ClientCall["answer"]) =>
  answer._tag === "Failure" ? answer.error.code : answer._tag === "Data" ? "ok" : answer._tag

const refused = (billed: "no" | "yes" | "unknown" = "yes"): FakeAct => refuses("content_policy", billed)
const free = { modelId: ModelId.make("fake.free") }

/** What a day comes to whose calls follow each other. */
const codesOf = (script: ReadonlyArray<FakeAct>, calls: number, limit: number, own = {}) =>
  told(
    inOrder(...script),
    (house, life) => Effect.forEach(Array.from({ length: calls }), () => askAndWait(house, life, own)),
    limitedTo(limit)
  ).answers.map(codeOf)

describe("Refusals that the provider bills (law 9)", () => {
  it("are limited by organization and day; what costs nothing, and everybody else, goes on", () => {
    const { answers: given, facts } = told(
      inOrder(refused("yes"), refused("unknown")),
      (house, life) =>
        Effect.gen(function* () {
          yield* askAndWait(house, life)
          yield* askAndWait(house, life)
          yield* askAndWait(house, life)
          yield* askAndWait(house, life, free)
          yield* askAndWait(house, life, {}, {}, payers.owner)
          const next = yield* restart(house, life)
          yield* askAndWait(house, next)
          yield* Effect.sleep("1 day")
          yield* askAndWait(house, next)
        }),
      limitedTo(2)
    )
    const denied = "CONTENT_POLICY_DENIED"
    assert.deepStrictEqual(given.map(codeOf), [denied, denied, "QUOTA_EXCEEDED", "ok", "ok", "QUOTA_EXCEEDED", "ok"])
    assert.lengthOf(facts.records, 5)
  })

  it("are counted by images: of a whole request, of a queue, and of those that are held back among others", () => {
    const exceeded = "QUOTA_EXCEEDED"
    const ofBatch = { modelId: ModelId.make("fake.batch"), outputCount: 4 }
    assert.deepStrictEqual(codesOf([refused()], 2, 4, ofBatch), ["CONTENT_POLICY_DENIED", exceeded])
    assert.deepStrictEqual(codesOf([answers({ fails: "content_policy" })], 2, 1, queue)[1], exceeded)
    assert.deepStrictEqual(codesOf([answers({ kind: "withheld" })], 2, 1, ofBatch), ["ok", exceeded])
  })

  it("are not those that cost nothing, nor what fails for another reason", () => {
    const script = [refused("no"), refuses("rate_limited"), answers({ kind: "garbage" }), answers({ fails: "failed" })]
    assert.strictEqual(codesOf(script, 5, 1)[4], "ok")
  })

  it("stop what was accepted before and waits for its turn: nothing of it is sent, and its hold is given back", () => {
    const { answers: given, facts } = told(
      () => refused(),
      (house, life) =>
        Effect.forEach(Array.from({ length: 12 }), () => house.ask(life, plainRequest(), undefined, payers.rich)),
      limitedTo(2)
    )
    const sent = facts.records.length
    assert.isBelow(sent, 12)
    assert.strictEqual(given.map(codeOf).filter((code) => code === "QUOTA_EXCEEDED").length, 12 - sent)
  })
})
