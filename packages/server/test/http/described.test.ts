import { assert, describe, it } from "@effect/vitest"
import { codeOf, inHouse } from "./house.ts"

const image = { asset_id: "image_described.0", mime_type: "image/png", width: 640, height: 480, content_length: 1000 }
const resize = {
  model: "local.resize",
  model_parameters: { scale: 2 },
  input_asset_id: image.asset_id,
  described_images: [image]
}

describe("an image that is described", () => {
  it("is planned with as if it were an asset, and nothing is stored", () =>
    inHouse(async ({ ask, post }) => {
      const planned = await post("/v1/edit", { ...resize, dry_run: true })
      assert.strictEqual(codeOf(planned), "200 ok")
      const data = planned.envelope.data ?? {}
      assert.deepNestedInclude(data, { "input_asset.asset_id": null, "input_asset.width": 640, blockers: [] })
      assert.nestedPropertyVal(data, "request.selection.output.expected_width", 1280)
      assert.deepStrictEqual((await ask("/v1/activity")).envelope.data?.["events"], [])
      const huge = { ...image, width: 16_000, height: 3000 }
      const refused = await post("/v1/edit", { ...resize, described_images: [huge], dry_run: true })
      assert.notStrictEqual(codeOf(refused), "200 ok")
    }))

  it("is for dry runs only", () =>
    inHouse(async ({ post }) => {
      assert.strictEqual(codeOf(await post("/v1/edit", resize)), "400 INVALID_ARGUMENTS")
    }))

  it("comes with what a live call would be refused for", () =>
    inHouse(async ({ post }) => {
      const model = { model: "openai.gpt-image-2-edit", model_parameters: {}, accept_unknown_cost: true, prompt: "x" }
      const { envelope } = await post("/v1/edit", { ...resize, ...model, dry_run: true })
      assert.nestedPropertyVal(envelope.data ?? {}, "blockers[0].code", "PROVIDER_UNAVAILABLE")
    }))
})
