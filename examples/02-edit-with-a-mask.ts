// Edit the part of an image that a mask covers: draw one, hide its sun, and see that the rest is untouched.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openImageSkill } from "@image-skill/server/Library"
import sharp from "sharp"

const folder = mkdtempSync(join(tmpdir(), "image-skill-"))
const skill = openImageSkill({ dataDirectory: folder })

const drawn = await skill.create({ prompt: "a calm sea at dawn", parameters: { width: 512, height: 512 } })
const image = drawn.assets[0]?.asset_id ?? ""

// White is what the effect covers: here the upper half.
const mask = await sharp({ create: { width: 512, height: 512, channels: 3, background: "#000" } })
  .composite([{ input: { create: { width: 512, height: 256, channels: 3, background: "#fff" } }, top: 0, left: 0 }])
  .png()
  .toBuffer()

const edited = await skill.edit({
  image,
  mask,
  model: "local.mask-effect",
  parameters: { effect: "pixelate", strength: 40, feather: 0 }
})

const rows = async (assetId: string, top: number) => {
  const bytes = await skill.download(assetId)
  return sharp(bytes).extract({ left: 0, top, width: 512, height: 128 }).removeAlpha().raw().toBuffer()
}
const after = edited.assets[0]?.asset_id ?? ""
console.log(`below the mask: ${(await rows(image, 384)).equals(await rows(after, 384)) ? "untouched" : "changed"}`)
console.log(`under the mask: ${(await rows(image, 0)).equals(await rows(after, 0)) ? "untouched" : "changed"}`)

await skill.close()
rmSync(folder, { recursive: true })

// prints:
// below the mask: untouched
// under the mask: changed
