import { Invites } from "@image-skill/core/identity/Invites"
import { Tokens } from "@image-skill/core/identity/Tokens"
import { Audit } from "@image-skill/core/operator/Audit"
import { OperatorActs } from "@image-skill/core/operator/OperatorActs"
import { OperatorReads } from "@image-skill/core/operator/OperatorReads"
import { Layer } from "effect"
import { AdminHttp } from "./AdminHttp.ts"

/** The operator's endpoints, over the services of the house. */
export const OperatorHttp = AdminHttp.pipe(
  Layer.provide(Layer.merge(OperatorActs.Default, OperatorReads.Default)),
  Layer.provide(Layer.mergeAll(Audit.Default, Tokens.Default, Invites.Default))
)
