import { assert, describe, it } from "@effect/vitest"
import { define, type Plugin, ProviderError } from "@image-skill/core/provider/Provider"
import { Config, Effect, Schema } from "effect"
import { layerAgents } from "../../src/identity/Callers.ts"
import { codeOf, onFolder, type Server } from "../serve/house.ts"
import { pacedPlugin } from "../serve/paced.ts"
import { joined, operatorToken, tokenOf } from "./agents.ts"

const paced = pacedPlugin("paced", 4)

/** A provider that refuses every prompt and writes it on the bill. */
const strict: Plugin = define({
  ...paced,
  config: Config.succeed(null),
  make: () =>
    Effect.succeed({
      submit: () => Effect.fail(new ProviderError({ reason: "content_policy", message: "not that", billed: "yes" })),
      decode: () => Effect.dieMessage("there is nothing to read")
    })
})

const environment = { IMAGE_SKILL_ADMIN_TOKEN: operatorToken, IMAGE_SKILL_BILLED_REFUSALS_PER_DAY: "2" }

const callerOf = ({ ask }: Server) => {
  const headersOf = (token: string) => ({ "content-type": "application/json", authorization: `Bearer ${token}` })
  const get = (path: string, token: string) => ask(path, { headers: headersOf(token) })
  const post = (path: string, body: unknown, token = "") =>
    ask(path, { method: "POST", headers: headersOf(token), body: JSON.stringify(body) })
  const create = (token: string, own: Readonly<Record<string, unknown>> = {}) =>
    post("/v1/create", { prompt: "a hill", model: "paced.sync", ...own }, token)
  return { create, get, signup: () => ask("/v1/agent-signups", { ...signupBody, headers: signupHeaders }) }
}
const signupHeaders = { "content-type": "application/json" }
const signupBody = { method: "POST", body: JSON.stringify({ return_token: true }) }

const Refused = Schema.Struct({
  message: Schema.String,
  details: Schema.Struct({
    limiting_factor: Schema.Literal("billed_refusals"),
    billed_refusals: Schema.Int,
    billed_refusals_limit: Schema.Int,
    resets_at: Schema.String
  }),
  recovery: Schema.Struct({ suggested_commands: Schema.Array(Schema.String) })
})

describe("refusals that a provider bills", () => {
  it("stop the paid calls of an organization for the day, over a restart, and nobody else's", () =>
    onFolder(async (start) => {
      const own = { identity: layerAgents, environment, plugins: [strict] }
      const first = await start(own)
      const { create, signup } = callerOf(first)
      const [one, other] = [await signup(), await signup()]
      for (const _ of [1, 2]) assert.strictEqual(codeOf(await create(tokenOf(one))), "422 CONTENT_POLICY_DENIED")
      const refused = await create(tokenOf(one), { idempotency_key: "again" })
      assert.deepStrictEqual(
        [codeOf(refused), refused.headers.get("x-image-skill-exit-code")],
        ["402 QUOTA_EXCEEDED", "5"]
      )
      const { details, message, recovery } = Schema.decodeUnknownSync(Refused)(refused.envelope.error)
      assert.include(message, details.resets_at)
      assert.deepStrictEqual([details.billed_refusals, details.billed_refusals_limit], [2, 2])
      assert.include(recovery.suggested_commands[1], "--max-credits 0")
      await first.stop()

      const second = callerOf(await start(own))
      assert.strictEqual(codeOf(await second.create(tokenOf(one))), "402 QUOTA_EXCEEDED")
      const dry = await second.create(tokenOf(one), { dry_run: true })
      assert.nestedPropertyVal(dry.envelope.data ?? {}, "blockers[0].code", "QUOTA_EXCEEDED")
      const small = { model: "local.procedural", model_parameters: { width: 64, height: 64 } }
      assert.strictEqual(codeOf(await second.create(tokenOf(one), small)), "200 ok")
      assert.strictEqual(codeOf(await second.create(tokenOf(other))), "422 CONTENT_POLICY_DENIED")
      const quota = await second.get("/v1/quota", tokenOf(one))
      assert.deepNestedInclude(quota.envelope.data ?? {}, {
        "billed_refusals.limit": 2,
        "billed_refusals.used": 2,
        "billed_refusals.remaining": 0
      })
      const shown = await second.get(`/v1/admin/agents/${joined(other).actor.actor_id}`, operatorToken)
      assert.nestedPropertyVal(shown.envelope.data ?? {}, "billed_refusals.used", 1)
    }))

  it("are not limited where the operator has turned that off", () =>
    onFolder(async (start) => {
      const off = { ...environment, IMAGE_SKILL_BILLED_REFUSALS_PER_DAY: "off" }
      const { create, signup } = callerOf(await start({ identity: layerAgents, environment: off, plugins: [strict] }))
      const token = tokenOf(await signup())
      for (const _ of [1, 2, 3]) assert.strictEqual(codeOf(await create(token)), "422 CONTENT_POLICY_DENIED")
    }))
})
