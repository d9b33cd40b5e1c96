import { Clock, Effect, Either, Option, Schedule, Schema } from "effect"
import { Asset, blobKey } from "../../assets/Asset.ts"
import type { Model } from "../../catalog/Model.ts"
import type { Attempt, Job, JobError } from "../../jobs/Job.ts"
import { passed } from "../../kernel/Checkpoint.ts"
import { isObject } from "../../kernel/Json.ts"
import { limits } from "../../kernel/Limits.ts"
import { Credits, creditsFor, shareUp, type UsdTicks, zeroTicks } from "../../kernel/Money.ts"
import { spanned } from "../../kernel/Traces.ts"
import type { StorageUnavailable } from "../../kernel/Transaction.ts"
import { type Outcome, ProviderError, type ProviderOutput, type SpooledReply } from "../../provider/Provider.ts"
import { assetFrom } from "./images.ts"
import type { Move } from "./move.ts"
import { jobErrorOf } from "./providerFailure.ts"
import { billedRefusals } from "./refusals.ts"
import { mayRepeat } from "./repeats.ts"
import { asRequest } from "./requests.ts"
import type { Run, Services, Stale } from "./run.ts"
import { abandoned, unstored } from "./storageErrors.ts"
import type { InHand } from "./submit.ts"

interface Image {
  readonly asset: Asset
  readonly bytes: Uint8Array
}

const badOutput = (message: string) => new ProviderError({ reason: "bad_output", message, billed: "yes" })

const refusedOutput = (model: Model) =>
  new ProviderError({
    reason: "content_policy",
    message: "the provider withheld the image",
    billed: model.safety.refusalBilled ? "yes" : "no"
  })

const isProvenance = Schema.is(Asset.fields.provenance)

/** As planned: an edit by an algorithm inherits it. A job of an older build has no word of it. */
const provenanceOf = (job: Job, model: Model): Asset["provenance"] => {
  const request = job.receipt["request"]
  const planned = isObject(request) ? request["provenance"] : undefined
  return isProvenance(planned) ? planned : model.provenance
}

/** Makes the call of an attempt, also one that was made before. */
type Claim = (run: Run, attempt: Attempt) => Effect.Effect<Option.Option<Attempt>, Stale | StorageUnavailable>

/** What can still be mended comes first. */
const problemOf = (problems: ReadonlyArray<ProviderError>): ProviderError | null =>
  problems.find((problem) => problem.reason === "unavailable") ?? problems[0] ?? null

const storedAtOnce = 2

const fetchAgain = Schedule.intersect(Schedule.exponential("200 millis"), Schedule.recurs(4))

/** Turns a spooled reply into stored images, and settles them. */
export const makeDeliver = (services: Services, move: Move, { replies, spooled }: InHand, claim: Claim) => {
  const { spool, providers, blobs, fetch, policy } = services

  const replyOf = (attempt: Attempt) => {
    const inHand = replies.get(attempt.id)
    return inHand === undefined ? spool.read(attempt.id) : Effect.succeed(Option.some(inHand))
  }

  const imageOf = (run: Run, attempt: Attempt, model: Model, output: ProviderOutput, index: number) =>
    Effect.gen(function* () {
      const id = attempt.assetIds[index]
      if (output._tag === "Refused") return yield* refusedOutput(model)
      if (id === undefined) return yield* badOutput("the provider sent more images than were asked for")
      const bytes =
        output._tag === "Bytes"
          ? output.bytes
          : yield* Effect.retry(asRequest(run, "fetch")(fetch.bytes(output.url)), {
              schedule: fetchAgain,
              while: (e) => e.reason === "unavailable"
            })
      const kind = run.job.command === "edit" ? "edited" : "generated"
      const { id: jobId, organizationId } = run.job
      const owned = { id, organizationId, jobId, kind, provenance: provenanceOf(run.job, model) } as const
      const made = yield* assetFrom(bytes, owned, model.provenance === "algorithmic").pipe(
        spanned("ImageInspector.inspect", { attributes: { "image_skill.bytes": bytes.length } })
      )
      return yield* Either.match(made, {
        onLeft: (problem) => Effect.fail(badOutput(`the provider's answer is no usable image: ${problem}`)),
        onRight: ({ asset, bytes: kept }) => Effect.succeed<Image>({ asset, bytes: kept })
      })
    })

  /** The images of an outcome that are usable, and why others are not. */
  const imagesOf = (run: Run, attempt: Attempt, model: Model, outcome: Outcome) =>
    Effect.map(
      Effect.forEach(outcome.outputs.slice(0, attempt.outputs), (output, index) =>
        Effect.either(imageOf(run, attempt, model, output, index))
      ),
      (all) => ({
        images: all.flatMap((one) => (Either.isRight(one) ? [one.right] : [])),
        problems: all.flatMap((one) => (Either.isLeft(one) ? [one.left] : []))
      })
    )

  const isWithinRepair = (run: Run) =>
    Effect.map(Clock.currentTimeMillis, (now) => now < run.job.deadlineAt + limits.repairWindowMillis)

  /** Only unknown cost settles from usage: never above its hold, and at the hold when the provider does not say. */
  const debitOf = (attempt: Attempt, images: number, outcome: Outcome): Credits => {
    const most = Credits.make(attempt.creditsPerImage * images)
    if (attempt.estimatedCost !== null || outcome.cost === null || images === 0) return most
    // The bill covers every output of the reply, also those that were withheld or are no image.
    const each = creditsFor(shareUp(outcome.cost, 1, Math.max(images, outcome.outputs.length)), policy.multiplier)
    return Credits.make(Math.min(most, each * images))
  }

  /** What the house pays for images that were billed and are not delivered: their share of the bill, or of the worst. */
  const withheldCost = (attempt: Attempt, outcome: Outcome, problems: ReadonlyArray<ProviderError>): UsdTicks => {
    const billed = problems.filter((problem) => problem.billed !== "no").length
    if (billed === 0) return zeroTicks
    return outcome.cost === null
      ? shareUp(attempt.worstCost, billed, attempt.outputs)
      : shareUp(outcome.cost, billed, outcome.outputs.length)
  }

  const finish = (attempt: Attempt) =>
    Effect.gen(function* () {
      replies.delete(attempt.id)
      spooled.delete(attempt.id)
      yield* Effect.ignoreLogged(spool.remove(attempt.id))
      yield* passed("unspooled")
    })

  const refuse = (run: Run, attempt: Attempt, error: ProviderError) =>
    move(run, attempt, "refused", {
      patch: { error: jobErrorOf(error) },
      exposed: error.billed === "no" ? zeroTicks : attempt.worstCost,
      refused: billedRefusals(error, attempt.outputs)
    }).pipe(Effect.zipLeft(finish(attempt)))

  /** The provider was paid and the customer is not charged: what it may cost is the house's. */
  const givenUp = (run: Run, attempt: Attempt, error: JobError) =>
    Effect.zipLeft(
      move(run, attempt, "window_ended", { patch: { error }, exposed: attempt.worstCost }),
      finish(attempt)
    )

  /** Whether the reply outlives this process. A spool that failed when the reply came is tried again. */
  const isSpooled = (attempt: Attempt) =>
    Effect.gen(function* () {
      if (Option.isSome(yield* spool.read(attempt.id))) return true
      const reply = replies.get(attempt.id)
      if (reply === undefined) return false
      yield* spool.write(attempt.id, reply)
      return true
    }).pipe(Effect.orElseSucceed(() => false))

  const storageFailed = (run: Run, attempt: Attempt) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const repairUntil = attempt.repairUntil ?? now + limits.repairWindowMillis
      const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
      const error = unstored({
        repairUntil,
        isRepeatable: model?.repeatable === true,
        isSpooled: yield* isSpooled(attempt)
      })
      const isTold = attempt.phase === "unstored" && attempt.error?.message === error.message
      const kept = isTold ? attempt : yield* move(run, attempt, "storage_failed", { patch: { error, repairUntil } })
      if (now >= repairUntil) return Option.some(yield* givenUp(run, kept, abandoned(repairUntil)))
      return attempt.phase === "unstored" ? Option.none<Attempt>() : Option.some(kept)
    })

  const store = (images: ReadonlyArray<Image>) =>
    Effect.forEach(images, ({ asset, bytes }) => blobs.put(blobKey(asset), bytes), {
      discard: true,
      concurrency: Math.min(storedAtOnce, images.length)
    }).pipe(
      spanned("BlobStore.put", {
        attributes: { "image_skill.images": images.length }
      })
    )

  const settle = (
    run: Run,
    attempt: Attempt,
    images: ReadonlyArray<Image>,
    outcome: Outcome,
    problems: ReadonlyArray<ProviderError>
  ) => {
    const problem = problemOf(problems)
    return move(run, attempt, "delivered", {
      patch: {
        assetIds: images.map(({ asset }) => asset.id),
        settled: debitOf(attempt, images.length, outcome),
        actualCost: outcome.cost,
        details: { ...outcome.details, ...(outcome.warnings.length === 0 ? {} : { warnings: outcome.warnings }) },
        error: problem === null ? null : jobErrorOf(problem)
      },
      exposed: withheldCost(attempt, outcome, problems),
      refused: problems.reduce((sum, one) => sum + billedRefusals(one, 1), 0),
      assets: images.map(({ asset }) => asset)
    })
  }

  /** The plugin that could read the reply is gone. It may come back, though not for ever. */
  const unread = (run: Run, attempt: Attempt) =>
    Effect.gen(function* () {
      if (yield* isWithinRepair(run)) return Option.none<Attempt>()
      const error = new ProviderError({
        reason: "outcome_unknown",
        message: "the provider answered, and it is not configured here any more to read the answer",
        billed: "yes"
      })
      return Option.some(yield* move(run, attempt, "lost", { patch: { error: jobErrorOf(error) } }))
    })

  const withReply = Effect.fnUntraced(function* (run: Run, attempt: Attempt, reply: SpooledReply) {
    const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
    const provider = model === undefined ? Option.none() : yield* Effect.option(providers.get(model.provider))
    if (model === undefined || Option.isNone(provider)) return yield* unread(run, attempt)
    const call = {
      attemptId: attempt.id,
      model,
      operation: run.job.command === "edit" ? ("edit" as const) : ("create" as const),
      parameters: run.job.work?.parameters ?? {},
      outputs: attempt.outputs
    }
    const outcome = yield* provider.value.adapter.decode(call, reply).pipe(
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(
          Effect.logError("a provider plugin threw", defect),
          Effect.fail(badOutput("the answer cannot be read"))
        )
      ),
      Effect.either
    )
    if (Either.isLeft(outcome)) return Option.some(yield* refuse(run, attempt, outcome.left))
    const { images, problems } = yield* imagesOf(run, attempt, model, outcome.right)
    const problem = problemOf(problems)
    // The images are made and paid; where they lie cannot be reached at the moment.
    if (problem?.reason === "unavailable" && (yield* isWithinRepair(run))) return Option.none<Attempt>()
    if (images.length === 0) {
      return Option.some(yield* refuse(run, attempt, problem ?? badOutput("the provider's answer holds no image")))
    }
    const stored = yield* Effect.either(store(images))
    if (Either.isLeft(stored)) {
      yield* Effect.logError(`images cannot be stored: ${stored.left.message}`)
      return yield* storageFailed(run, attempt)
    }
    yield* passed("stored")
    const settled = yield* settle(run, attempt, images, outcome.right, problems)
    yield* passed("settled")
    yield* finish(attempt)
    return Option.some(settled)
  }, spanned("Attempt.deliver"))

  /** `None`: it cannot be delivered now; look again later. */
  const deliver = (run: Run, attempt: Attempt) =>
    Effect.gen(function* () {
      const reply = yield* Effect.either(replyOf(attempt))
      if (Either.isRight(reply) && Option.isSome(reply.right)) return yield* withReply(run, attempt, reply.right.value)
      const model = run.job.modelId === null ? undefined : providers.model(run.job.modelId)
      if (mayRepeat(run.job, attempt, model)) return yield* claim(run, attempt)
      if (Either.isLeft(reply)) return yield* storageFailed(run, attempt)
      // Where the spool failed with the store, the process that got the reply may still have it in hand.
      if ((yield* Clock.currentTimeMillis) < (attempt.repairUntil ?? 0)) return Option.none<Attempt>()
      const error = new ProviderError({
        reason: "outcome_unknown",
        message: "the provider answered, and the answer was lost with the process that had it",
        billed: "yes"
      })
      return Option.some(yield* move(run, attempt, "lost", { patch: { error: jobErrorOf(error) } }))
    })

  return deliver
}
