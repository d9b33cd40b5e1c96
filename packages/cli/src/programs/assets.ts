import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import type { Refused, Reply } from "../Client.ts"
import { assetOutput } from "../commands/assets.ts"
import { overwrite } from "../commands/request.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { assetsIn, deliver, withOutputs } from "../internal/delivery.ts"
import { objectIn } from "../internal/fields.ts"
import { ownedUrl } from "../internal/images.ts"
import { checkOutput } from "../internal/outputs.ts"
import { pathSegment } from "../internal/pathSegment.ts"
import { excerpt } from "../internal/quote.ts"
import { rerun } from "../internal/rerun.ts"
import type { Program, Session } from "../Session.ts"

const withRequest = (reply: Reply, request: JsonObject): Reply => ({
  ...reply,
  envelope: { ...reply.envelope, data: { ...reply.envelope.data, request } }
})

/** The asset that an id or an owned URL names. Other URLs are refused: the bytes behind them are not ours to speak of. */
const find = (session: Session): Effect.Effect<Reply, Failure | Refused> => {
  const reference = positionalOf(session.given, 0)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) {
    return Effect.flatMap(ownedUrl(session, reference), (reply) =>
      reply === null
        ? fail("ASSET_NOT_FOUND", `${excerpt(reference)} is no asset of this server; external URLs are not looked up`, {
            recovery: { suggested_command: "image-skill activity list --json" }
          })
        : Effect.succeed(withRequest(reply, { reference, reference_type: "asset_url" }))
    )
  }
  const segment = pathSegment(reference)
  if (segment === null) return fail("INVALID_ARGUMENTS", `${JSON.stringify(reference)} is no asset id`)
  return Effect.map(session.client.ask({ method: "GET", path: `/v1/assets/${segment}` }), (reply) =>
    withRequest(reply, { reference, reference_type: "asset_id" })
  )
}

export const assetsShow: Program = find

const overwriting = new Set(["overwrite", "json", "token-stdin"])

export const assetsGet: Program = (session) =>
  Effect.gen(function* () {
    const isOverwriting = valueOf(session.given, overwrite)
    const targets = yield* checkOutput({
      workingDirectory: session.host.workingDirectory,
      typed: valueOf(session.given, assetOutput),
      count: 1,
      isOverwriting,
      isDryRun: false,
      overwriteCommand: rerun(session.name, session.given, { overwrite: ["true"] }, overwriting)
    })
    const reply = yield* find(session)
    const [asset] = assetsIn([objectIn(reply.envelope.data, "asset")])
    const [target] = targets
    if (asset === undefined || target === undefined) {
      return yield* fail("ASSET_DOWNLOAD_FAILED", "The server's answer names no URL for this asset")
    }
    const written = yield* deliver(session, asset, target, isOverwriting, {})
    return withOutputs(reply, [written])
  })
