import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { codeOf } from "../serve/house.ts"
import { checkout, openShop, type Shop, statusOf } from "./house.ts"
import { signed, stripeKey, webhookSecret } from "./stripeEmulator.ts"

const Events = Schema.Struct({ events: Schema.Array(Schema.Struct({ type: Schema.String, status: Schema.String })) })
const activity = async ({ get }: Shop) =>
  Schema.decodeUnknownSync(Events)((await get("/v1/activity?limit=100")).envelope.data)
    .events.map(({ status, type }) => `${type.split(".").at(-1)?.replace("payment_backed_", "")} ${status}`)
    .reverse()

describe("Stripe Checkout", () => {
  const inShop = openShop()

  it("sends a person to the page with its fragment, and grants when the webhook says so, however often", () =>
    inShop(async (shop) => {
      const { answer, body, quoteId, ...opened } = await checkout(shop)
      assert.deepInclude(answer.envelope.data, {
        state: "action_required",
        provider: "stripe",
        credits: 500,
        amount_cents: 500,
        live_money: true
      })
      assert.strictEqual(opened.checkout_handoff_url, `${shop.url}/pay/${opened.payment_attempt_id}`)
      const redirect = await shop.raw(`/pay/${opened.payment_attempt_id}`)
      assert.strictEqual(redirect.status, 303)
      assert.strictEqual(redirect.headers.get("location"), opened.checkout_url)
      assert.match(opened.checkout_url, /#fidkdWxOYHwnPyd1%2FblpxYHZx$/)
      const again = await shop.post("/v1/credit-purchases/stripe-checkout-sessions", body)
      assert.deepInclude(again.envelope.data, {
        payment_attempt_id: opened.payment_attempt_id,
        idempotent_replay: true
      })
      assert.strictEqual(shop.stripe.requests.length, 1)
      assert.strictEqual(await shop.paid(), 0)

      const paid = shop.stripe.complete(opened.checkout_session_id)
      const told = await Promise.all(
        [paid, paid, shop.stripe.complete(opened.checkout_session_id)].map((one) => shop.deliver(one))
      )
      assert.deepStrictEqual(told.flat().sort(), ["200 applied", "200 applied", "200 replayed"])
      assert.strictEqual(await shop.paid(), 500)
      const status = await statusOf(shop, `quote_id=${quoteId}`)
      const receipt = typeof status === "string" ? status : status.receipt?.receipt_id
      for (const query of [
        `payment_attempt_id=${opened.payment_attempt_id}`,
        `checkout_session_id=${opened.checkout_session_id}`,
        `receipt_id=${receipt}`
      ]) {
        assert.deepStrictEqual(await statusOf(shop, query), status)
        assert.strictEqual(await statusOf(shop.as("stranger"), query), "404 PAYMENT_REFERENCE_NOT_FOUND")
      }
      assert.strictEqual(await statusOf(shop.as("stranger"), `quote_id=${quoteId}`), "404 CREDIT_QUOTE_NOT_FOUND")
      assert.strictEqual(await statusOf(shop, `quote_id=${quoteId}&receipt_id=${receipt}`), "400 INVALID_ARGUMENTS")
      assert.strictEqual((await shop.raw(`/pay/${opened.payment_attempt_id}`)).status, 410)
      assert.deepStrictEqual(await activity(shop), ["created requires_action", "granted succeeded"])
    }))

  it("takes back what was refunded or disputed, once, and gives back what came back", () =>
    inShop(async (shop) => {
      const { checkout_session_id: session, payment_attempt_id: attempt } = await checkout(shop)
      const early = shop.stripe.complete(session)
      const first = shop.stripe.refund(session, 100)
      assert.deepStrictEqual(await shop.deliver(...first.slice(0, 2)), ["200 waiting", "200 waiting"])
      await shop.deliver(early, ...first.toReversed())
      assert.strictEqual(await shop.paid(), 400)
      await shop.deliver(...shop.stripe.refund(session, 150), ...first)
      assert.strictEqual(await shop.paid(), 250)
      await shop.deliver(shop.stripe.bounce(session))
      assert.strictEqual(await shop.paid(), 400)
      await shop.deliver(shop.stripe.disputed(session, "created", "needs_response", "dp_1", 400))
      assert.strictEqual(await shop.paid(), 400)
      await shop.deliver(
        shop.stripe.disputed(session, "funds_withdrawn", "needs_response", "dp_1", 400),
        shop.stripe.disputed(session, "funds_withdrawn", "needs_response", "dp_1", 400)
      )
      assert.strictEqual(await shop.paid(), 0)
      await shop.deliver(
        shop.stripe.disputed(session, "funds_reinstated", "won", "dp_1", 400),
        shop.stripe.disputed(session, "closed", "won", "dp_1", 400),
        shop.stripe.disputed(session, "closed", "warning_closed", "dp_2", 400)
      )
      assert.strictEqual(await shop.paid(), 400)
      await shop.deliver(
        shop.stripe.disputed(session, "funds_withdrawn", "needs_response", "dp_3", 300),
        shop.stripe.disputed(session, "funds_reinstated", "won", "dp_3", 300, 120)
      )
      assert.strictEqual(await shop.paid(), 220)
      const status = await statusOf(shop, `payment_attempt_id=${attempt}`)
      assert.deepStrictEqual(typeof status === "string" ? [] : status.reversals.map((one) => one.state), [
        "applied",
        "reinstated",
        "reinstated",
        "applied"
      ])
      assert.deepStrictEqual((await activity(shop)).slice(2), [
        "refunded applied",
        "refunded applied",
        "reinstated reinstated",
        "disputed opened",
        "disputed applied",
        "reinstated reinstated",
        "disputed won",
        "disputed applied",
        "reinstated reinstated"
      ])
    }))

  it("believes nothing that Stripe has not signed for this house", () =>
    inShop(async (shop) => {
      const { checkout_session_id: session } = await checkout(shop)
      const { body } = shop.stripe.complete(session)
      const now = Math.floor(Date.now() / 1000)
      const hear = async (signature: string) => {
        const response = await shop.raw("/webhooks/stripe", {
          method: "POST",
          headers: signature === "" ? {} : { "stripe-signature": signature },
          body
        })
        return `${response.status} ${/"code":"(\w+)"/.exec(await response.text())?.[1] ?? ""}`
      }
      const flood = await shop.raw("/webhooks/stripe", { method: "POST", body: "x".repeat(1024 * 1024 + 1) })
      assert.strictEqual(flood.status, 413)
      for (const signature of ["", "t=1,v1=00", signed(body, "whsec_other"), signed(body, webhookSecret, now - 400)])
        assert.strictEqual(await hear(signature), "400 WEBHOOK_SIGNATURE_INVALID")
      const json = shop.stripe.sessionJson(session)
      assert.deepStrictEqual(
        await shop.deliver(
          shop.stripe.event("checkout.session.completed", json, { livemode: true }),
          shop.stripe.event("checkout.session.completed", json, { account: "acct_other" }),
          shop.stripe.event("checkout.session.completed", { ...json, metadata: {} }),
          shop.stripe.event("checkout.session.completed", { ...json, amount_total: 50_000 }),
          shop.stripe.event("checkout.session.completed", { ...json, currency: "eur" }),
          shop.stripe.event("checkout.session.completed", { ...json, id: "cs_other" }),
          shop.stripe.event("customer.created", {})
        ),
        ["200 ignored", "200 ignored", "200 ignored", "200 rejected", "200 rejected", "200 rejected", "200 ignored"]
      )
      assert.strictEqual(await shop.paid(), 0)
      assert.deepStrictEqual(await shop.deliver(shop.stripe.complete(session)), ["200 applied"])
    }))
})

describe("Stripe without a webhook secret", () => {
  const inShop = openShop((stripe) => ({ STRIPE_SECRET_KEY: stripeKey, STRIPE_API_BASE_URL: stripe.url }))

  it("hears nothing and sells nothing", () =>
    inShop(async (shop) => {
      const deaf = await shop.raw("/webhooks/stripe", { method: "POST", body: "{}" })
      assert.deepStrictEqual([deaf.status, await deaf.text()], [503, ""])
      const terms = { credits: 500, payment_method: "stripe_checkout" }
      assert.strictEqual(codeOf(await shop.post("/v1/credit-quotes", terms)), "409 PAYMENT_METHOD_UNAVAILABLE")
    }))
})
