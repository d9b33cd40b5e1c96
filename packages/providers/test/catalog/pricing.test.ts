import { assert, describe, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { creditsFor, defaultMultiplier } from "@image-skill/core/kernel/Money"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { dryRunJson } from "@image-skill/core/studio/Receipt"
import { samplePlan } from "@image-skill/core/testing/providerSamples"
import { Effect, Either } from "effect"
import { builtIn } from "../../src/builtIn.ts"
import { settings } from "./cases.ts"

/** What is wrong with the money of a plan; empty when nothing is, null when there is no plan. */
const mistakes = (
  plugin: Plugin,
  model: Model,
  parameters: JsonObject,
  outputCount: number
): ReadonlyArray<string> | null => {
  const planned = samplePlan(plugin, model, () => ({ parameters, outputCount }))
  if (Either.isLeft(planned)) return null
  const { debit, estimate, hold, holdPerImage, worstPerImage } = planned.right
  const printed = JSON.stringify(
    dryRunJson(planned.right, { available: null, dailyJobsRemaining: null }, "http://here/a/").cost
  )
  const shown = JSON.stringify({ credits_required: debit, max_credits: hold }).slice(1, -1)
  return [
    ...(holdPerImage === creditsFor(worstPerImage, defaultMultiplier) ? [] : ["credits are not of the cost"]),
    ...(hold === holdPerImage * outputCount ? [] : ["the whole is not so many times one"]),
    ...(debit === (estimate.confidence === "unknown" ? null : hold) ? [] : ["the debit is not the hold"]),
    ...(printed.includes(shown) ? [] : [`a dry run shows another debit: ${printed}`])
  ].map((mistake) => `${model.id} ${JSON.stringify(parameters)} × ${outputCount}: ${mistake}`)
}

describe("The money of a plan", () => {
  it.effect("is what its dry run shows, for every model and every value of a list", () =>
    Effect.map(builtIn, (plugins) => {
      let count = 0
      for (const plugin of plugins) {
        for (const model of plugin.models.filter(({ execution }) => execution === "executable")) {
          for (const parameters of settings(model)) {
            const isPlain = Object.keys(parameters).length === 0
            for (const outputs of new Set([1, isPlain ? model.output.outputsMax : 1])) {
              const found = mistakes(plugin, model, parameters, outputs)
              if (found !== null) count += 1
              assert.deepStrictEqual(found ?? [], [])
            }
          }
        }
      }
      assert.isAbove(count, 1_000)
    })
  )
})
