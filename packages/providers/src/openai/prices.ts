import type { Price } from "@image-skill/core/catalog/Model"
import { limits } from "@image-skill/core/kernel/Limits"
import { UsdTicks, usdOf } from "@image-skill/core/kernel/Money"
import { imageTokens } from "@image-skill/core/pricing/Pricing"
import type { OpenAiFact } from "./fact.ts"

const asOf = "2026-11-22"

/** The sizes that every model has, by ratio. */
export const fixedRatios = { "1:1": "1024x1024", "2:3": "1024x1536", "3:2": "1536x1024" }

/** The dearest size that `freeSize` allows. */
const largest = { width: 2880, height: 2880 }

const grid = { pixelsBase: 2_000_000, pixelsDivisor: 4_000_000 }

const tokens = (count: number, rate: number | undefined): number => count * (rate ?? 0)

const standardSizes: ReadonlyArray<string> = Object.values(fixedRatios)

/** Output tokens of the dearest image that may be asked for, and of the dearest of a standard size. */
const dearest = (table: NonNullable<OpenAiFact["tokens"]>) => ({
  any: Math.max(
    ...table.rows.map(([, , count]) => count),
    ...(table.grids === null ? [] : Object.values(table.grids).map((cells) => imageTokens(grid, cells, largest)))
  ),
  standard: Math.max(...table.rows.filter(([, size]) => standardSizes.includes(size)).map(([, , count]) => count))
})

const tiersOf = (fact: OpenAiFact, table: NonNullable<OpenAiFact["tokens"]>) => {
  const output = fact.rates?.["imageOutput"]
  const rows = table.rows.map(([quality, size, count]) => ({ quality, size, ticks: tokens(count, output) }))
  // What an edit of automatic size costs is open; that it is no more than the dearest size of its quality is not.
  const automatic = fact.isEdit
    ? [...new Set(rows.map(({ quality }) => quality))].map((quality) => ({
        quality,
        size: "auto",
        ticks: Math.max(...rows.filter((row) => row.quality === quality).map((row) => row.ticks))
      }))
    : []
  return [...rows, ...automatic].map(({ quality, size, ticks }) => ({
    when: { quality: [quality], size: [size] },
    ticks: UsdTicks.make(ticks)
  }))
}

export const unpriced: Price = {
  confidence: "unknown",
  rule: { kind: "unknown" },
  surcharges: [],
  ceiling: null,
  source: "no token table is published for this model",
  asOf
}

/** Without rates and a table an image has no price, and no bound. */
export const isPriced = ({ rates, tokens }: OpenAiFact): boolean => rates !== null && tokens !== null

/** Create is quoted by its output tokens. An edit's cost is open until its usage is known, and bounded. */
export const priceOf = (fact: OpenAiFact): Price => {
  const { rates, tokens: table } = fact
  if (rates === null || table === null) return unpriced
  const most = dearest(table)
  const output = UsdTicks.make(tokens(most.any, rates["imageOutput"]))
  const prompt = tokens(limits.promptCharactersMax, rates["textInput"])
  const images = fact.isEdit ? 2 * tokens(most.standard, rates["imageInput"]) : 0
  const inputs = UsdTicks.make(prompt + images)
  const from = `${fact.priceSource}; output tokens: ${table.source}${table.note === null ? "" : `, ${table.note}`}`
  const bound =
    `ceiling: the dearest image, ${most.any} tokens ($${usdOf(output)}), and inputs ($${usdOf(inputs)}): ` +
    `a token for each of ${limits.promptCharactersMax} characters of prompt` +
    (fact.isEdit
      ? `, and two images, input and mask, at ${most.standard} tokens each (no count is documented: the dearest standard output is taken)`
      : "; a quote leaves the prompt's tokens out")
  return {
    confidence: fact.isEdit ? "unknown" : "estimated",
    rule:
      table.grids === null || fact.isEdit
        ? { kind: "per_image", tiers: tiersOf(fact, table) }
        : {
            kind: "image_tokens",
            ticksPerToken: UsdTicks.make(rates["imageOutput"] ?? 0),
            quality: "quality",
            grids: table.grids,
            ...grid
          },
    surcharges: [],
    ceiling: UsdTicks.make(output + inputs),
    ...(fact.isEdit ? { inputCeiling: inputs } : {}),
    source: `${from}; ${bound}`,
    asOf
  }
}
