import { createHmac, randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export const stripeKey = "sk_test_emulated_0123456789"
export const webhookSecret = "whsec_emulated_0123456789"

type Json = { readonly [name: string]: unknown }

interface Session {
  readonly id: string
  readonly params: ReadonlyMap<string, string>
  readonly createdAt: number
  readonly expiresAt: number
  status: "open" | "complete" | "expired"
  payment: "unpaid" | "paid"
  intentStatus: string
}

interface Refund {
  readonly id: string
  readonly paymentIntent: string
  readonly amount: number
  readonly createdAt: number
  status: string
}

type Moves = ReadonlyArray<{ readonly amount: number; readonly currency: string }>

/** An event as Stripe sends it: its body and its signature. */
export interface Delivery {
  readonly id: string
  readonly type: string
  readonly body: string
  readonly signature: string
}

const secondsNow = () => Math.floor(Date.now() / 1000)
const failure = (status: number, type: string, message: string, more: Json = {}) =>
  ({ status, body: { error: { type, message, ...more } } }) as const

export const signed = (body: string, secret = webhookSecret, at = secondsNow()) =>
  `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`

/** The parts of Stripe that the house uses, and what a buyer, a bank and an operator do there. */
export const startStripe = async () => {
  const sessions = new Map<string, Session>()
  const refunds = new Map<string, Refund>()
  const disputes = new Map<string, Json & { readonly payment_intent: string; readonly balance_transactions: Moves }>()
  const replays = new Map<string, { readonly body: string; readonly answer: { status: number; body: Json } }>()
  const requests: Array<string> = []
  /** Answers that the next calls get instead. */
  const faults: Array<number | "cut"> = []
  let count = 0
  const nextId = (prefix: string) => `${prefix}_test_${(count += 1)}${randomBytes(6).toString("hex")}`

  const amountOf = (session: Session) =>
    Number(session.params.get("line_items[0][price_data][unit_amount]")) *
    Number(session.params.get("line_items[0][quantity]"))
  const nested = (session: Session, name: string) =>
    Object.fromEntries(
      [...session.params].flatMap(([key, value]) => {
        const found = new RegExp(`^${name.replace(/[[\]]/g, "\\$&")}\\[([^\\]]+)\\]$`).exec(key)
        return found?.[1] === undefined ? [] : [[found[1], value]]
      })
    )
  const intentOf = (session: Session) => `pi_${session.id}`
  const sessionJson = (session: Session, expanded = false): Json => ({
    id: session.id,
    object: "checkout.session",
    mode: session.params.get("mode"),
    livemode: false,
    client_reference_id: session.params.get("client_reference_id") ?? null,
    metadata: nested(session, "metadata"),
    status: session.status,
    payment_status: session.payment,
    amount_total: amountOf(session),
    currency: session.params.get("line_items[0][price_data][currency]"),
    created: session.createdAt,
    expires_at: session.expiresAt,
    payment_intent:
      session.status !== "complete"
        ? null
        : expanded
          ? { id: intentOf(session), object: "payment_intent", status: session.intentStatus }
          : intentOf(session),
    url:
      session.status === "open" ? `https://checkout.stripe.com/c/pay/${session.id}#fidkdWxOYHwnPyd1%2FblpxYHZx` : null
  })
  const refundedOf = (intent: string) =>
    [...refunds.values()]
      .filter((one) => one.paymentIntent === intent && one.status !== "failed" && one.status !== "canceled")
      .reduce((sum, one) => sum + one.amount, 0)
  const refundJson = (refund: Refund): Json => ({
    id: refund.id,
    object: "refund",
    amount: refund.amount,
    currency: "usd",
    status: refund.status,
    created: refund.createdAt,
    charge: `ch_${refund.paymentIntent}`,
    payment_intent: refund.paymentIntent
  })
  const chargeJson = (intent: string): Json => ({
    id: `ch_${intent}`,
    object: "charge",
    payment_intent: intent,
    amount_refunded: refundedOf(intent),
    currency: "usd"
  })

  const create = (params: ReadonlyMap<string, string>) => {
    const expires = Number(params.get("expires_at"))
    const amount = Number(params.get("line_items[0][price_data][unit_amount]"))
    if (params.get("mode") !== "payment" || !params.has("success_url"))
      return failure(400, "invalid_request_error", "mode and success_url are required")
    if (!(expires >= secondsNow() + 29 * 60) || expires > secondsNow() + 24 * 3600)
      return failure(400, "invalid_request_error", "expires_at is from 30 minutes to 24 hours away")
    if (amount < 50) return failure(400, "invalid_request_error", "at least $0.50", { code: "amount_too_small" })
    const id = nextId("cs")
    const made: Session = {
      id,
      params,
      createdAt: secondsNow(),
      expiresAt: expires,
      status: "open",
      payment: "unpaid",
      intentStatus: "requires_payment_method"
    }
    sessions.set(id, made)
    return { status: 200, body: sessionJson(made) }
  }

  const refund = (params: ReadonlyMap<string, string>) => {
    const intent = params.get("payment_intent") ?? ""
    const session = [...sessions.values()].find((one) => intentOf(one) === intent && one.payment === "paid")
    if (session === undefined) return failure(404, "invalid_request_error", "no such payment")
    const amount = Number(params.get("amount") ?? amountOf(session) - refundedOf(intent))
    if (amount > amountOf(session) - refundedOf(intent))
      return failure(400, "invalid_request_error", "more than is left", { code: "charge_already_refunded" })
    const made: Refund = {
      id: nextId("re"),
      paymentIntent: intent,
      amount,
      createdAt: secondsNow(),
      status: "succeeded"
    }
    refunds.set(made.id, made)
    return { status: 200, body: refundJson(made) }
  }

  const route = (method: string, url: URL, params: ReadonlyMap<string, string>) => {
    const [, id, act] = /^\/v1\/checkout\/sessions(?:\/([^/]+))?(?:\/(expire))?$/.exec(url.pathname) ?? []
    if (method === "POST" && url.pathname === "/v1/checkout/sessions") return create(params)
    if (method === "POST" && url.pathname === "/v1/refunds") return refund(params)
    const listed = (data: ReadonlyArray<Json>) => ({ status: 200, body: { object: "list", data, has_more: false } })
    const intent = url.searchParams.get("payment_intent")
    if (method === "GET" && url.pathname === "/v1/refunds")
      return listed([...refunds.values()].filter((one) => one.paymentIntent === intent).map(refundJson))
    if (method === "GET" && url.pathname === "/v1/disputes")
      return listed([...disputes.values()].filter((one) => one.payment_intent === intent))
    const session = id === undefined ? undefined : sessions.get(id)
    if (session === undefined)
      return failure(404, "invalid_request_error", "no such session", { code: "resource_missing" })
    if (act === "expire") session.status = "expired"
    return { status: 200, body: sessionJson(session, url.searchParams.get("expand[0]") === "payment_intent") }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Array<Uint8Array> = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const url = new URL(request.url ?? "/", "http://stripe")
    requests.push(`${request.method} ${url.pathname} ${body}`)
    const say = (status: number, json: Json) =>
      response
        .writeHead(status, { "content-type": "application/json", "request-id": "req_1" })
        .end(JSON.stringify(json))
    const fault = faults.shift()
    if (fault === "cut") return void request.socket.destroy()
    if (fault !== undefined) return void say(fault, failure(fault, "api_error", "emulated").body)
    if (request.headers.authorization !== `Bearer ${stripeKey}`)
      return void say(401, failure(401, "invalid_request_error", "Invalid API Key provided").body)
    const key = String(request.headers["idempotency-key"] ?? "")
    const known = request.method === "POST" && key !== "" ? replays.get(key) : undefined
    if (known !== undefined && known.body !== body)
      return void say(400, failure(400, "idempotency_error", "the key was used with other parameters").body)
    const made = known?.answer ?? route(request.method ?? "GET", url, new Map(new URLSearchParams(body)))
    if (request.method === "POST" && key !== "") replays.set(key, { body, answer: made })
    say(made.status, made.body)
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0

  const event = (type: string, object: Json, own: Json = {}): Delivery => {
    const id = nextId("evt")
    const body = JSON.stringify({
      id,
      object: "event",
      type,
      created: secondsNow(),
      livemode: false,
      data: { object },
      ...own
    })
    return { id, type, body, signature: signed(body) }
  }
  const sessionOf = (id: string): Session => {
    const found = sessions.get(id)
    if (found === undefined) throw new Error(`there is no session ${id}`)
    return found
  }
  /** `back` is what comes back when funds are reinstated; the whole, when it is not said. */
  const disputed = (
    sessionId: string,
    type: string,
    status: string,
    id = `dp_${sessionId}`,
    amount = amountOf(sessionOf(sessionId)),
    back = amount
  ) => {
    const session = sessionOf(sessionId)
    const known = disputes.get(id)?.balance_transactions ?? []
    const out = type === "funds_withdrawn" && known.length === 0 ? [{ amount: -amount, currency: "usd" }] : []
    const returned = type === "funds_reinstated" && known.length < 2 ? [{ amount: back, currency: "usd" }] : []
    const made = {
      id,
      object: "dispute",
      amount,
      currency: "usd",
      status,
      charge: `ch_${intentOf(session)}`,
      payment_intent: intentOf(session),
      balance_transactions: [...known, ...out, ...returned]
    }
    disputes.set(id, made)
    return event(`charge.dispute.${type}`, made)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    faults,
    sessions,
    event,
    disputed,
    intentOf: (sessionId: string) => intentOf(sessionOf(sessionId)),
    sessionJson: (sessionId: string) => sessionJson(sessionOf(sessionId)),
    /** The buyer fills in the page. A slow way to pay says `unpaid` at first. */
    complete: (sessionId: string, how: "paid" | "unpaid" = "paid") => {
      const session = sessionOf(sessionId)
      session.status = "complete"
      session.payment = how
      session.intentStatus = how === "paid" ? "succeeded" : "processing"
      return event("checkout.session.completed", sessionJson(session))
    },
    arrive: (sessionId: string) => {
      const session = sessionOf(sessionId)
      session.payment = "paid"
      session.intentStatus = "succeeded"
      return event("checkout.session.async_payment_succeeded", sessionJson(session))
    },
    fail: (sessionId: string) => {
      const session = sessionOf(sessionId)
      session.intentStatus = "requires_payment_method"
      return event("checkout.session.async_payment_failed", sessionJson(session))
    },
    expire: (sessionId: string) => {
      const session = sessionOf(sessionId)
      session.status = "expired"
      return event("checkout.session.expired", sessionJson(session))
    },
    /** The operator refunds in the dashboard: the events that follow, in the order that Stripe names them. */
    refund: (sessionId: string, amount: number): ReadonlyArray<Delivery> => {
      const intent = intentOf(sessionOf(sessionId))
      const made = refund(
        new Map([
          ["payment_intent", intent],
          ["amount", String(amount)]
        ])
      ).body
      const json: Json = made
      return [
        event("refund.created", json),
        event("charge.refunded", chargeJson(intent)),
        event("refund.updated", json),
        event("charge.refund.updated", json)
      ]
    },
    /** The bank of the buyer does not take the last refund. */
    bounce: (sessionId: string): Delivery => {
      const intent = intentOf(sessionOf(sessionId))
      const last = [...refunds.values()].filter((one) => one.paymentIntent === intent).at(-1)
      if (last === undefined) throw new Error("there is no refund")
      last.status = "failed"
      return event("refund.failed", refundJson(last))
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
export type StripeEmulator = Awaited<ReturnType<typeof startStripe>>
