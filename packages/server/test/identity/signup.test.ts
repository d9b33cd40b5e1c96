import { assert, describe, it } from "@effect/vitest"
import { Invites } from "@image-skill/core/identity/Invites"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect, Layer, Redacted } from "effect"
import { layerStorage } from "../../src/Storage.ts"
import { inHouse } from "../http/house.ts"
import { codeOf } from "../serve/house.ts"
import { temporaryFolder } from "../stores/temporary.ts"
import { inAgentsHouse, joined, operatorToken, publicHouse, quotaOf, tokenOf } from "./agents.ts"

describe("signup on loopback", () => {
  it("gives a new agent in a new organization, with a token that works and free credits, once", () =>
    inAgentsHouse({}, async ({ get, signup }) => {
      const body = { human_email: "agent-ops@example.com", agent_name: "creative-agent", runtime: "codex" }
      const first = await signup(body)
      assert.strictEqual(codeOf(first), "200 ok")
      assert.strictEqual(first.envelope.command, "image-skill signup")
      const data = joined(first)
      assert.match(data.token ?? "", /^isk_r_[0-9a-f]{64}$/)
      assert.strictEqual(data.token_class, "restricted")
      assert.strictEqual(first.envelope.actor?.actor_id, data.actor.actor_id)
      assert.strictEqual(data.actor.claim_state, "unclaimed")
      const second = joined(await signup(body))
      assert.notStrictEqual(second.actor.organization_id, data.actor.organization_id)

      const whoami = await get("/v1/whoami", data.token)
      assert.deepInclude(whoami.envelope.data, {
        authenticated: true,
        claim_state: "unclaimed",
        token_class: "restricted",
        token_status: "active"
      })
      const quota = quotaOf(await get("/v1/quota", data.token))
      assert.deepStrictEqual(quota, {
        credits: { available: 50, held: 0, free_remaining: 50 },
        daily_jobs: { limit: 50, used: 0 }
      })
    }))

  it("shows no token that was not asked for, and takes no replay", () =>
    inAgentsHouse({}, async ({ post }) => {
      const headers = { "idempotency-key": "one" }
      const first = await post("/v1/agent-signups", { human_email: "try@example.invalid" }, undefined, headers)
      const second = await post("/v1/agent-signups", { human_email: "try@example.invalid" }, undefined, headers)
      assert.isFalse(joined(first).token_presented)
      assert.isUndefined(joined(first).token)
      assert.notStrictEqual(joined(first).actor.actor_id, joined(second).actor.actor_id)
      assert.lengthOf(first.envelope.warnings, 2)
    }))

  it("refuses texts that break their limits, and repeats no contact", () =>
    inAgentsHouse({}, async ({ signup }) => {
      const refused = [
        { human_email: "nobody" },
        { human_email: `${"a".repeat(64)}@${"b".repeat(300)}.example` },
        { agent_name: "" },
        { agent_name: "two\nlines" },
        { runtime: "r".repeat(101) },
        { invite_code: "with space" },
        { agentname: "codex" }
      ]
      for (const body of refused) {
        const answer = await signup(body)
        assert.strictEqual(codeOf(answer), "400 INVALID_ARGUMENTS", JSON.stringify(body))
        assert.notInclude(answer.envelope.error?.message, "nobody")
      }
    }))

  it("gives no more free credits than a day has, and says so", () =>
    inAgentsHouse({ IMAGE_SKILL_FREE_CREDITS_PER_DAY: "120" }, async ({ get, signup }) => {
      const answers = await Promise.all([signup(), signup(), signup(), signup()])
      const granted = answers.map((answer) => joined(answer).credits.granted)
      assert.sameMembers(granted, [0, 0, 50, 50])
      const poor = answers.find((answer) => joined(answer).credits.granted === 0)
      assert.match(poor?.envelope.warnings[0] ?? "", /free credits of today/)
      assert.strictEqual(quotaOf(await get("/v1/quota", poor && tokenOf(poor))).credits.available, 0)
    }))
})

describe("a rotation", () => {
  it("takes the agent's own token: the old one is revoked at once, the agent stays", () =>
    inAgentsHouse({}, async ({ get, signup }) => {
      const before = joined(await signup())
      const after = joined(await signup({}, before.token))
      assert.deepStrictEqual(after.actor, before.actor)
      assert.strictEqual(after.credits.granted, 0)
      assert.strictEqual(codeOf(await get("/v1/whoami", before.token)), "401 TOKEN_REVOKED")
      assert.strictEqual(codeOf(await get("/v1/whoami", after.token)), "200 ok")
      assert.strictEqual(codeOf(await signup({}, before.token)), "401 TOKEN_REVOKED")
      assert.strictEqual(codeOf(await signup({ return_token: false }, after.token)), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await get("/v1/whoami", after.token)), "200 ok")
      const many = await Promise.all(Array.from({ length: 6 }, () => signup({}, after.token)))
      assert.lengthOf(
        many.filter((answer) => codeOf(answer) === "200 ok"),
        1
      )
    }))

  it("takes the operator's token for any agent, and nobody else's", () =>
    inAgentsHouse({}, async ({ get, signup }) => {
      const one = joined(await signup({ agent_name: "twin", human_email: "twin@example.com" }))
      const two = joined(await signup({ agent_name: "twin", human_email: "twin@example.com" }))
      const other = { agent_id: one.actor.actor_id }
      assert.strictEqual(codeOf(await signup(other)), "401 AUTH_REQUIRED")
      assert.strictEqual(codeOf(await signup(other, two.token)), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await signup(other, "isk_r_guessed")), "401 TOKEN_INVALID")
      assert.strictEqual(codeOf(await signup({ agent_id: "agt_none" }, operatorToken)), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await get("/v1/whoami", one.token)), "200 ok")
      const rotated = joined(await signup(other, operatorToken))
      assert.strictEqual(rotated.actor.actor_id, one.actor.actor_id)
      assert.strictEqual(codeOf(await get("/v1/whoami", one.token)), "401 TOKEN_REVOKED")
      assert.strictEqual(codeOf(await get("/v1/whoami", rotated.token)), "200 ok")
    }))
})

describe("signup off loopback", () => {
  it("is closed to strangers, and open to the operator", () =>
    inAgentsHouse({ ...publicHouse, IMAGE_SKILL_RATE_LIMIT: "off" }, async ({ signup }) => {
      const refused = await signup({ human_email: "a@example.com" })
      assert.strictEqual(codeOf(refused), "403 CAPABILITY_DENIED")
      assert.deepInclude(refused.envelope.error?.recovery, { required_flag: "--invite-code" })
      assert.strictEqual(codeOf(await signup({ invite_code: "isk_invite_guess" })), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await signup({ human_email: "x@example.invalid" })), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await signup({ human_email: "x@example.invalid" }, operatorToken)), "200 ok")
    }))

  it("is closed on loopback too where the operator says so", () =>
    inAgentsHouse({ IMAGE_SKILL_SIGNUP: "closed" }, async ({ server, signup }) => {
      assert.isTrue(server.needsInvite)
      assert.strictEqual(codeOf(await signup()), "403 CAPABILITY_DENIED")
      assert.strictEqual(codeOf(await signup({ invite_code: "isk_invite_guess" })), "400 INVALID_ARGUMENTS")
      assert.strictEqual(codeOf(await signup({ human_email: "x@example.invalid" }, operatorToken)), "200 ok")
    }))

  it("takes the operator's switch, but no harness", () =>
    inAgentsHouse({ ...publicHouse, IMAGE_SKILL_SIGNUP: "open" }, async ({ signup }) => {
      assert.strictEqual(codeOf(await signup({ human_email: "a@example.com" })), "200 ok")
      assert.strictEqual(codeOf(await signup({ human_email: "X@Sub.Example.INVALID" })), "400 INVALID_ARGUMENTS")
    }))

  it.scopedLive("takes an invite as often as it says, also when all come at a time", () =>
    Effect.gen(function* () {
      const dataDirectory = yield* temporaryFolder
      const invite = Effect.flatMap(Invites, (invites) =>
        invites.create({ uses: 2, days: 1, note: null, grants: null })
      ).pipe(Effect.provide(Invites.Default.pipe(Layer.provide(layerStorage(dataDirectory)), Layer.provide(Ids.layer))))
      const invite_code = Redacted.value((yield* invite).code)
      const environment = { ...publicHouse, IMAGE_SKILL_RATE_LIMIT: "off" }
      const answers = yield* Effect.promise(() =>
        inAgentsHouse(
          environment,
          ({ signup }) => Promise.all(Array.from({ length: 6 }, () => signup({ invite_code }))),
          { dataDirectory }
        )
      )
      const codes = answers.map(codeOf).sort()
      assert.deepStrictEqual(codes, ["200 ok", "200 ok", ...Array.from({ length: 4 }, () => "400 INVALID_ARGUMENTS")])
    })
  )
})

describe("signup in embedded mode", () => {
  it("is not needed, and says so", () =>
    inHouse(async ({ post }) => {
      const answer = await post("/v1/agent-signups", { return_token: true })
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.envelope.actor?.actor_type, "local_owner")
      assert.isFalse(joined(answer).token_presented)
      assert.match(answer.envelope.warnings[0] ?? "", /No signup is needed/)
    }))
})
