import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "@effect/vitest"
import { type Actor, Identity, localOwner } from "@image-skill/core/identity/Identity"
import { AgentId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { Effect, Layer, Redacted, Schema } from "effect"
import { layerOwner } from "../../src/identity/Callers.ts"
import { type Answer, codeOf, type Server, startServer } from "../serve/house.ts"
import { type Delivery, type StripeEmulator, startStripe, stripeKey, webhookSecret } from "./stripeEmulator.ts"

/** A metered agent; its token is the name of its organization. A harness is called so. */
const actorOf = (token: string): Actor => ({
  ...localOwner,
  ref: {
    ...localOwner.ref,
    actor_type: "agent",
    actor_id: AgentId.make(`agt_${token}`),
    organization_id: OrganizationId.make(`org_${token}`)
  },
  metered: true,
  isHarness: token.startsWith("harness")
})

const identity = Layer.succeed(Identity, {
  authenticate: (token) => Effect.succeed(token === null ? localOwner : actorOf(Redacted.value(token)))
})

/** A house as one agent sees it, and what Stripe tells it. */
export interface Shop {
  readonly url: string
  readonly stripe: StripeEmulator
  readonly as: (agent: string) => Shop
  readonly get: (path: string) => Promise<Answer>
  readonly post: (path: string, body: unknown) => Promise<Answer>
  readonly raw: (path: string, init?: RequestInit) => Promise<Response>
  /** Stripe delivers: the statuses of its answers, in the order of the events. */
  readonly deliver: (...events: ReadonlyArray<Delivery>) => Promise<ReadonlyArray<string>>
  readonly paid: () => Promise<unknown>
}

export const stripeSettings = (stripe: StripeEmulator) => ({
  STRIPE_SECRET_KEY: stripeKey,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
  STRIPE_API_BASE_URL: stripe.url
})

const Paid = Schema.Struct({ credits: Schema.Struct({ paid_remaining: Schema.Int }) })

const shopOf = (server: Server, stripe: StripeEmulator, agent: string): Shop => {
  const headers = { authorization: `Bearer ${agent}`, "content-type": "application/json" }
  const get: Shop["get"] = (path) => server.ask(path, { headers })
  const raw: Shop["raw"] = (path, init) => fetch(`${server.url}${path}`, { redirect: "manual", ...init })
  const deliver: Shop["deliver"] = async (...events) => {
    const answers: Array<string> = []
    for (const { body, signature } of events) {
      const response = await raw("/webhooks/stripe", {
        method: "POST",
        headers: { "stripe-signature": signature, "content-type": "application/json" },
        body
      })
      const outcome = /"outcome":"(\w+)"/.exec(await response.text())?.[1] ?? ""
      answers.push(`${response.status} ${outcome}`.trim())
    }
    return answers
  }
  return {
    url: server.url,
    stripe,
    as: (other) => shopOf(server, stripe, other),
    get,
    post: (path, body) => server.ask(path, { method: "POST", headers, body: JSON.stringify(body) }),
    raw,
    deliver,
    paid: async () => Schema.decodeUnknownSync(Paid)((await get("/v1/quota")).envelope.data).credits.paid_remaining
  }
}

/** One house that listens, with Stripe beside it, for all tests of a file: each is an agent of its own. */
export const openShop = (settings: (stripe: StripeEmulator) => Readonly<Record<string, string>> = stripeSettings) => {
  let agents = 0
  let shop: Shop | undefined
  let close = () => Promise.resolve()
  beforeAll(async () => {
    const stripe = await startStripe()
    const folder = await mkdtemp(join(tmpdir(), "image-skill-shop-"))
    const server = await startServer(folder, { environment: settings(stripe), identity: layerOwner(identity) })
    shop = shopOf(server, stripe, "nobody")
    close = async () => {
      await server.stop()
      await stripe.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
  afterAll(() => close())
  return <A>(use: (shop: Shop) => Promise<A>): Promise<A> => {
    agents += 1
    return shop === undefined ? Promise.reject(new Error("the shop is closed")) : use(shop.as(`buyer${agents}`))
  }
}

const Quoted = Schema.Struct({ quote_id: Schema.String })
export const Opened = Schema.Struct({
  state: Schema.String,
  payment_attempt_id: Schema.String,
  checkout_session_id: Schema.String,
  checkout_handoff_url: Schema.String,
  checkout_url: Schema.String
})

export const quoteOf = (answer: Answer): string => Schema.decodeUnknownSync(Quoted)(answer.envelope.data).quote_id

let keys = 0
export const freshKey = () => {
  keys += 1
  return `key-${keys}`
}

/** A quote and its checkout session. */
export const checkout = async ({ post }: Shop, credits = 500) => {
  const terms = { credits, payment_method: "stripe_checkout", idempotency_key: freshKey() }
  const quoteId = quoteOf(await post("/v1/credit-quotes", terms))
  const body = { quote_id: quoteId, idempotency_key: freshKey() }
  const answer = await post("/v1/credit-purchases/stripe-checkout-sessions", body)
  return { quoteId, body, answer, ...Schema.decodeUnknownSync(Opened)(answer.envelope.data) }
}

const Status = Schema.Struct({
  state: Schema.String,
  receipt: Schema.NullOr(Schema.Struct({ receipt_id: Schema.String })),
  reversals: Schema.Array(Schema.Struct({ state: Schema.String, credits_pending: Schema.Int }))
})
/** A purchase by one of its references; the code of the refusal where there is none. */
export const statusOf = async ({ get }: Shop, query: string) => {
  const answer = await get(`/v1/credit-purchases/status?${query}`)
  return answer.envelope.ok ? Schema.decodeUnknownSync(Status)(answer.envelope.data) : codeOf(answer)
}
