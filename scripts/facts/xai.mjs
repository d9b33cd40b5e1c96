// Writes packages/providers/src/xai/models.generated.ts from the collected facts.
// Run: node scripts/facts/xai.mjs FACTS.jsonl
import { readFileSync, writeFileSync } from "node:fs"

const records = readFileSync(process.argv[2], "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line))
  .filter((record) => record.provider === "xai")

const condition = (text) =>
  Object.fromEntries(
    [...text.matchAll(/\b(quality|resolution)=([a-z0-9]+)/g)]
      .filter((match, index, all) => all.findIndex((one) => one[1] === match[1]) === index)
      .map(([, name, value]) => [name, value])
  )

/** The redirected slug's condition also names the quality that serves it, which is no parameter of its own. */
const whenOf = (record, price) => {
  const own = record.params.map(({ name }) => name)
  return Object.fromEntries(Object.entries(condition(price.condition)).filter(([name]) => own.includes(name)))
}

const pricesOf = (record, unit) =>
  record.preferred_prices
    .map((index) => record.prices[index])
    .filter((price) => price.unit === unit)
    .map((price) => ({ usd: String(price.usd), when: whenOf(record, price), source: record.sources[price.source] }))

const parameter = (record, name) => record.params.find((one) => one.name === name) ?? null

const compact = (record) => ({
  id: record.public_id,
  displayName: record.display_name,
  isEdit: record.operations.includes("edit"),
  model: record.upstream.endpoint_id,
  url: record.upstream.submit_url,
  isRedirected: record.lifecycle.status === "retired_slug_redirected",
  lifecycleNote: record.lifecycle.note,
  outputsMax: record.limits.max_outputs,
  referencesMax: record.limits.max_references ?? 0,
  ratios: parameter(record, "aspect_ratio").enum,
  resolutions: parameter(record, "resolution").enum,
  qualities: parameter(record, "quality")?.enum ?? null,
  images: pricesOf(record, "per_output_image"),
  inputs: pricesOf(record, "per_input_image")
})

const target = new URL("../../packages/providers/src/xai/models.generated.ts", import.meta.url)
writeFileSync(
  target,
  `// Made by scripts/facts/xai.mjs from the collected facts: not edited by hand.
import { lazily } from "@image-skill/core/kernel/Lazily"
import type { XaiFact } from "./models.ts"

export const facts = lazily((): ReadonlyArray<XaiFact> => [
${records.map((record) => `  ${JSON.stringify(compact(record))}`).join(",\n")}
])
`
)
console.log(`${records.length} models -> ${target.pathname}`)
