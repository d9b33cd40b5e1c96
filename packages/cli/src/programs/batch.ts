/** `create --batch`: many images, priced whole, made a few at a time, told in one answer. */
import { type Failure, fail, failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Credits, usdOfCredits } from "@image-skill/core/kernel/Money"
import { Clock, Effect, Ref } from "effect"
import type { Refused } from "../Client.ts"
import { batch, batchId, concurrency } from "../commands/create.ts"
import * as flags from "../commands/request.ts"
import { type Answer, label, success } from "../Envelope.ts"
import { type Flag, valueOf } from "../Flags.ts"
import { readBatch } from "../internal/batchFile.ts"
import { requestsOf } from "../internal/batchItems.ts"
import { readJournal } from "../internal/batchJournal.ts"
import { paced } from "../internal/batchPace.ts"
import { type PricedItem, planBatch } from "../internal/batchPlan.ts"
import { type ItemResult, makeItem } from "../internal/batchRun.ts"
import { drop, pickUp } from "../internal/breadcrumbs.ts"
import { textIn } from "../internal/fields.ts"
import { parametersOf, plainFields } from "../internal/operation.ts"
import { rerun } from "../internal/rerun.ts"
import type { Session } from "../Session.ts"

const excluded: ReadonlyArray<Flag> = [
  flags.prompt,
  flags.promptFile,
  flags.idempotencyKey,
  flags.referenceImage,
  flags.elementFrontal,
  flags.elementReference,
  flags.wait,
  flags.noWait,
  flags.guide,
  flags.open
]

const checkFlags = (session: Session): Effect.Effect<void, Failure> => {
  const { flags: given } = session.given
  const other =
    excluded.find(({ name }) => given.has(name))?.name ??
    (valueOf(session.given, batch) === "-" && given.has("token-stdin") ? "token-stdin" : undefined)
  if (other === undefined) return Effect.void
  const message = `--batch and --${other} cannot be used together: an item says it in its own fields`
  return fail("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: `--${other}`, message }] },
    recovery: { fields: ["--batch", `--${other}`] }
  })
}

const recoveryOf = (session: Session, id: string) => ({
  suggested_command: rerun(session.name, session.given, { [batchId.name]: [id] }),
  ...(valueOf(session.given, batch) === "-" ? { missing_inputs: ["the batch, on stdin"] } : {})
})

/** Says on disk and on stderr how to take the batch up again, before anything is sent. */
const announce = (session: Session, id: string) =>
  Effect.gen(function* () {
    const { suggested_command: recoverCommand } = recoveryOf(session, id)
    yield* session.setInFlight({ idempotencyKey: null, recoverCommand, jobId: null })
    yield* drop(session.settings, {
      version: 1,
      command: label(session.name),
      idempotency_key: id,
      recover_command: recoverCommand,
      working_directory: session.host.workingDirectory,
      api_base_url: session.settings.baseUrl?.href ?? null,
      process_id: session.host.processId,
      started_at_ms: yield* Clock.currentTimeMillis
    }).pipe(Effect.catchAll((reason) => session.warn(`The recover command is on stderr only: ${reason}`)))
    if (session.style === "readable") return
    const line = { in_flight: { command: label(session.name), batch_id: id, recover_command: recoverCommand } }
    yield* Effect.promise(() => session.host.stderr.write(`${JSON.stringify(line)}\n`))
  })

const plannedAnswer = (session: Session, id: string, items: ReadonlyArray<PricedItem>, credits: number): Answer =>
  success(session.name, {
    batch_id: id,
    status: "planned",
    dry_run: true,
    counts: { items: items.length },
    total: { credits_required: credits, debit_usd: usdOfCredits(Credits.make(credits)) },
    mutation: { provider_call: false, credit_debit: false, media_write: false },
    items: items.map(({ credits: own, modelId, request }) => ({
      id: request.id,
      model_id: modelId,
      credits_required: own
    }))
  })

const countOf = (results: ReadonlyArray<ItemResult>, status: ItemResult["status"]) =>
  results.filter((one) => one.status === status).length

const digest = (id: string, results: ReadonlyArray<ItemResult>): JsonObject => {
  const completed = countOf(results, "completed")
  const credits = results.reduce((sum, one) => sum + (one.credits ?? 0), 0)
  return {
    batch_id: id,
    status: completed === results.length ? "completed" : completed === 0 ? "failed" : "partial",
    counts: {
      items: results.length,
      completed,
      failed: countOf(results, "failed"),
      running: countOf(results, "running"),
      not_started: countOf(results, "not_started")
    },
    total: { settled_credits: credits, settled_usd: usdOfCredits(Credits.make(credits)) },
    items: results.map(({ assetIds, credits: own, error, files, id: item, isReplay, jobId, status }) => ({
      id: item,
      status,
      job_id: jobId,
      credits: own,
      asset_ids: [...assetIds],
      ...(files.length === 0 ? {} : { files: [...files] }),
      ...(isReplay ? { paid_before: true } : {}),
      ...(error === null ? {} : { error })
    }))
  }
}

/** Exit 0 only when every item is completed; else what the first that is not failed with. */
const answerOf = (session: Session, id: string, results: ReadonlyArray<ItemResult>): Effect.Effect<Answer, Failure> => {
  const data = digest(id, results)
  const bad = results.filter(({ status }) => status !== "completed")
  if (bad.length === 0) return Effect.succeed(success(session.name, data))
  const first = bad.find(({ status }) => status === "failed") ?? bad[0]
  const message = textIn(first?.error ?? {}, "message") ?? "it is still running"
  return Effect.fail(
    failure(
      first?.code ?? "TIMEOUT",
      `${bad.length} of ${results.length} items are not completed. Item ${first?.id ?? ""}: ${message}`,
      {
        // The same command finds running ones done, and tries again what can be tried again.
        details: { batch: data, retryable: bad.some(({ isWorthRepeating }) => isWorthRepeating) },
        recovery: recoveryOf(session, id)
      }
    )
  )
}

const makeAll = (session: Session, id: string, items: ReadonlyArray<PricedItem>) =>
  Effect.gen(function* () {
    yield* announce(session, id)
    const [done, stopped] = [yield* Ref.make(0), yield* Ref.make(false)]
    const told = (result: ItemResult) =>
      Effect.gen(function* () {
        const count = yield* Ref.updateAndGet(done, (before) => before + 1)
        yield* session.report(`${count} of ${items.length} items`)
        if (session.style === "readable") return
        const { credits, id: item, jobId, status } = result
        const line = { batch: { batch_id: id, done: count, of: items.length, item, status, job_id: jobId, credits } }
        yield* Effect.promise(() => session.host.stderr.write(`${JSON.stringify(line)}\n`))
      })
    yield* session.report(`0 of ${items.length} items`)
    const results = yield* Effect.forEach(items, (item) => Effect.tap(makeItem(session, id, item, stopped), told), {
      concurrency: valueOf(session.given, concurrency)
    })
    yield* session.afterAnswer(pickUp(session.settings, id))
    return yield* answerOf(session, id, results)
  })

/** What the flags say for all items: only those that were typed, so that the file's defaults stand. */
const sharedFields = (session: Session) =>
  Effect.map(parametersOf(session), (parameters): JsonObject => {
    const { aspect_ratio: ratio, dry_run: _, max_usd: __, ...fields } = plainFields(session, flags.aspectRatio("1:1"))
    return {
      ...fields,
      ...(session.given.flags.has("aspect-ratio") && ratio !== undefined ? { aspect_ratio: ratio } : {}),
      ...(parameters === undefined ? {} : { model_parameters: parameters })
    }
  })

export const createBatch = (typed: Session): Effect.Effect<Answer, Failure | Refused> =>
  Effect.gen(function* () {
    const session = paced(typed)
    yield* checkFlags(session)
    const { defaults, items } = yield* readBatch(session, valueOf(session.given, batch) ?? "-")
    const id = valueOf(session.given, batchId) ?? `batch_${crypto.randomUUID()}`
    const journal = yield* readJournal(session.settings, id)
    const layers = { defaults, flags: yield* sharedFields(session), output: valueOf(session.given, flags.output) }
    const requests = requestsOf(items, layers, id, journal)
    const isDryRun = valueOf(session.given, flags.dryRun)
    yield* session.report(`pricing ${requests.length} items`)
    const planned = yield* planBatch(session, requests, {
      isOverwriting: valueOf(session.given, flags.overwrite),
      isDryRun,
      maxUsd: valueOf(session.given, flags.maxUsd)
    })
    return isDryRun
      ? plannedAnswer(session, id, planned.items, planned.credits)
      : yield* makeAll(session, id, planned.items)
  })
