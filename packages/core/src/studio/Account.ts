import { Effect, Ref } from "effect"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import { DailyJobs, today } from "../identity/Quota.ts"
import { RefusalLimit, refusalsJson } from "../identity/Refusals.ts"
import { Call } from "../kernel/Call.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { Credits, creditUnitUsd, usdOfCredits } from "../kernel/Money.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { ProviderRegistry, readinessOf } from "../provider/ProviderRegistry.ts"

/** Who the caller is and what is left to them. */
export class Account extends Effect.Service<Account>()("@image-skill/core/Account", {
  effect: Effect.gen(function* () {
    const ledger = yield* Ledger
    const daily = yield* DailyJobs
    const refusalLimit = yield* RefusalLimit
    const registry = yield* ProviderRegistry

    const whoami = (actor: Actor): Effect.Effect<JsonObject> =>
      Effect.succeed({
        authenticated: true,
        actor: { ...actor.ref },
        organization: { organization_id: organizationOf(actor) },
        claim_state: actor.ref.claim_state,
        token_class: actor.tokenClass,
        token_status: actor.tokenCreatedAt === null ? "none" : "active",
        token_created_at: actor.tokenCreatedAt,
        grants: [...actor.grants]
      })

    const quota = Effect.fn("Account.quota")(function* (actor: Actor) {
      const balance = yield* ledger.balance(organizationOf(actor))
      const { day, resetsAt } = yield* today
      const used = yield* daily.used(organizationOf(actor), day)
      const refused = yield* daily.refused(organizationOf(actor), day)
      const spent = Credits.make(balance.unmeteredSpent - balance.held)
      const result: JsonObject = {
        credits: {
          available: actor.metered ? balance.free + balance.paid : null,
          unlimited: !actor.metered,
          held: balance.held,
          owed: actor.metered ? balance.owed : null,
          free_remaining: actor.metered ? balance.free : null,
          paid_remaining: actor.metered ? balance.paid : null,
          spent: actor.metered ? null : spent,
          spent_usd: actor.metered ? null : usdOfCredits(spent),
          unit_usd: creditUnitUsd
        },
        daily_jobs: {
          limit: actor.dailyJobs,
          used,
          remaining: actor.dailyJobs === null ? null : Math.max(0, actor.dailyJobs - used),
          resets_at: resetsAt
        },
        billed_refusals: refusalsJson(refusalLimit, refused, resetsAt),
        models: {
          configured_providers: registry.statuses.filter((one) => one.problem === null).map((one) => one.id),
          available: registry.models.filter(
            (model) => model.execution === "executable" && registry.isConfigured(model.provider)
          ).length
        },
        top_up: actor.metered ? ["image-skill credits packs list --json"] : []
      }
      return result
    })

    /** `GET /healthz`: never calls out. `states` are the host's: of what it keeps bytes and rows in. */
    const health = Effect.fn("Account.health")(function* (states: {
      readonly storage: string
      readonly database: string
    }) {
      yield* Ref.set((yield* Call).status, 200)
      const result: JsonObject = {
        status: Object.values(states).includes("unavailable") ? "degraded" : "ok",
        api_version: "v1",
        storage: states.storage,
        database: states.database,
        providers: registry.statuses.map((one) => ({
          provider_id: one.id,
          display_name: one.displayName,
          configured: one.problem === null,
          status: readinessOf(one)
        }))
      }
      return result
    })

    return { whoami, quota, health } as const
  })
}) {}
