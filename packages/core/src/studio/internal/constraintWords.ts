import type { Constraint, Model } from "../../catalog/Model.ts"
import type { Parameters } from "../../catalog/Parameters.ts"
import { canonical, type Json, type JsonObject } from "../../kernel/Json.ts"

const sideBySide = (names: ReadonlyArray<string>) => names.join(" and ")

const values = (all: ReadonlyArray<Json>) =>
  all.map((value) => (value === null ? "not given" : typeof value === "string" ? value : canonical(value))).join(" or ")

/** A rule over several parameters, as a sentence. */
export const constraintWords = (constraint: Constraint): string => {
  switch (constraint.kind) {
    case "exclusive":
      return `give at most one of: ${constraint.groups.map(sideBySide).join(", or ")}`
    case "one_of":
      return `one of ${constraint.names.join(", ")} is needed`
    case "forbidden": {
      const given = (constraint.given ?? []).map((name) => `${name} given`)
      const when = Object.entries(constraint.when).map(([name, all]) => `${name} ${values(all)}`)
      return `refused: ${sideBySide([...given, ...when])} (${constraint.reason})`
    }
    case "size":
      return `a ${constraint.name} in pixels has ${sizeWords(constraint)}`
    case "inside_input":
      return `${constraint.name} lies inside the input image`
    case "scaled_input":
      return `the input's size after ${constraint.factor}, or ${constraint.width} and ${constraint.height}: sides of at most ${constraint.sideMax}`
  }
}

const sizeWords = (rule: Extract<Constraint, { kind: "size" }>): string =>
  [
    rule.sideMultipleOf === undefined ? "" : `sides that are multiples of ${rule.sideMultipleOf}`,
    rule.sideMax === undefined ? "" : `sides of at most ${rule.sideMax}`,
    rule.pixelsMin === undefined ? "" : `at least ${rule.pixelsMin} pixels`,
    rule.pixelsMax === undefined ? "" : `at most ${rule.pixelsMax} pixels`,
    rule.ratioMax === undefined ? "" : `sides of at most ${rule.ratioMax} to 1`
  ]
    .filter((one) => one !== "")
    .join(", ")

/** What a parameter is when it is not given. */
const absentValue = (declared: Parameters, name: string): Json | undefined => {
  const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined
  return parameter?.default ?? parameter?.providerDefault
}

/** The rule as a schema of `model_parameters`; null where JSON Schema has no words for it. */
const schemaOf = (constraint: Constraint, declared: Parameters): JsonObject | null => {
  // A parameter with a default always has a value.
  const given = (name: string): JsonObject => (absentValue(declared, name) === undefined ? { required: [name] } : {})
  const anyOf = (names: ReadonlyArray<string>): JsonObject => ({ anyOf: names.map(given) })
  switch (constraint.kind) {
    case "one_of":
      return anyOf(constraint.names)
    case "exclusive": {
      const pairs = constraint.groups.flatMap((group, index) =>
        constraint.groups.slice(index + 1).map((other) => ({ not: { allOf: [anyOf(group), anyOf(other)] } }))
      )
      return { allOf: pairs }
    }
    case "forbidden": {
      const entries = Object.entries(constraint.when)
      const isAbsentMeant = (name: string, all: ReadonlyArray<Json>) =>
        all.some((value) => canonical(value) === canonical(absentValue(declared, name) ?? null))
      return {
        not: {
          properties: Object.fromEntries(entries.map(([name, all]) => [name, { enum: all }])),
          required: [
            ...(constraint.given ?? []).filter((name) => absentValue(declared, name) === undefined),
            ...entries.filter(([name, all]) => !isAbsentMeant(name, all)).map(([name]) => name)
          ]
        }
      }
    }
    case "size":
    case "inside_input":
    case "scaled_input":
      return null
  }
}

/** What the rules over several parameters add to the JSON Schema of `model_parameters`. */
export const constraintsSchema = (model: Model): JsonObject => {
  const allOf = (model.constraints ?? []).flatMap((constraint) => {
    const schema = schemaOf(constraint, model.parameters)
    return schema === null ? [] : [schema]
  })
  return allOf.length === 0 ? {} : { allOf }
}
