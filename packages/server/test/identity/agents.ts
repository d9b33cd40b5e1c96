import { Schema } from "effect"
import { layerAgents } from "../../src/identity/Callers.ts"
import type { HouseToServe } from "../../src/serve/Serve.ts"
import { type Answer, asked, onFolder, type Server } from "../serve/house.ts"

export const operatorToken = "the-operators-token-of-this-test"

/** A house of agents, called over its socket. */
export interface AgentsHouse {
  readonly server: Server
  readonly get: (path: string, token?: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>
  readonly post: (
    path: string,
    body: unknown,
    token?: string,
    headers?: Readonly<Record<string, string>>
  ) => Promise<Answer>
  readonly signup: (body?: Readonly<Record<string, unknown>>, token?: string) => Promise<Answer>
}

const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` })

/** `environment` is added to that of a house on loopback whose operator has a token. */
export const inAgentsHouse = <A>(
  environment: HouseToServe["environment"],
  use: (house: AgentsHouse) => Promise<A>,
  own: Partial<HouseToServe> = {}
): Promise<A> =>
  onFolder(async (start) => {
    const server = await start({
      identity: layerAgents,
      environment: { IMAGE_SKILL_ADMIN_TOKEN: operatorToken, ...environment },
      ...own
    })
    const base = `http://127.0.0.1:${server.port}`
    const get: AgentsHouse["get"] = (path, token, headers = {}) =>
      asked(`${base}${path}`, { headers: { ...bearer(token), ...headers } })
    const post: AgentsHouse["post"] = (path, body, token, headers = {}) =>
      asked(`${base}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...bearer(token), ...headers },
        body: JSON.stringify(body)
      })
    const signup: AgentsHouse["signup"] = (body = {}, token) =>
      post("/v1/agent-signups", { return_token: true, ...body }, token)
    return use({ server, get, post, signup })
  })

/** Off loopback: a proxy in front says so. */
export const publicHouse = { IMAGE_SKILL_PUBLIC_URL: "https://images.example" } as const

const Joined = Schema.Struct({
  actor: Schema.Struct({ actor_id: Schema.String, organization_id: Schema.String, claim_state: Schema.String }),
  token: Schema.optional(Schema.String),
  token_presented: Schema.Boolean,
  token_class: Schema.String,
  grants: Schema.Array(Schema.String),
  credits: Schema.Struct({ granted: Schema.NullOr(Schema.Int) })
})
const decodeJoined = Schema.decodeUnknownSync(Joined)

export const joined = ({ envelope }: Answer) => decodeJoined(envelope.data)

export const tokenOf = (answer: Answer): string => joined(answer).token ?? ""

const Quota = Schema.Struct({
  credits: Schema.Struct({
    available: Schema.NullOr(Schema.Int),
    held: Schema.Int,
    free_remaining: Schema.NullOr(Schema.Int)
  }),
  daily_jobs: Schema.Struct({ limit: Schema.NullOr(Schema.Int), used: Schema.Int })
})
const decodeQuota = Schema.decodeUnknownSync(Quota)

export const quotaOf = ({ envelope }: Answer) => decodeQuota(envelope.data)
