import { assert, describe, it } from "@effect/vitest"
import { inspect, stripMetadata, strippable } from "@image-skill/core/assets/ImageInspector"
import { Either } from "effect"
import sharp from "sharp"
import { animation, factsOf, formats, mutated, phoneJpeg, picture, rawPixels, webpWithLocation } from "./fixtures.ts"

describe("inspect, beside a decoder", () => {
  it("agrees with it on size, alpha and orientation in every format", async () => {
    for (const format of formats) {
      for (const alpha of [false, true]) {
        for (const [width, height] of [
          [1, 1],
          [333, 201],
          [64, 65]
        ] as const) {
          const bytes = await picture(format, { width, height, alpha, metadata: true })
          const facts = factsOf(bytes)
          const seen = await sharp(bytes).metadata()
          const name = `${format} ${width}x${height} alpha ${alpha}`
          assert.deepInclude(facts, { mediaType: `image/${format}`, frames: 1, ...seen.autoOrient }, name)
          // GIF: what a file does not use of its transparency is up to the writer.
          if (format !== "gif") assert.strictEqual(facts.hasAlpha, seen.hasAlpha, name)
        }
      }
    }
  })

  it("sees orientation and place in the photo of a phone", async () => {
    const facts = factsOf(await phoneJpeg())
    assert.deepInclude(facts, { width: 32, height: 48, orientation: 6 })
    assert.includeMembers([...facts.metadata], ["exif", "location", "xmp", "icc"])
    assert.includeMembers([...factsOf(await webpWithLocation()).metadata], ["exif", "location", "xmp"])
  })

  it("counts the frames of GIF and WebP", async () => {
    for (const format of ["gif", "webp"] as const) {
      assert.deepInclude(factsOf(await animation(format, 5)), { width: 24, height: 16, frames: 5, animated: true })
    }
  })

  it("refuses an AVIF whose container lies about the size of its stream", async () => {
    const bytes = await picture("avif", { width: 48, height: 32 })
    const at = bytes.indexOf("ispe") + 8
    bytes.writeUInt32BE(4, at)
    const result = inspect(bytes)
    assert.deepInclude(Either.merge(result), { _tag: "Malformed" })
  })
})

describe("stripMetadata", () => {
  it("leaves every pixel as it was, in every format and orientation, and no name behind", async () => {
    for (const format of formats) {
      for (const orientation of [undefined, 3, 6, 8]) {
        for (const alpha of [false, true]) {
          const options = { alpha, metadata: true, ...(orientation === undefined ? {} : { orientation }) }
          const bytes = await picture(format, options)
          const facts = factsOf(bytes)
          const stripped = stripMetadata(bytes, facts)
          const name = `${format} orientation ${orientation} alpha ${alpha}`
          assert.deepStrictEqual(strippable(factsOf(stripped)), [], name)
          assert.deepStrictEqual({ ...factsOf(stripped), metadata: [] }, { ...facts, metadata: [] }, name)
          assert.isFalse(Buffer.from(stripped).includes("Jane Doe"), name)
          assert.isTrue((await rawPixels(stripped)).equals(await rawPixels(bytes)), name)
          const [before, after] = [await sharp(bytes).metadata(), await sharp(stripped).metadata()]
          assert.deepStrictEqual(after.autoOrient, before.autoOrient, name)
          assert.deepStrictEqual(after.icc, before.icc, name)
        }
      }
    }
  })

  it("drops comments, IPTC, C2PA, thumbnails and appended files from a JPEG", async () => {
    const plain = await picture("jpeg")
    const segment = (marker: number, body: string) =>
      Buffer.concat([Buffer.from([0xff, marker, 0, body.length + 2]), Buffer.from(body, "latin1")])
    const bytes = Buffer.concat([
      plain.subarray(0, 2),
      segment(0xe0, `JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01thm`),
      ...[segment(0xfe, "a comment"), segment(0xed, "Photoshop 3.0\0caption"), segment(0xeb, "JP manifest")],
      plain.subarray(2),
      Buffer.from("PK an archive")
    ])
    const facts = factsOf(bytes)
    assert.deepStrictEqual(facts.metadata, ["c2pa", "comment", "iptc", "other", "trailer"])
    const stripped = stripMetadata(bytes, facts)
    assert.deepStrictEqual(factsOf(stripped).metadata, [])
    assert.notMatch(Buffer.from(stripped).toString("latin1"), /comment|caption|manifest|thm|archive/)
    assert.deepStrictEqual(await rawPixels(stripped), await rawPixels(plain))
  })

  it("keeps the frames and the pace of animations", async () => {
    for (const format of ["gif", "webp"] as const) {
      const plain = await animation(format, 4)
      const bytes = Buffer.concat([plain, Buffer.from("hidden behind the end")])
      const stripped = stripMetadata(bytes, factsOf(bytes))
      assert.deepStrictEqual(await rawPixels(stripped), await rawPixels(plain))
      const [before, after] = [await sharp(plain).metadata(), await sharp(stripped).metadata()]
      assert.deepStrictEqual([after.pages, after.delay, after.loop], [before.pages, before.delay, before.loop])
    }
  })
})

describe("mutated natural files", () => {
  it("never throw or dawdle, and what is accepted survives a strip with the same facts", async () => {
    const originals = await Promise.all([
      ...formats.map((format) => picture(format, { metadata: true, alpha: true })),
      ...[phoneJpeg(), animation("webp", 4), picture("webp", { orientation: 6 })]
    ])
    for (const original of originals) {
      for (let seed = 0; seed < 1000; seed++) {
        const bytes = mutated(original, seed)
        const start = performance.now()
        const result = inspect(bytes)
        if (Either.isRight(result)) {
          const again = factsOf(stripMetadata(bytes, result.right))
          const name = `${result.right.mediaType} seed ${seed}`
          assert.deepStrictEqual({ ...again, metadata: [] }, { ...result.right, metadata: [] }, name)
          assert.deepStrictEqual(strippable(again), [], name)
        }
        assert.isBelow(performance.now() - start, 200, `seed ${seed}`)
      }
    }
  })
})
