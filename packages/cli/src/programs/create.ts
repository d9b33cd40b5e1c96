import { createAspectRatio } from "../commands/create.ts"
import { performOperation } from "../internal/operation.ts"
import type { Program } from "../Session.ts"

export const create: Program = (session) =>
  performOperation(session, { path: "/v1/create", aspectRatio: createAspectRatio, fixed: {}, images: [] })
