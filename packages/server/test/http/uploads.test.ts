import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { CodecFailure, ImageCodec } from "@image-skill/core/assets/ImageCodec"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { localOwner } from "@image-skill/core/identity/Identity"
import { Call, makeCall } from "@image-skill/core/kernel/Call"
import { failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { isObject, type Json } from "@image-skill/core/kernel/Json"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Uploads } from "@image-skill/core/studio/Uploads"
import { Effect, Layer } from "effect"
import sharp from "sharp"
import { layerStorage } from "../../src/Storage.ts"
import { textOf } from "../serve/house.ts"
import { temporaryFolder } from "../stores/temporary.ts"
import { codeOf, inHouse } from "./house.ts"

const picture = (red: number) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer()

const assetIdOf = (data: Json | undefined) => {
  const asset = isObject(data) ? data["asset"] : null
  return isObject(asset) ? asset["asset_id"] : null
}

describe("an upload", () => {
  it("is done once for a key and its bytes, and refused for other bytes", () =>
    inHouse(async ({ ask, post }) => {
      const body = { bytes_base64: (await picture(1)).toString("base64") }
      const other = { bytes_base64: (await picture(2)).toString("base64") }
      const first = await post("/v1/upload", { ...body, idempotency_key: "one" })
      const again = await post("/v1/upload", body, { "idempotency-key": "one" })
      assert.deepStrictEqual(again.envelope.data, { ...first.envelope.data, idempotent_replay: true })
      const refused = await post("/v1/upload", other, { "idempotency-key": "one" })
      assert.strictEqual(codeOf(refused), "409 IDEMPOTENCY_CONFLICT")
      assert.strictEqual(
        refused.envelope.error?.recovery?.suggested_command,
        `image-skill jobs show ${textOf(first.envelope.data?.["job_id"])} --json`
      )
      const jobs = (await ask("/v1/jobs")).envelope.data?.["jobs"]
      assert.strictEqual(Array.isArray(jobs) && jobs.length, 1)
      const free = await post("/v1/upload", body)
      assert.notStrictEqual(assetIdOf(free.envelope.data ?? {}), assetIdOf(first.envelope.data ?? {}))
    }))

  it("may be the body itself, named by its headers, and is the same as inside JSON", () =>
    inHouse(async ({ ask, post }) => {
      const image = await picture(9)
      const raw = (body: Uint8Array, headers: Readonly<Record<string, string>>) =>
        ask("/v1/upload", { method: "POST", body: new Uint8Array(body), headers })
      const named = { "content-type": "image/png", "content-disposition": 'attachment; filename="red.png"' }
      const one = (await raw(image, { ...named, "idempotency-key": "raw" })).envelope.data ?? {}
      const inJson = { mime_type: "image/png", filename: "red.png", bytes_base64: image.toString("base64") }
      const other = (await post("/v1/upload", inJson)).envelope.data ?? {}
      assert.deepStrictEqual(one["upload"], other["upload"])
      const again = (await raw(image, { "content-type": "Image/PNG; q=1", "idempotency-key": "raw" })).envelope
      assert.strictEqual(assetIdOf(again.data ?? {}), assetIdOf(one))
      assert.strictEqual((await raw(image, { "content-type": "image/webp" })).envelope.warnings.length, 1)
      const text = await raw(image, { "content-type": "text/plain" })
      assert.include(text.envelope.error?.message, "allowed: application/json, image/*")
      const hostile = Buffer.from("[".repeat(100_000))
      assert.strictEqual(codeOf(await raw(hostile, named)), codeOf(await post("/v1/upload", { bytes_base64: "W1tb" })))
    }))

  it("is one asset for calls with one key at the same time, and leaves no bytes besides", () =>
    inHouse(async ({ folder, post }) => {
      const body = { bytes_base64: (await picture(3)).toString("base64"), idempotency_key: "race" }
      const answers = await Promise.all(Array.from({ length: 4 }, () => post("/v1/upload", body)))
      assert.strictEqual(new Set(answers.map(({ envelope }) => assetIdOf(envelope.data ?? {}))).size, 1)
      assert.lengthOf(await filesOf(join(folder, "data", "blobs")), 1)
    }))

  it("says nothing of the caller's folders, and nothing of a URL besides its origin", () =>
    inHouse(async ({ post }) => {
      const { envelope } = await post("/v1/upload", {
        bytes_base64: (await picture(4)).toString("base64"),
        source_kind: "remote_url",
        filename: "C:\\Users\\me/private/cat.png",
        remote_origin: "https://me:hush@example.com/cat.png?token=hush"
      })
      assert.deepStrictEqual(envelope.data?.["request"], {
        source_kind: "remote_url",
        filename: "cat.png",
        remote_origin: "https://example.com"
      })
    }))
})

const filesOf = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())

const willing = Layer.succeed(ImageCodec, {
  verify: () => Effect.void,
  transform: () => Effect.dieMessage("not asked for")
})

/** Uploads one picture on a fresh folder, where something is wrong. */
const uploadWith = (codec: Layer.Layer<ImageCodec>, transaction: Layer.Layer<Transaction> | null) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const storage = layerStorage(folder).pipe(Layer.provide(Ids.layer))
    const house = Uploads.Default.pipe(
      Layer.provide([codec, Ids.layer, MediaOrigin.layerEmbedded]),
      Layer.provide(transaction === null ? storage : Layer.merge(storage, transaction))
    )
    const bytes = yield* Effect.promise(() => picture(5))
    const request = { bytes, sourceKind: "local_path", filename: null, remoteOrigin: null } as const
    const call = yield* makeCall(
      yield* Effect.flatMap(Ids, (ids) => ids.trace).pipe(Effect.provide(Ids.layer)),
      "upload"
    )
    const error = yield* Effect.flatMap(Uploads, (uploads) =>
      Effect.flip(uploads.upload(localOwner, { ...request, mimeType: null, contentLength: null, sha256: null }))
    ).pipe(Effect.provide(house), Effect.provideService(Call, call))
    const left = yield* Effect.promise(() =>
      filesOf(folder).then((all) => all.filter((one) => one.name.endsWith(".png")))
    )
    return { code: error.code, left: left.length }
  })

describe("an upload that fails", () => {
  it.scoped("in its transaction leaves no bytes", () =>
    Effect.gen(function* () {
      const away = Layer.succeed(Transaction, { run: () => Effect.fail(failure("STORAGE_UNAVAILABLE", "away")) })
      assert.deepStrictEqual(yield* uploadWith(willing, away), { code: "STORAGE_UNAVAILABLE", left: 0 })
    })
  )

  it.scoped("because its bytes take too long is refused for good", () =>
    Effect.gen(function* () {
      const slow = Layer.succeed(ImageCodec, {
        verify: () => new CodecFailure({ reason: "timeout", message: "The image took longer than 30 seconds." }),
        transform: () => Effect.dieMessage("not asked for")
      })
      assert.deepStrictEqual(yield* uploadWith(slow, null), { code: "INPUT_POLICY_DENIED", left: 0 })
    })
  )
})
