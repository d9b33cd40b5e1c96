import { fail } from "@image-skill/core/kernel/Errors"
import { Effect } from "effect"
import { editAspectRatio, editInput, editInputAssetId, editMask } from "../commands/edit.ts"
import { guide } from "../commands/request.ts"
import { valueOf } from "../Flags.ts"
import { type Operation, performOperation } from "../internal/operation.ts"
import type { Program, Session } from "../Session.ts"

const guided = (session: Session, operation: Operation | null) =>
  Effect.flatMap(
    Effect.promise(() => import("../internal/guide.ts")),
    ({ guideTo, guideToInput }) =>
      operation === null ? Effect.succeed(guideToInput(session)) : guideTo(session, operation)
  )

export const edit: Program = (session) => {
  const isGuided = valueOf(session.given, guide)
  const input = valueOf(session.given, editInput)
  const assetId = valueOf(session.given, editInputAssetId)
  if (isGuided && input === undefined && assetId === undefined) return guided(session, null)
  if ((input === undefined) === (assetId === undefined)) {
    const received = input === undefined ? "neither was given" : "both were given"
    return fail("INVALID_ARGUMENTS", `edit takes one of --input and --input-asset-id; ${received}`, {
      details: { issues: [{ path: "--input", message: `one of --input and --input-asset-id; ${received}` }] },
      recovery: { required_flag: "--input", fields: ["--input", "--input-asset-id"] }
    })
  }
  const operation: Operation = {
    path: "/v1/edit",
    aspectRatio: editAspectRatio,
    fixed: assetId === undefined ? {} : { input_asset_id: assetId },
    images: [
      { flag: "input", field: "input_asset_id", typed: input },
      { flag: "mask", field: "mask_asset_id", typed: valueOf(session.given, editMask) }
    ]
  }
  return isGuided ? guided(session, operation) : performOperation(session, operation)
}
