// A provider of your own, in forty lines: data, and one function that calls. It is planned, priced, held, run and
// settled like any other.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { modelOf } from "@image-skill/core/catalog/ModelDraft"
import { Failure } from "@image-skill/core/kernel/Errors"
import { decodeImage, define, replyOf } from "@image-skill/core/provider/Provider"
import { openImageSkill } from "@image-skill/server/Library"
import { Config, Effect } from "effect"
import sharp from "sharp"

const swatch = define({
  id: "swatch",
  models: [
    modelOf({
      id: "swatch.flat",
      summary: "An image of one colour",
      parameters: {
        colour: { schema: { type: "string", pattern: "^#[0-9a-f]{6}$" }, execution: "executable", default: "#c0ffee" }
      },
      output: { outputsMax: 4 },
      price: { usdPerImage: "0.01", source: "ourselves", asOf: "2026-11-22" }
    })
  ],
  config: Config.succeed(null),
  make: () =>
    Effect.succeed({
      submit: ({ parameters: { colour } }) =>
        Effect.promise(async () => {
          const background = typeof colour === "string" ? colour : "#000000"
          const image = sharp({ create: { width: 256, height: 256, channels: 3, background } })
          return replyOf("image/png", new Uint8Array(await image.png().toBuffer()))
        }),
      decode: decodeImage
    })
})

const folder = mkdtempSync(join(tmpdir(), "image-skill-"))
const skill = openImageSkill({ dataDirectory: folder, plugins: [swatch] })

const wishes = { prompt: "teal", model: "swatch.flat", outputCount: 3, parameters: { colour: "#008080" } }
console.log(`planned: ${(await skill.plan(wishes)).creditsRequired} credits for three images of $0.01`)
const made = await skill.create(wishes)
console.log(`${made.status}: ${made.assets.length} images of ${made.assets[0]?.width} pixels`)

// What a model does not have is an error, never dropped.
const refused = await skill.create({ ...wishes, parameters: { color: "#008080" } }).catch((error: unknown) => error)
console.log(refused instanceof Failure ? `${refused.code}: ${refused.message}` : "not refused")

await skill.close()
rmSync(folder, { recursive: true })

// prints:
// planned: 6 credits for three images of $0.01
// completed: 3 images of 256 pixels
// MODEL_PARAMETERS_INVALID: "color" is no parameter of this model; it has colour
