import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import type { Refused, Reply } from "../Client.ts"
import { assetOutput } from "../commands/assets.ts"
import { overwrite } from "../commands/request.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { assetsIn, deliver, withOutputs } from "../internal/delivery.ts"
import { objectIn, textIn } from "../internal/fields.ts"
import { isForeign } from "../internal/imageSources.ts"
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
  if (isForeign(reference)) {
    return Effect.flatMap(ownedUrl(session, reference), (reply) =>
      reply === null
        ? fail("ASSET_NOT_FOUND", `${excerpt(reference)} is no asset of this server; external URLs are not looked up`, {
            recovery: { suggested_command: "image-skill assets list --json" }
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

/** An owned URL is looked up first: only the server knows which of them are its own. */
export const assetsDelete: Program = (session) =>
  Effect.gen(function* () {
    const reference = positionalOf(session.given, 0)
    const id = isForeign(reference)
      ? textIn(objectIn((yield* find(session)).envelope.data, "asset"), "asset_id")
      : reference
    const segment = id === null ? null : pathSegment(id)
    if (segment === null) return yield* fail("INVALID_ARGUMENTS", `${excerpt(reference)} is no asset id`)
    return yield* session.client.ask({ method: "DELETE", path: `/v1/assets/${segment}` })
  })

export const assetsGet: Program = (session) =>
  Effect.gen(function* () {
    const isOverwriting = valueOf(session.given, overwrite)
    const targets = yield* checkOutput({
      workingDirectory: session.host.workingDirectory,
      typed: valueOf(session.given, assetOutput),
      count: 1,
      isOverwriting,
      isDryRun: false,
      rerun: (changes) => rerun(session.name, session.given, changes)
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
