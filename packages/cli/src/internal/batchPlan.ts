/** A batch is priced whole before anything is spent: every item by a dry run, all of its problems in one answer. */
import { type ErrorCode, errorTable, type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Credits, parseUsd, ticksOfCredits, usdOf, usdOfCredits } from "@image-skill/core/kernel/Money"
import { Array, Effect, Either } from "effect"
import type { Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import type { BatchRequest } from "./batchItems.ts"
import { type Destination, destinationOf, nowhere } from "./destination.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"
import { isTemplate, namesIn } from "./outputTemplate.ts"
import { rerun } from "./rerun.ts"

export interface PricedItem {
  readonly request: BatchRequest
  readonly destination: Destination
  readonly modelId: string | null
  /** The debit or, where it settles from usage, the most that it can be. */
  readonly credits: number
}

interface Quota {
  /** Null where nothing is metered. */
  readonly credits: number | null
  readonly dailyJobs: number | null
}

interface Planned {
  readonly items: ReadonlyArray<PricedItem>
  readonly credits: number
  readonly quota: Quota
}

interface Problem {
  readonly request: BatchRequest
  readonly error: JsonObject
}

interface Priced {
  readonly item: PricedItem
  readonly quota: Quota
}

const isKnownCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

export const failureJson = (error: Failure): JsonObject => ({
  code: error.code,
  message: error.message,
  retryable: error.details?.retryable === true || errorTable[error.code].retryable
})

const destinationFor = (session: Session, request: BatchRequest, isOverwriting: boolean, isDryRun: boolean) => {
  const { body, id, isPaid, output } = request
  if (output === null) return Effect.succeed(nowhere)
  return destinationOf(
    {
      typed: output,
      workingDirectory: session.host.workingDirectory,
      count: typeof body.output_count === "number" ? body.output_count : 1,
      // What a run before has paid for it may have written too; a template sees by itself what is there.
      isOverwriting: isOverwriting || (isPaid && !isTemplate(output)),
      isDryRun,
      rerun: (changes) => rerun(session.name, session.given, changes)
    },
    id
  )
}

/** Credits and jobs are looked at for the batch as a whole. */
const isOfQuota = (blocker: JsonObject) => blocker.code === "QUOTA_EXCEEDED"

const numberOrNull = (value: JsonObject[string] | undefined) => (typeof value === "number" ? value : null)

const quotaOf = ({ envelope: { data } }: Reply): Quota => {
  const quota = objectIn(data, "quota")
  return { credits: numberOrNull(quota.available_credits), dailyJobs: numberOrNull(quota.daily_jobs_remaining) }
}

const planOne = (
  session: Session,
  request: BatchRequest,
  options: PlanOptions
): Effect.Effect<Either.Either<Priced, Problem>, Failure> =>
  Effect.gen(function* () {
    const destination = yield* Effect.either(destinationFor(session, request, options.isOverwriting, options.isDryRun))
    if (Either.isLeft(destination)) return Either.left({ request, error: failureJson(destination.left) })
    const reply = yield* session.client.send({
      method: "POST",
      path: "/v1/create",
      body: { ...request.body, dry_run: true }
    })
    const { data, error } = reply.envelope
    const blocker = error ?? objectsIn(data, "blockers").find((one) => !isOfQuota(one))
    if (blocker !== undefined) return Either.left({ request, error: blocker })
    const pricing = objectIn(objectIn(data, "cost"), "credit_pricing")
    const credits = numberOrNull(pricing.credits_required) ?? numberOrNull(pricing.max_credits) ?? 0
    const modelId = textIn(objectIn(objectIn(data, "request"), "selection"), "model_id")
    return Either.right({ item: { request, destination: destination.right, modelId, credits }, quota: quotaOf(reply) })
  })

const sameNames = (requests: ReadonlyArray<BatchRequest>): ReadonlyArray<Problem> => {
  const seen = new Map<string, string>()
  return requests.flatMap((request) => {
    const { id, output } = request
    if (output === null || namesIn(output).some((name) => ["item", "job", "asset"].includes(name))) return []
    const other = seen.get(output)
    seen.set(output, other ?? id)
    if (other === undefined) return []
    const message = `its output ${JSON.stringify(output)} is that of item ${other} too; say {item} in the name`
    return [{ request, error: { code: "INVALID_ARGUMENTS", message } }]
  })
}

const shownMax = 100

const refuse = (total: number, problems: ReadonlyArray<Problem>) => {
  const codes = new Set(problems.map(({ error }) => textIn(error, "code") ?? ""))
  const [only = ""] = codes
  const code = codes.size === 1 && isKnownCode(only) ? only : "INVALID_ARGUMENTS"
  const [first] = problems
  const message = textIn(first?.error ?? {}, "message") ?? ""
  return fail(
    code,
    `${problems.length} of ${total} items cannot be made, and nothing was spent. Item ${first?.request.id ?? ""}: ${message}`,
    {
      details: {
        items: problems.slice(0, shownMax).map(({ error, request: { id, index } }) => ({
          id,
          index,
          code: error.code ?? null,
          message: error.message ?? null,
          ...(objectsIn(objectIn(error, "details"), "issues").length === 0
            ? {}
            : { issues: objectsIn(objectIn(error, "details"), "issues") })
        }))
      },
      recovery: {
        fields: ["--batch"],
        suggested_command: `image-skill ${code === "INVALID_ARGUMENTS" ? "help create" : "models overview"} --json`
      }
    }
  )
}

export interface PlanOptions {
  readonly isOverwriting: boolean
  readonly isDryRun: boolean
  readonly maxUsd: number | undefined
}

/** The budget is for the whole batch, also when it is taken up again: what was paid before counts. */
const checkBudget = (credits: number, maxUsd: number | undefined) => {
  const most = maxUsd === undefined ? null : Either.getOrNull(parseUsd(maxUsd))
  const debit = Credits.make(credits)
  if (most === null || ticksOfCredits(debit) <= most) return Effect.void
  return fail(
    "BUDGET_EXCEEDED",
    `The batch debits up to ${usdOfCredits(debit)} USD; --max-usd is ${usdOf(most)}. Nothing was spent`,
    {
      details: { max_usd: usdOf(most), debit_usd: usdOfCredits(debit), credits },
      recovery: { fields: ["--max-usd"], suggested_command: "image-skill models overview --json" }
    }
  )
}

const checkQuota = (items: ReadonlyArray<PricedItem>, quota: Quota) => {
  const left = items.filter(({ request }) => !request.isPaid)
  const credits = left.reduce((sum, item) => sum + item.credits, 0)
  const isShort = quota.credits !== null && credits > quota.credits
  const isCapped = quota.dailyJobs !== null && left.length > quota.dailyJobs
  if (!isShort && !isCapped) return Effect.void
  const what = isShort
    ? `${credits} credits are needed; ${quota.credits} are available`
    : `${left.length} jobs are needed; ${quota.dailyJobs} are left today`
  return fail("QUOTA_EXCEEDED", `The batch is not begun, nothing was spent: ${what}`, {
    details: {
      limiting_factor: isShort ? "credits" : "daily_jobs",
      needed_credits: credits,
      available_credits: quota.credits,
      needed_jobs: left.length,
      daily_jobs_remaining: quota.dailyJobs
    },
    recovery: {
      suggested_command: isShort ? "image-skill credits packs list --json" : "image-skill usage quota --json"
    }
  })
}

const atOnceMax = 4

/** Fails with every item that cannot be made, or with what the batch costs above a budget or the credits. */
export const planBatch = (
  session: Session,
  requests: ReadonlyArray<BatchRequest>,
  options: PlanOptions
): Effect.Effect<Planned, Failure> =>
  Effect.gen(function* () {
    const planned = yield* Effect.forEach(requests, (request) => planOne(session, request, options), {
      concurrency: atOnceMax
    })
    const [bad, good] = Array.separate(planned)
    const problems = [...bad, ...sameNames(requests)]
    if (problems.length > 0) return yield* refuse(requests.length, problems)
    const items = good.map(({ item }) => item)
    const credits = items.reduce((sum, item) => sum + item.credits, 0)
    const quota = good.at(-1)?.quota ?? { credits: null, dailyJobs: null }
    yield* checkBudget(credits, options.maxUsd)
    if (!options.isDryRun) yield* checkQuota(items, quota)
    return { items, credits, quota }
  })
