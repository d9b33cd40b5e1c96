import { Clock, Effect, Either } from "effect"
import type { Asset } from "../../assets/Asset.ts"
import { Checksum } from "../../assets/Checksum.ts"
import { defaultImageLimits, describeProblem, inspect, stripMetadata } from "../../assets/ImageInspector.ts"
import type { AssetId, JobId, OrganizationId } from "../../kernel/Ids.ts"
import { limits } from "../../kernel/Limits.ts"
import { sha256 } from "../../kernel/Sha256.ts"

export interface Owned {
  readonly id: AssetId
  readonly organizationId: OrganizationId
  readonly jobId: JobId
  readonly kind: Asset["kind"]
  readonly provenance: Asset["provenance"]
}

const outputLimits = { ...defaultImageLimits, bytes: limits.replyBytesMax }

/**
 * Measures bytes and makes an asset of them; `Left` says in words why they are no image that we take. Metadata is
 * stripped without re-encoding, except where `hasOwnMark`: our drawings and edits say themselves how they were made.
 */
export const assetFrom = (bytes: Uint8Array, owned: Owned, hasOwnMark = false) =>
  Effect.gen(function* () {
    const { crc32 } = yield* Checksum
    const facts = inspect(bytes, owned.kind === "uploaded" ? defaultImageLimits : outputLimits, crc32)
    if (Either.isLeft(facts)) return Either.left(describeProblem(facts.left))
    const kept = hasOwnMark ? bytes : stripMetadata(bytes, facts.right, crc32)
    const asset: Asset = {
      ...owned,
      mediaType: facts.right.mediaType,
      bytes: kept.length,
      width: facts.right.width,
      height: facts.right.height,
      sha256: yield* sha256(kept),
      createdAt: yield* Clock.currentTimeMillis
    }
    return Either.right({ asset, bytes: kept, facts: facts.right })
  })
