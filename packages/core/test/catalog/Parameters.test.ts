import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { check, effective, type Parameters, toJsonSchema, type ValueSchema } from "../../src/catalog/Parameters.ts"
import { isObject, type Json } from "../../src/kernel/Json.ts"
import { fakeModels } from "../../src/testing/FakeProviderModels.ts"

const whole = FastCheck.integer({ min: -20, max: 20 })

const leaf: FastCheck.Arbitrary<ValueSchema> = FastCheck.oneof(
  FastCheck.record({ type: FastCheck.constant("integer" as const), minimum: whole, maximum: whole }),
  FastCheck.record({ type: FastCheck.constant("integer" as const), multipleOf: FastCheck.integer({ min: 1, max: 4 }) }),
  FastCheck.record({ type: FastCheck.constant("number" as const), minimum: whole }),
  FastCheck.record({ type: FastCheck.constant("string" as const), maxLength: FastCheck.integer({ min: 0, max: 4 }) }),
  FastCheck.constant<ValueSchema>({ type: "string", enum: ["low", "high"] }),
  FastCheck.constant<ValueSchema>({ type: "boolean" })
)

const schema: FastCheck.Arbitrary<ValueSchema> = FastCheck.oneof(
  leaf,
  FastCheck.record({
    type: FastCheck.constant("array" as const),
    items: leaf,
    maxItems: FastCheck.integer({ min: 0, max: 3 })
  }),
  FastCheck.tuple(leaf, leaf, FastCheck.boolean()).map(
    ([a, b, needed]): ValueSchema => ({ type: "object", properties: { a, b }, required: needed ? ["a"] : [] })
  ),
  FastCheck.tuple(leaf, leaf).map((anyOf): ValueSchema => ({ anyOf }))
)

const scalar: FastCheck.Arbitrary<Json> = FastCheck.oneof(
  whole,
  FastCheck.constantFrom<Json>("low", "high", "", "longer text", "🌫🌫🌫", true, false, null, 0.5, 1e9)
)
const value: FastCheck.Arbitrary<Json> = FastCheck.oneof(
  scalar,
  FastCheck.array(scalar, { maxLength: 4 }),
  FastCheck.dictionary(FastCheck.constantFrom("a", "b", "c"), scalar)
)

/** The part of JSON Schema 2020-12 that our schemas use, read from its specification. */
const fits = (rules: Json, actual: Json): boolean => {
  if (!isObject(rules)) return false
  const rule = (name: string) => rules[name]
  const number = (name: string) => (typeof rule(name) === "number" ? Number(rule(name)) : undefined)
  const anyOf = rule("anyOf")
  if (Array.isArray(anyOf)) return anyOf.some((one: Json) => fits(one, actual))
  const options = rule("enum")
  if (Array.isArray(options) && !options.some((one: Json) => one === actual)) return false
  const type = JSON.stringify(rule("type")).slice(1, -1)
  switch (type) {
    case "integer":
    case "number":
      return (
        typeof actual === "number" &&
        (type === "number" || Number.isInteger(actual)) &&
        actual >= (number("minimum") ?? -Infinity) &&
        actual <= (number("maximum") ?? Infinity) &&
        Number.isInteger(actual / (number("multipleOf") ?? (actual === 0 ? 1 : actual)))
      )
    case "boolean":
      return typeof actual === "boolean"
    case "string":
      return typeof actual === "string" && Array.from(actual).length <= (number("maxLength") ?? Infinity)
    case "array":
      return (
        Array.isArray(actual) &&
        actual.length <= (number("maxItems") ?? Infinity) &&
        actual.every((item: Json) => fits(rule("items") ?? null, item))
      )
    case "object": {
      const properties = rule("properties")
      const required = rule("required")
      return (
        isObject(actual) &&
        isObject(properties) &&
        Array.isArray(required) &&
        required.every((name: Json) => typeof name === "string" && Object.hasOwn(actual, name)) &&
        Object.entries(actual).every(
          ([name, item]) => Object.hasOwn(properties, name) && fits(properties[name] ?? null, item)
        )
      )
    }
    default:
      return false
  }
}

const declared = (of: ValueSchema): Parameters => ({ it: { schema: of, execution: "executable" } })

const propertyOf = (of: ValueSchema): Json => {
  const properties = toJsonSchema(declared(of))["properties"]
  return isObject(properties) ? (properties["it"] ?? null) : null
}

describe("Parameters", () => {
  it.prop("are checked as the JSON Schema says that is printed for them", [schema, value], ([of, actual]) => {
    assert.strictEqual(check("it", of, actual).length === 0, fits(propertyOf(of), actual))
  })

  it("count characters, not halves of them", () => {
    assert.deepStrictEqual(check("it", { type: "string", maxLength: 3 }, "🌫🌫🌫"), [])
  })

  it.prop("name the path of what is wrong", [schema, value], ([of, actual]) => {
    for (const issue of check("it", of, actual)) {
      assert.match(issue.path, /^it/)
      assert.isNotEmpty(issue.message)
    }
  })

  it.prop(
    "that are unknown, cataloged or fixed are refused, and never dropped",
    [
      FastCheck.dictionary(FastCheck.constantFrom("seed", "style", "steps", "safety_checker", "__proto__", "x"), scalar)
    ],
    ([given]) => {
      const known = fakeModels[0]?.parameters ?? {}
      const result = effective(known, given)
      const foreign = Object.keys(given).filter(
        (name) => !Object.hasOwn(known, name) || known[name]?.execution !== "executable"
      )
      if (foreign.length > 0) assert.isTrue(Either.isLeft(result))
      else if (Either.isRight(result)) {
        for (const [name, own] of Object.entries(given)) {
          assert.deepStrictEqual(result.right[name], { value: own, source: "explicit" })
        }
      }
    }
  )

  it("say where each value comes from", () => {
    const known = fakeModels[0]?.parameters ?? {}
    assert.deepStrictEqual(Either.getOrThrow(effective(known, { seed: 3 })), {
      seed: { value: 3, source: "explicit" },
      style: { value: "plain", source: "default_policy" },
      strength: { value: 0.5, source: "provider_default" },
      safety_checker: { value: true, source: "default_policy" }
    })
  })
})
