import type { Asset } from "../../assets/Asset.ts"
import { AssetId } from "../../kernel/Ids.ts"
import { isObject, type Json, type JsonObject } from "../../kernel/Json.ts"
import { isoOf } from "../../kernel/Time.ts"

/** On a deleted asset, wherever it is shown: its URL answers ASSET_NOT_FOUND. */
export const deletionJson = (deletedAt: number): JsonObject => ({ deleted: true, deleted_at: isoOf(deletedAt) })

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const assetsIn = ({ asset, assets, input_asset }: JsonObject): ReadonlyArray<Json> => [
  asset ?? null,
  input_asset ?? null,
  ...(isList(assets) ? assets : [])
]

/** Every asset that an answer shows. */
export const assetIdsIn = (answer: JsonObject): ReadonlyArray<AssetId> =>
  assetsIn(answer).flatMap((asset) => {
    const id = isObject(asset) ? asset["asset_id"] : null
    return typeof id === "string" ? [AssetId.make(id)] : []
  })

/** A frozen answer, told again: it says which of its assets were deleted since. */
export const withDeletions = (answer: JsonObject, deleted: ReadonlyArray<Asset>): JsonObject => {
  if (deleted.length === 0) return answer
  const told = (value: Json): Json => {
    const found = isObject(value) ? deleted.find(({ id }) => id === value["asset_id"]) : undefined
    return isObject(value) && found?.deletedAt !== undefined ? { ...value, ...deletionJson(found.deletedAt) } : value
  }
  const { asset, assets, input_asset, next_actions } = answer
  const isGone = (action: Json) => deleted.some(({ id }) => JSON.stringify(action).includes(id))
  return {
    ...answer,
    ...(asset === undefined ? {} : { asset: told(asset) }),
    ...(input_asset === undefined ? {} : { input_asset: told(input_asset) }),
    ...(isList(assets) ? { assets: assets.map(told) } : {}),
    ...(isList(next_actions) ? { next_actions: next_actions.filter((action) => !isGone(action)) } : {})
  }
}
