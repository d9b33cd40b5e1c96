import * as SqlClient from "@effect/sql/SqlClient"
import { type Statement, withTransformer } from "@effect/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import { ActivityLog } from "@image-skill/core/activity/ActivityLog"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { FeedbackStore } from "@image-skill/core/feedback/FeedbackStore"
import { SecretHash } from "@image-skill/core/identity/Agent"
import { AgentStore } from "@image-skill/core/identity/AgentStore"
import { InviteStore } from "@image-skill/core/identity/InviteStore"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { ModelId, PaymentAttemptId, ProviderId, QuoteId } from "@image-skill/core/kernel/Ids"
import { UsdTicks } from "@image-skill/core/kernel/Money"
import { Budgets } from "@image-skill/core/ledger/Budgets"
import { PaymentStore } from "@image-skill/core/ledger/PaymentStore"
import { UnknownOutcomes } from "@image-skill/core/ledger/UnknownOutcomes"
import { OperatorLog } from "@image-skill/core/operator/OperatorLog"
import { assetId, jobId, organization } from "@image-skill/core/testing/suites/samples"
import { Effect, Schema } from "effect"
import { layerTemporary } from "../stores/temporary.ts"

type Stores =
  | SqlClient.SqlClient
  | FeedbackStore
  | JobStore
  | ActivityLog
  | AssetStore
  | AgentStore
  | InviteStore
  | PaymentStore
  | Budgets
  | UnknownOutcomes
  | OperatorLog

const decodePlan = Schema.decodeUnknown(Schema.Array(Schema.Struct({ detail: Schema.String })))

/** How the engine will do what the effect asks of it. */
const planOf = <A, E>(effect: Effect.Effect<A, E, Stores>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const statements: Array<readonly [text: string, parameters: ReadonlyArray<unknown>]> = []
    const note = <T>(statement: Statement<T>) =>
      Effect.sync(() => {
        const [text, parameters] = statement.compile()
        statements.push([text, parameters])
        return statement
      })
    yield* withTransformer(effect, note)
    const plans = yield* Effect.forEach(statements, ([text, parameters]) =>
      Effect.flatMap(sql.unsafe(`EXPLAIN QUERY PLAN ${text}`, [...parameters]), decodePlan)
    )
    return plans.flat().map((step) => step.detail)
  })

const first = { limit: 20, cursor: null }
const next = { limit: 20, cursor: "c500" }
const lists: ReadonlyArray<readonly [string, Effect.Effect<unknown, unknown, Stores>]> = [
  ["jobs", Effect.flatMap(JobStore, (jobs) => jobs.list(organization, first))],
  ["jobs, a later page", Effect.flatMap(JobStore, (jobs) => jobs.list(organization, next))],
  ["one job", Effect.flatMap(JobStore, (jobs) => jobs.get(jobId("one")))],
  ["attempts", Effect.flatMap(JobStore, (jobs) => jobs.attempts(jobId("one")))],
  ["activity", Effect.flatMap(ActivityLog, (log) => log.list(organization, { ...first, subject: null }))],
  [
    "activity of a subject",
    Effect.flatMap(ActivityLog, (log) => log.list(organization, { ...next, subject: "job_1" }))
  ],
  ["one event", Effect.flatMap(ActivityLog, (log) => log.find(organization, "evt_1"))],
  ["assets", Effect.flatMap(AssetStore, (assets) => assets.list(organization, { ...next, jobId: null, kind: null }))],
  [
    "assets of a job",
    Effect.flatMap(AssetStore, (assets) => assets.list(organization, { ...next, jobId: jobId("one"), kind: null }))
  ],
  [
    "assets of a kind",
    Effect.flatMap(AssetStore, (assets) => assets.list(organization, { ...next, jobId: null, kind: "edited" }))
  ],
  ["agents", Effect.flatMap(AgentStore, (agents) => agents.list(next))],
  [
    "the agent of a token",
    Effect.flatMap(AgentStore, (agents) => agents.findByTokenHash(SecretHash.make("ab".repeat(32))))
  ],
  ["invites", Effect.flatMap(InviteStore, (invites) => invites.list(next))],
  [
    "jobs of all, by provider, status and organization",
    Effect.flatMap(JobStore, (jobs) =>
      Effect.forEach(
        [
          { organizationId: null, providerId: null, status: null },
          { organizationId: null, providerId: ProviderId.make("fal"), status: null },
          { organizationId: null, providerId: ProviderId.make("fal"), status: "completed" as const },
          { organizationId: null, providerId: null, status: "failed" as const },
          { organizationId: null, providerId: null, status: "running" as const },
          { organizationId: organization, providerId: null, status: "failed" as const }
        ],
        (filter) => jobs.listAll(filter, next)
      )
    )
  ],
  [
    "budgets and spend",
    Effect.flatMap(Budgets, (budgets) =>
      Effect.all([
        budgets.list(organization, next),
        budgets.list(null, next),
        budgets.overrunOf(
          { organizationId: organization, modelId: ModelId.make("m"), acceptedAt: 1 },
          UsdTicks.make(1)
        ),
        budgets.spend({ organizationId: null, from: "2026-11-01", to: "2026-11-30", byModel: true })
      ])
    )
  ],
  [
    "unknown outcomes",
    Effect.flatMap(UnknownOutcomes, (unknowns) =>
      Effect.all([unknowns.list("open", next), unknowns.list("resolved", next)])
    )
  ],
  ["the operator's acts", Effect.flatMap(OperatorLog, (log) => log.list(next))],
  [
    "payments, their events and reversals",
    Effect.flatMap(PaymentStore, (payments) =>
      Effect.all([
        payments.attemptsOf(organization, QuoteId.make("quote_1")),
        payments.attemptByKey(organization, "fake", "key"),
        payments.attemptBySession("fake", "cs_1"),
        payments.attemptByPayment("fake", "pi_1"),
        payments.attemptsToLookAt(1, 50),
        payments.listAttempts(next),
        payments.eventsOf(PaymentAttemptId.make("payatt_1")),
        payments.waitingFor("fake", "pi_1"),
        payments.listEvents("rejected", next),
        payments.reversalsOf(PaymentAttemptId.make("payatt_1")),
        payments.reversalsOfOrganization(organization)
      ])
    )
  ],
  [
    "assets of a job and a kind",
    Effect.flatMap(AssetStore, (assets) => assets.list(organization, { ...next, jobId: jobId("one"), kind: "edited" }))
  ],
  [
    "assets of a job with the deleted ones, and which of some are deleted",
    Effect.flatMap(AssetStore, (assets) =>
      Effect.all([assets.ofJob(organization, jobId("one")), assets.deletedOf(organization, [assetId("one")])])
    )
  ],
  ["the open job that reads an asset", Effect.flatMap(JobStore, (jobs) => jobs.openWith(organization, assetId("one")))],
  [
    "feedback, by its keys, in pages, and to offer",
    Effect.flatMap(FeedbackStore, (feedback) =>
      Effect.all([
        feedback.findRepeated(organization, { kind: "dedupe", key: "key" }),
        feedback.findRepeated(organization, { kind: "idempotency", key: "key" }),
        feedback.list(next),
        feedback.toOffer(1, 50)
      ])
    )
  ],
  ["one asset", Effect.flatMap(AssetStore, (assets) => assets.find(organization, assetId("one")))]
]

describe("what a read costs does not grow with history", () => {
  for (const [name, list] of lists)
    it.effect(`${name}: an index, and no sorting`, () =>
      Effect.gen(function* () {
        const plan = yield* planOf(list)
        assert.isNotEmpty(plan)
        for (const step of plan) assert.match(step, /^SEARCH \w+ USING/)
      }).pipe(Effect.provide(layerTemporary))
    )

  it.effect("deleted assets, and the jobs that read one: the index that is narrowest", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(Effect.flatMap(AssetStore, (assets) => assets.toErase(50)))
      assert.match(plan.join(), /^SEARCH assets USING INDEX assets_to_erase \(deleted_at>\?\)$/)
      const reader = yield* planOf(Effect.flatMap(JobStore, (jobs) => jobs.openWith(organization, assetId("one"))))
      assert.match(reader.join(), /jobs_open_of_organization/)
      const both = { ...next, jobId: jobId("one"), kind: "edited" } as const
      const listed = yield* planOf(Effect.flatMap(AssetStore, (assets) => assets.list(organization, both)))
      assert.match(listed.join(), /assets_of_job/)
    }).pipe(Effect.provide(layerTemporary))
  )

  it.effect("open jobs: the index that holds no others, in its order", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(Effect.flatMap(JobStore, (jobs) => jobs.open(50)))
      assert.deepStrictEqual(plan, ["SCAN jobs USING INDEX jobs_open"])
    }).pipe(Effect.provide(layerTemporary))
  )
})
