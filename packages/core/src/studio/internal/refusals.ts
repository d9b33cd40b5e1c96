import { type Context, Effect } from "effect"
import { type DailyJobs, today } from "../../identity/Quota.ts"
import { refusalsExceeded } from "../../identity/Refusals.ts"
import type { OrganizationId } from "../../kernel/Ids.ts"
import type { ProviderError } from "../../provider/Provider.ts"

/** How many of these images a provider refused for what they show, and may bill all the same. */
export const billedRefusals = ({ billed, reason }: ProviderError, images: number): number =>
  reason === "content_policy" && billed !== "no" ? images : 0

/**
 * Counts refusals that may be billed, and remembers whose limit is reached, so that the jobs which were accepted before
 * can be stopped without a look at the database. What another process counted, it learns with its next refusal.
 */
export const makeRefusals = (daily: Context.Tag.Service<DailyJobs>, limit: number | null) => {
  let over: { readonly day: string; readonly images: Map<OrganizationId, number> } = { day: "", images: new Map() }

  /** Joins the transaction of the step that ends the attempt. */
  const count = Effect.fnUntraced(function* (organization: OrganizationId, images: number) {
    if (images === 0) return
    const { day } = yield* today
    const refused = yield* daily.refuse(organization, day, images)
    if (limit === null || refused < limit) return
    if (over.day !== day) over = { day, images: new Map() }
    over.images.set(organization, refused)
  })

  /** What the organization's calls that cost are refused with; null while they are not. */
  const refusalOf = (organization: OrganizationId) =>
    Effect.map(today, ({ day, resetsAt }) => {
      const refused = over.day === day ? over.images.get(organization) : undefined
      return limit === null || refused === undefined ? null : refusalsExceeded(limit, refused, resetsAt)
    })

  return { count, refusalOf } as const
}
export type Refusals = ReturnType<typeof makeRefusals>
