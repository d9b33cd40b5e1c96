// A provider of your own: data, one function that calls, and it is planned, priced, held, run and settled like any other.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { capabilityOf, type Model } from "@image-skill/core/catalog/Model"
import { Failure } from "@image-skill/core/kernel/Errors"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { ticks } from "@image-skill/core/kernel/Money"
import { decodeImage, define, replyOf } from "@image-skill/core/provider/Provider"
import { openImageSkill } from "@image-skill/server/Library"
import { Config, Effect } from "effect"
import sharp from "sharp"

const flat: Model = {
  id: ModelId.make("swatch.flat"),
  displayName: "Flat colour",
  provider: ProviderId.make("swatch"),
  capability: capabilityOf("generate", "swatch.flat"),
  operations: ["image.generate"],
  summary: "An image of one colour",
  taskTags: ["example"],
  execution: "executable",
  input: { prompt: "required", promptCharactersMax: 100, image: "none", mask: "none", references: null },
  output: {
    mediaTypes: ["image/png"],
    outputsMax: 4,
    outputsPerCall: 1,
    countParameter: null,
    size: { kind: "unknown" },
    resolutionMax: "256x256"
  },
  aspectRatio: { kind: "none" },
  parameters: {
    colour: { schema: { type: "string", pattern: "^#[0-9a-f]{6}$" }, execution: "executable", default: "#c0ffee" }
  },
  price: {
    confidence: "known",
    rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks("0.01") }] },
    surcharges: [],
    ceiling: null,
    source: "ourselves",
    asOf: "2026-11-22"
  },
  repeatable: false,
  deadlineMillis: 10_000,
  latency: "instant",
  quality: 1,
  lifecycle: { status: "listed", endsOn: null, replacement: null, note: null },
  safety: { refusalBilled: false, note: "" },
  migrationHints: [],
  provenance: "algorithmic",
  upstream: {}
}

const swatch = define({
  id: ProviderId.make("swatch"),
  displayName: "Swatch",
  models: [flat],
  config: Config.succeed(null),
  concurrency: 4,
  make: () =>
    Effect.succeed({
      submit: (call) =>
        Effect.promise(async () => {
          const { colour } = call.parameters
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
