import { assert, describe, it } from "@effect/vitest"
import { AssetId } from "@image-skill/core/kernel/Ids"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { ticks } from "@image-skill/core/kernel/Money"
import { Either, Redacted } from "effect"
import { type PlanChanges, planned } from "./planned.ts"
import { executable, modelOf, singles } from "./samples.ts"

const refusal = (id: string, changes: PlanChanges) =>
  Either.match(planned(id, changes), { onLeft: (error) => error.code, onRight: () => "planned" })

const openOf = (id: string) =>
  Object.entries(modelOf(id).parameters)
    .filter(([, one]) => one.execution === "executable")
    .map(([name]) => name)
    .sort()

/** USD of one image as the provider charges it; the confidence where that is not known. */
const usd = (id: string, changes: PlanChanges = {}): number | string => {
  const { estimate } = Either.getOrThrowWith(planned(id, changes), (error) => new Error(`${id}: ${error.message}`))
  return estimate.confidence === "unknown" ? "unknown" : estimate.perImage / 10_000_000_000
}

const credits = (id: string, changes: PlanChanges = {}) =>
  Either.getOrThrowWith(planned(id, changes), (error) => new Error(`${id}: ${error.message}`)).debit

const given = (parameters: JsonObject): PlanChanges => ({ parameters })

describe("fal as the contract has it", () => {
  it("opens exactly the controls that the contract lists", () => {
    const listed: { readonly [id: string]: ReadonlyArray<string> } = {
      "fal.flux-dev": ["image_size", "seed"],
      "fal.flux-pro-v1-1-ultra": ["raw", "seed"],
      "fal.z-image-turbo": ["image_size"],
      "fal.z-image-turbo-image-to-image": ["image_size"],
      "fal.nano-banana-2-edit": ["resolution", "seed"],
      "fal.ideogram-v2-edit": ["expand_prompt", "seed", "style"],
      "fal.gemini-3-pro-image-preview": ["resolution", "seed"],
      "fal.gemini-3-pro-image-preview-edit": ["resolution", "seed"],
      "fal.nano-banana-pro": ["resolution", "seed"],
      "fal.nano-banana-pro-edit": ["resolution", "seed"],
      "fal.flux-pro-kontext": ["seed"],
      "fal.flux-pro-kontext-max": ["seed"],
      "fal.bytedance-seedream-v4-5-text-to-image": ["image_size", "seed"],
      "fal.bytedance-seedream-v4-5-edit": ["image_size", "seed"],
      "fal.bytedance-seedream-v5-lite-text-to-image": ["image_size"],
      "fal.bytedance-seedream-v5-lite-edit": ["image_size"]
    }
    for (const [id, names] of Object.entries(listed)) assert.deepStrictEqual(openOf(id), names, id)
  })

  it("shows what it does not open, and refuses it", () => {
    assert.strictEqual(
      refusal("fal.flux-pro-v1-1-ultra", given({ image_prompt_strength: 0.5 })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
    assert.strictEqual(
      refusal("fal.flux-pro-v1-1-ultra", given({ image_url: "https://example.com/x.png" })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
    assert.strictEqual(refusal("fal.flux-pro-kontext", given({ guidance_scale: 2 })), "MODEL_PARAMETER_NOT_EXECUTABLE")
    assert.strictEqual(
      refusal("fal.flux-pro-kontext", given({ aspect_ratio: "16:9" })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v4-5-edit", given({ num_images: 1 })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v4-5-edit", given({ max_images: 2 })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
    assert.strictEqual(
      refusal("fal.flux-dev", given({ enable_safety_checker: false })),
      "MODEL_PARAMETER_NOT_EXECUTABLE"
    )
  })

  it("refuses the provider's own fields by the control that replaces them", () => {
    for (const [id, name] of [
      ["fal.ideogram-v2-edit", "mask_url"],
      ["fal.nano-banana-pro-edit", "image_urls"],
      ["fal.kling-image-o1", "elements"],
      ["fal.dreamo", "first_image_url"],
      ["fal.dreamo", "first_reference_task"],
      ["fal.flux-dev", "n"],
      ["fal.flux-dev", "num_images"]
    ] as const) {
      assert.strictEqual(refusal(id, given({ [name]: "x" })), "PROVIDER_NATIVE_FIELD_DENIED", `${id} ${name}`)
    }
  })

  it("refuses values that a model does not have", () => {
    assert.strictEqual(refusal("fal.nano-banana-pro", given({ resolution: "0.5K" })), "MODEL_PARAMETERS_INVALID")
    assert.strictEqual(refusal("fal.z-image-turbo", given({ image_size: "auto" })), "MODEL_PARAMETERS_INVALID")
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v5-lite-edit", given({ image_size: "auto_4K" })),
      "MODEL_PARAMETERS_INVALID"
    )
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v4-5-edit", given({ image_size: "auto_3K" })),
      "MODEL_PARAMETERS_INVALID"
    )
    assert.strictEqual(refusal("fal.flux-dev", given({ image_size: { width: 512 } })), "MODEL_PARAMETERS_INVALID")
    assert.strictEqual(refusal("fal.flux-dev", given({ nonsense: 1 })), "MODEL_PARAMETERS_INVALID")
  })

  it("refuses sizes under a model's minimum before anything is spent", () => {
    const size = (width: number, height: number) => given({ image_size: { width, height } })
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v4-5-text-to-image", size(1024, 1024)),
      "MODEL_PARAMETERS_INVALID"
    )
    assert.strictEqual(refusal("fal.bytedance-seedream-v4-5-text-to-image", size(2048, 2048)), "planned")
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v5-lite-text-to-image", size(1600, 1600)),
      "MODEL_PARAMETERS_INVALID"
    )
    assert.strictEqual(refusal("fal.flux-2", size(4096, 1024)), "MODEL_PARAMETERS_INVALID")
    assert.strictEqual(refusal("fal.flux-dev", size(16_384, 16_384)), "MODEL_PARAMETERS_INVALID")
  })

  it("makes more than one image only where the contract does not fix it", () => {
    assert.strictEqual(refusal("fal.kling-image-o3-text-to-image", { outputCount: 9 }), "planned")
    assert.strictEqual(
      refusal("fal.bytedance-seedream-v4-5-text-to-image", { outputCount: 2 }),
      "OUTPUT_COUNT_NOT_SUPPORTED"
    )
    assert.strictEqual(refusal("fal.ideogram-v2-edit", { outputCount: 2 }), "OUTPUT_COUNT_NOT_SUPPORTED")
  })

  it("takes no prompt where the provider takes none, and needs a mask where it needs one", () => {
    for (const id of ["fal.flux-dev-redux", "fal.flux-krea-redux", "fal.flux-schnell-redux"]) {
      assert.strictEqual(refusal(id, {}), "planned")
      assert.strictEqual(refusal(id, { prompt: Redacted.make("a cat") }), "INVALID_ARGUMENTS", id)
    }
    assert.strictEqual(refusal("fal.ideogram-v2-edit", { mask: null }), "INVALID_ARGUMENTS")
    assert.strictEqual(refusal("fal.flux-pro-kontext", { mask: AssetId.make("image_mask") }), "MASK_NOT_SUPPORTED")
  })

  it("takes images as large as an upload, and a mask of the image's size where the provider needs that", () => {
    assert.strictEqual(refusal("fal.flux-pro-kontext", { inputBytes: 20 * 1024 * 1024 }), "planned")
    assert.strictEqual(refusal("fal.flux-pro-kontext", { inputBytes: 20 * 1024 * 1024 + 1 }), "INVALID_ARGUMENTS")
    assert.strictEqual(refusal("fal.recraft-v3-image-to-image", { inputBytes: 6 * 1024 * 1024 }), "INVALID_ARGUMENTS")
    assert.strictEqual(refusal("fal.ideogram-v2-edit", { input: [1024, 1000] }), "INVALID_ARGUMENTS")
    assert.strictEqual(refusal("fal.flux-pro-v1-fill", { input: [1024, 1000] }), "planned")
  })

  it("takes references where the contract has them wired", () => {
    const flat = (count: number, task?: string) =>
      Array.from({ length: count }, (_, index) => ({
        asset_id: AssetId.make("image_reference"),
        role: "reference_image" as const,
        index,
        ...(task === undefined ? {} : { reference_task: task })
      }))
    const elements = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        asset_id: AssetId.make("image_reference"),
        role: "element_frontal" as const,
        index
      }))
    assert.strictEqual(refusal("fal.dreamo", { references: flat(2, "id") }), "planned")
    assert.strictEqual(refusal("fal.dreamo", { references: flat(3) }), "REFERENCES_INVALID")
    assert.strictEqual(refusal("fal.dreamo", { references: flat(1, "face") }), "REFERENCES_INVALID")
    assert.strictEqual(refusal("fal.nano-banana-pro-edit", { references: flat(1) }), "REFERENCES_NOT_SUPPORTED")
    for (const id of [
      "fal.kling-image-o1",
      "fal.kling-image-o3-text-to-image",
      "fal.kling-image-o3-image-to-image",
      "fal.kling-image-v3-text-to-image",
      "fal.kling-image-v3-image-to-image"
    ]) {
      assert.strictEqual(refusal(id, { references: elements(10) }), "planned", id)
      assert.strictEqual(refusal(id, { references: elements(11) }), "REFERENCES_INVALID", id)
      assert.strictEqual(refusal(id, { references: flat(1) }), "REFERENCES_NOT_SUPPORTED", id)
    }
    assert.strictEqual(refusal("fal.ideogram-character", { references: [] }), "INVALID_ARGUMENTS")
  })
})

describe("what fal's models cost", () => {
  it("is the published price of an image", () => {
    assert.strictEqual(usd("fal.flux-pro-v1-1-ultra"), 0.06)
    assert.strictEqual(usd("fal.flux-pro-kontext"), 0.04)
    assert.strictEqual(usd("fal.flux-pro-kontext-max"), 0.08)
    assert.strictEqual(usd("fal.bytedance-seedream-v4-5-edit"), 0.04)
    assert.strictEqual(usd("fal.bytedance-seedream-v5-lite-text-to-image"), 0.035)
    assert.strictEqual(usd("fal.ideogram-v2-edit"), 0.08)
    assert.strictEqual(usd("fal.nano-banana-edit"), 0.0398)
    assert.strictEqual(usd("fal.kling-image-v3-text-to-image"), 0.028)
  })

  it("depends on the tier", () => {
    for (const id of [
      "fal.nano-banana-pro",
      "fal.nano-banana-pro-edit",
      "fal.gemini-3-pro-image-preview",
      "fal.gemini-3-pro-image-preview-edit"
    ]) {
      assert.deepStrictEqual(
        [usd(id), usd(id, given({ resolution: "2K" })), usd(id, given({ resolution: "4K" }))],
        [0.15, 0.15, 0.3]
      )
    }
    const sizes = ["0.5K", "1K", "2K", "4K"].map((resolution) => usd("fal.nano-banana-2-edit", given({ resolution })))
    assert.deepStrictEqual(sizes, [0.06, 0.08, 0.12, 0.16])
    assert.strictEqual(usd("fal.kling-image-o3-text-to-image", given({ resolution: "4K" })), 0.056)
    assert.strictEqual(usd("fal.ideogram-v3", given({ rendering_speed: "TURBO" })), 0.03)
    assert.strictEqual(usd("fal.ideogram-character"), 0.15)
    assert.strictEqual(usd("fal.gpt-image-1-5", given({ quality: "medium", image_size: "1024x1536" })), 0.051)
    assert.strictEqual(usd("fal.gpt-image-1-5-edit"), "unknown")
  })

  it("counts megapixels of the size that will be made, rounded only where that is documented", () => {
    assert.strictEqual(usd("fal.flux-dev", { ratio: "16:9" }), 0.025)
    assert.strictEqual(usd("fal.flux-dev", given({ image_size: { width: 1920, height: 1080 } })), 0.05)
    assert.strictEqual(usd("fal.z-image-turbo"), 0.005)
    assert.strictEqual(usd("fal.z-image-turbo", given({ image_size: "square" })), 0.00125)
    assert.strictEqual(usd("fal.dreamo", given({ image_size: { width: 1280, height: 720 } })), 0.0439453125)
    assert.strictEqual(usd("fal.z-image-turbo-image-to-image"), "unknown")
    assert.strictEqual(usd("fal.z-image-turbo-image-to-image", { ratio: "1:1" }), 0.005)
  })

  it("counts input images where they are charged", () => {
    const input = [1024, 1024] as const
    assert.strictEqual(usd("fal.flux-2-turbo-edit", { input, ratio: "1:1" }), 0.016)
    assert.strictEqual(usd("fal.flux-2-pro-edit", { input, ratio: "1:1" }), 0.06)
    assert.strictEqual(usd("fal.flux-2-max-edit", { input, ratio: "1:1" }), 0.1)
    assert.strictEqual(usd("fal.flux-2-max", given({ image_size: { width: 2048, height: 1024 } })), 0.1)
  })

  it("follows an upscaler's factor, and is unknown where the size is", () => {
    const input = [1024, 1024] as const
    assert.strictEqual(usd("fal.clarity-upscaler", { input }), 0.12)
    assert.strictEqual(usd("fal.seedvr-upscale-image", { input, parameters: { upscale_factor: 4 } }), 0.016)
    assert.strictEqual(usd("fal.seedvr-upscale-image", { input, parameters: { upscale_mode: "target" } }), "unknown")
    assert.strictEqual(usd("fal.birefnet"), "unknown")
  })

  it("adds surcharges, shared over the images of one request", () => {
    const search = given({ enable_web_search: true })
    assert.strictEqual(usd("fal.nano-banana-2", search), 0.095)
    assert.strictEqual(usd("fal.nano-banana-2", { ...search, outputCount: 3 }), 0.085)
    // Each of its images is a request of its own.
    assert.strictEqual(usd("fal.gemini-3-1-flash-image-preview", { ...search, outputCount: 3 }), 0.095)
  })

  it("becomes credits once, per image, rounded up", () => {
    assert.strictEqual(credits("fal.nano-banana-pro", given({ resolution: "4K" })), 51)
    assert.strictEqual(credits("fal.kling-image-o3-text-to-image", { outputCount: 2 }), 10)
    assert.strictEqual(credits("fal.flux-dev"), 5)
  })

  it("is guarded per image and as a whole", () => {
    const tight = { perImage: ticks("0.2"), whole: null, acceptUnknownCost: false }
    assert.strictEqual(
      refusal("fal.nano-banana-pro", { ...given({ resolution: "4K" }), budget: tight }),
      "BUDGET_EXCEEDED"
    )
    const blind = { perImage: null, whole: null, acceptUnknownCost: false }
    assert.strictEqual(refusal("fal.z-image-turbo-image-to-image", { budget: blind }), "BUDGET_REQUIRES_CONFIRMATION")
  })

  it("can be planned for every value of every control, and grows with the number of images", () => {
    for (const model of executable) {
      for (const parameters of [{}, ...singles(model)]) {
        const one = planned(model.id, { parameters })
        // A sample of a size may be below the model's minimum; nothing else may be refused.
        if (Either.isLeft(one)) {
          assert.strictEqual(one.left.code, "MODEL_PARAMETERS_INVALID", model.id)
          assert.isObject("image_size" in parameters ? parameters["image_size"] : null, model.id)
          continue
        }
        const { estimate, holdPerImage, hold } = one.right
        assert.isTrue(estimate.confidence === "unknown" ? estimate.ceiling !== null : estimate.perImage > 0, model.id)
        assert.strictEqual(hold, holdPerImage)
        const many = planned(model.id, { parameters, outputCount: model.output.outputsMax })
        assert.isTrue(Either.isRight(many) && many.right.hold <= hold * model.output.outputsMax, model.id)
      }
    }
  })
})
