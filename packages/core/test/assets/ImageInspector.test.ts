import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import {
  defaultImageLimits,
  describeProblem,
  type Guess,
  type ImageProblem,
  inspect,
  stripMetadata
} from "../../src/assets/ImageInspector.ts"
import { animatedPng, ascii, blackPng, box, chunk, gif, hugePng, mutated, textBomb, uint32 } from "./handmade.ts"

const refused = (bytes: Uint8Array): ImageProblem => {
  const result = inspect(bytes)
  assert(Either.isLeft(result), "the bytes were accepted")
  return result.left
}

const accepted = (bytes: Uint8Array) => {
  const result = inspect(bytes)
  assert(Either.isRight(result), Either.isLeft(result) ? describeProblem(result.left) : "")
  return result.right
}

const elapsedMillis = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

describe("what is no image", () => {
  it.each<[Guess, string]>([
    ["svg", '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>'],
    ["svg", '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a drawing -->\n<svg width="1">'],
    ["html", "<!DOCTYPE html><html>"],
    ["text", "this file is called picture.png"],
    ["pdf", "%PDF-1.7\n%\xe2\xe3"],
    ["heic", "\0\0\0\x18ftypheic\0\0\0\0mif1heic"],
    ["unknown", "\x7fELF\x02\x01\x01\0\0\0"]
  ])("guesses %s", (guess, text) => {
    assert.deepInclude(refused(ascii(text)), { _tag: "NotAnImage", guess })
  })

  it("tells empty from foreign", () => {
    assert.strictEqual(refused(new Uint8Array())._tag, "Empty")
  })

  it("refuses by size before it looks", () => {
    const limit = defaultImageLimits.bytes
    assert.deepInclude(refused(new Uint8Array(limit + 1)), { _tag: "TooManyBytes", got: limit + 1, limit })
  })
})

describe("bombs", () => {
  it("refuses 900 megapixels in 110 kilobytes from the header", () => {
    const bytes = hugePng()
    assert.isBelow(bytes.length, 150_000)
    assert.isBelow(
      elapsedMillis(() => assert.strictEqual(refused(bytes)._tag, "SideTooLong")),
      20
    )
    assert.deepInclude(refused(blackPng(10_000, 10_000)), { _tag: "TooManyPixels", got: 100_000_000 })
  })

  it("refuses ten thousand frames in milliseconds", () => {
    for (const bytes of [gif(10_000), animatedPng(10_000)]) {
      assert.isBelow(
        elapsedMillis(() => assert.strictEqual(refused(bytes)._tag, "TooManyFrames")),
        20
      )
    }
  })

  it("counts the pixels of all frames together", () => {
    assert.deepInclude(refused(animatedPng(90, 90, 800)), { _tag: "TooManyPixels", got: 90 * 800 * 800 })
  })

  it("does not inflate a text of a hundred megabytes, and strips it", () => {
    const bytes = blackPng(8, 8, [textBomb(100)])
    const facts = accepted(bytes)
    assert.deepStrictEqual(facts.metadata, ["text"])
    assert.isBelow(stripMetadata(bytes, facts).length, 200)
  })

  it("refuses a JPEG of a thousand scans, each a pass over the picture", () => {
    const frame = Uint8Array.of(0xff, 0xc2, 0, 11, 8, 0x10, 0, 0x20, 0, 1, 1, 0x11, 0)
    const scan = Uint8Array.of(0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0, 0x55)
    const scans = Array.from({ length: 1000 }, () => scan)
    const jpeg = (count: number) =>
      Buffer.concat([ascii("\xff\xd8"), frame, ...scans.slice(0, count), ascii("\xff\xd9")])
    assert.strictEqual(refused(jpeg(1000))._tag, "Malformed")
    assert.deepInclude(accepted(jpeg(10)), { mediaType: "image/jpeg", width: 8192, height: 8192 / 2 })
  })

  it("bounds item extents that take no room in the table of an AVIF", () => {
    const locations = box(
      "iloc",
      uint32(0x01000000),
      Uint8Array.of(0, 0),
      Uint8Array.of(0x0f, 0xff),
      Buffer.alloc(4095 * 8, 0xff)
    )
    const meta = box("meta", uint32(0), box("pitm", uint32(0), Uint8Array.of(0, 1)), locations)
    const bytes = Buffer.concat([box("ftyp", ascii("avif\0\0\0\0avif")), meta])
    assert.isBelow(
      elapsedMillis(() => assert.strictEqual(refused(bytes)._tag, "Malformed")),
      50
    )
  })
})

describe("PNG", () => {
  const png = blackPng(40, 30, [chunk("tEXt", ascii("Author\0somebody"))])

  it("reads size, frames and kinds of metadata", () => {
    assert.deepStrictEqual(accepted(png), {
      ...{ mediaType: "image/png", width: 40, height: 30, frames: 1, animated: false },
      ...{ hasAlpha: false, orientation: 1, metadata: ["text"] }
    })
    assert.deepInclude(accepted(animatedPng(3)), { frames: 3, animated: true })
  })

  it("refuses a file that ends before its end chunk, wherever it is cut", () => {
    for (let length = 8; length < png.length; length++) {
      assert.strictEqual(refused(png.subarray(0, length))._tag, "Truncated", `cut at ${length}`)
    }
  })

  it("refuses a flipped bit in a critical chunk", () => {
    const flipped = Uint8Array.from(png)
    flipped[png.length - 20] = (flipped[png.length - 20] ?? 0) ^ 1
    assert.strictEqual(refused(flipped)._tag, "Malformed")
  })

  it("refuses no width, two headers, and frames that are not as declared", () => {
    assert.strictEqual(refused(blackPng(0, 5))._tag, "ZeroDimensions")
    assert.strictEqual(refused(blackPng(5, 5, [png.subarray(8, 33)]))._tag, "Malformed")
    assert.strictEqual(refused(animatedPng(3, 5))._tag, "Malformed")
  })

  it("drops what hides behind the end and what it does not know", () => {
    const bytes = Buffer.concat([blackPng(4, 4, [chunk("prVt", ascii("secret"))]), ascii("PK\x03\x04 an archive")])
    const facts = accepted(bytes)
    assert.deepStrictEqual(facts.metadata, ["other", "trailer"])
    assert.deepStrictEqual([...stripMetadata(bytes, facts)], [...blackPng(4, 4)])
  })
})

describe("GIF", () => {
  it("counts frames and drops comments", () => {
    const bytes = gif(3, { comment: "taken at home" })
    const facts = accepted(bytes)
    assert.deepInclude(facts, { width: 1, height: 1, frames: 3, animated: true, metadata: ["comment"] })
    assert.deepStrictEqual([...stripMetadata(bytes, facts)], [...gif(3)])
  })

  it("refuses a file without its trailer, and a frame that would grow the canvas", () => {
    const bytes = gif(2)
    assert.strictEqual(refused(bytes.subarray(0, -1))._tag, "Truncated")
    const grown = Uint8Array.from(bytes)
    grown[13 + 6 + 8 + 6] = 0xff
    assert.strictEqual(refused(grown)._tag, "Malformed")
  })
})

describe("stripMetadata", () => {
  it("gives back the same bytes when there is nothing to take away", () => {
    const bytes = gif(1)
    assert.strictEqual(stripMetadata(bytes, accepted(bytes)), bytes)
  })
})

describe("mutated files", () => {
  const originals = [blackPng(40, 30, [chunk("tEXt", ascii("a\0b"))]), animatedPng(4), gif(5, { comment: "hello" })]

  it("never throw, and what is accepted survives a strip with the same facts", () => {
    for (const original of originals) {
      for (let seed = 0; seed < 2000; seed++) {
        const bytes = mutated(original, seed)
        const result = inspect(bytes)
        if (Either.isLeft(result)) continue
        const again = accepted(stripMetadata(bytes, result.right))
        assert.deepStrictEqual({ ...again, metadata: [] }, { ...result.right, metadata: [] }, `seed ${seed}`)
      }
    }
  })
})
