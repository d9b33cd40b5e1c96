import { assert, describe, it } from "@effect/vitest"
import { Ids } from "@image-skill/core/kernel/Ids"
import { auditIssues } from "@image-skill/core/ledger/Ledger"
import { LedgerStore } from "@image-skill/core/ledger/LedgerStore"
import { Effect, Layer } from "effect"
import { layerStorage } from "../../src/Storage.ts"
import { codeOf } from "../serve/house.ts"
import { pacedPlugin, type Seen } from "../serve/paced.ts"
import { temporaryFolder } from "../stores/temporary.ts"
import { inAgentsHouse, quotaOf, tokenOf } from "./agents.ts"

describe("a balance that pays for ten", () => {
  it.scopedLive(
    "runs exactly ten of two hundred creates at a time; nothing goes negative, nothing is stuck",
    () =>
      Effect.gen(function* () {
        const dataDirectory = yield* temporaryFolder
        const seen: Seen = { begun: [], answered: [] }
        const create = { prompt: "a hill", model: "paced.sync", model_parameters: { millis: 20 } }
        const environment = { IMAGE_SKILL_FREE_CREDITS: "95", IMAGE_SKILL_DAILY_JOBS: "off" }
        const { codes, credits } = yield* Effect.promise(() =>
          inAgentsHouse(
            environment,
            async ({ get, post, signup }) => {
              const token = tokenOf(await signup())
              const answers = await Promise.all(Array.from({ length: 200 }, () => post("/v1/create", create, token)))
              return { codes: answers.map(codeOf), credits: quotaOf(await get("/v1/quota", token)).credits }
            },
            { dataDirectory, plugins: [pacedPlugin("paced", 4, seen)] }
          )
        )
        assert.strictEqual(codes.filter((code) => code === "200 ok").length, 10)
        assert.strictEqual(codes.filter((code) => code === "402 QUOTA_EXCEEDED").length, 190)
        assert.lengthOf(seen.begun, 10)
        assert.deepStrictEqual(credits, { available: 5, held: 0, free_remaining: 5 })
        const { balances, transactions } = yield* Effect.flatMap(LedgerStore, (ledger) => ledger.all).pipe(
          Effect.provide(Layer.provide(layerStorage(dataDirectory), Ids.layer))
        )
        assert.deepStrictEqual(auditIssues(transactions, balances), [])
      }),
    60_000
  )
})
