import { Effect } from "effect"
import { type Asset, blobKey } from "../assets/Asset.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { organizationOf } from "../identity/Identity.ts"
import { type AssetId, Ids, JobId } from "../kernel/Ids.ts"
import { Credits } from "../kernel/Money.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { accounts, Ledger } from "../ledger/Ledger.ts"
import { LedgerStore } from "../ledger/LedgerStore.ts"
import { fakePng } from "./FakeProviderPng.ts"
import { allPayers, type Payer } from "./SimulatorRequests.ts"

/** Made once: a history has better things to do than to draw. */
const pictures = [304, 32].map((side) => ({ side, bytes: fakePng(side, side, "a picture to edit") }))

/** Grants credits, and gives everyone two images to edit. */
export const furnish = Effect.gen(function* () {
  const assets = yield* AssetStore
  const blobs = yield* BlobStore
  const store = yield* LedgerStore
  const ledger = yield* Effect.provide(Ledger, Ledger.Default)
  const ids = yield* Ids
  const all = new Map<Payer, ReadonlyArray<AssetId>>()
  for (const payer of allPayers) {
    const organizationId = organizationOf(payer.actor)
    yield* ledger.grantFree(organizationId, Credits.make(payer.free), organizationId)
    if (payer.paid > 0) {
      yield* store.post({
        id: `bought:${organizationId}`,
        kind: "grant",
        reference: organizationId,
        entries: [
          { account: accounts.promo, unit: "credits", amount: -payer.paid },
          { account: accounts.paid(organizationId), unit: "credits", amount: payer.paid }
        ],
        guarded: []
      })
    }
    const own: Array<AssetId> = []
    for (const { bytes, side } of pictures) {
      const asset: Asset = {
        id: yield* ids.asset,
        organizationId,
        jobId: JobId.make("job_upload"),
        kind: "uploaded",
        mediaType: "image/png",
        bytes: bytes.length,
        width: side,
        height: side,
        sha256: yield* sha256(bytes),
        provenance: "uploaded",
        createdAt: 0
      }
      yield* blobs.put(blobKey(asset), bytes)
      yield* assets.insert([asset])
      own.push(asset.id)
    }
    all.set(payer, own)
  }
  return all
}).pipe(Effect.orDie)
