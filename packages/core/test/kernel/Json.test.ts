import { assert, describe, it } from "@effect/vitest"
import { FastCheck, Schema } from "effect"
import { canonical, Json, JsonObject } from "../../src/kernel/Json.ts"

const parse = Schema.decodeUnknownSync(Schema.parseJson(Json))
const parseAny = Schema.decodeUnknownSync(Schema.parseJson())
// Some have a key named `__proto__`, which is refused.
const json = FastCheck.jsonValue()
  .map((value) => parseAny(JSON.stringify(value)))
  .filter(Schema.is(Json))

const shuffled = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(shuffled)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, item]: readonly [string, Json]) => [key, shuffled(item)])
        )
      : value

describe("canonical", () => {
  it.prop("writes JSON that reads back as the same value", [json], ([value]) => {
    assert.deepStrictEqual(parse(canonical(value)), value)
  })

  it.prop("does not depend on the order of keys", [json], ([value]) => {
    assert.strictEqual(canonical(shuffled(value)), canonical(value))
  })

  it("tells apart what is different", () => {
    const texts = [null, false, 0, "0", [], {}, [0], { a: 0 }, { a: "0" }, { a: null }, [null], "null"].map(canonical)
    assert.strictEqual(new Set(texts).size, texts.length)
  })
})

describe("JsonObject", () => {
  const decode = Schema.decodeUnknownEither(Schema.parseJson(JsonObject))

  it("refuses a key that would become a prototype, at any depth", () => {
    assert.strictEqual(decode('{"__proto__":{"num_images":4}}')._tag, "Left")
    assert.strictEqual(decode('{"a":[{"__proto__":{"width":-1}}]}')._tag, "Left")
  })

  it("refuses what is nested too deep, without a stack overflow", () => {
    assert.strictEqual(decode(`{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`)._tag, "Left")
    assert.strictEqual(decode(`{"a":${"[".repeat(60)}${"]".repeat(60)}}`)._tag, "Right")
  })
})
