import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { blobKey } from "@image-skill/core/assets/Asset"
import { Records } from "@image-skill/core/studio/Records"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"

export const AssetsHttp = HttpApiBuilder.group(
  Api,
  "assets",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const records = yield* Records

    const bytes = (file: string) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const found = yield* Effect.either(records.bytes(file))
        if (found._tag === "Left") return yield* answering.open(Effect.fail(found.left))
        const { asset, content } = found.right
        const etag = `"${asset.sha256}"`
        const headers = {
          etag,
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
          "content-security-policy": "default-src 'none'; sandbox",
          "content-disposition": `inline; filename="${blobKey(asset)}"`
        }
        return request.headers["if-none-match"] === etag
          ? HttpServerResponse.empty({ status: 304, headers })
          : HttpServerResponse.uint8Array(content, { contentType: asset.mediaType, headers })
      })

    return handlers
      .handle("show", ({ path }) => answering.owned("assets", (actor) => records.asset(actor, path.id)))
      .handleRaw("bytes", ({ path }) => bytes(path.file))
  })
)
