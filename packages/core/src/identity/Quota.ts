import { Context, DateTime, Effect, Layer, Ref } from "effect"
import { failure } from "../kernel/Errors.ts"
import type { OrganizationId } from "../kernel/Ids.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import type { Actor } from "./Identity.ts"

interface Counts {
  readonly used: number
  readonly refused: number
}

const none: Counts = { used: 0, refused: 0 }

/** Counts creates and edits of an organization per UTC day, and its images that providers refused and may bill. */
export class DailyJobs extends Context.Tag("@image-skill/core/DailyJobs")<
  DailyJobs,
  {
    /**
     * Takes one of the day's jobs unless the limit is reached: a conditional update. Joins the open transaction. Nor is
     * one taken when `refusedMax` images or more were refused that day.
     */
    readonly take: (
      organization: OrganizationId,
      day: string,
      limit: number,
      refusedMax?: number | null
    ) => Effect.Effect<boolean, StorageUnavailable>
    readonly used: (organization: OrganizationId, day: string) => Effect.Effect<number, StorageUnavailable>
    /** Counts images that were refused; gives how many it are that day. Joins the open transaction. */
    readonly refuse: (
      organization: OrganizationId,
      day: string,
      images: number
    ) => Effect.Effect<number, StorageUnavailable>
    readonly refused: (organization: OrganizationId, day: string) => Effect.Effect<number, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<string, Counts>>(new Map())
      const counts = (organization: OrganizationId, day: string) =>
        Effect.map(Ref.get(rows), (all) => all.get(`${organization} ${day}`) ?? none)
      return {
        take: (organization, day, limit, refusedMax = null) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const { refused, used } = all.get(`${organization} ${day}`) ?? none
              const isOver = used >= limit || (refusedMax !== null && refused >= refusedMax)
              return isOver
                ? [false, all]
                : [true, new Map(all).set(`${organization} ${day}`, { used: used + 1, refused })]
            })
          ),
        used: (organization, day) => Effect.map(counts(organization, day), ({ used }) => used),
        refuse: (organization, day, images) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const { refused, used } = all.get(`${organization} ${day}`) ?? none
              const now = refused + images
              return [now, new Map(all).set(`${organization} ${day}`, { used, refused: now })]
            })
          ),
        refused: (organization, day) => Effect.map(counts(organization, day), ({ refused }) => refused)
      }
    })
  )
}

/** Today in UTC, `2026-11-22`, and when it ends. */
export const today = Effect.map(DateTime.now, (now) => ({
  day: DateTime.formatIsoDateUtc(now),
  resetsAt: DateTime.formatIso(DateTime.add(DateTime.startOf(now, "day"), { days: 1 }))
}))

/** The daily cap is reached: the reset time is the recovery. */
export const dailyJobsExceeded = (actor: Actor, resetsAt: string) =>
  failure("QUOTA_EXCEEDED", `The ${actor.dailyJobs} jobs of today are used; the next day starts at ${resetsAt}`, {
    details: { limiting_factor: "daily_jobs", daily_jobs_limit: actor.dailyJobs, resets_at: resetsAt },
    recovery: { suggested_command: "image-skill usage quota --json" }
  })
