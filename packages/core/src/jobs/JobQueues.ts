import { Context } from "effect"
import type { ProviderId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"

interface Queues {
  /** Jobs of a provider that run at one time; null for as many as its plugin makes calls. */
  readonly runningOf: (provider: ProviderId) => number | null
  /** Jobs that wait for a provider; further ones are refused. */
  readonly waitingMax: (provider: ProviderId) => number
  /** The same, of one organization. */
  readonly waitingOfOrganizationMax: (provider: ProviderId) => number
  /** A house that closes waits this long for its runs; what is left is taken up by the next. */
  readonly drainMillis: number
}

/** How many jobs run and wait for each provider in this process, and how long its end waits. A host may set others. */
export class JobQueues extends Context.Reference<JobQueues>()("@image-skill/core/JobQueues", {
  defaultValue: (): Queues => ({
    runningOf: () => null,
    waitingMax: () => limits.waitingOfProviderMax,
    waitingOfOrganizationMax: () => limits.waitingOfOrganizationMax,
    drainMillis: limits.drainMillis
  })
}) {}
