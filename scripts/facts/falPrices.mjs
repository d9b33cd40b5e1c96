// How the price facts of a fal record become a price table, in ticks of 1e-10 USD.

/** Exact: the amounts are short decimals. */
const ticks = (usd) => {
  const value = Math.round(usd * 1e10)
  if (Math.abs(value / 1e10 - usd) > 1e-12) throw new Error(`${usd} USD is no whole number of ticks`)
  return value
}

const preferred = (record) => record.preferred_prices.map((index) => record.prices[index])

/** Megapixels that unknown sizes are held at, and seconds of computing: the house's choice, not facts. */
const ceilingMegapixels = 4
const ceilingMegapixelsOfUpscaling = 16
const ceilingSeconds = 60

/** Why a record cannot be run for want of a price; undefined when it can. */
export const quotable = (record) => {
  switch (record.pricing_model) {
    case "unknown":
      return "no price of it is known"
    case "opaque":
      return "only the price of an undefined unit is known"
    case "conflicting":
      return "its published prices contradict each other"
    case "per_token":
      return "it is priced by tokens, and its answer does not tell how many"
    default:
      return record.preferred_prices.length === 0 ? "no price of it is safe to quote" : undefined
  }
}

const valueOf = (text) => (text === "true" ? true : text === "false" ? false : text)

/** `a=b, c=d` or `a in {b,c}`; an empty condition for words about the base price. */
const conditionOf = (record, text) => {
  if (text === null || text === "raster style") return {}
  const pairs = [...text.matchAll(/(\w+)(?:=([\w.]+)| in \{([^}]*)\})/g)]
  const known = pairs.filter(([, name]) => record.params.some((one) => one.name === name))
  return Object.fromEntries(
    known.map(([, name, one, many]) => [name, many === undefined ? [valueOf(one)] : many.split(",").map(valueOf)])
  )
}

const dateOf = (text) => [...text.matchAll(/20\d\d-\d\d-\d\d/g)].at(-1)?.[0] ?? "2026-11-22"

const sourcesOf = (record, facts) => [...new Set(facts.map((fact) => record.sources[fact.source] ?? fact.source))]

const tiersOf = (record, facts) =>
  facts
    .filter((fact) => fact.unit === "per_output_image" && fact.condition !== "vector style")
    .map((fact) => ({ when: conditionOf(record, fact.condition), ticks: ticks(fact.usd) }))

const megapixelRule = (record, facts) => {
  const first = facts.find((fact) =>
    /^(per_output|per_processed|first_processed|first_output)_megapixel$/.test(fact.unit)
  )
  const next = facts.find((fact) => fact.unit === "each_additional_processed_megapixel")
  const countsInputs = /processed/.test(first.unit) && record.operations.includes("edit")
  const isOneEach = facts.some((fact) => fact.condition?.includes("resized to 1 MP"))
  return {
    kind: "per_megapixel",
    ticks: ticks(first.usd),
    rounding: first.rounding?.includes("rounded up") === true ? "up" : "exact",
    ...(next === undefined ? {} : { additionalTicks: ticks(next.usd) }),
    ...(countsInputs ? { inputs: isOneEach ? "one_each" : "own_size" } : {})
  }
}

const megapixelCeiling = (record, rule, inputs) => {
  const output = record.tags.includes("upscale") ? ceilingMegapixelsOfUpscaling : ceilingMegapixels
  const counted = rule.inputs === undefined ? 0 : inputs * (rule.inputs === "one_each" ? 1 : ceilingMegapixels)
  const whole = output + counted
  const amount =
    rule.additionalTicks === undefined ? rule.ticks * whole : rule.ticks + rule.additionalTicks * (whole - 1)
  return { amount, note: `; where the size is not known, ${whole} megapixels are held (our choice)` }
}

const surchargesOf = (record, facts, count) =>
  facts
    .filter((fact) => fact.unit === "per_request_surcharge")
    .map((fact) => ({
      when: conditionOf(record, fact.condition),
      ticks: ticks(fact.usd),
      // Where every image is a request of its own, each pays it.
      per: count.perCall === 1 ? "image" : "request"
    }))

export const priceOf = (record, { count, references }) => {
  const facts = preferred(record)
  const source = sourcesOf(record, facts).join("; ")
  const asOf = facts.map((fact) => dateOf(record.sources[fact.source] ?? "")).sort()[0] ?? "2026-11-22"
  const common = { surcharges: surchargesOf(record, facts, count), asOf }
  const unknown = { ...common, confidence: "unknown", rule: { kind: "unknown" } }
  if (quotable(record) !== undefined) {
    return { ...unknown, surcharges: [], ceiling: null, source: quotable(record) }
  }
  const confidence = facts.some((fact) => fact.confidence === "inferred") ? "estimated" : "known"
  switch (record.pricing_model) {
    case "per_second":
      return {
        ...unknown,
        ceiling: ticks(facts[0].usd) * ceilingSeconds,
        source: `${source}: ${facts[0].usd} USD a second of computing; ${ceilingSeconds} seconds are held (our choice)`
      }
    case "per_megapixel": {
      const rule = megapixelRule(record, facts)
      const { amount, note } = megapixelCeiling(record, rule, 1 + references)
      // A size that we derive from the input image is not one that the provider promised.
      const isDerived = record.params.every((one) => one.name !== "image_size")
      return {
        ...common,
        confidence: isDerived ? "estimated" : confidence,
        rule,
        ceiling: amount,
        source: source + note
      }
    }
    case "per_request":
      return {
        ...common,
        confidence,
        rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks(facts[0].usd) }] },
        ceiling: ticks(facts[0].usd),
        source
      }
    default: {
      const tiers = tiersOf(record, facts)
      // A lone tier under a condition is the surcharge over a base price that stands beside it.
      const sorted = [...tiers].sort((a, b) => Object.keys(b.when).length - Object.keys(a.when).length)
      return {
        ...common,
        confidence,
        rule: { kind: "per_image", tiers: sorted },
        ceiling: Math.max(...tiers.map((tier) => tier.ticks)),
        source
      }
    }
  }
}

/** The price of one billed unit, where the platform's own price row says what the unit is and nothing is added to it. */
export const unitTicksOf = (record) => {
  const units = ["per_output_image", "per_output_megapixel", "per_processed_megapixel", "per_compute_second"]
  const facts = preferred(record)
  const row = record.prices.find(
    (fact) => fact.condition?.startsWith("platform price row") && units.includes(fact.unit)
  )
  const isPlain = facts.length === 1 && facts[0].unit === row?.unit && facts[0].usd === row?.usd
  return row !== undefined && isPlain ? ticks(row.usd) : undefined
}
