import { encode, imageFormats } from "@image-skill/providers/local/encode"
import sharp from "sharp"
import { describe, expect, it } from "vitest"

const drawing = { width: 40, height: 30, pixels: Uint8Array.from({ length: 40 * 30 * 3 }, (_, index) => index % 251) }

describe("encode", () => {
  it.each(imageFormats)("says in %s that an algorithm drew it", async (format) => {
    const bytes = await encode(drawing, { format, description: "<b> & \u0007 dunes" })
    const { format: found, width, height, xmp } = await sharp(bytes).metadata()
    expect([found, width, height]).toEqual([format, 40, 30])
    const text = xmp?.toString("utf8") ?? ""
    expect(text).toContain("http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia")
    expect(text).toContain("Image Skill (procedural)")
    expect(text).toContain("&lt;b&gt; &amp;   dunes")
  })

  it("keeps every pixel in PNG", async () => {
    const bytes = await encode(drawing, { format: "png", description: "x" })
    const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true })
    expect(new Uint8Array(data)).toEqual(drawing.pixels)
  })

  it("makes a smaller JPEG of a lower quality", async () => {
    const fine = await encode(drawing, { format: "jpeg", quality: 95, description: "x" })
    const coarse = await encode(drawing, { format: "jpeg", quality: 20, description: "x" })
    expect(coarse.length).toBeLessThan(fine.length)
  })
})
