import { fail } from "@image-skill/core/kernel/Errors"
import { editAspectRatio, editInput, editInputAssetId, editMask } from "../commands/edit.ts"
import { valueOf } from "../Flags.ts"
import { performOperation } from "../internal/operation.ts"
import type { Program } from "../Session.ts"

export const edit: Program = (session) => {
  const input = valueOf(session.given, editInput)
  const assetId = valueOf(session.given, editInputAssetId)
  if ((input === undefined) === (assetId === undefined)) {
    const received = input === undefined ? "neither was given" : "both were given"
    return fail("INVALID_ARGUMENTS", `edit takes one of --input and --input-asset-id; ${received}`, {
      details: { issues: [{ path: "--input", message: `one of --input and --input-asset-id; ${received}` }] },
      recovery: { required_flag: "--input", fields: ["--input", "--input-asset-id"] }
    })
  }
  return performOperation(session, {
    path: "/v1/edit",
    aspectRatio: editAspectRatio,
    fixed: assetId === undefined ? {} : { input_asset_id: assetId },
    images: [
      { flag: "input", field: "input_asset_id", typed: input },
      { flag: "mask", field: "mask_asset_id", typed: valueOf(session.given, editMask) }
    ]
  })
}
