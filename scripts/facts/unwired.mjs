// Writes packages/providers/src/unwired/records.generated.ts from the collected facts:
//   node scripts/facts/unwired.mjs /path/to/models.jsonl
// The routes of providers that no plugin of this repository calls: what is known of them, to be shown and not run.
import { readFileSync, writeFileSync } from "node:fs"
import { parameterOf } from "./falParameters.mjs"

const [, , source] = process.argv
if (source === undefined) throw new Error("usage: node scripts/facts/unwired.mjs models.jsonl")

const wired = ["fal", "openai", "xai"]
const isName = /^[a-z][a-z0-9_]*$/

const parametersOf = (record) =>
  record.params
    .filter(
      ({ name, role, type }) =>
        isName.test(name) && role !== "transport" && /^(string|integer|number|boolean)$/.test(type)
    )
    .flatMap((one) => parameterOf(record, one, { count: {}, aspect: {} }))
    .map(([name, { schema, description, providerDefault }]) => [
      name,
      {
        schema,
        ...(description === undefined ? {} : { description }),
        execution: "cataloged",
        reason: "the model is shown only",
        ...(providerDefault === undefined ? {} : { providerDefault })
      }
    ])

const units = { per_output_image: "an image", per_request: "a request", per_input_image: "an input image" }
const unitOf = (unit) => units[unit] ?? `a ${unit.replace(/^per_/, "").replaceAll("_", " ")}`

/** The published prices in words: nobody is charged by them. */
const priceOf = (record) => {
  const facts = record.preferred_prices.map((index) => record.prices[index])
  if (facts.length === 0) return "no price of it is known"
  const amounts = facts.map(
    ({ usd, unit, condition }) => `${usd} USD ${unitOf(unit)}${condition === null ? "" : ` (${condition})`}`
  )
  const sources = [...new Set(facts.map((fact) => record.sources[fact.source] ?? fact.source))]
  return `${amounts.join(", ")}: ${sources.join("; ")}`
}

const needs = (record, role) => record.params.find((one) => one.role === role)

const rowOf = (record) => ({
  id: record.public_id,
  name: record.display_name,
  provider: record.provider,
  does: record.operations.includes("generate")
    ? record.operations.includes("edit")
      ? ["image.generate", "image.edit"]
      : ["image.generate"]
    : record.tags.includes("upscale")
      ? ["image.upscale"]
      : record.tags.includes("background-removal")
        ? ["image.remove_background"]
        : ["image.edit"],
  tags: record.tags,
  ...(needs(record, "prompt") === undefined ? {} : { hasPrompt: true }),
  ...(record.limits.prompt_max_chars === null ? {} : { promptMax: record.limits.prompt_max_chars }),
  ...(needs(record, "mask") === undefined ? {} : { hasMask: true }),
  parameters: Object.fromEntries(parametersOf(record)),
  price: priceOf(record),
  ...(record.lifecycle.status === "listed" ? {} : { gone: record.lifecycle.note ?? record.lifecycle.status }),
  endpoint: record.upstream.endpoint_id
})

const rows = readFileSync(source, "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .filter((record) => !wired.includes(record.provider))
  .map(rowOf)

const target = new URL("../../packages/providers/src/unwired/records.generated.ts", import.meta.url)
writeFileSync(
  target,
  `// Written by scripts/facts/unwired.mjs from the collected facts. Do not edit: change the facts or the script.
import { lazily } from "@image-skill/core/kernel/Lazily"
import type { UnwiredRecord } from "./models.ts"

export const records = lazily((): ReadonlyArray<UnwiredRecord> => [
${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}
])
`
)
console.log(`${rows.length} records`)
