import { Option } from "effect"
import type { Constraint } from "../../catalog/Model.ts"
import type { Issue } from "../../kernel/Errors.ts"
import { canonical, type Json, type JsonObject } from "../../kernel/Json.ts"
import type { Dimensions } from "../../kernel/Media.ts"
import { dimensionsOf } from "../../pricing/Pricing.ts"

const issueOf = (constraint: Constraint, parameters: JsonObject): Issue | null => {
  const given = (name: string) => parameters[name] !== undefined
  switch (constraint.kind) {
    case "exclusive": {
      const used = constraint.groups.filter((group) => group.some(given))
      const words = constraint.groups.map((group) => group.join(" and ")).join(", or ")
      return used.length <= 1 ? null : { path: used.flat().filter(given).join(","), message: `give ${words}: not both` }
    }
    case "one_of":
      return constraint.names.some(given)
        ? null
        : { path: constraint.names[0], message: `one of ${constraint.names.join(", ")} is needed` }
    case "forbidden": {
      const is = (name: string, values: ReadonlyArray<Json>) =>
        values.some((value) => canonical(value) === canonical(parameters[name] ?? null))
      return Object.entries(constraint.when).every(([name, values]) => is(name, values))
        ? { path: Object.keys(constraint.when).join(","), message: constraint.reason }
        : null
    }
    case "size": {
      const size = Option.getOrNull(dimensionsOf(parameters[constraint.name], {}))
      const broken = size === null ? [] : brokenSizeRules(constraint, size)
      return size === null || broken.length === 0
        ? null
        : {
            path: constraint.name,
            message: `${constraint.name} is ${size.width}x${size.height}; it needs ${broken.join(", ")}`
          }
    }
  }
}

const brokenSizeRules = (
  rule: Extract<Constraint, { kind: "size" }>,
  { width, height }: Dimensions
): ReadonlyArray<string> => {
  const [short, long] = width < height ? [width, height] : [height, width]
  const pixels = width * height
  const step = rule.sideMultipleOf ?? 1
  return [
    short > 0 && width % step === 0 && height % step === 0 ? "" : `sides that are multiples of ${step}`,
    long <= (rule.sideMax ?? long) ? "" : `sides of at most ${rule.sideMax}`,
    pixels >= (rule.pixelsMin ?? pixels) ? "" : `at least ${rule.pixelsMin} pixels`,
    pixels <= (rule.pixelsMax ?? pixels) ? "" : `at most ${rule.pixelsMax} pixels`,
    long <= short * (rule.ratioMax ?? Infinity) ? "" : `sides of at most ${rule.ratioMax} to 1`
  ].filter((one) => one !== "")
}

/** Every rule over several parameters that these values break. */
export const constraintIssues = (
  constraints: ReadonlyArray<Constraint>,
  parameters: JsonObject
): ReadonlyArray<Issue> =>
  constraints.flatMap((constraint) => {
    const issue = issueOf(constraint, parameters)
    return issue === null ? [] : [issue]
  })
