import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Schema } from "effect"
import {
  AspectRatio,
  extensionOf,
  fit,
  mediaTypeOfExtension,
  mediaTypes,
  Proportion,
  ratioOf
} from "../../src/kernel/Media.ts"

describe("media types", () => {
  it("find their way back from their extension", () => {
    for (const mediaType of mediaTypes) {
      assertSome(mediaTypeOfExtension(extensionOf(mediaType)), mediaType)
    }
    assertSome(mediaTypeOfExtension(".JPEG"), "image/jpeg")
    assertNone(mediaTypeOfExtension("svg"))
  })
})

describe("aspect ratios", () => {
  const isAspectRatio = Schema.is(AspectRatio)

  it("take what providers publish and refuse the rest", () => {
    for (const text of ["1:1", "16:9", "19.5:9", "auto"]) assert.isTrue(isAspectRatio(text), text)
    for (const text of ["0:1", "1:0", "16x9", "16:9 ", "-1:2", ":", "1:2:3", "Auto"]) {
      assert.isFalse(isAspectRatio(text), text)
    }
  })

  it("say in one sentence how they are written, and what was", () => {
    const error = Schema.decodeUnknownEither(AspectRatio)("wide")
    assert.include(String(error), "an aspect ratio is written W:H, such as 16:9, or auto; received")
  })

  it("are reduced", () => {
    assertSome(ratioOf(Proportion.make("32:18")), { width: 16, height: 9 })
    assertSome(ratioOf(Proportion.make("19.5:9")), { width: 13, height: 6 })
    assertNone(ratioOf("auto"))
  })
})

describe("fit", () => {
  const sides = Schema.Struct({
    width: Schema.Int.pipe(Schema.between(1, 30)),
    height: Schema.Int.pipe(Schema.between(1, 30)),
    multipleOf: Schema.Literal(1, 8, 16, 64),
    megapixels: Schema.Literal(0.25, 1, 4)
  })

  it.prop(
    "never exceeds the pixels and keeps to the multiple",
    [sides],
    ([{ height, megapixels, multipleOf, width }]) => {
      const pixels = megapixels * 1024 * 1024
      const size = fit({ width, height }, { pixels, multipleOf })
      return (
        (size.width * size.height <= pixels || Math.min(size.width, size.height) === multipleOf) &&
        size.width % multipleOf === 0 &&
        size.height % multipleOf === 0
      )
    }
  )

  it("reaches round numbers exactly", () => {
    assert.deepStrictEqual(fit({ width: 1, height: 1 }, { pixels: 1024 * 1024 }), { width: 1024, height: 1024 })
    assert.deepStrictEqual(fit({ width: 16, height: 9 }, { longSide: 1920 }), { width: 1920, height: 1080 })
    assert.deepStrictEqual(fit({ width: 8, height: 1 }, { longSide: 64, multipleOf: 16 }), { width: 64, height: 16 })
  })
})
