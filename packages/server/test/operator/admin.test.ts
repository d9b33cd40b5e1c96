import { assert, describe, it } from "@effect/vitest"
import { define, type Plugin, ProviderError } from "@image-skill/core/provider/Provider"
import { Config, Effect, Schema } from "effect"
import Database from "libsql"
import { dataPaths } from "../../src/Storage.ts"
import {
  type AgentsHouse,
  inAgentsHouse,
  joined,
  operatorToken,
  publicHouse,
  quotaOf,
  tokenOf
} from "../identity/agents.ts"
import { type Answer, codeOf, textOf } from "../serve/house.ts"
import { pacedPlugin } from "../serve/paced.ts"
import { temporaryFolder } from "../stores/temporary.ts"

const paced = pacedPlugin("paced", 4)
const create = { prompt: "a secret hill", model: "paced.sync", model_parameters: { millis: 1 } }
const why = { reason: "for a test" }

/** A provider that takes the work and is never heard of again. */
const silent: Plugin = define({
  ...paced,
  config: Config.succeed(null),
  make: () =>
    Effect.succeed({
      submit: () =>
        Effect.fail(new ProviderError({ reason: "outcome_unknown", message: "it fell silent", billed: "unknown" })),
      decode: () => Effect.dieMessage("there is nothing to read")
    })
})

const environment = { IMAGE_SKILL_RATE_LIMIT: "off", IMAGE_SKILL_DAILY_JOBS: "off" }

const operator = ({ get, post }: AgentsHouse) => ({
  read: (path: string) => get(`/v1/admin/${path}`, operatorToken),
  act: (path: string, body: unknown = {}) => post(`/v1/admin/${path}`, body, operatorToken)
})

const dataOf = ({ envelope }: Answer) => envelope.data ?? {}

const Listed = Schema.Array(Schema.Record({ key: Schema.String, value: Schema.Unknown }))
const rowsOf = (answer: Answer, name: string) => Schema.decodeUnknownSync(Listed)(dataOf(answer)[name])

describe("every endpoint of the operator", () => {
  const reads = [
    ...["agents", "agents/agt_x", "jobs", "jobs?status=failed&provider=paced", "invites", "budgets", "spend"],
    ...["unknown", "exposure", "acts", "audit", "payments", "payment-events"]
  ]
  const acts = [
    ...[
      "credits/grant",
      "credits/revoke",
      "tokens/revoke",
      "tokens/rotate",
      "agents/grants",
      "invites",
      "invites/i/revoke"
    ],
    ...["budgets", "unknown/resolve", "payments/p/reconcile"]
  ]
  const bodies: Readonly<Record<string, unknown>> = {
    "credits/grant": { organization_id: "org_x", credits: 1, ...why },
    "credits/revoke": { organization_id: "org_x", credits: 1, ...why },
    "tokens/revoke": { agent_id: "agt_x", ...why },
    "tokens/rotate": { agent_id: "agt_x", ...why },
    "agents/grants": { agent_id: "agt_x", grants: null, ...why },
    budgets: { organization_id: "org_x", period: "day", limit_usd: 1 },
    "unknown/resolve": { attempt_id: "att_x", outcome: "charged", ...why }
  }

  it("takes the operator's token, and neither none nor an agent's", () =>
    inAgentsHouse(environment, async ({ get, post, signup }) => {
      const agent = tokenOf(await signup())
      const ask = (path: string, token?: string) =>
        reads.includes(path) ? get(`/v1/admin/${path}`, token) : post(`/v1/admin/${path}`, bodies[path] ?? {}, token)
      for (const path of [...reads, ...acts]) {
        assert.strictEqual(codeOf(await ask(path)), "401 AUTH_REQUIRED", path)
        const refused = await ask(path, agent)
        assert.strictEqual(codeOf(refused), "401 TOKEN_INVALID", path)
        assert.strictEqual(refused.envelope.data, null, path)
        const answer = await get(`/v1/admin/exposure`, operatorToken)
        assert.strictEqual(codeOf(answer), "200 ok")
        assert.match(
          codeOf(await ask(path, operatorToken)),
          /^(200 ok|400 INVALID_ARGUMENTS|404 PAYMENT_REFERENCE_NOT_FOUND)$/
        )
        assert.match((await ask(path, operatorToken)).envelope.command, /^image-skill admin /)
      }
    }))

  it("is nobody's without an operator's token in the settings", () =>
    inAgentsHouse({ ...environment, IMAGE_SKILL_ADMIN_TOKEN: "" }, async ({ get }) => {
      assert.strictEqual(codeOf(await get("/v1/admin/agents")), "401 AUTH_REQUIRED")
      assert.strictEqual(codeOf(await get("/v1/admin/agents", operatorToken)), "401 TOKEN_INVALID")
    }))
})

describe("the operator", () => {
  it("grants credits once per key, and takes back no more than there is", () =>
    inAgentsHouse(environment, async (house) => {
      const { act, read } = operator(house)
      const signedUp = await house.signup()
      const { actor } = joined(signedUp)
      const change = { organization_id: actor.organization_id, credits: 100, ...why, idempotency_key: "key" }
      assert.nestedPropertyVal(dataOf(await act("credits/grant", change)), "credits.available", 150)
      assert.propertyVal(dataOf(await act("credits/grant", change)), "idempotent_replay", true)
      assert.strictEqual(codeOf(await act("credits/grant", { ...change, credits: 9 })), "409 IDEMPOTENCY_CONFLICT")
      assert.strictEqual(codeOf(await act("credits/grant", { ...change, reason: " " })), "400 INVALID_ARGUMENTS")
      const unknown = { ...change, organization_id: "org_none", idempotency_key: "other" }
      assert.strictEqual(codeOf(await act("credits/grant", unknown)), "400 INVALID_ARGUMENTS")
      const taken = await act("credits/revoke", { ...change, credits: 1000, idempotency_key: "back" })
      assert.deepInclude(dataOf(taken), { credits_asked: 1000, credits_revoked: 150 })
      assert.match(taken.envelope.warnings.join(), /150 of 1000/)
      assert.strictEqual(quotaOf(await house.get("/v1/quota", tokenOf(signedUp))).credits.available, 0)
      assert.deepStrictEqual(
        rowsOf(await read("acts"), "acts").map((row) => [row["act"], row["reason"]]),
        [
          ["credits.revoke", "for a test"],
          ["credits.grant", "for a test"]
        ]
      )
      assert.propertyVal(dataOf(await read("audit")), "sound", true)
    }))

  it("rotates and revokes tokens, and makes invites for a closed house", () =>
    inAgentsHouse({ ...environment, ...publicHouse }, async (house) => {
      const { act, read } = operator(house)
      assert.strictEqual(codeOf(await house.signup()), "403 CAPABILITY_DENIED")
      const invited = await act("invites", { uses: 1, days: 2, note: "the design team" })
      const code = Schema.decodeUnknownSync(Schema.Struct({ invite_code: Schema.String }))(dataOf(invited)).invite_code
      const signedUp = await house.signup({ invite_code: code })
      assert.strictEqual(codeOf(await house.signup({ invite_code: code })), "400 INVALID_ARGUMENTS")
      assert.nestedPropertyVal(rowsOf(await read("invites"), "invites"), "[0].uses_left", 0)
      const body = { agent_id: joined(signedUp).actor.actor_id, ...why }
      const { token } = Schema.decodeUnknownSync(Schema.Struct({ token: Schema.String }))(
        dataOf(await act("tokens/rotate", body))
      )
      assert.strictEqual(codeOf(await house.get("/v1/whoami", tokenOf(signedUp))), "401 TOKEN_REVOKED")
      assert.strictEqual(codeOf(await house.get("/v1/whoami", token)), "200 ok")
      assert.propertyVal(dataOf(await act("tokens/revoke", body)), "revoked", true)
      assert.strictEqual(codeOf(await house.get("/v1/whoami", token)), "401 TOKEN_REVOKED")
      assert.notInclude(JSON.stringify(dataOf(await read("acts"))), token)
      assert.notInclude(JSON.stringify(dataOf(await read("acts"))), code)
    }))

  it("sees the jobs of all by status and provider, page by page, and no prompt", () =>
    inAgentsHouse(
      environment,
      async (house) => {
        const { read } = operator(house)
        const tokens = [tokenOf(await house.signup()), tokenOf(await house.signup())]
        for (const token of tokens) assert.strictEqual(codeOf(await house.post("/v1/create", create, token)), "200 ok")
        const whole = await read("jobs?status=completed&provider=paced")
        assert.lengthOf(rowsOf(whole, "jobs"), 2)
        assert.lengthOf(new Set(rowsOf(whole, "jobs").map((row) => row["organization_id"])), 2)
        assert.notInclude(JSON.stringify(whole.envelope), "secret hill")
        const first = await read("jobs?limit=1")
        const cursor = textOf(dataOf(first)["next_cursor"])
        const second = await read(`jobs?limit=1&cursor=${cursor}`)
        assert.deepStrictEqual([...rowsOf(first, "jobs"), ...rowsOf(second, "jobs")], rowsOf(whole, "jobs"))
        for (const filter of ["status=failed", "status=running", "provider=fal", "organization_id=org_none"]) {
          assert.deepStrictEqual(rowsOf(await read(`jobs?${filter}`), "jobs"), [], filter)
        }
      },
      { plugins: [paced] }
    ))
})

describe("a budget", () => {
  it(
    "lets exactly as many of fifty creates through as it pays for, and says what is left",
    () =>
      inAgentsHouse(
        { ...environment, IMAGE_SKILL_FREE_CREDITS: "1000" },
        async (house) => {
          const { act, read } = operator(house)
          const signedUp = await house.signup()
          const organization_id = joined(signedUp).actor.organization_id
          const token = tokenOf(signedUp)
          await act("budgets", { organization_id, period: "month", model: "paced.sync", limit_usd: 0.27 })
          const answers = await Promise.all(Array.from({ length: 50 }, () => house.post("/v1/create", create, token)))
          assert.strictEqual(answers.map(codeOf).filter((code) => code === "200 ok").length, 5)
          const refused = answers.find((answer) => codeOf(answer) === "402 BUDGET_EXCEEDED")
          assert.deepInclude(refused?.envelope.error?.details ?? {}, {
            scope: "month_of_model",
            limit_usd: 0.27,
            needed_usd: 0.05
          })
          assert.deepStrictEqual(quotaOf(await house.get("/v1/quota", token)).credits.available, 955)
          assert.nestedPropertyVal(rowsOf(await read("budgets"), "budgets"), "[0].used_usd", 0.25)
          const spend = await read("spend?by=model")
          assert.deepInclude(rowsOf(spend, "spend")[0] ?? {}, {
            model_id: "paced.sync",
            provider_cost_usd: 0.25,
            credits_debited: 45,
            images: 5
          })
          const dry = await house.post("/v1/create", { ...create, dry_run: true }, token)
          assert.nestedPropertyVal(dataOf(dry), "blockers[0].code", "BUDGET_EXCEEDED")
          await act("budgets", { organization_id, period: "month", model: "paced.sync", limit_usd: null })
          assert.strictEqual(codeOf(await house.post("/v1/create", create, token)), "200 ok")
          assert.propertyVal(dataOf(await read("audit")), "sound", true)
        },
        { plugins: [paced] }
      ),
    30_000
  )

  it("counts an unknown outcome at its worst until the operator says what it cost", () =>
    inAgentsHouse(
      environment,
      async (house) => {
        const { act, read } = operator(house)
        const signedUp = await house.signup()
        const organization_id = joined(signedUp).actor.organization_id
        await act("budgets", { organization_id, period: "day", limit_usd: 0.12 })
        for (let nth = 0; nth < 2; nth += 1) {
          const lost = await house.post("/v1/create", create, tokenOf(signedUp))
          assert.strictEqual(codeOf(lost), "502 PROVIDER_OUTCOME_UNKNOWN")
        }
        const over = await house.post("/v1/create", create, tokenOf(signedUp))
        assert.strictEqual(codeOf(over), "402 BUDGET_EXCEEDED")
        assert.deepInclude(dataOf(await read("exposure")), { exposure_usd: 0.1, losses_usd: 0, open_unknown: 2 })
        const open = rowsOf(await read("unknown"), "unknown")
        assert.deepInclude(open[0] ?? {}, { organization_id, provider_id: "paced", worst_cost_usd: 0.05 })
        const [one, two] = open.map((row) => row["attempt_id"])
        const charged = { attempt_id: one, outcome: "charged", cost_usd: 0.03, ...why }
        assert.strictEqual(codeOf(await act("unknown/resolve", charged)), "200 ok")
        assert.propertyVal(dataOf(await act("unknown/resolve", charged)), "idempotent_replay", true)
        assert.strictEqual(
          codeOf(await act("unknown/resolve", { ...charged, cost_usd: 0.02 })),
          "409 IDEMPOTENCY_CONFLICT"
        )
        assert.strictEqual(
          codeOf(await act("unknown/resolve", { attempt_id: two, outcome: "not_charged", ...why })),
          "200 ok"
        )
        assert.deepInclude(dataOf(await read("exposure")), { exposure_usd: 0, losses_usd: 0.03, open_unknown: 0 })
        assert.nestedPropertyVal(rowsOf(await read("budgets"), "budgets"), "[0].used_usd", 0.03)
        assert.lengthOf(rowsOf(await read("unknown?state=resolved"), "unknown"), 2)
        assert.propertyVal(dataOf(await read("audit")), "sound", true)
      },
      { plugins: [silent] }
    ))
})

describe("an audit", () => {
  const breakages: ReadonlyArray<readonly [string, string, RegExp]> = [
    [
      "a balance",
      "UPDATE ledger_balances SET amount = amount + 1 WHERE account LIKE '%:free'",
      /:free: its entries give/
    ],
    [
      "an entry",
      "UPDATE ledger_entries SET amount = amount - 1 WHERE account = 'house:revenue'",
      /sum to -1, not to 0/
    ],
    [
      "a hold",
      "UPDATE ledger_balances SET amount = amount + 9 WHERE account LIKE '%:held'",
      /attempts that are open hold 0/
    ],
    ["a debit", "UPDATE attempts SET settled = settled + 1", /was debited 10; the books debited \d/],
    ["an image", "DELETE FROM assets", /neither there nor deleted/],
    [
      "a reservation",
      "UPDATE spend SET reserved = 7 WHERE length(period) = 7 AND model_id = ''",
      /budgets reserve 7 ticks/
    ]
  ]

  it.scopedLive(
    "finds what was broken by hand in the file, while the house is at work",
    () =>
      Effect.gen(function* () {
        const dataDirectory = yield* temporaryFolder
        yield* Effect.promise(() =>
          inAgentsHouse(
            environment,
            async (house) => {
              const { read } = operator(house)
              await house.post("/v1/create", create, tokenOf(await house.signup()))
              assert.propertyVal(dataOf(await read("audit")), "sound", true)
              for (const [what, statement, message] of breakages) {
                const database = new Database(dataPaths(dataDirectory).database)
                database.exec(statement)
                database.close()
                const found = await read("audit")
                assert.strictEqual(codeOf(found), "500 INTERNAL", what)
                assert.match(JSON.stringify(found.envelope.error?.details), message, what)
              }
            },
            { dataDirectory, plugins: [paced] }
          )
        )
      }),
    30_000
  )
})
