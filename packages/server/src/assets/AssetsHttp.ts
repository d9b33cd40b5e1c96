import { HttpApiBuilder, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { pageQuery } from "@image-skill/core/api/Fields"
import { blobKey } from "@image-skill/core/assets/Asset"
import { Records } from "@image-skill/core/studio/Records"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { byteRange } from "./ByteRange.ts"

const isNamed = (header: string | undefined, etag: string) =>
  header !== undefined && header.split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()))

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
          "accept-ranges": "bytes",
          "cache-control": "public, max-age=31536000, immutable",
          "x-content-type-options": "nosniff",
          "content-security-policy": "default-src 'none'; sandbox",
          "content-disposition": `inline; filename="${blobKey(asset)}"`
        }
        if (isNamed(request.headers["if-none-match"], etag)) return HttpServerResponse.empty({ status: 304, headers })
        // A range of what the client has in part counts only while it is the same.
        const isSame = (request.headers["if-range"] ?? etag) === etag
        const range = byteRange(isSame ? request.headers["range"] : undefined, content.length)
        if (range === "unsatisfiable") {
          return HttpServerResponse.empty({
            status: 416,
            headers: { ...headers, "cache-control": "no-store", "content-range": `bytes */${content.length}` }
          })
        }
        if (range === null) return HttpServerResponse.uint8Array(content, { contentType: asset.mediaType, headers })
        return HttpServerResponse.uint8Array(content.subarray(range.first, range.last + 1), {
          status: 206,
          contentType: asset.mediaType,
          headers: { ...headers, "content-range": `bytes ${range.first}-${range.last}/${content.length}` }
        })
      })

    return handlers
      .handle("list", ({ urlParams }) =>
        answering.owned((actor) =>
          records.assets(actor, {
            ...pageQuery(urlParams),
            jobId: urlParams.job_id ?? null,
            kind: urlParams.kind ?? null
          })
        )
      )
      .handle("delete", ({ path }) => answering.owned((actor) => records.deleteAsset(actor, path.id)))
      .handle("show", ({ path }) => answering.owned((actor) => records.asset(actor, path.id)))
      .handleRaw("bytes", ({ path }) => bytes(path.file))
  })
)
