import type { Constraint } from "../../catalog/Model.ts"
import type { Issue } from "../../kernel/Errors.ts"
import { canonical, type Json, type JsonObject } from "../../kernel/Json.ts"

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
  }
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
