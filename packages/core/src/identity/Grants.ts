import { Schema } from "effect"

/** What a token may do. Checked per endpoint, which names the one it takes: `api/Caller`. */
export const grants = [
  "create",
  "edit",
  "upload",
  "assets",
  "jobs",
  "activity",
  "quota",
  "feedback",
  "credits"
] as const

export const Grant = Schema.Literal(...grants)
export type Grant = typeof Grant.Type

/** What the operator lets an agent do; null for everything, also for what later versions add. */
export const GivenGrants = Schema.NullOr(Schema.Array(Grant))
export type GivenGrants = typeof GivenGrants.Type

/** Each once, in the order of the table. */
export const grantsOf = (given: GivenGrants): ReadonlyArray<Grant> =>
  given === null ? grants : grants.filter((grant) => given.includes(grant))
