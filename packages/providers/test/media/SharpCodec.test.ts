import { assert, describe, it } from "@effect/vitest"
import { type Encoding, ImageCodec, ImageOperation } from "@image-skill/core/assets/ImageCodec"
import { stripMetadata } from "@image-skill/core/assets/ImageInspector"
import { Effect } from "effect"
import sharp from "sharp"
import { layer } from "../../src/media/SharpCodec.ts"
import {
  animatedPng,
  animation,
  ascii,
  blackPng,
  chunk,
  factsOf,
  formats,
  hollowJpeg,
  mask,
  phoneJpeg,
  picture,
  pixelAt,
  textBomb
} from "./fixtures.ts"

const png: Encoding = { mediaType: "image/png", digitalSourceType: "algorithmicallyEnhanced" }

const transform = (bytes: Uint8Array, operations: ReadonlyArray<ImageOperation>, encoding: Encoding = png) =>
  Effect.flatMap(ImageCodec, (codec) => codec.transform(bytes, operations, encoding)).pipe(Effect.provide(layer))

const verify = (bytes: Uint8Array, facts = factsOf(bytes)) =>
  Effect.flatMap(ImageCodec, (codec) => codec.verify(bytes, facts)).pipe(Effect.provide(layer))

describe("verify", () => {
  it.effect("passes whole images of every kind, stripped or not", () =>
    Effect.gen(function* () {
      const natural = yield* Effect.promise(() =>
        Promise.all([
          ...formats.flatMap((format) => [
            picture(format, { metadata: true, alpha: true }),
            picture(format, { orientation: 5 })
          ]),
          ...[animation("gif", 5), animation("webp", 5), phoneJpeg()]
        ])
      )
      for (const bytes of [...natural, animatedPng(3), blackPng(5000, 5000)]) {
        yield* verify(bytes)
        yield* verify(stripMetadata(bytes, factsOf(bytes)))
      }
    })
  )

  it.effect("fails where headers are right and pixels are missing", () =>
    Effect.gen(function* () {
      const hollow = yield* Effect.promise(hollowJpeg)
      const short = Buffer.concat([
        blackPng(300, 300).subarray(0, 33),
        chunk("IDAT", blackPng(300, 3).subarray(41, -16)),
        chunk("IEND", new Uint8Array())
      ])
      const webp = yield* Effect.promise(() => picture("webp", { width: 300, height: 300 }))
      webp.fill(0, webp.length / 2)
      for (const bytes of [hollow, short, webp]) {
        const failure = yield* Effect.flip(verify(bytes))
        assert.strictEqual(failure.reason, "undecodable")
      }
    })
  )

  it.effect("fails when the facts are those of another picture", () =>
    Effect.gen(function* () {
      const [small, large] = [blackPng(20, 20), blackPng(40, 20)]
      const failure = yield* Effect.flip(verify(small, factsOf(large)))
      assert.strictEqual(failure.reason, "mismatch")
    })
  )
})

describe("transform", () => {
  it.effect("turns photos upright, leaves their metadata behind and writes its own", () =>
    Effect.gen(function* () {
      const result = yield* transform(yield* Effect.promise(phoneJpeg), [])
      const facts = factsOf(result.bytes)
      assert.deepInclude(facts, { width: 32, height: 48, orientation: 1, mediaType: "image/png" })
      assert.deepStrictEqual(facts.metadata, ["xmp"])
      const { xmp } = yield* Effect.promise(() => sharp(result.bytes).metadata())
      assert.include(String(xmp), "digitalsourcetype/algorithmicallyEnhanced")
      assert.include(String(xmp), 'CreatorTool="Image Skill"')
      // The red edge of the gradient is on the left as stored: at the top once the picture stands.
      const [red = 0, , blue = 0] = yield* Effect.promise(() => pixelAt(result.bytes, 16, 2))
      assert.isAbove(red, blue + 100)
    })
  )

  it.effect("writes every format out of every format", () =>
    Effect.gen(function* () {
      for (const from of formats) {
        const bytes = yield* Effect.promise(() => picture(from, { alpha: true }))
        for (const to of formats) {
          const result = yield* transform(bytes, [], { ...png, mediaType: `image/${to}`, quality: 80 })
          assert.deepInclude(
            factsOf(result.bytes),
            { mediaType: `image/${to}`, width: 48, height: 32 },
            `${from}, ${to}`
          )
          yield* verify(result.bytes)
        }
      }
    })
  )

  it.effect("uses the first frame of an animation and says so, in every format", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => animation("gif", 4))
      for (const to of formats) {
        const result = yield* transform(bytes, [], { ...png, mediaType: `image/${to}` })
        assert.deepInclude(factsOf(result.bytes), { width: 24, height: 16, frames: 1 }, to)
        assert.include(result.warnings[0], "4 frames")
      }
    })
  )

  it.effect("puts what was clear on white in a JPEG, and says so", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => picture("png", { alpha: true }))
      const result = yield* transform(bytes, [], { ...png, mediaType: "image/jpeg" })
      const [red = 0, green = 0, blue = 0] = yield* Effect.promise(() => pixelAt(result.bytes, 2, 16))
      assert.isAbove(Math.min(red, green, blue), 240)
      assert.include(result.warnings.join(), "no transparency")
    })
  )

  it.effect("reads grey, 16-bit and CMYK pictures as colour", () =>
    Effect.gen(function* () {
      const colour = yield* Effect.promise(() => picture("png"))
      const sources = yield* Effect.promise(() =>
        Promise.all([
          sharp(colour).greyscale().png().toBuffer(),
          sharp(colour).toColourspace("rgb16").png().toBuffer(),
          sharp(colour).toColourspace("cmyk").jpeg().toBuffer()
        ])
      )
      const warm = ImageOperation.Grade({
        ...{ brightness: 1, contrast: 1.2, saturation: 1, hueDegrees: 0, gains: [1.2, 1, 0.8], gamma: 1.1 }
      })
      for (const bytes of [...sources, blackPng(9, 9)]) {
        const result = yield* transform(bytes, [warm])
        assert.deepInclude(factsOf(result.bytes), { mediaType: "image/png", hasAlpha: false })
      }
    })
  )

  it.effect("never hands an SVG, or a picture above its limit, to the library", () =>
    Effect.gen(function* () {
      const svg = yield* Effect.flip(transform(ascii("<svg xmlns='http://www.w3.org/2000/svg'/>"), []))
      assert.deepInclude(svg, { _tag: "CodecFailure", reason: "undecodable" })
      const large = yield* Effect.flip(transform(blackPng(6000, 5000), []))
      assert.strictEqual(large.reason, "too_large")
    })
  )

  it.effect("survives a compressed text of a hundred megabytes", () =>
    Effect.gen(function* () {
      const before = process.memoryUsage().rss
      const bytes = blackPng(64, 64, [textBomb(100)])
      const result = yield* Effect.either(transform(bytes, []))
      assert.isBelow(process.memoryUsage().rss - before, 400_000_000)
      if (result._tag === "Left") assert.strictEqual(result.left.reason, "undecodable")
      yield* verify(stripMetadata(bytes, factsOf(bytes)))
    })
  )

  it.effect("refuses a crop outside of the picture", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => picture("png"))
      const failure = yield* Effect.flip(
        transform(bytes, [ImageOperation.Crop({ left: 40, top: 0, width: 9, height: 9 })])
      )
      assert.strictEqual(failure.reason, "invalid_operation")
    })
  )

  it.effect("runs operations in the order given", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => picture("png"))
      const white = yield* Effect.promise(() => mask(24, 32, { left: 0, top: 0, right: 1, bottom: 1 }))
      const result = yield* transform(bytes, [
        ImageOperation.Crop({ left: 0, top: 0, width: 24, height: 32 }),
        ImageOperation.MaskEffect({
          mask: white,
          treatment: { _tag: "Fill", colour: { red: 0, green: 255, blue: 0, alpha: 1 } },
          isInverted: false,
          feather: 0
        }),
        ImageOperation.Resize({ width: 6, height: 8, fit: "fill", background: { red: 0, green: 0, blue: 0, alpha: 0 } })
      ])
      assert.deepInclude(result, { width: 6, height: 8 })
      assert.deepStrictEqual(yield* Effect.promise(() => pixelAt(result.bytes, 3, 4)), [0, 255, 0, 255])
    })
  )
})
