import { assert, describe, it } from "@effect/vitest"
import { doesCreate, type Model } from "@image-skill/core/catalog/Model"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import type { AssetId } from "@image-skill/core/kernel/Ids"
import { JobId } from "@image-skill/core/kernel/Ids"
import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"
import { accounts } from "@image-skill/core/ledger/Ledger"
import { LedgerStore } from "@image-skill/core/ledger/LedgerStore"
import type { ImageRequest } from "@image-skill/core/studio/Request"
import { makeChance } from "@image-skill/core/testing/SimulatorChance"
import { Effect, Logger, LogLevel, Redacted } from "effect"
import { png } from "../fal/emulator.ts"
import { asked, owned } from "../openai/memoryHouse.ts"
import { allProviders, neededBy } from "./allProviders.ts"
import { type Case, cases } from "./cases.ts"

const seed = Number(process.env["DEBITS_SEED"] ?? 1)

/** How many of the cases, beyond each model's plain one, are carried out; all are planned. */
const share = Number(process.env["DEBITS_SHARE"] ?? 0.15)

interface Images {
  readonly input: AssetId
  readonly mask: AssetId
  readonly references: ReadonlyArray<AssetId>
}

const requestOf = (model: Model, one: Case, images: Images): Partial<ImageRequest> => ({
  ...one,
  command: doesCreate(model) ? "create" : "edit",
  prompt: model.input.prompt === "none" ? null : Redacted.make("a lighthouse in a storm"),
  image: model.input.image === "required" ? images.input : null,
  mask: model.input.mask === "required" ? images.mask : null,
  references: images.references
    .slice(0, model.input.references?.kind === "images" ? (model.input.references.indexesMin ?? 0) : 0)
    .map((asset_id, index) => ({ asset_id, role: "reference_image", index })),
  parameters: { ...neededBy(model, one.parameters), ...one.parameters }
})

const priced = ({ cost }: JsonObject): JsonObject => {
  const own = isObject(cost) ? cost["credit_pricing"] : null
  return isObject(own) ? own : {}
}

/** What the ledger's own entries say that a job brought the house. */
const debited = (job: unknown) =>
  Effect.gen(function* () {
    const attempts = yield* (yield* JobStore).attempts(JobId.make(String(job)))
    const ends = yield* (yield* LedgerStore).find(attempts.map(({ id }) => `end:${id}`))
    return [...ends.values()]
      .flatMap(({ entries }) => entries)
      .filter(({ account }) => account === accounts.revenue)
      .reduce((sum, { amount }) => sum + amount, 0)
  })

const asGiven = (model: Model, one: Case, why: string) =>
  `${model.id} ${JSON.stringify(one.parameters)} ${one.aspectRatio} × ${one.outputCount}: ${why}`

const refusal = (error: { readonly code: string; readonly message: string }) => `${error.code} ${error.message}`

/** What is wrong between a dry run and the live call of the same request; empty when nothing is. */
const difference = (model: Model, one: Case, images: Images, isLive: boolean) =>
  Effect.gen(function* () {
    const request = requestOf(model, one, images)
    const dry = yield* Effect.either(asked(model.id, request, true))
    if (!isLive) return { planned: dry._tag === "Right", faults: [] }
    const live = yield* Effect.either(asked(model.id, request))
    const wrong = (why: string) => ({ planned: dry._tag === "Right", faults: [asGiven(model, one, why)] })
    if (dry._tag === "Left" || live._tag === "Left") {
      const [said, done] = [dry, live].map((got) => (got._tag === "Left" ? refusal(got.left) : "done"))
      return said === done ? { planned: false, faults: [] } : wrong(`the dry run: ${said}; the live call: ${done}`)
    }
    const { credits_required: required, max_credits: most } = priced(dry.right)
    const debit = yield* debited(live.right["job_id"])
    const isSame = required === null ? debit <= Number(most) : debit === required
    return isSame
      ? { planned: true, faults: [] }
      : wrong(`planned ${JSON.stringify({ required, most })}, debited ${debit}`)
  })

describe("A dry run", () => {
  it.scopedLive(
    "says what the ledger debits, of every model, parameter, ratio and count",
    () =>
      Effect.gen(function* () {
        const { layer, models } = yield* allProviders
        const chance = makeChance(seed, 0)
        const wanted = models.flatMap((model) =>
          cases(model).map((one, index) => ({ model, one, isLive: index === 0 || chance.happens(share) }))
        )
        const found = yield* Effect.gen(function* () {
          const image = (shade: number) =>
            owned({ bytes: new Uint8Array(png(640, 640, shade)), mediaType: "image/png", width: 640, height: 640 })
          const images = {
            input: yield* image(1),
            mask: yield* image(2),
            references: yield* Effect.forEach([3, 4], image)
          }
          return yield* Effect.forEach(wanted, ({ isLive, model, one }) => difference(model, one, images, isLive), {
            concurrency: 12
          })
        }).pipe(Effect.provide(layer))
        const lived = wanted.filter(({ isLive }) => isLive).length
        const planned = found.filter((one) => one.planned).length
        assert.deepStrictEqual([seed, found.flatMap(({ faults }) => faults)], [seed, []])
        assert.isAtLeast(lived, models.length)
        // The rest are values that need another beside them.
        assert.isAbove(planned / wanted.length, 0.98)
      }).pipe(Logger.withMinimumLogLevel(LogLevel.None)),
    300_000
  )
})
