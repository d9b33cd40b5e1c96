import { assert, describe, it } from "@effect/vitest"
import { codeOf, drawn, inHouse } from "./house.ts"

describe("paths", () => {
  it("an id of any length is looked up, and not found", () =>
    inHouse(async ({ ask }) => {
      for (const length of [101, 600, 5000]) {
        const id = "x".repeat(length)
        const answers = await Promise.all(
          ["/v1/models/", "/v1/capabilities/", "/v1/jobs/", "/v1/assets/", "/v1/activity/", "/a/"].map((path) =>
            ask(`${path}${id}`)
          )
        )
        assert.deepStrictEqual(answers.map(codeOf), [
          "404 MODEL_NOT_FOUND",
          "404 CAPABILITY_NOT_FOUND",
          "404 JOB_NOT_FOUND",
          "404 ASSET_NOT_FOUND",
          "404 ACTIVITY_NOT_FOUND",
          "404 ASSET_NOT_FOUND"
        ])
        for (const { text } of answers) assert.isBelow(text.length, 1000)
      }
    }))

  it("a path that cannot be decoded is never said to take what it was asked", () =>
    inHouse(async ({ ask }) => {
      for (const path of ["/v1/models/%ZZ", "/a/%E0%A4%A", "/v1/jobs/%00"]) {
        const answer = await ask(path)
        assert.strictEqual(answer.status, 404, answer.text)
      }
    }))
})

describe("lists", () => {
  it("a cursor that no list gave is refused", () =>
    inHouse(async ({ ask }) => {
      for (const path of ["/v1/jobs", "/v1/activity"]) {
        assert.strictEqual(codeOf(await ask(`${path}?cursor=c12`)), "200 ok")
        const refused = await ask(`${path}?cursor=eyJhIjoxfQ`)
        assert.strictEqual(codeOf(refused), "400 INVALID_ARGUMENTS")
        assert.deepStrictEqual(refused.envelope.error?.recovery, { fields: ["cursor"] })
      }
    }))

  it("a wrong number names what is allowed", () =>
    inHouse(async ({ ask }) => {
      const { envelope } = await ask("/v1/models?limit=many&available=perhaps")
      assert.match(envelope.error?.message ?? "", /limit is a whole number from 1 to 1000/)
      assert.match(envelope.error?.message ?? "", /available: expected "true" or "false".*received "perhaps"/)
    }))
})

describe("/healthz", () => {
  it("tells of storage and database without opening them", () =>
    inHouse(async (house) => {
      const states = async () => {
        const { data } = (await house.ask("/healthz")).envelope
        return [data?.["status"], data?.["storage"], data?.["database"]]
      }
      assert.deepStrictEqual(await states(), ["ok", "not opened", "not opened"])
      assert.deepStrictEqual(await states(), ["ok", "not opened", "not opened"])
      await drawn(house)
      assert.deepStrictEqual(await states(), ["ok", "ok", "ok"])
    }))
})

describe("/a/", () => {
  it("serves single ranges, and says what there is where a range has nothing", () =>
    inHouse(async (house) => {
      const path = `/a/${await drawn(house)}.png`
      const whole = await house.fetch(path)
      const bytes = new Uint8Array(await whole.arrayBuffer())
      const length = bytes.length
      assert.strictEqual(whole.headers.get("accept-ranges"), "bytes")
      const ranged = async (range: string, headers: Readonly<Record<string, string>> = {}) => {
        const response = await house.fetch(path, { headers: { range, ...headers } })
        const part = new Uint8Array(await response.arrayBuffer())
        return { status: response.status, range: response.headers.get("content-range"), part }
      }
      const partial = (first: number, last: number) => ({
        status: 206,
        range: `bytes ${first}-${last}/${length}`,
        part: bytes.slice(first, last + 1)
      })
      assert.deepStrictEqual(await ranged("bytes=0-9"), partial(0, 9))
      assert.deepStrictEqual(await ranged("bytes=10-"), partial(10, length - 1))
      assert.deepStrictEqual(await ranged("bytes=-5"), partial(length - 5, length - 1))
      assert.deepStrictEqual(await ranged(`bytes=8-${length * 2}`), partial(8, length - 1))
      const nothing = { status: 416, range: `bytes */${length}`, part: new Uint8Array() }
      assert.deepStrictEqual(await ranged(`bytes=${length}-`), nothing)
      assert.deepStrictEqual(await ranged("bytes=-0"), nothing)
      const all = { status: 200, range: null, part: bytes }
      assert.deepStrictEqual(await ranged("bytes=0-1,4-5"), all)
      assert.deepStrictEqual(await ranged("bytes=9-2"), all)
      assert.deepStrictEqual(await ranged("bytes=0-9", { "if-range": '"another"' }), all)
    }))

  it("answers HEAD with the headers alone", () =>
    inHouse(async (house) => {
      const path = `/a/${await drawn(house)}.png`
      const { byteLength } = await (await house.fetch(path)).arrayBuffer()
      const head = await house.fetch(path, { method: "HEAD" })
      assert.deepStrictEqual(
        [head.status, head.headers.get("content-length"), head.headers.get("content-type"), await head.text()],
        [200, String(byteLength), "image/png", ""]
      )
    }))
})
