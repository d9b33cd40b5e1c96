import { assert, describe, it } from "@effect/vitest"
import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import { grants } from "@image-skill/core/identity/Grants"
import { Schema } from "effect"
import { type Answer, codeOf } from "../serve/house.ts"
import { type AgentsHouse, inAgentsHouse, joined, operatorToken, publicHouse, tokenOf } from "./agents.ts"

const environment = { IMAGE_SKILL_RATE_LIMIT: "off" }
const why = { reason: "for a test" }

interface AgentsEndpoint {
  readonly id: string
  readonly grant: string | null
  readonly method: string
  readonly path: string
}

/** Every endpoint that takes an agent's token and no other, as the contract says it. */
const endpoints = Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, { operationId, security }]): ReadonlyArray<AgentsEndpoint> => {
    const [named, ...others] = security.map((one) => one["agent"])
    if (!Array.isArray(named) || others.length > 0) return []
    const grant: unknown = named[0] ?? null
    return [
      {
        id: operationId,
        grant: typeof grant === "string" ? grant : null,
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, "none")
      }
    ]
  })
)

/** With a body that is none: who may not send it is told so first. */
const ask = ({ server }: AgentsHouse, { method, path }: AgentsEndpoint, token: string): Promise<Answer> =>
  server.ask(path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(method === "POST" ? { body: "{" } : {})
  })

const GrantsData = Schema.Struct({ grants: Schema.Array(Schema.String) })
const grantsIn = ({ envelope }: Answer) => Schema.decodeUnknownSync(GrantsData)(envelope.data).grants

describe("grants", () => {
  it(
    "each endpoint takes the one that the contract names, and no other opens it",
    () =>
      inAgentsHouse(environment, async (house) => {
        const signedUp = await house.signup()
        const { actor_id } = joined(signedUp).actor
        const token = tokenOf(signedUp)
        const setTo = async (given: ReadonlyArray<string> | null) => {
          const answer = await house.post(
            "/v1/admin/agents/grants",
            { agent_id: actor_id, grants: given, ...why },
            operatorToken
          )
          assert.strictEqual(codeOf(answer), "200 ok")
        }
        assert.sameMembers([...new Set(endpoints.map(({ grant }) => grant))], [...grants, null])
        for (const grant of grants) {
          await setTo(grants.filter((one) => one !== grant))
          for (const endpoint of endpoints) {
            const answer = await ask(house, endpoint, token)
            const isDenied = codeOf(answer) === "403 CAPABILITY_DENIED"
            assert.strictEqual(isDenied, endpoint.grant === grant, `${endpoint.id} without ${grant}: ${codeOf(answer)}`)
            if (isDenied) {
              const operator_command = `image-skill admin agents grants ${actor_id} --grants ${grants.join(",")} --reason REASON --json`
              assert.deepInclude(answer.envelope.error?.details, { grant, operator_command })
            }
            assert.strictEqual(answer.envelope.actor?.actor_id, actor_id, endpoint.id)
          }
          await setTo([grant])
          for (const endpoint of endpoints) {
            const isDenied = codeOf(await ask(house, endpoint, token)) === "403 CAPABILITY_DENIED"
            assert.strictEqual(
              isDenied,
              endpoint.grant !== null && endpoint.grant !== grant,
              `${endpoint.id} with ${grant}`
            )
          }
        }
        await setTo(null)
        assert.deepStrictEqual(grantsIn(await house.get("/v1/whoami", token)), [...grants])
      }),
    30_000
  )

  it("are neither widened by a rotation, the agent's own or the operator's, nor by a command over HTTP", () =>
    inAgentsHouse(environment, async (house) => {
      const signedUp = await house.signup()
      const { actor_id } = joined(signedUp).actor
      const change = { agent_id: actor_id, grants: ["jobs", "create", "jobs"], ...why }
      assert.deepStrictEqual(grantsIn(await house.post("/v1/admin/agents/grants", change, operatorToken)), [
        "create",
        "jobs"
      ])
      const own = await house.signup({}, tokenOf(signedUp))
      assert.deepStrictEqual(joined(own).grants, ["create", "jobs"])
      const rotated = await house.post("/v1/admin/tokens/rotate", { agent_id: actor_id, ...why }, operatorToken)
      const { token } = Schema.decodeUnknownSync(Schema.Struct({ token: Schema.String }))(rotated.envelope.data)
      assert.deepStrictEqual(grantsIn(await house.get("/v1/whoami", token)), ["create", "jobs"])
      assert.strictEqual(codeOf(await house.get("/v1/quota", token)), "403 CAPABILITY_DENIED")
      assert.deepInclude((await house.get(`/v1/admin/agents/${actor_id}`, operatorToken)).envelope.data?.["agent"], {
        grants: ["create", "jobs"]
      })
      const refused = await house.post("/v1/admin/agents/grants", { ...change, grants: ["admin"] }, operatorToken)
      assert.strictEqual(codeOf(refused), "400 INVALID_ARGUMENTS")
      assert.include(JSON.stringify(refused.envelope.error), "create, edit")
    }))

  it("come with an invite, to whoever signs up with it", () =>
    inAgentsHouse({ ...environment, ...publicHouse }, async (house) => {
      const invited = await house.post("/v1/admin/invites", { uses: 2, grants: ["quota", "create"] }, operatorToken)
      const Invited = Schema.Struct({ invite_code: Schema.String, invite: GrantsData })
      const { invite, invite_code } = Schema.decodeUnknownSync(Invited)(invited.envelope.data)
      assert.deepStrictEqual(invite.grants, ["create", "quota"])
      const signedUp = await house.signup({ invite_code })
      assert.deepStrictEqual(joined(signedUp).grants, ["create", "quota"])
      assert.strictEqual(codeOf(await house.get("/v1/jobs", tokenOf(signedUp))), "403 CAPABILITY_DENIED")
    }))
})
