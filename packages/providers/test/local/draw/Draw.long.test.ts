import { createHash } from "node:crypto"
import { type Drawing, type DrawRequest, draw } from "@image-skill/providers/local/draw/Draw"
import { motifIds, styleIds, styleWords } from "@image-skill/providers/local/draw/Lexicon"
import { describe, expect, it } from "vitest"

const request = (change: Partial<DrawRequest>): DrawRequest => ({
  prompt: "misty mountains at sunset",
  seed: 7,
  width: 192,
  height: 192,
  ...change
})

const fingerprint = ({ pixels }: Drawing): string => createHash("sha256").update(pixels).digest("hex")

interface Look {
  /** Standard deviation of lightness, 0 to 255. */
  readonly contrast: number
  /** Mean distance between the largest and the smallest channel, 0 to 255. */
  readonly colour: number
  readonly mean: number
  /** How many of 512 coarse colours occur. */
  readonly tones: number
}

const look = ({ pixels }: Drawing): Look => {
  let sum = 0
  let squares = 0
  let colour = 0
  const tones = new Set<number>()
  const count = pixels.length / 3
  for (let offset = 0; offset < pixels.length; offset += 3) {
    const red = pixels[offset] ?? 0
    const green = pixels[offset + 1] ?? 0
    const blue = pixels[offset + 2] ?? 0
    const light = 0.3 * red + 0.59 * green + 0.11 * blue
    sum += light
    squares += light * light
    colour += Math.max(red, green, blue) - Math.min(red, green, blue)
    tones.add(((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5))
  }
  const mean = sum / count
  return { contrast: Math.sqrt(squares / count - mean * mean), colour: colour / count, mean, tones: tones.size }
}

const expectPicture = (drawing: Drawing, name: string, contrastLeast = 17): void => {
  const { contrast, colour, mean, tones } = look(drawing)
  expect(contrast, `${name}: contrast`).toBeGreaterThan(contrastLeast)
  expect(colour, `${name}: colourfulness`).toBeGreaterThan(14)
  expect(mean, `${name}: too dark`).toBeGreaterThan(14)
  expect(mean, `${name}: too light`).toBeLessThan(243)
  expect(tones, `${name}: tones`).toBeGreaterThan(4)
}

describe("draw", () => {
  it("gives the same bytes for the same request, whatever was drawn between", async () => {
    for (const motif of motifIds) {
      const once = await draw(request({ motif }))
      await draw(request({ motif: "bloom", seed: 99, width: 100 }))
      expect(fingerprint(await draw(request({ motif }))), motif).toBe(fingerprint(once))
    }
  })

  it("draws another picture for another seed", async () => {
    for (const motif of motifIds) {
      expect(fingerprint(await draw(request({ motif, seed: 1 }))), motif).not.toBe(
        fingerprint(await draw(request({ motif, seed: 2 })))
      )
    }
  })

  it("draws every motif at awkward sizes", async () => {
    for (const motif of motifIds) {
      for (const [width, height] of [
        [64, 64],
        [64, 640],
        [701, 67],
        [333, 127]
      ] as const) {
        const drawing = await draw(request({ motif, width, height }))
        expect(drawing.pixels.length).toBe(width * height * 3)
        expectPicture(drawing, `${motif} ${width} x ${height}`)
      }
    }
  })

  it("draws 64 x 4096 and 4096 x 64", async () => {
    for (const motif of motifIds) {
      expectPicture(await draw(request({ motif, width: 64, height: 4096 })), `${motif} tall`, 9)
      expectPicture(await draw(request({ motif, width: 4096, height: 64 })), `${motif} wide`, 9)
    }
  }, 180_000)

  it("shows contrast and colour for every motif and many seeds", async () => {
    for (const motif of motifIds) {
      for (let seed = 0; seed < 5; seed++)
        expectPicture(
          await draw(request({ motif, seed, prompt: "something", width: 128, height: 128 })),
          `${motif} ${seed}`
        )
    }
  })

  it("finishes the same scene differently in every style", async () => {
    const prints = new Set<string>()
    for (const style of styleIds) {
      const drawing = await draw(request({ prompt: `mountains at sunset, ${styleWords[style][0]}` }))
      expect(drawing.style).toBe(style)
      expectPicture(drawing, style)
      prints.add(fingerprint(drawing))
    }
    expect(prints.size).toBe(styleIds.length)
  })

  it("answers words it does not know with pictures that differ from one another", async () => {
    const prompts = ["florb", "zzyzx mandrel", "hullaballoo", "wibble wobble", "qwertz", "ħəʒ", "東京の夜", "", "🦊🦊"]
    const prints = new Set<string>()
    for (const prompt of prompts) {
      const drawing = await draw(request({ prompt, width: 128, height: 128 }))
      expect(drawing.matchedWords, prompt).toEqual([])
      expectPicture(drawing, prompt)
      prints.add(fingerprint(drawing))
    }
    expect(prints.size).toBe(prompts.length)
  })

  it("refuses sides out of range", async () => {
    await expect(draw(request({ width: 63 }))).rejects.toThrow(RangeError)
    await expect(draw(request({ height: 4097 }))).rejects.toThrow(RangeError)
    await expect(draw(request({ height: 100.5 }))).rejects.toThrow(RangeError)
  })
})

describe("a caption", () => {
  const firstChange = (one: Drawing, other: Drawing): number =>
    one.pixels.findIndex((value, index) => value !== other.pixels[index])

  it("changes the lower part only", async () => {
    const size = { width: 320, height: 320 }
    const plain = await draw(request(size))
    const captioned = await draw(request({ ...size, caption: "Misty mountains" }))
    const row = Math.floor(firstChange(plain, captioned) / 3 / 320)
    expect(row).toBeGreaterThan(200)
    const white =
      captioned.pixels.filter((value) => value > 250).length - plain.pixels.filter((value) => value > 250).length
    expect(white).toBeGreaterThan(300)
  })

  it("sets at most three lines however long it is", async () => {
    const long = "a very long caption that never seems to come to its end ".repeat(20)
    const plain = await draw(request({ width: 320, height: 320 }))
    const captioned = await draw(request({ width: 320, height: 320, caption: long }))
    expect(Math.floor(firstChange(plain, captioned) / 3 / 320)).toBeGreaterThan(160)
    await draw(request({ width: 64, height: 64, caption: "x".repeat(400) }))
  })

  it("reports characters the font lacks and sets the others", async () => {
    const drawing = await draw(request({ caption: "Straße, Łódź 東京 🦊 東" }))
    expect(drawing.missingGlyphs).toEqual(["東", "京", "🦊"])
  })

  it("leaves the picture alone when it has nothing to set", async () => {
    const plain = await draw(request({}))
    const { missingGlyphs, ...captioned } = await draw(request({ caption: "東京" }))
    expect(missingGlyphs).toEqual(["東", "京"])
    expect(captioned.pixels).toEqual(plain.pixels)
  })
})
