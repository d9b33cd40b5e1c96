// Writes packages/providers/src/openai/models.generated.ts from the collected facts.
// Run: node scripts/facts/openai.mjs FACTS.jsonl
import { readFileSync, writeFileSync } from "node:fs"

const records = readFileSync(process.argv[2], "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line))
  .filter((record) => record.provider === "openai")

/** USD per million tokens as ticks (10⁻¹⁰ USD) per token: exact for every documented rate. */
const ticksPerToken = (usd) => {
  const ticks = Math.round(usd * 10_000)
  if (Math.abs(ticks - usd * 10_000) > 1e-6) throw new Error(`${usd} is no whole number of ticks a token`)
  return ticks
}

const classes = {
  textInput: "text input",
  imageInput: "image input",
  textOutput: "text output",
  imageOutput: "image output"
}

const ratesOf = (record) => {
  const prices = record.preferred_prices.map((index) => record.prices[index])
  const found = Object.entries(classes).flatMap(([key, condition]) => {
    const price = prices.find((one) => one.unit === "per_1m_tokens" && one.condition === condition)
    return price === undefined ? [] : [[key, ticksPerToken(price.usd)]]
  })
  return found.length === 0 ? null : Object.fromEntries(found)
}

const tokensOf = (table) =>
  table === null
    ? null
    : {
        source: `${table.source} (${table.confidence})`,
        note: table.note ?? null,
        grids: table.formula?.quality_grid ?? null,
        rows: table.rows.map(({ quality, size, tokens }) => [quality, size, tokens])
      }

const parameter = (record, name) => record.params.find((one) => one.name === name) ?? null
const valuesOf = (record, name) => parameter(record, name)?.enum ?? null
const known =
  "model prompt image mask size quality n background output_format output_compression moderation input_fidelity"

const compact = (record) => ({
  id: record.public_id,
  displayName: record.display_name,
  isEdit: record.operations.includes("edit"),
  model: record.upstream.endpoint_id,
  url: record.upstream.submit_url,
  endsOn: /shut down (\d{4}-\d{2}-\d{2})/.exec(record.lifecycle.note ?? "")?.[1] ?? null,
  lifecycleNote: record.lifecycle.note,
  imagesMax: record.limits.max_input_images,
  promptCharactersMax: record.limits.prompt_max_chars,
  outputsMax: record.limits.max_outputs,
  sizes: valuesOf(record, "size"),
  qualities: valuesOf(record, "quality"),
  backgrounds: valuesOf(record, "background"),
  formats: valuesOf(record, "output_format"),
  inputFidelities: valuesOf(record, "input_fidelity"),
  cataloged: record.params
    .filter(({ name }) => !known.split(" ").includes(name))
    .map(({ name, type, note, enum: values }) => ({ name, type, note, values })),
  rates: ratesOf(record),
  priceSource:
    record.preferred_prices.length === 0 ? null : record.sources[record.prices[record.preferred_prices[0]].source],
  tokens: tokensOf(record.token_table)
})

const target = new URL("../../packages/providers/src/openai/models.generated.ts", import.meta.url)
writeFileSync(
  target,
  `// Made by scripts/facts/openai.mjs from the collected facts: not edited by hand.
import { lazily } from "@image-skill/core/kernel/Lazily"
import type { OpenAiFact } from "./fact.ts"

export const facts = lazily((): ReadonlyArray<OpenAiFact> => [
${records.map((record) => `  ${JSON.stringify(compact(record))}`).join(",\n")}
])
`
)
console.log(`${records.length} models -> ${target.pathname}`)
