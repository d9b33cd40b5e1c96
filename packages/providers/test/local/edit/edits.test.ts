import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import sharp from "sharp"
import { convert } from "../../../src/local/edit/convert.ts"
import { type GradeParameters, grade } from "../../../src/local/edit/grade.ts"
import { type MaskEffectParameters, maskEffect } from "../../../src/local/edit/maskEffect.ts"
import { type ResizeParameters, resize } from "../../../src/local/edit/resize.ts"
import { blackPng, factsOf, mask, picture, pixelAt } from "../../media/fixtures.ts"

const photo = (options = {}) => Effect.promise(() => picture("png", options))
const pixel = (bytes: Uint8Array, x: number, y: number) => Effect.promise(() => pixelAt(bytes, x, y))
/** Left half white. */
const leftHalf = (width = 48, height = 32) =>
  Effect.promise(() => mask(width, height, { left: 0, top: 0, right: 0.5, bottom: 1 }))

describe("grade", () => {
  const brightnessOf = (bytes: Uint8Array) =>
    Effect.promise(async () => {
      const { channels } = await sharp(bytes).stats()
      return channels.slice(0, 3).reduce((sum, { mean }) => sum + mean, 0) / 3
    })

  it.effect("changes nothing without parameters, and says so", () =>
    Effect.gen(function* () {
      const bytes = yield* photo({ alpha: true })
      const result = yield* grade({ bytes }, {})
      const [before, after] = yield* Effect.promise(() =>
        Promise.all([sharp(bytes).raw().toBuffer(), sharp(result.bytes).raw().toBuffer()])
      )
      assert.isTrue(before.equals(after))
      assert.include(result.warnings.join(), "No parameter")
    })
  )

  it.effect("moves the picture the way that each parameter says", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const before = yield* brightnessOf(bytes)
      const after = (parameters: GradeParameters) =>
        Effect.flatMap(grade({ bytes }, parameters), (result) => brightnessOf(result.bytes))
      assert.isAbove(yield* after({ brightness: 40 }), before + 10)
      assert.isBelow(yield* after({ brightness: -40 }), before - 10)
      assert.isBelow(yield* after({ brightness: -100 }), 2)
      assert.isAbove(yield* after({ gamma: 2 }), before + 10)
      assert.isBelow(yield* after({ gamma: 0.5 }), before - 10)
      const grey = yield* grade({ bytes }, { saturation: -100 })
      const [red = 0, green = 0, blue = 0] = yield* pixel(grey.bytes, 10, 20)
      assert.isBelow(Math.max(red, green, blue) - Math.min(red, green, blue), 6)
      const warm = yield* pixel((yield* grade({ bytes }, { warmth: 80 })).bytes, 24, 16)
      const plain = yield* pixel(bytes, 24, 16)
      assert.isAbove((warm[0] ?? 0) - (warm[2] ?? 0), (plain[0] ?? 0) - (plain[2] ?? 0) + 20)
    })
  )

  it.effect("leaves alpha alone, whatever is graded", () =>
    Effect.gen(function* () {
      const bytes = yield* photo({ alpha: true })
      const everything = { brightness: 20, contrast: 30, saturation: 10, hue_degrees: 90, warmth: 20, gamma: 1.5 }
      const result = yield* grade({ bytes }, { ...everything, sharpness: 20 })
      const alpha = (source: Uint8Array) => Effect.promise(() => sharp(source).extractChannel(3).raw().toBuffer())
      assert.isTrue((yield* alpha(bytes)).equals(yield* alpha(result.bytes)))
    })
  )

  it.effect("names every wrong and every unknown parameter", () =>
    Effect.gen(function* () {
      const parameters = JSON.parse('{"brightness": 500, "colour": 1, "gamma": 0}')
      const failure = yield* Effect.flip(grade({ bytes: yield* photo() }, parameters))
      assert(failure._tag === "EditRefused")
      assert.sameMembers(
        failure.issues.map(({ path }) => path),
        ["brightness", "colour", "gamma"]
      )
      assert.include(failure.message, "brightness must be a number from -100 to 100")
    })
  )
})

describe("resize", () => {
  const sizes: ReadonlyArray<readonly [ResizeParameters, number, number]> = [
    [{ scale: 2 }, 96, 64],
    [{ scale: 0.01 }, 1, 1],
    [{ width: 24 }, 24, 16],
    [{ height: 100 }, 150, 100],
    [{ width: 40, height: 40 }, 40, 40],
    [{ width: 40, height: 40, fit: "contain" }, 40, 40],
    [{ width: 40, height: 40, fit: "inside" }, 40, 27],
    [{ width: 40, height: 10, fit: "fill" }, 40, 10]
  ]

  it.effect("makes the size that was asked for", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      for (const [parameters, width, height] of sizes) {
        const result = yield* resize({ bytes }, parameters)
        assert.deepInclude(factsOf(result.bytes), { width, height }, JSON.stringify(parameters))
        assert.deepInclude(result, { width, height })
      }
    })
  )

  it.effect("leaves the bars of contain clear, or fills them", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const box = { width: 60, height: 60, fit: "contain" } as const
      const clear = yield* resize({ bytes }, box)
      assert.strictEqual((yield* pixel(clear.bytes, 30, 1))[3], 0)
      const filled = yield* resize({ bytes }, { ...box, background: "#00ff00" })
      assert.deepStrictEqual(yield* pixel(filled.bytes, 30, 1), [0, 255, 0, 255])
    })
  )

  it.effect("refuses sizes that nobody asked for and sizes above the limit", () =>
    Effect.gen(function* () {
      const bytes = blackPng(2000, 1000)
      const reasonOf = (parameters: ResizeParameters) =>
        Effect.map(Effect.flip(resize({ bytes }, parameters)), (failure) => failure.reason)
      assert.strictEqual(yield* reasonOf({}), "invalid_parameters")
      assert.strictEqual(yield* reasonOf({ scale: 2, width: 10 }), "invalid_parameters")
      assert.strictEqual(yield* reasonOf({ scale: 5 }), "invalid_parameters")
      assert.strictEqual(yield* reasonOf({ scale: 3 }), "too_large")
      assert.strictEqual(yield* reasonOf({ height: 4000 }), "too_large")
    })
  )
})

describe("convert", () => {
  it.effect("crops, flattens and sets the quality", () =>
    Effect.gen(function* () {
      const bytes = yield* photo({ alpha: true, width: 400, height: 300 })
      const crop = { left: 10, top: 20, width: 200, height: 100 }
      const result = yield* convert({ bytes }, { format: "jpeg", background: "#0000ff", crop, quality: 95 })
      assert.deepInclude(factsOf(result.bytes), { mediaType: "image/jpeg", width: 200, height: 100 })
      const [red = 255, , blue = 0] = yield* pixel(result.bytes, 5, 50)
      assert.isTrue(red < 10 && blue > 245)
      assert.deepStrictEqual(result.warnings, [])
      const small = yield* convert({ bytes }, { format: "jpeg", quality: 10, crop, background: "#0000ff" })
      assert.isBelow(small.bytes.length, result.bytes.length)
    })
  )

  it.effect("refuses a crop that leaves the picture", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const failure = yield* Effect.flip(convert({ bytes }, { crop: { left: 1, top: 0, width: 48, height: 32 } }))
      assert.strictEqual(failure.reason, "invalid_parameters")
    })
  )
})

describe("maskEffect", () => {
  it.effect("treats what is white and leaves the rest bit for bit", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const half = yield* leftHalf()
      for (const effect of ["blur", "pixelate", "fill", "erase"] as const) {
        const result = yield* maskEffect({ bytes, mask: half }, { effect, feather: 0, strength: 100 })
        assert.deepInclude(factsOf(result.bytes), { width: 48, height: 32, hasAlpha: effect === "erase" }, effect)
        assert.notDeepEqual(yield* pixel(result.bytes, 3, 3), yield* pixel(bytes, 3, 3), effect)
        assert.deepStrictEqual(yield* pixel(result.bytes, 40, 20), yield* pixel(bytes, 40, 20), effect)
        const turned = yield* maskEffect({ bytes, mask: half }, { effect, feather: 0, strength: 100, invert: true })
        assert.deepStrictEqual(yield* pixel(turned.bytes, 3, 3), yield* pixel(bytes, 3, 3), `${effect}, inverted`)
        assert.notDeepEqual(yield* pixel(turned.bytes, 46, 30), yield* pixel(bytes, 46, 30), `${effect}, inverted`)
      }
    })
  )

  it.effect("keeps the picture's own transparency", () =>
    Effect.gen(function* () {
      const bytes = yield* photo({ alpha: true })
      const half = yield* leftHalf()
      const at = (parameters: MaskEffectParameters, x: number) =>
        Effect.flatMap(maskEffect({ bytes, mask: half }, { feather: 0, ...parameters }), (result) =>
          pixel(result.bytes, x, 16)
        )
      assert.strictEqual((yield* at({ effect: "blur" }, 4))[3], 0)
      assert.strictEqual((yield* at({ effect: "pixelate" }, 4))[3], 0)
      assert.deepStrictEqual(yield* at({ effect: "fill", color: "#00ff00" }, 4), [0, 255, 0, 255])
      assert.strictEqual((yield* at({ effect: "erase" }, 20))[3], 0)
      assert.strictEqual((yield* at({ effect: "erase", strength: 50 }, 20))[3], 127)
      assert.strictEqual((yield* at({ effect: "erase" }, 40))[3], 255)
    })
  )

  it.effect("takes a mask of another size and refuses one of another shape, or an empty one", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const large = yield* leftHalf(480, 320)
      const result = yield* maskEffect({ bytes, mask: large }, { effect: "fill", color: "#ff0000", feather: 0 })
      assert.deepStrictEqual(yield* pixel(result.bytes, 10, 10), [255, 0, 0, 255])
      const reasonOf = (other: Uint8Array) =>
        Effect.map(Effect.flip(maskEffect({ bytes, mask: other }, {})), (failure) => failure.reason)
      assert.strictEqual(yield* reasonOf(yield* leftHalf(32, 32)), "mask_ratio")
      assert.strictEqual(yield* reasonOf(blackPng(48, 32)), "mask_empty")
      assert.strictEqual(yield* reasonOf(Buffer.from("<svg/>")), "undecodable")
    })
  )

  it.effect("counts what is transparent in a mask as black", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const white = { r: 255, g: 255, b: 255 }
      const dot = yield* Effect.promise(() =>
        sharp({ create: { width: 48, height: 32, channels: 4, background: { ...white, alpha: 0 } } })
          .composite([
            { input: { create: { width: 10, height: 10, channels: 3, background: white } }, left: 0, top: 0 }
          ])
          .png()
          .toBuffer()
      )
      const result = yield* maskEffect({ bytes, mask: dot }, { effect: "fill", color: "#ff0000", feather: 0 })
      assert.deepStrictEqual(yield* pixel(result.bytes, 5, 5), [255, 0, 0, 255])
      assert.deepStrictEqual(yield* pixel(result.bytes, 30, 20), yield* pixel(bytes, 30, 20))
    })
  )
})

describe("every edit", () => {
  it.effect("keeps the origin of a picture that is known to be generated", () =>
    Effect.gen(function* () {
      const bytes = yield* photo()
      const xmpOf = (result: { readonly bytes: Uint8Array }) =>
        Effect.promise(async () => String((await sharp(result.bytes).metadata()).xmp))
      const generated = { bytes, digitalSourceType: "trainedAlgorithmicMedia" } as const
      assert.include(yield* xmpOf(yield* grade(generated, { contrast: 10 })), "/trainedAlgorithmicMedia")
      assert.include(yield* xmpOf(yield* resize({ bytes }, { scale: 2 })), "/algorithmicallyEnhanced")
    })
  )

  it.effect("refuses what is no image, as a typed failure", () =>
    Effect.gen(function* () {
      const bytes = Buffer.from("not an image")
      const half = yield* leftHalf()
      for (const edit of [grade({ bytes }, {}), resize({ bytes }, { scale: 2 }), convert({ bytes }, {})]) {
        assert.deepInclude(yield* Effect.flip(edit), { _tag: "EditRefused", reason: "unreadable" })
      }
      assert.isTrue(Exit.isFailure(yield* Effect.exit(maskEffect({ bytes, mask: half }, {}))))
    })
  )
})
