import { Context, Effect, Option } from "effect"
import type { ActivityEvent } from "../activity/Activity.ts"
import { ActivityLog } from "../activity/ActivityLog.ts"
import { type Asset, blobKey } from "../assets/Asset.ts"
import { AssetStore } from "../assets/AssetStore.ts"
import { BlobStore } from "../assets/BlobStore.ts"
import { ResultSpool } from "../assets/ResultSpool.ts"
import { organizationOf } from "../identity/Identity.ts"
import type { Attempt, Job } from "../jobs/Job.ts"
import { JobStore } from "../jobs/JobStore.ts"
import { sha256 } from "../kernel/Sha256.ts"
import { Budgets } from "../ledger/Budgets.ts"
import { LedgerStore, type LedgerTransaction } from "../ledger/LedgerStore.ts"
import { UnknownOutcomes } from "../ledger/UnknownOutcomes.ts"
import type { FakeProvider, FakeRecord } from "./FakeProvider.ts"
import type { Answer, ClientCall } from "./SimulatorClients.ts"
import { digestOfSimulator, type Ground } from "./SimulatorGround.ts"
import { allPayers } from "./SimulatorRequests.ts"

/** A job with its attempts. */
export interface Work {
  readonly job: Job
  readonly attempts: ReadonlyArray<Attempt>
}

/** A dry run and the live call of the same request right after it, with nothing else going on. */
export interface Rehearsal {
  readonly dry: Answer
  readonly live: Answer
  /** The dry run left every table as it was. */
  readonly isUntouched: boolean
}

/** An image that an organization owns, and whether its bytes are there as its row says. */
export interface Kept {
  readonly asset: Asset
  readonly isWhole: boolean
}

/** All that can be known when a history has come to rest. */
export interface Facts {
  readonly seed: number
  readonly jobs: ReadonlyArray<Work>
  readonly assets: ReadonlyArray<Kept>
  readonly events: ReadonlyArray<ActivityEvent>
  readonly transactions: ReadonlyArray<LedgerTransaction>
  readonly balances: ReadonlyMap<string, number>
  /** What budgets count for calls that have not ended, in ticks. */
  readonly reserved: number
  /** Attempts on the operator's list of unknown outcomes. */
  readonly unknown: ReadonlySet<string>
  /** What the provider knows. */
  readonly records: ReadonlyArray<FakeRecord>
  readonly calls: ReadonlyArray<ClientCall>
  readonly rehearsals: ReadonlyArray<Rehearsal>
  /** Attempts whose raw reply is still on the disk. */
  readonly spooled: ReadonlySet<string>
  /** All tables and logs, as text. */
  readonly dump: string
  readonly transitions: ReadonlySet<string>
  readonly deaths: number
}

/** What must hold when a history has come to rest, whatever happened in it. */
export interface Law {
  readonly name: string
  /** Every way in which it was broken, in words; empty when it held. */
  readonly broken: (facts: Facts) => ReadonlyArray<string>
}

const everyone = allPayers.map((payer) => organizationOf(payer.actor))
const most = { limit: 10_000, cursor: null }

export const collectFacts = (known: {
  readonly ground: Ground
  readonly provider: FakeProvider
  readonly calls: ReadonlyArray<ClientCall>
  readonly rehearsals: ReadonlyArray<Rehearsal>
  readonly transitions: ReadonlySet<string>
  readonly deaths: number
  readonly seed: number
}): Effect.Effect<Facts> =>
  Effect.gen(function* () {
    const { lasting } = known.ground
    const store = Context.get(lasting, JobStore)
    const blobs = Context.get(lasting, BlobStore)
    const spool = Context.get(lasting, ResultSpool)
    const pages = yield* Effect.forEach(everyone, (organization) => store.list(organization, most))
    const jobs = yield* Effect.forEach(
      pages.flatMap((page) => page.items),
      (job) => Effect.map(store.attempts(job.id), (attempts): Work => ({ job, attempts }))
    )
    const assets = yield* Effect.forEach(everyone, (organization) =>
      Context.get(lasting, AssetStore).list(organization, { ...most, jobId: null, kind: null })
    )
    const kept = yield* Effect.forEach(
      assets.flatMap((page) => page.items).filter((asset) => asset.kind !== "uploaded"),
      (asset) =>
        Effect.gen(function* () {
          const bytes = Option.getOrNull(yield* blobs.get(blobKey(asset)))
          return { asset, isWhole: bytes !== null && (yield* sha256(bytes)) === asset.sha256 }
        })
    )
    const events = yield* Effect.forEach(everyone, (organization) =>
      Context.get(lasting, ActivityLog).list(organization, { ...most, subject: null })
    )
    const spooled = yield* Effect.filter(
      jobs.flatMap((work) => work.attempts),
      (attempt) => Effect.map(spool.read(attempt.id), Option.isSome)
    )
    const books = yield* Context.get(lasting, LedgerStore).all
    const reserved = yield* Context.get(lasting, Budgets).reservations
    const unknown = yield* Context.get(lasting, UnknownOutcomes).list("open", most)
    return {
      ...known,
      jobs,
      assets: kept,
      events: events.flatMap((page) => page.items),
      transactions: books.transactions,
      balances: books.balances,
      reserved: [...reserved.values()].reduce((sum, ticks) => sum + ticks, 0),
      unknown: new Set(unknown.items.map(({ attemptId }) => attemptId)),
      records: yield* known.provider.records,
      spooled: new Set(spooled.map((attempt) => attempt.id)),
      dump: `${yield* known.ground.dump} ${known.ground.logs.join("\n")}`
    }
  }).pipe(Effect.orDie, Effect.provide(digestOfSimulator))
