import { assert, describe, it } from "@effect/vitest"
import type { Asset } from "@image-skill/core/assets/Asset"
import { errorTable } from "@image-skill/core/kernel/Errors"
import { AssetId, JobId, ModelId, OrganizationId } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { defaultMultiplier } from "@image-skill/core/kernel/Money"
import { plan } from "@image-skill/core/studio/Planner"
import { Effect, Either, Redacted } from "effect"
import { maskEffect } from "../../src/local/edit/maskEffect.ts"
import { models } from "../../src/local/models.ts"
import { mask, picture } from "../media/fixtures.ts"

const asset = (width: number, height: number, bytes = 1_000): Asset => ({
  id: AssetId.make(`image_${width}x${height}_${bytes}`),
  organizationId: OrganizationId.make("org_one"),
  jobId: JobId.make("job_one"),
  kind: "uploaded",
  mediaType: "image/png",
  bytes,
  width,
  height,
  sha256: "",
  provenance: "uploaded",
  createdAt: 0
})

const square = asset(2_048, 2_048)

/** The refusal of an edit, as code, exit code and message; null when it is planned. */
const edit = (name: string, parameters: JsonObject, image = square, mask: Asset | null = null) => {
  const planned = plan(
    {
      command: name === "procedural" ? "create" : "edit",
      prompt: name === "procedural" ? Redacted.make("a lighthouse") : null,
      modelId: ModelId.make(`local.${name}`),
      providerId: null,
      intent: null,
      aspectRatio: "auto",
      outputCount: 1,
      parameters,
      image: name === "procedural" ? null : image.id,
      mask: mask?.id ?? null,
      references: [],
      budget: { perImage: null, whole: null, acceptUnknownCost: false }
    },
    {
      models,
      isConfigured: () => true,
      assets: new Map([image, ...(mask === null ? [] : [mask])].map((one) => [one.id, one])),
      multiplier: defaultMultiplier,
      today: "2026-11-22"
    }
  )
  if (Either.isRight(planned)) return null
  assert.strictEqual(errorTable[planned.left.code].exit, 2)
  return `${planned.left.code}: ${planned.left.message}`
}

describe("the plan of a local edit", () => {
  it("refuses a result that is too large, naming it and the limit", () => {
    assert.match(edit("resize", { scale: 4 }) ?? "", /^MODEL_PARAMETERS_INVALID: .*8192x8192.*4096/)
    assert.isNull(edit("resize", { scale: 2 }))
    assert.match(edit("resize", { width: 4_000 }, asset(100, 200)) ?? "", /4000x8000/)
  })

  it("refuses a crop outside of the picture", () => {
    const crop = (left: number) => ({ crop: { left, top: 0, width: 1_000, height: 1_000 } })
    assert.match(edit("convert", crop(1_049)) ?? "", /^MODEL_PARAMETERS_INVALID: crop .*2049.*2048x2048/)
    assert.isNull(edit("convert", crop(1_048)))
  })

  it("refuses a mask of another shape, as the edit itself would", () => {
    assert.match(
      edit("mask-effect", {}, square, asset(300, 200)) ?? "",
      /^INVALID_ARGUMENTS: mask_asset_id is 300x200.*2048x2048/
    )
    assert.isNull(edit("mask-effect", {}, square, asset(300, 299)))
    assert.isNull(edit("mask-effect", {}, asset(3_001, 1_999), asset(300, 200)))
  })

  it.effect("draws the line for a mask's shape where the edit draws it", () =>
    Effect.gen(function* () {
      const bytes = yield* Effect.promise(() => picture("png", { width: 300, height: 200 }))
      const shapes = [
        ...[
          [300, 200],
          [302, 200],
          [303, 200],
          [304, 200],
          [305, 200],
          [150, 101],
          [150, 102],
          [75, 51]
        ],
        ...[
          [10, 7],
          [31, 20],
          [3, 2],
          [2, 1],
          [1, 1],
          [600, 396],
          [600, 397],
          [600, 398],
          [200, 300]
        ]
      ] as const
      for (const [width = 1, height = 1] of shapes) {
        const white = yield* Effect.promise(() => mask(width, height, { left: 0, top: 0, right: 1, bottom: 1 }))
        const done = yield* Effect.either(maskEffect({ bytes, mask: white }, { effect: "fill" }))
        const isPlanned = edit("mask-effect", {}, asset(300, 200), asset(width, height)) === null
        assert.strictEqual(isPlanned, Either.isRight(done), `${width}x${height}`)
      }
    })
  )

  it("refuses more pixels or bytes than it can hold", () => {
    const large = asset(5_001, 5_000)
    for (const [name, parameters] of [
      ["grade", {}],
      ["resize", { scale: 0.5 }],
      ["convert", {}]
    ] as const) {
      assert.match(edit(name, parameters, large) ?? "", /^INVALID_ARGUMENTS: .*5001x5000.*25000000/, name)
    }
    assert.match(edit("mask-effect", {}, square, large) ?? "", /mask_asset_id is 5001x5000/)
    assert.match(edit("grade", {}, asset(10, 10, 20 * 1024 * 1024 + 1)) ?? "", /bytes; allowed: at most 20971520/)
  })

  it("refuses a quality that would do nothing", () => {
    for (const [name, own] of [
      ["procedural", {}],
      ["grade", {}],
      ["convert", { format: "gif" }],
      ["resize", { scale: 1 }]
    ] as const) {
      assert.match(edit(name, { ...own, quality: 50 }) ?? "", /^MODEL_PARAMETERS_INVALID: quality has no effect/, name)
      assert.isNull(edit(name, { ...own, quality: 50, format: "jpeg" }), name)
    }
  })

  it("refuses a colour that a picture cannot be put on", () => {
    assert.match(edit("convert", { background: "transparent" }) ?? "", /^MODEL_PARAMETERS_INVALID/)
  })
})
