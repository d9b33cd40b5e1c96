/** From an answer's assets to the files that the user named. */
import { Failure, withDetails } from "@image-skill/core/kernel/Errors"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import { Effect, Option, Schema } from "effect"
import type { Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import { endingWarning, type Saved, save, type Target } from "./outputs.ts"
import { commandLine } from "./quote.ts"

const AssetRow = Schema.Struct({
  asset_id: Schema.String,
  url: Schema.String,
  mime_type: Schema.String,
  sha256: Schema.optional(Schema.String)
})
export type AssetRow = typeof AssetRow.Type

const decodeAsset = Schema.decodeUnknownOption(AssetRow)

/** Rows of an answer that are assets with a URL. */
export const assetsIn = (rows: Json | undefined): ReadonlyArray<AssetRow> =>
  Array.isArray(rows) ? rows.flatMap((row) => Option.toArray(decodeAsset(row))) : []

const savedJson = (saved: Saved, asset: AssetRow): JsonObject => ({
  path: saved.path,
  bytes: saved.bytes,
  sha256: saved.sha256,
  mime_type: asset.mime_type,
  asset_id: asset.asset_id
})

/** The asset is safe on the server whatever happened here: the failure says how to fetch it. */
const recoverable = (error: Failure, asset: AssetRow, target: Target, known: JsonObject): Failure => {
  const detailed = withDetails(error, { ...known, asset_id: asset.asset_id, output: target.typed })
  return new Failure({
    code: detailed.code,
    message: `${detailed.message}. The image is safe as ${asset.asset_id}`,
    ...(detailed.details === undefined ? {} : { details: detailed.details }),
    recovery: {
      suggested_command: commandLine([
        "image-skill",
        "assets",
        "get",
        asset.asset_id,
        "--output",
        target.typed,
        "--json"
      ])
    }
  })
}

/** Downloads one asset into its file; `known` is added to what a failure says. */
export const deliver = (
  session: Session,
  asset: AssetRow,
  target: Target,
  isOverwriting: boolean,
  known: JsonObject
): Effect.Effect<JsonObject, Failure> =>
  Effect.gen(function* () {
    yield* session.report(`writing ${target.typed}`)
    const response = yield* session.client.download(asset.url)
    const saved = yield* save(response, target, isOverwriting)
    const warning = endingWarning(target.typed, asset.mime_type)
    if (warning !== null) yield* session.warn(warning)
    return savedJson(saved, asset)
  }).pipe(Effect.mapError((error) => recoverable(error, asset, target, known)))

/** The answer with what was written: `output` is the first file, `output_files` are all. */
export const withOutputs = (reply: Reply, written: ReadonlyArray<JsonObject>): Reply => ({
  ...reply,
  envelope: {
    ...reply.envelope,
    data: {
      ...reply.envelope.data,
      ...(written[0] === undefined ? {} : { output: written[0] }),
      output_files: written
    }
  }
})
