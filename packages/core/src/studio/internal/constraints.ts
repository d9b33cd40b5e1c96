import { Option } from "effect"
import type { Constraint } from "../../catalog/Model.ts"
import type { Issue } from "../../kernel/Errors.ts"
import { canonical, isObject, type Json, type JsonObject } from "../../kernel/Json.ts"
import type { Dimensions } from "../../kernel/Media.ts"
import { dimensionsOf } from "../../pricing/Pricing.ts"

const issueOf = (constraint: Constraint, parameters: JsonObject, input: Option.Option<Dimensions>): Issue | null => {
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
      const names = constraint.given ?? []
      return names.every(given) && Object.entries(constraint.when).every(([name, values]) => is(name, values))
        ? { path: [...names, ...Object.keys(constraint.when)].join(","), message: constraint.reason }
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
    case "inside_input":
      return Option.match(input, {
        onNone: () => null,
        onSome: (size) => outsideIssue(constraint.name, parameters[constraint.name], size)
      })
    case "scaled_input":
      return Option.match(input, {
        onNone: () => null,
        onSome: (size) => tooLargeIssue(constraint, parameters, size)
      })
  }
}

const outsideIssue = (name: string, value: Json | undefined, input: Dimensions): Issue | null => {
  if (!isObject(value)) return null
  const end = (start: Json | undefined, length: Json | undefined) =>
    typeof start === "number" && typeof length === "number" ? start + length : 0
  const right = end(value["left"], value["width"])
  const lower = end(value["top"], value["height"])
  return right <= input.width && lower <= input.height
    ? null
    : {
        path: name,
        message: `${name} reaches to ${right},${lower}; allowed: inside the input, ${input.width}x${input.height}`
      }
}

const tooLargeIssue = (
  rule: Extract<Constraint, { kind: "scaled_input" }>,
  parameters: JsonObject,
  input: Dimensions
): Issue | null => {
  const numberOf = (name: string) => {
    const value = parameters[name]
    return typeof value === "number" ? value : undefined
  }
  const [factor, width, height] = [numberOf(rule.factor), numberOf(rule.width), numberOf(rule.height)]
  // A width without a height scales both sides, and the other way around.
  const scale = factor ?? (width === undefined ? (height ?? 0) / input.height : width / input.width)
  const scaled = (length: number) => Math.max(1, Math.round(length * scale))
  const made =
    factor === undefined
      ? { width: width ?? scaled(input.width), height: height ?? scaled(input.height) }
      : { width: scaled(input.width), height: scaled(input.height) }
  if (Math.max(made.width, made.height) <= rule.sideMax) return null
  const used = [rule.factor, rule.width, rule.height].filter((name) => parameters[name] !== undefined)
  const given = used.map((name) => `${name} ${JSON.stringify(parameters[name] ?? null)}`).join(" and ")
  const sizes = `${input.width}x${input.height} would become ${made.width}x${made.height}`
  return {
    path: used.join(","),
    message: `with ${given} the input of ${sizes}; allowed: sides of at most ${rule.sideMax}`
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

/** Every rule over several parameters, and over the input's size where there is one, that these values break. */
export const constraintIssues = (
  constraints: ReadonlyArray<Constraint>,
  parameters: JsonObject,
  input: Option.Option<Dimensions>
): ReadonlyArray<Issue> =>
  constraints.flatMap((constraint) => {
    const issue = issueOf(constraint, parameters, input)
    return issue === null ? [] : [issue]
  })
