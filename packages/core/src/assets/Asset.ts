import { Schema } from "effect"
import { AssetId, assetIdPattern, JobId, OrganizationId } from "../kernel/Ids.ts"
import { extensionOf, MediaType } from "../kernel/Media.ts"

/** An image that an organization owns. The bytes are in the blob store under `blobKey`. */
export const Asset = Schema.Struct({
  id: AssetId,
  organizationId: OrganizationId,
  jobId: JobId,
  kind: Schema.Literal("generated", "edited", "uploaded"),
  mediaType: MediaType,
  bytes: Schema.Int,
  width: Schema.Int,
  height: Schema.Int,
  /** Lower-case hex of the stored bytes. */
  sha256: Schema.String,
  provenance: Schema.Literal("generative_model", "algorithmic", "uploaded"),
  /** Epoch milliseconds. */
  createdAt: Schema.Int,
  /** Epoch milliseconds; on a deleted asset only. Its row stays for the receipts that list it, its bytes go. */
  deletedAt: Schema.optionalWith(Schema.Int, { exact: true })
})
export type Asset = typeof Asset.Type

/** Of the asset's own id, and not of its content: no two assets share bytes, so that deleting one takes no other's. */
export const blobKey = (asset: Pick<Asset, "id" | "mediaType">): string => `${asset.id}.${extensionOf(asset.mediaType)}`

/** Where this house serves its assets: `http://127.0.0.1:3000/a/`. Ends with a slash. */
export const assetUrl = (mediaBase: string, asset: Pick<Asset, "id" | "mediaType">): string =>
  `${mediaBase}${blobKey(asset)}`

/** How an asset may be named: its id, or its URL at this house's media origin. */
export type AssetReference = { readonly type: "asset_id" | "asset_url"; readonly id: AssetId }

/**
 * Reads an asset id or an owned asset URL. Null for anything else: another origin's URL is external even when its
 * last segment looks like an id.
 */
export const parseAssetReference = (reference: string, mediaBase: string): AssetReference | null => {
  if (assetIdPattern.test(reference)) return { type: "asset_id", id: AssetId.make(reference) }
  if (!URL.canParse(reference) || !URL.canParse(mediaBase)) return null
  const url = new URL(reference)
  if (url.origin !== new URL(mediaBase).origin) return null
  const segment = url.pathname.split("/").at(-1) ?? ""
  const id = segment.replace(/\.[a-z0-9]{1,5}$/i, "")
  return assetIdPattern.test(id) ? { type: "asset_url", id: AssetId.make(id) } : null
}
