import { crc32 } from "node:zlib"
import type { DigitalSourceType } from "@image-skill/core/assets/ImageCodec"

/** XMP that says with what and out of what a picture was made. It never holds a prompt, a person or a time. */
export const provenanceXmp = (digitalSourceType: DigitalSourceType): string =>
  [
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>`,
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`,
    `<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"`,
    ` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:CreatorTool="Image Skill"`,
    ` Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/${digitalSourceType}"/>`,
    `</rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
  ].join("")

/** Where the chunks after the header of a PNG begin. */
const afterHeader = 33

/**
 * Puts XMP into a PNG that has none, where the standard wants it: uncompressed, in an `iTXt` chunk. sharp writes a
 * compressed `zTXt`, which many readers pass over.
 */
export const labelPng = (png: Buffer, xmp: string): Buffer => {
  const body = Buffer.from(`iTXtXML:com.adobe.xmp\0\0\0\0\0${xmp}`, "utf8")
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length - 4, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([
    png.subarray(0, afterHeader),
    ...[frame.subarray(0, 4), body, frame.subarray(4)],
    png.subarray(afterHeader)
  ])
}
