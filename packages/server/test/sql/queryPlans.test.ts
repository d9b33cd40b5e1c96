import * as SqlClient from "@effect/sql/SqlClient"
import { type Statement, withTransformer } from "@effect/sql/Statement"
import { assert, describe, it } from "@effect/vitest"
import { ActivityLog } from "@image-skill/core/activity/ActivityLog"
import { AssetStore } from "@image-skill/core/assets/AssetStore"
import { SecretHash } from "@image-skill/core/identity/Agent"
import { AgentStore } from "@image-skill/core/identity/AgentStore"
import { InviteStore } from "@image-skill/core/identity/InviteStore"
import { JobStore } from "@image-skill/core/jobs/JobStore"
import { PaymentAttemptId, QuoteId } from "@image-skill/core/kernel/Ids"
import { PaymentStore } from "@image-skill/core/ledger/PaymentStore"
import { assetId, jobId, organization } from "@image-skill/core/testing/suites/samples"
import { Effect, Schema } from "effect"
import { layerTemporary } from "../stores/temporary.ts"

type Stores = SqlClient.SqlClient | JobStore | ActivityLog | AssetStore | AgentStore | InviteStore | PaymentStore

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

  it.effect("open jobs: the index that holds no others, in its order", () =>
    Effect.gen(function* () {
      const plan = yield* planOf(Effect.flatMap(JobStore, (jobs) => jobs.open(50)))
      assert.deepStrictEqual(plan, ["SCAN jobs USING INDEX jobs_open"])
    }).pipe(Effect.provide(layerTemporary))
  )
})
