import { Context, DateTime, Effect, Layer, Ref } from "effect"
import { failure } from "../kernel/Errors.ts"
import type { OrganizationId } from "../kernel/Ids.ts"
import { MemoryTables, type StorageUnavailable } from "../kernel/Transaction.ts"
import type { Actor } from "./Identity.ts"

/** Counts creates and edits of an organization per UTC day. */
export class DailyJobs extends Context.Tag("@image-skill/core/DailyJobs")<
  DailyJobs,
  {
    /** Takes one of the day's jobs unless the limit is reached: a conditional update. Joins the open transaction. */
    readonly take: (
      organization: OrganizationId,
      day: string,
      limit: number
    ) => Effect.Effect<boolean, StorageUnavailable>
    readonly used: (organization: OrganizationId, day: string) => Effect.Effect<number, StorageUnavailable>
  }
>() {
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const tables = yield* MemoryTables
      const rows = yield* tables.table<ReadonlyMap<string, number>>(new Map())
      return {
        take: (organization, day, limit) =>
          tables.transact(
            Ref.modify(rows, (all) => {
              const used = all.get(`${organization} ${day}`) ?? 0
              return used >= limit ? [false, all] : [true, new Map(all).set(`${organization} ${day}`, used + 1)]
            })
          ),
        used: (organization, day) => Effect.map(Ref.get(rows), (all) => all.get(`${organization} ${day}`) ?? 0)
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
