import { Clock, Effect, Option, Redacted, Ref } from "effect"
import { AssetStore } from "../assets/AssetStore.ts"
import { MediaOrigin } from "../assets/MediaOrigin.ts"
import { type Actor, organizationOf } from "../identity/Identity.ts"
import { DailyJobs, dailyJobsExceeded, today } from "../identity/Quota.ts"
import { RefusalLimit, refusalsExceeded } from "../identity/Refusals.ts"
import type { Attempt, Job } from "../jobs/Job.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { Call, warn } from "../kernel/Call.ts"
import { passed } from "../kernel/Checkpoint.ts"
import { type ErrorCode, type Failure, fail, failure, withDetails } from "../kernel/Errors.ts"
import { type IdempotencyScope, IdempotencyStore } from "../kernel/Idempotency.ts"
import { Ids, type JobId } from "../kernel/Ids.ts"
import { canonical, type JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import { countCredits, countOverhead } from "../kernel/Metrics.ts"
import { Credits, UsdTicks } from "../kernel/Money.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { spanned } from "../kernel/Traces.ts"
import { type StorageUnavailable, Transaction } from "../kernel/Transaction.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { budgetExceeded } from "../ledger/budgetExceeded.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { makeDryRuns } from "./DryRuns.ts"
import { assetIdsIn, withDeletions } from "./internal/deletions.ts"
import { failureOf } from "./internal/providerFailure.ts"
import { tooFull } from "./internal/room.ts"
import { type Accepted, JobRunner } from "./JobRunner.ts"
import type { Plan } from "./Planner.ts"
import { moneyJson, planJson, runningJson, showJob } from "./Receipt.ts"
import type { Delivery, ImageRequest } from "./Request.ts"

export type StudioFailure = Failure<ErrorCode>

/** Creates and edits: plans, takes the money and the job in one transaction, runs it, and answers. */
export class Studio extends Effect.Service<Studio>()("@image-skill/core/Studio", {
  effect: Effect.gen(function* () {
    const ids = yield* Ids
    const jobs = yield* JobStore
    const assets = yield* AssetStore
    const ledger = yield* Ledger
    const budgets = yield* Budgets
    const daily = yield* DailyJobs
    const refusalLimit = yield* RefusalLimit
    const keys = yield* IdempotencyStore
    const transaction = yield* Transaction
    const registry = yield* ProviderRegistry
    const runner = yield* JobRunner
    const media = yield* MediaOrigin

    const keyOf = (scope: IdempotencyScope) => spanned("IdempotencyStore.find")(keys.find(scope))

    const dryRuns = yield* makeDryRuns({
      findAsset: assets.find,
      balance: ledger.balance,
      dailyUsed: daily.used,
      dailyRefused: daily.refused,
      overrunOf: budgets.overrunOf,
      shortageOf: runner.shortageOf
    })

    /** Key, job, attempts, holds and the day's count: all of it, or nothing. Answers the job, or whose key it was. */
    const accept = Effect.fnUntraced(function* (
      actor: Actor,
      planned: Plan,
      scope: IdempotencyScope | null,
      bodyHash: string
    ) {
      const { job, attempts } = yield* draft(actor, planned, scope?.key ?? null)
      const write = Effect.gen(function* () {
        if (scope !== null && !(yield* keys.bind(scope, { bodyHash, jobId: job.id }))) return null
        // One that was deleted since the plan was made: from here on the open job keeps the others.
        yield* dryRuns.assets(actor, planned.request, new Map())
        const { day, resetsAt } = yield* today
        const limit = actor.dailyJobs ?? Number.MAX_SAFE_INTEGER
        const refusedMax = planned.worstPerImage > 0 ? refusalLimit : null
        if (!(yield* daily.take(organizationOf(actor), day, limit, refusedMax))) {
          const refused = refusedMax === null ? 0 : yield* daily.refused(organizationOf(actor), day)
          return refusedMax !== null && refused >= refusedMax
            ? yield* refusalsExceeded(refusedMax, refused, resetsAt)
            : yield* dailyJobsExceeded(actor, resetsAt)
        }
        const held = yield* Effect.forEach(attempts, (attempt) =>
          Effect.map(
            ledger.hold(
              organizationOf(actor),
              attempt.id,
              Credits.make(planned.holdPerImage * attempt.outputs),
              actor.metered
            ),
            ({ free, paid, unmetered }) => ({ ...attempt, held: { free, paid, unmetered } })
          )
        )
        // After the holds, as the end of an attempt does it: two of one organization never wait for each other.
        const needed = UsdTicks.make(attempts.reduce((sum, { worstCost }) => sum + worstCost, 0))
        const use = { organizationId: job.organizationId, modelId: planned.model.id, acceptedAt: job.createdAt }
        const overrun = needed === 0 ? Option.none() : yield* budgets.reserve(use, needed)
        if (Option.isSome(overrun)) return yield* budgetExceeded(overrun.value, needed, resetsAt)
        yield* jobs.insert(job, held)
        return { job, attempts: held }
      })
      return yield* Effect.catchAll(
        transaction.run(write),
        (error): Effect.Effect<Accepted, StudioFailure> =>
          isAway(error) ? unlessThere(job.id, error) : Effect.fail(error)
      )
    }, spanned("Studio.accept"))

    /** A commit whose answer was lost may have been done all the same: its rows tell. */
    const unlessThere = (jobId: JobId, error: StorageUnavailable): Effect.Effect<Accepted, StorageUnavailable> =>
      Effect.all([Effect.flatten(jobs.get(jobId)), jobs.attempts(jobId)]).pipe(
        Effect.map(([job, attempts]) => ({ job, attempts })),
        Effect.mapError(() => error)
      )

    /** Refused where a paid reply could be lost for want of room: before the key is bound and anything is held. */
    const withRoom = Effect.fnUntraced(function* (planned: Plan) {
      const shortage = yield* dryRuns.shortage(planned)
      if (shortage !== null) return yield* tooFull(shortage)
    }, spanned("Studio.room"))

    /** Refused while too many jobs wait for the provider: before the key is bound and anything is held. */
    const inQueue = <A>(actor: Actor, planned: Plan, accepting: Effect.Effect<A, StudioFailure, Call>) =>
      runner.arriving(planned.model.provider, organizationOf(actor), accepting)

    const draft = (actor: Actor, planned: Plan, idempotencyKey: string | null) =>
      Effect.gen(function* () {
        const call = yield* Call
        const now = yield* Clock.currentTimeMillis
        const id = yield* ids.job
        const attempts = yield* Effect.forEach(planned.calls, (outputs, index) =>
          Effect.gen(function* () {
            return attemptOf(planned, {
              id: yield* ids.attempt,
              jobId: id,
              index,
              outputs,
              assetIds: yield* Effect.all(Array.from({ length: outputs }, () => ids.asset))
            })
          })
        )
        const warnings = [...(yield* Ref.get(call.warnings)), ...planned.warnings]
        const own = { id, now, idempotencyKey, traceId: call.traceId, warnings, mediaBase: media.base }
        const job = jobOf(actor, planned, own)
        // It runs where it was accepted: no other process takes it up while this one lives.
        return { job: { ...job, owner: runner.self, leaseUntil: now + limits.leaseMillis }, attempts }
      })

    /** What is known of a job, as the answer of the call that waits for it. */
    const answer = Effect.fnUntraced(function* (jobId: JobId, waitMillis: number, replay: boolean) {
      const job = Option.getOrNull(yield* runner.wait(jobId, waitMillis))
      if (job === null)
        return yield* fail("JOB_NOT_FOUND", "The job of this call is gone", { details: { job_id: jobId } })
      yield* warn(...job.warnings)
      const replayed = replay ? { idempotent_replay: true } : {}
      if (job.status === "completed") {
        const frozen = job.answer ?? {}
        const deleted = replay ? yield* assets.deletedOf(job.organizationId, assetIdsIn(frozen)) : []
        return { ...withDeletions(frozen, deleted), ...replayed }
      }
      const attempts = yield* jobs.attempts(jobId)
      if (job.status === "failed") {
        const error = job.error ?? { code: "INTERNAL", message: "the job failed" }
        return yield* failureOf(jobId, error, { money: moneyJson(attempts), ...replayed })
      }
      if (job.status === "canceled") return { ...runningJson(job), next_actions: [], ...replayed }
      const unstored = attempts.find((attempt) => attempt.phase === "unstored" && attempt.error !== null)
      if (unstored?.error) {
        return yield* failureOf(jobId, unstored.error, { money: moneyJson(attempts), ...replayed })
      }
      yield* Ref.set((yield* Call).status, 202)
      return { ...runningJson({ ...job, status: "running" }), ...replayed }
    }, spanned("Studio.answer"))

    const submit = Effect.fnUntraced(function* (
      actor: Actor,
      request: ImageRequest,
      delivery: Delivery
    ): Effect.fn.Return<JsonObject, StudioFailure, Call> {
      if (delivery.dryRun) return yield* dryRuns.answer(actor, request, delivery.described)
      const scope = scopeOf(actor, request, delivery)
      const bodyHash = yield* hashOf(request)
      const begunAt = yield* Clock.currentTimeMillis
      const known = scope === null ? null : Option.getOrNull(yield* keyOf(scope))
      if (known !== null) return yield* replay(known, bodyHash, delivery)
      const planned = yield* dryRuns.plan(actor, request)
      yield* passed("planned")
      yield* registry.get(planned.model.provider)
      yield* withRoom(planned)
      const accepted = yield* Effect.uninterruptibleMask((restore) =>
        // From the commit on the job runs, even if the client hangs up between the two.
        Effect.tap(inQueue(actor, planned, accept(actor, planned, scope, bodyHash)), (accepted) =>
          accepted === null
            ? Effect.void
            : Effect.onExit(restore(passed("accepted")), () => Effect.asVoid(runner.begin(accepted)))
        )
      )
      if (accepted === null) {
        // Another call with this key was faster between our look and our transaction.
        const other = scope === null ? null : Option.getOrNull(yield* keys.find(scope))
        return other === null ? yield* conflict(delivery, null) : yield* replay(other, bodyHash, delivery)
      }
      const { job } = accepted
      yield* countCredits("held", planned.hold)
      yield* countOverhead("accept", (yield* Clock.currentTimeMillis) - begunAt)
      yield* Effect.annotateCurrentSpan({
        "image_skill.job_id": job.id,
        "image_skill.model": planned.model.id,
        "image_skill.provider": planned.model.provider,
        "image_skill.credits": planned.hold
      })
      return yield* answer(job.id, delivery.waitMillis, false).pipe(
        Effect.catchIf(isWithoutJob, () =>
          Effect.gen(function* () {
            yield* warn("the job is accepted; its state cannot be read at the moment")
            yield* Ref.set((yield* Call).status, 202)
            return runningJson({ ...job, status: "running" })
          })
        )
      )
    }, spanned("Studio.submit"))

    const replay = Effect.fnUntraced(function* (
      known: { readonly bodyHash: string; readonly jobId: JobId },
      bodyHash: string,
      delivery: Delivery
    ) {
      if (known.bodyHash !== bodyHash) return yield* conflict(delivery, known.jobId)
      yield* runner.start(known.jobId)
      return yield* answer(known.jobId, delivery.waitMillis, true).pipe(
        Effect.mapError((error) => (isWithoutJob(error) ? withDetails(error, { job_id: known.jobId }) : error))
      )
    }, spanned("Studio.replay"))

    return { submit, plan: dryRuns.plan, quota: dryRuns.quota } as const
  })
}) {}

/** The store failed on the way to the answer. It is no answer: "nothing was done" would be a lie once there is a job. */
const isWithoutJob = (error: Failure) => error.code === "STORAGE_UNAVAILABLE" && error.details?.["job_id"] === undefined

const isAway = (error: Failure): error is StorageUnavailable => error.code === "STORAGE_UNAVAILABLE"

/** `jobId`: what the key has made; null where that is gone. */
const conflict = (delivery: Delivery, jobId: JobId | null) =>
  failure(
    "IDEMPOTENCY_CONFLICT",
    "This idempotency key belongs to another request: repeat that one, or take a new key",
    {
      details: { idempotency_key: delivery.idempotencyKey },
      recovery: { fields: ["idempotency_key"], suggested_command: showJob(jobId) }
    }
  )

const scopeOf = (actor: Actor, request: ImageRequest, delivery: Delivery): IdempotencyScope | null =>
  delivery.idempotencyKey === null
    ? null
    : { organizationId: organizationOf(actor), endpoint: request.command, key: delivery.idempotencyKey }

/** Of all that decides the result, the prompt among it: only this hash of it is kept. */
const hashOf = (request: ImageRequest): Effect.Effect<string> =>
  sha256(
    new TextEncoder().encode(
      canonical({
        ...request,
        prompt: request.prompt === null ? null : Redacted.value(request.prompt),
        references: request.references.map((one) => ({ ...one })),
        budget: { ...request.budget }
      })
    )
  )

const attemptOf = (planned: Plan, own: Pick<Attempt, "id" | "jobId" | "index" | "outputs" | "assetIds">): Attempt => ({
  ...own,
  phase: "planned",
  handle: null,
  held: { free: Credits.make(0), paid: Credits.make(0), unmetered: Credits.make(0) },
  creditsPerImage: planned.holdPerImage,
  settled: null,
  estimatedCost:
    planned.estimate.confidence === "unknown" ? null : UsdTicks.make(planned.estimate.perImage * own.outputs),
  worstCost: UsdTicks.make(planned.worstPerImage * own.outputs),
  actualCost: null,
  error: null,
  details: {},
  claimedAt: null,
  repairUntil: null
})

const jobOf = (
  actor: Actor,
  planned: Plan,
  own: {
    readonly id: JobId
    readonly now: number
    readonly idempotencyKey: string | null
    readonly traceId: Job["traceId"]
    readonly warnings: ReadonlyArray<string>
    readonly mediaBase: string
  }
): Job => {
  const { request, model } = planned
  const promptKept = model.input.prompt === "required" && request.prompt !== null
  return {
    id: own.id,
    organizationId: organizationOf(actor),
    agentId: actor.ref.actor_id,
    traceId: own.traceId,
    command: request.command,
    operation: planned.operation,
    modelId: model.id,
    providerId: model.provider,
    capabilityId: model.capability,
    status: "queued",
    epoch: 0,
    owner: null,
    leaseUntil: null,
    cancelRequested: false,
    work: {
      prompt: promptKept && request.prompt !== null ? Redacted.value(request.prompt) : null,
      parameters: planned.parameters,
      image: request.image,
      mask: request.mask,
      references: request.references.map((one) => ({ ...one }))
    },
    receipt: planJson(planned, own.mediaBase),
    idempotencyKey: own.idempotencyKey,
    error: null,
    answer: null,
    warnings: own.warnings,
    createdAt: own.now,
    completedAt: null,
    deadlineAt: own.now + model.deadlineMillis
  }
}
