import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer, Option } from "effect"
import { AssetStore } from "../../assets/AssetStore.ts"
import { RunId } from "../../kernel/Ids.ts"
import { type StorageUnavailable, Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import { assetId, jobId, numbers, organization, otherOrganization, sampleAsset } from "./samples.ts"

const everything = { jobId: null, kind: null } as const

/** What every `AssetStore` promises. */
export const assetStoreSuite = <E>(name: string, layer: Layer.Layer<AssetStore | Transaction, E>) =>
  describe(`AssetStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, AssetStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("gives an asset to its organization, and by capability to who knows the id", () =>
      run(
        Effect.gen(function* () {
          const assets = yield* AssetStore
          const asset = sampleAsset("a", { kind: "uploaded", mediaType: "image/jpeg", provenance: "uploaded" })
          yield* assets.insert([asset, sampleAsset("b")])
          yield* assets.insert([
            sampleAsset("a", { width: 1 }),
            sampleAsset("c"),
            sampleAsset("gone", { deletedAt: 5 })
          ])
          yield* assets.insert([])
          assertNone(yield* assets.find(organization, assetId("gone")))
          assertSome(yield* assets.find(organization, assetId("a")), asset)
          assertNone(yield* assets.find(otherOrganization, assetId("a")))
          assertSome(yield* assets.findByCapability(assetId("a")), asset)
          assertNone(yield* assets.findByCapability(assetId("none")))
          assert.isTrue(Option.isSome(yield* assets.find(organization, assetId("c"))))
        })
      )
    )

    it.effect("lists by job and by kind, within the organization", () =>
      run(
        Effect.gen(function* () {
          const assets = yield* AssetStore
          yield* assets.insert([
            sampleAsset(1),
            sampleAsset(2, { kind: "edited" }),
            sampleAsset(3, { jobId: jobId("two") }),
            sampleAsset(4, { jobId: jobId("two"), kind: "edited" }),
            sampleAsset(5, { organizationId: otherOrganization })
          ])
          const listed = (query: { readonly jobId?: "two"; readonly kind?: "edited" }) =>
            Effect.map(
              assets.list(organization, {
                limit: 50,
                cursor: null,
                jobId: query.jobId === undefined ? null : jobId(query.jobId),
                kind: query.kind ?? null
              }),
              ({ items }) => items.map((asset) => asset.id.slice(6))
            )
          assert.deepStrictEqual(yield* listed({}), ["4", "3", "2", "1"])
          assert.deepStrictEqual(yield* listed({ jobId: "two" }), ["4", "3"])
          assert.deepStrictEqual(yield* listed({ kind: "edited" }), ["4", "2"])
          assert.deepStrictEqual(yield* listed({ jobId: "two", kind: "edited" }), ["4"])
        })
      )
    )

    it.effect("removes an asset for its own organization only, once", () =>
      run(
        Effect.gen(function* () {
          const assets = yield* AssetStore
          yield* assets.insert([sampleAsset("a")])
          assert.isFalse(yield* assets.remove(otherOrganization, assetId("a"), 2_000))
          const failed = Effect.zipRight(assets.remove(organization, assetId("a"), 2_000), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(failed))
          assert.isTrue(Option.isSome(yield* assets.find(organization, assetId("a"))))
          assert.isTrue(yield* assets.remove(organization, assetId("a"), 2_000))
          assert.isFalse(yield* assets.remove(organization, assetId("a"), 2_000))
          assert.isTrue(Option.isNone(yield* assets.findByCapability(assetId("a"))))
        })
      )
    )

    it.effect("keeps what a deleted asset was for receipts, and knows whose bytes are still to be erased", () =>
      run(
        Effect.gen(function* () {
          const assets = yield* AssetStore
          yield* assets.insert([sampleAsset("a"), sampleAsset("b"), sampleAsset("c", { jobId: jobId("two") })])
          yield* assets.insert([sampleAsset("theirs", { organizationId: otherOrganization })])
          yield* assets.remove(otherOrganization, assetId("theirs"), 1_000)
          yield* assets.remove(organization, assetId("c"), 3_000)
          yield* assets.remove(organization, assetId("a"), 2_000)
          const deleted = sampleAsset("a", { deletedAt: 2_000 })
          assert.deepStrictEqual(yield* assets.ofJob(organization, jobId("one")), [deleted, sampleAsset("b")])
          const asked = ["a", "b", "theirs", "none"].map(assetId)
          assert.deepStrictEqual(yield* assets.deletedOf(organization, asked), [deleted])
          assert.deepStrictEqual(yield* assets.deletedOf(organization, []), [])
          assertNone(yield* assets.find(organization, assetId("a")))
          assert.deepStrictEqual((yield* assets.list(organization, { limit: 9, cursor: null, ...everything })).items, [
            sampleAsset("b")
          ])
          // The same id again brings nothing back.
          yield* assets.insert([sampleAsset("a")])
          assertNone(yield* assets.find(organization, assetId("a")))
          const idsOf = Effect.map(assets.toErase(10), (all) => all.map(({ id }) => id.slice(6)))
          assert.deepStrictEqual(yield* idsOf, ["theirs", "a", "c"])
          yield* assets.erased(assetId("a"), 4_000)
          yield* assets.erased(assetId("b"), 4_000)
          assert.deepStrictEqual(yield* idsOf, ["theirs", "c"])
          assert.strictEqual((yield* assets.toErase(1)).length, 1)
        })
      )
    )

    it.effect("knows the bytes that have no row yet, until one comes, or is taken back with its transaction", () =>
      run(
        Effect.gen(function* () {
          const [assets, transaction] = [yield* AssetStore, yield* Transaction]
          const blob = { key: "image_a.png", run: RunId.make("run_one") }
          yield* assets.await(blob)
          yield* assets.await({ ...blob, key: "image_b.png" })
          yield* Effect.flip(transaction.run(Effect.zipRight(assets.arrived(blob.key), Effect.fail("too late"))))
          assert.lengthOf(yield* assets.awaited(10), 2)
          assert.lengthOf(yield* assets.awaited(1), 1)
          yield* assets.arrived("image_b.png")
          assert.deepStrictEqual(yield* assets.awaited(10), [blob])
        })
      )
    )

    it.effect("pages on without gaps or doubles while assets are removed and added", () =>
      run(
        Effect.gen(function* () {
          const assets = yield* AssetStore
          const pages = (between: Effect.Effect<unknown, StorageUnavailable>) =>
            allPages(1, (query) => assets.list(organization, { ...query, ...everything }), between).pipe(
              Effect.map((listed) => listed.map((asset) => asset.id.slice(6)))
            )
          yield* assets.insert(numbers(6).map((one) => sampleAsset(one)))
          yield* assets.remove(organization, assetId(3), 2_000)
          yield* assets.insert([sampleAsset(7)])
          assert.deepStrictEqual(yield* pages(Effect.void), ["7", "6", "5", "4", "2", "1"])
          // The newest two go and one comes: in its place it must not be taken for an old one.
          const churn = assets
            .remove(organization, assetId(7), 2_000)
            .pipe(
              Effect.zipRight(assets.remove(organization, assetId(6), 2_000)),
              Effect.zipRight(assets.insert([sampleAsset(8)]))
            )
          assert.deepStrictEqual(yield* pages(churn), ["7", "5", "4", "2", "1"])
        })
      )
    )
  })
