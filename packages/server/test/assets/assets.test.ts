import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { localOwner, organizationOf } from "@image-skill/core/identity/Identity"
import { Checkpoint } from "@image-skill/core/kernel/Checkpoint"
import { AssetId, Ids, ProviderId } from "@image-skill/core/kernel/Ids"
import { isObject, type JsonObject } from "@image-skill/core/kernel/Json"
import { decodeImage, define, replyOf } from "@image-skill/core/provider/Provider"
import { fakeModel } from "@image-skill/core/testing/FakeProviderModels"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"
import { Config, Effect, Layer } from "effect"
import sharp from "sharp"
import { layerStorage } from "../../src/Storage.ts"
import { type Answer, codeOf, onFolder, type Server, statusesOf, textOf } from "../serve/house.ts"

const other = { authorization: "Bearer org_other" }
const remove = { method: "DELETE" }

const picture = async (red: number) =>
  (
    await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red, g: 0, b: 0 } } })
      .png()
      .toBuffer()
  ).toString("base64")

const upload = ({ ask }: Server, bytes_base64: string, headers: Readonly<Record<string, string>> = {}) =>
  ask("/v1/upload", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ bytes_base64 })
  })

const assetOf = ({ envelope }: Answer): JsonObject => {
  const asset = envelope.data?.["asset"]
  return isObject(asset) ? asset : {}
}
const idOf = (answer: Answer) => textOf(assetOf(answer)["asset_id"])

const listedIn = ({ envelope }: Answer): ReadonlyArray<string> => {
  const assets = envelope.data?.["assets"]
  return Array.isArray(assets) ? assets.map((one) => textOf(isObject(one) ? one["asset_id"] : "")) : []
}

const blobsIn = async (folder: string) =>
  (await readdir(join(folder, "blobs"), { recursive: true })).filter((name) => name.endsWith(".png"))

/** An edit that goes on until `open` is called. */
const gatedPlugin = () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const input = { ...fakeModel("gated", {}).input, image: "required" } as const
  const plugin = define({
    id: ProviderId.make("fake"),
    displayName: "Fake",
    models: [fakeModel("gated", { operations: ["image.edit"], input })],
    config: Config.succeed(null),
    make: () =>
      Effect.succeed({
        submit: (call) =>
          Effect.as(
            Effect.promise(() => gate),
            replyOf("image/png", fakePng(16, 16, call.attemptId))
          ),
        decode: decodeImage
      })
  })
  return { plugin, open }
}

describe("GET /v1/assets", () => {
  it("pages what an organization has, by kind and by job, and nothing of another's", () =>
    onFolder(async (start) => {
      const server = await start()
      const ids: Array<string> = []
      for (const red of [1, 2, 3]) ids.unshift(idOf(await upload(server, await picture(red))))
      const theirs = idOf(await upload(server, await picture(4), other))
      const first = await server.ask("/v1/assets?limit=2")
      const cursor = textOf(first.envelope.data?.["next_cursor"])
      const second = await server.ask(`/v1/assets?limit=2&cursor=${cursor}`)
      assert.deepStrictEqual([...listedIn(first), ...listedIn(second)], ids)
      assert.isNull(second.envelope.data?.["next_cursor"])
      const [newest = ""] = ids
      const job = textOf(assetOf(await server.ask(`/v1/assets/${newest}`))["job_id"])
      assert.deepStrictEqual(listedIn(await server.ask(`/v1/assets?job_id=${job}&kind=uploaded`)), [newest])
      assert.deepStrictEqual(listedIn(await server.ask("/v1/assets?kind=edited")), [])
      assert.deepStrictEqual(listedIn(await server.ask(`/v1/assets?job_id=${job}`, { headers: other })), [])
      assert.deepStrictEqual(listedIn(await server.ask("/v1/assets?limit=200", { headers: other })), [theirs])
      for (const wrong of ["limit=201", "kind=painted", "cursor=x"]) {
        assert.strictEqual(codeOf(await server.ask(`/v1/assets?${wrong}`)), "400 INVALID_ARGUMENTS")
      }
    }))
})

describe("DELETE /v1/assets/:id", () => {
  it("takes the asset and its bytes for good, and no other's", () =>
    onFolder(async (start, folder) => {
      const server = await start()
      const bytes = await picture(1)
      const uploaded = await upload(server, bytes, { "idempotency-key": "one" })
      const [id, twin] = [idOf(uploaded), idOf(await upload(server, bytes))]
      const [path, url] = [`/v1/assets/${id}`, textOf(assetOf(uploaded)["url"])]
      assert.strictEqual((await blobsIn(folder)).length, 2)
      const unknown = await server.ask(`/v1/assets/image_unknown`, { ...remove, headers: other })
      const foreign = await server.ask(path, { ...remove, headers: other })
      assert.strictEqual(codeOf(foreign), "404 ASSET_NOT_FOUND")
      assert.strictEqual(
        foreign.envelope.error?.message.replace(id, ""),
        unknown.envelope.error?.message.replace("image_unknown", "")
      )
      const deleted = await server.ask(path, remove)
      assert.strictEqual(codeOf(deleted), "200 ok")
      assert.strictEqual(deleted.envelope.command, "image-skill assets delete")
      assert.deepNestedInclude(deleted.envelope.data ?? {}, {
        deleted: true,
        bytes_removed: true,
        "asset.deleted": true
      })
      assert.strictEqual(codeOf(await server.ask(path, remove)), "404 ASSET_NOT_FOUND")
      assert.strictEqual(codeOf(await server.ask(path)), "404 ASSET_NOT_FOUND")
      assert.strictEqual((await fetch(url)).status, 404)
      assert.deepStrictEqual(listedIn(await server.ask("/v1/assets")), [twin])
      assert.strictEqual((await blobsIn(folder)).length, 1)
      assert.strictEqual((await fetch(url.replace(id, twin))).status, 200)
      const job = await server.ask(`/v1/jobs/${textOf(assetOf(uploaded)["job_id"])}`)
      assert.nestedPropertyVal(job.envelope.data ?? {}, "job.assets[0].deleted", true)
      const replay = await upload(server, bytes, { "idempotency-key": "one" })
      assert.deepNestedInclude(replay.envelope.data ?? {}, { idempotent_replay: true, "asset.deleted": true })
      const events = await server.ask(`/v1/activity/${id}`)
      assert.match(JSON.stringify(events.envelope.data?.["events"]), /"asset.deleted".*"asset.uploaded"/)
    }))

  it("waits for the jobs that read it, and a receipt that lists it says that it is gone", () =>
    onFolder(async (start) => {
      const { open, plugin } = gatedPlugin()
      const server = await start({ plugins: [plugin] })
      const input = idOf(await upload(server, await picture(1)))
      const body = { prompt: "more red", model: "fake.gated", input_asset_id: input, wait_ms: 0 }
      const edit = (waitMillis: number) =>
        server.ask("/v1/edit", {
          method: "POST",
          headers: { "content-type": "application/json", "idempotency-key": "edit" },
          body: JSON.stringify({ ...body, wait_ms: waitMillis })
        })
      const started = await edit(0)
      assert.strictEqual(codeOf(started), "202 ok", JSON.stringify(started.envelope))
      const refused = await server.ask(`/v1/assets/${input}`, remove)
      assert.strictEqual(codeOf(refused), "409 ASSET_IN_USE")
      const job = textOf(started.envelope.data?.["job_id"])
      assert.deepStrictEqual(refused.envelope.error?.recovery, {
        suggested_command: `image-skill jobs wait ${job} --json`
      })
      open()
      const [made = ""] = listedIn(await edit(10_000))
      for (const id of [input, made]) {
        assert.strictEqual(codeOf(await server.ask(`/v1/assets/${id}`, remove)), "200 ok")
      }
      const { data } = (await edit(10_000)).envelope
      assert.deepNestedInclude(data ?? {}, {
        "assets[0].deleted": true,
        "input_asset.deleted": true,
        next_actions: []
      })
      const again = await server.ask("/v1/edit", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body)
      })
      assert.strictEqual(codeOf(again), "404 ASSET_NOT_FOUND")
    }))

  it("a job whose input is deleted after it was planned is not accepted, and costs nothing", () =>
    onFolder(async (start) => {
      const statuses: Array<number> = []
      let input = ""
      let url = ""
      const at = (step: string) =>
        step === "planned"
          ? Effect.promise(async () => {
              statuses.push((await fetch(`${url}/v1/assets/${input}`, remove)).status)
            })
          : Effect.void
      const server = await start({ beneath: Layer.succeed(Checkpoint, { at }) })
      url = server.url
      input = idOf(await upload(server, await picture(1)))
      const edit = await server.ask("/v1/edit", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "local.resize", model_parameters: { scale: 2 }, input_asset_id: input })
      })
      assert.deepStrictEqual([statuses, codeOf(edit)], [[200], "404 ASSET_NOT_FOUND"])
      // The upload alone.
      assert.lengthOf(statusesOf(await server.ask("/v1/jobs")), 1)
    }))

  it("a process that died between the row and the bytes leaves none: the next start removes them", () =>
    onFolder(async (start, folder) => {
      const first = await start()
      const [id, kept] = [idOf(await upload(first, await picture(1))), idOf(await upload(first, await picture(2)))]
      await first.stop()
      await Effect.runPromise(
        Effect.flatMap(AssetStore, (assets) => assets.remove(organizationOf(localOwner), AssetId.make(id), 1)).pipe(
          Effect.provide(layerStorage(folder).pipe(Layer.provide(Ids.layer)))
        )
      )
      assert.strictEqual((await blobsIn(folder)).length, 2)
      const second = await start()
      for (let left = 100; left > 0 && (await blobsIn(folder)).length > 1; left -= 1) await pause(20)
      const files = await blobsIn(folder)
      assert.strictEqual(files.length, 1)
      assert.include(files[0] ?? "", kept)
      assert.strictEqual(codeOf(await second.ask(`/v1/assets/${id}`)), "404 ASSET_NOT_FOUND")
    }))
})
