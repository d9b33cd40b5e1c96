import type { Drawing } from "./draw/Draw.ts"

export const imageFormats = ["png", "jpeg", "webp"] as const

export type ImageFormat = (typeof imageFormats)[number]

export interface EncodeOptions {
  readonly format: ImageFormat
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number
  /** Goes into the metadata for everybody to read: says what the picture is, never what was asked for. */
  readonly description: string
}

const escapeXml = (text: string): string =>
  text
    // Control characters are not allowed in XML at all, escaped or not.
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")

/** What the file says of itself: drawn by an algorithm that learned from no pictures, in the IPTC's vocabulary. */
const provenance = (description: string): string =>
  `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
  `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" ` +
  `xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:CreatorTool="Image Skill (procedural)" ` +
  `Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia">` +
  `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(description)}</rdf:li></rdf:Alt></dc:description>` +
  `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`

/** Encodes a drawing; rejects with sharp's error. Loads sharp on first use (about 60 ms). */
export const encode = async (
  drawing: Pick<Drawing, "pixels" | "width" | "height">,
  options: EncodeOptions
): Promise<Uint8Array> => {
  const { default: sharp } = await import("sharp")
  const { pixels, width, height } = drawing
  const image = sharp(pixels, { raw: { width, height, channels: 3 } }).withXmp(provenance(options.description))
  const quality = options.quality === undefined ? {} : { quality: options.quality }
  switch (options.format) {
    case "png":
      return image.png({ compressionLevel: 6 }).toBuffer()
    case "jpeg":
      return image.jpeg({ quality: 90, chromaSubsampling: "4:4:4", ...quality }).toBuffer()
    case "webp":
      return image.webp({ quality: 88, ...quality }).toBuffer()
  }
}
