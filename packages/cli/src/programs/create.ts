import { Effect } from "effect"
import { batch, createAspectRatio } from "../commands/create.ts"
import { guide } from "../commands/request.ts"
import { valueOf } from "../Flags.ts"
import { type Operation, performOperation } from "../internal/operation.ts"
import type { Program } from "../Session.ts"

const operation: Operation = { path: "/v1/create", aspectRatio: createAspectRatio, fixed: {}, images: [] }

export const create: Program = (session) => {
  if (valueOf(session.given, batch) !== undefined) {
    return Effect.flatMap(
      Effect.promise(() => import("./batch.ts")),
      ({ createBatch }) => createBatch(session)
    )
  }
  if (valueOf(session.given, guide)) {
    return Effect.flatMap(
      Effect.promise(() => import("../internal/guide.ts")),
      ({ guideTo }) => guideTo(session, operation)
    )
  }
  return performOperation(session, operation)
}
