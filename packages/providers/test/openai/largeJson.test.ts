import { assert, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { readLargeJson } from "../../src/openai/largeJson.ts"

const image = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 7919) % 256)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

/** What a reader of the answer gets: the value parsed from the short text, and the bytes behind its strings. */
const read = (json: string) => {
  const large = readLargeJson(Buffer.from(json))
  return { value: JSON.parse(large.text), bytesAt: large.bytesAt, text: large.text }
}

it("cuts long strings out and decodes them to the very bytes, at every length", () => {
  for (const length of [1, 2, 3, 4000, 24_575, 24_576, 24_577, 24_578, 300_001]) {
    const bytes = image(length)
    const { bytesAt, text, value } = read(JSON.stringify({ data: [{ b64_json: base64(bytes) }] }, null, 2))
    assert.isTrue(Buffer.from(bytesAt(value.data[0].b64_json) ?? []).equals(bytes), String(length))
    assert.isBelow(text.length, 6000)
  }
})

it("reads base64 without padding, with escapes, with line breaks, and as a data URI", () => {
  const bytes = image(10_001)
  const text = base64(bytes)
  const variants = [
    text.replace(/=+$/, ""),
    text.replaceAll("/", "\\/").replaceAll("+", "\\u002b"),
    text.replace(/(.{76})/g, "$1\\r\\n"),
    `data:image/png;base64,${text}`
  ]
  for (const variant of variants) {
    const { bytesAt, value } = read(`{"data":[{"b64_json" : "${variant}"}]}`)
    assert.isTrue(Buffer.from(bytesAt(value.data[0].b64_json) ?? []).equals(bytes), variant.slice(0, 40))
  }
})

it("is not fooled by text that looks like an image's field", () => {
  const bytes = image(9_000)
  const json = JSON.stringify({
    revised_prompt: `"b64_json":"AAAA" \\" ${"x".repeat(5_000)}`,
    b64: "b64_json",
    data: [{ url: null, b64_json: base64(bytes) }]
  })
  const { bytesAt, value } = read(json)
  assert.strictEqual(value.b64, "b64_json")
  assert.isTrue(Buffer.from(bytesAt(value.data[0].b64_json) ?? []).equals(bytes))
})

it("makes no value of a torn answer", () => {
  const json = JSON.stringify({ data: [{ b64_json: base64(image(50_000)) }] })
  for (const length of [json.length - 1, json.length - 3, 20_000, 12, 0]) {
    assert.throws(
      () => JSON.parse(readLargeJson(Buffer.from(json.slice(0, length))).text),
      undefined,
      undefined,
      String(length)
    )
  }
})

it("leaves every JSON without long strings as it was", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.deepStrictEqual(read(json).value, JSON.parse(json))
    })
  )
})

it("gives no bytes for what is neither base64 nor a data URI", () => {
  const { bytesAt } = read("{}")
  assert.isNull(bytesAt("https://example.com/a.png"))
  assert.isNull(bytesAt("data:text/plain,hello"))
})
