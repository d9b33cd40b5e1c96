import { Clock, type Context, Effect, Either, Option } from "effect"
import type { Asset } from "../assets/Asset.ts"
import type { AssetStore } from "../assets/AssetStore.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import { type DailyJobs, dailyJobsExceeded, today } from "../identity/Quota.ts"
import { RefusalLimit, refusalsExceeded } from "../identity/Refusals.ts"
import { warn } from "../kernel/Call.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import type { AssetId } from "../kernel/Ids.ts"
import { Credits, UsdTicks } from "../kernel/Money.ts"
import { quoted } from "../kernel/Quote.ts"
import { spanned } from "../kernel/Traces.ts"
import type { Budgets } from "../ledger/Budgets.ts"
import { budgetExceeded } from "../ledger/budgetExceeded.ts"
import { creditsShort, type Ledger } from "../ledger/Ledger.ts"
import { CreditPolicy } from "../pricing/CreditPolicy.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { roomFor, type Shortage, tooFull } from "./internal/room.ts"
import { type Plan, plan } from "./Planner.ts"
import { dryRunJson, type QuotaFacts } from "./Receipt.ts"
import { assetsOf, type Delivery, type DescribedImage, type ImageRequest } from "./Request.ts"

export type Described = NonNullable<Delivery["described"]>

/** What a dry run may have to look at. Each is asked only when the request or its caller makes it matter. */
export interface DryRunLooks {
  readonly findAsset: Context.Tag.Service<AssetStore>["find"]
  /** Of a metered caller. */
  readonly balance: Ledger["balance"]
  /** Of a caller with a daily cap. */
  readonly dailyUsed: Context.Tag.Service<DailyJobs>["used"]
  /** Where there is a limit on refusals, of a paid model. */
  readonly dailyRefused: Context.Tag.Service<DailyJobs>["refused"]
  /** Of a metered caller's paid model. */
  readonly overrunOf: Context.Tag.Service<Budgets>["overrunOf"]
  /** Of a paid model. */
  readonly shortageOf: (replyBytes: number) => Effect.Effect<Shortage | null>
}

/** Plans requests, and says what a live call would be refused for. Writes nothing. */
export const makeDryRuns = Effect.fnUntraced(function* (looks: DryRunLooks) {
  const registry = yield* ProviderRegistry
  const policy = yield* CreditPolicy
  const media = yield* MediaOrigin
  const refusalLimit = yield* RefusalLimit

  /** The assets of a request; fails on one that its caller does not have. */
  const assets = Effect.fnUntraced(function* (actor: Actor, request: ImageRequest, described: Described) {
    const found = new Map<AssetId, Asset | DescribedImage>()
    for (const id of assetsOf(request)) {
      const asset = described.get(id) ?? Option.getOrNull(yield* looks.findAsset(organizationOf(actor), id))
      if (asset === null) return yield* assetNotFound(id)
      found.set(id, asset)
    }
    return found
  }, spanned("Studio.assets"))

  /** The plan of a request, or the refusal that a live call would give. */
  const planFor = Effect.fnUntraced(function* (actor: Actor, request: ImageRequest, described: Described = new Map()) {
    const owned = yield* assets(actor, request, described)
    const { day } = yield* today
    return yield* plan(request, {
      // All of them are looked at where none is named.
      get models() {
        return registry.models
      },
      model: registry.model,
      isConfigured: registry.isConfigured,
      providers: registry.statuses,
      assets: owned,
      multiplier: policy.multiplier,
      today: day
    })
  }, spanned("Studio.plan"))

  /** An unmetered owner without a daily cap is told so without a look at the database. */
  const quota = Effect.fnUntraced(function* (actor: Actor) {
    const organization = organizationOf(actor)
    const balance = actor.metered ? yield* looks.balance(organization) : null
    const used = actor.dailyJobs === null ? 0 : yield* looks.dailyUsed(organization, (yield* today).day)
    return {
      available: balance === null ? null : Credits.make(balance.free + balance.paid),
      dailyJobsRemaining: actor.dailyJobs === null ? null : Math.max(0, actor.dailyJobs - used)
    }
  }, spanned("Studio.quota"))

  /** The room that a plan's paid replies lack; null where there is enough. */
  const shortage = ({ calls, model, parameters }: Plan) => looks.shortageOf(roomFor(model, parameters, calls))

  /** Budgets of the owner of this machine are left to the live call: a dry run of theirs looks at no database. */
  const overBudget = Effect.fnUntraced(function* (actor: Actor, planned: Plan, resetsAt: string) {
    const needed = UsdTicks.make(planned.worstPerImage * planned.calls.reduce((sum, outputs) => sum + outputs, 0))
    if (!actor.metered || needed === 0) return []
    const acceptedAt = yield* Clock.currentTimeMillis
    const use = { organizationId: organizationOf(actor), modelId: planned.model.id, acceptedAt }
    const overrun = yield* looks.overrunOf(use, needed)
    return Option.toArray(Option.map(overrun, (one) => budgetExceeded(one, needed, resetsAt)))
  })

  const overRefusals = Effect.fnUntraced(function* (actor: Actor, planned: Plan) {
    if (refusalLimit === null || planned.worstPerImage === 0) return []
    const { day, resetsAt } = yield* today
    const refused = yield* looks.dailyRefused(organizationOf(actor), day)
    return refused >= refusalLimit ? [refusalsExceeded(refusalLimit, refused, resetsAt)] : []
  })

  /** What a live call would be refused for as things stand, in its order. */
  const blockersOf = Effect.fnUntraced(function* (actor: Actor, planned: Plan, facts: QuotaFacts) {
    const provider = yield* Effect.either(registry.get(planned.model.provider))
    const lacking = yield* shortage(planned)
    const { resetsAt } = yield* today
    const blockers: ReadonlyArray<Failure> = [
      ...(Either.isLeft(provider) ? [provider.left] : []),
      ...(lacking === null ? [] : [tooFull(lacking)]),
      ...(yield* overRefusals(actor, planned)),
      ...(facts.dailyJobsRemaining === 0 ? [dailyJobsExceeded(actor, resetsAt)] : []),
      ...(facts.available !== null && facts.available < planned.hold
        ? [creditsShort(planned.hold, { free: facts.available, paid: Credits.make(0) })]
        : []),
      ...(yield* overBudget(actor, planned, resetsAt))
    ]
    return blockers
  }, spanned("Studio.blockers"))

  /** The answer to a dry run. */
  const answer = Effect.fnUntraced(function* (actor: Actor, request: ImageRequest, described?: Described) {
    const planned = yield* planFor(actor, request, described)
    yield* warn(...planned.warnings)
    const facts = yield* quota(actor)
    return dryRunJson(planned, facts, media.base, yield* blockersOf(actor, planned, facts))
  }, spanned("Studio.dryRun"))

  return { answer, assets, plan: planFor, quota, shortage } as const
})

const assetNotFound = (id: string) =>
  failure("ASSET_NOT_FOUND", `There is no asset "${quoted(id)}" here`, {
    details: { asset_id: quoted(id) },
    recovery: { suggested_command: "image-skill assets list --json" }
  })
