import { access } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Checksum } from "@image-skill/core/assets/Checksum"
import { ProviderId } from "@image-skill/core/kernel/Ids"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { local } from "@image-skill/providers/local/plugin"
import { Effect } from "effect"
import { layerOwnersGround } from "../../src/Ground.ts"
import { codeOf, drawn, inHouse } from "./house.ts"

/** A provider without models that tells when it comes and goes. */
const watched = () => {
  const seen = { loaded: 0, gone: 0 }
  const plugin: Plugin = {
    ...local,
    id: ProviderId.make("watched"),
    models: [],
    load: Effect.zipRight(
      Effect.acquireRelease(
        Effect.sync(() => (seen.loaded += 1)),
        () => Effect.sync(() => (seen.gone += 1))
      ),
      local.load
    )
  }
  return { plugin, seen }
}

const dryRun = { prompt: "a hill", model: "local.procedural", dry_run: true }

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false
  )

describe("the front of the owner's house", () => {
  it("answers the catalogue and dry runs without a data folder, and lets go of its providers", async () => {
    const { plugin, seen } = watched()
    await inHouse(
      async ({ ask, folder, post }) => {
        assert.strictEqual(codeOf(await ask("/v1/models")), "200 ok")
        assert.strictEqual(codeOf(await post("/v1/create", dryRun)), "200 ok")
        assert.isFalse(await isThere(join(folder, "data")))
      },
      { plugins: [plugin] }
    )
    assert.deepStrictEqual(seen, { loaded: 1, gone: 1 })
  })

  it("shares its providers with the house behind it, which knows what it made", async () => {
    const { plugin, seen } = watched()
    await inHouse(
      async (house) => {
        assert.strictEqual(codeOf(await house.post("/v1/create", dryRun)), "200 ok")
        const id = await drawn(house)
        assert.strictEqual(codeOf(await house.ask(`/v1/assets/${id}`)), "200 ok")
        const edit = { input_asset_id: id, model: "local.grade", dry_run: true }
        assert.strictEqual(codeOf(await house.post("/v1/edit", edit)), "200 ok")
        const stranger = { ...edit, input_asset_id: "image_00000000000000000000000000000000" }
        assert.strictEqual(codeOf(await house.post("/v1/edit", stranger)), "404 ASSET_NOT_FOUND")
      },
      { plugins: [plugin] }
    )
    assert.deepStrictEqual(seen, { loaded: 1, gone: 1 })
  })

  it("leaves the methods and paths that it does not know to the house behind it", () =>
    inHouse(async ({ ask }) => {
      const refused = await ask("/v1/create")
      assert.strictEqual(codeOf(refused), "405 METHOD_NOT_ALLOWED")
      assert.strictEqual(refused.headers.get("allow"), "POST")
      assert.strictEqual(codeOf(await ask("/v1/modelz")), "404 ROUTE_NOT_FOUND")
      assert.strictEqual(codeOf(await ask("/healthz")), "200 ok")
    }))

  // Its runs are forked by a call of the front, which stands on the ground and on nothing of the storage.
  it("has Node's own checksums on its ground already", async () => {
    const used = await Effect.runPromise(Effect.provide(Checksum, layerOwnersGround()))
    assert.notStrictEqual(used, Effect.runSync(Checksum))
  })
})
