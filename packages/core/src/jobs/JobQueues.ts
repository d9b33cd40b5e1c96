import { Context } from "effect"
import type { ProviderId } from "../kernel/Ids.ts"
import { limits } from "../kernel/Limits.ts"

/** How many jobs run and wait for each provider in this process. A host may set others. */
export class JobQueues extends Context.Reference<JobQueues>()("@image-skill/core/JobQueues", {
  defaultValue: () => ({
    /** Jobs of a provider that run at one time; null for as many as its plugin makes calls. */
    runningOf: (_provider: ProviderId): number | null => null,
    waitingMax: limits.waitingOfProviderMax,
    waitingOfOrganizationMax: limits.waitingOfOrganizationMax
  })
}) {}
