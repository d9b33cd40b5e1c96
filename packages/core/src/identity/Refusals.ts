import { Context } from "effect"
import { failure } from "../kernel/Errors.ts"
import type { JsonObject } from "../kernel/Json.ts"

/**
 * Images of one organization that providers may refuse and bill in a UTC day; from then on nothing of it that costs is
 * sent until the next. Null: no limit, as where the owner of the machine pays the bill.
 */
export class RefusalLimit extends Context.Reference<RefusalLimit>()("@image-skill/core/RefusalLimit", {
  defaultValue: (): number | null => null
}) {}

/** How much of the limit is used, for the organization and for the operator. */
export const refusalsJson = (limit: number | null, refused: number, resetsAt: string): JsonObject => ({
  limit,
  used: refused,
  remaining: limit === null ? null : Math.max(0, limit - refused),
  resets_at: resetsAt
})

/** The limit is reached: what costs nothing still runs, the rest from `resetsAt` on. `refused`: counted so far today. */
export const refusalsExceeded = (limit: number, refused: number, resetsAt: string) =>
  failure(
    "QUOTA_EXCEEDED",
    `Providers refused ${refused} images of this organization today and may bill them, where ${limit} are allowed; calls that cost are taken again from ${resetsAt}`,
    {
      details: {
        limiting_factor: "billed_refusals",
        billed_refusals: refused,
        billed_refusals_limit: limit,
        resets_at: resetsAt
      },
      recovery: {
        suggested_commands: [
          "image-skill usage quota --json",
          "image-skill models list --available --max-credits 0 --json"
        ]
      }
    }
  )
