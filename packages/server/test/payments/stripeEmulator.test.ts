import { assert, describe, it } from "@effect/vitest"
import { Stripe } from "stripe"
import { signed, startStripe, stripeKey, webhookSecret } from "./stripeEmulator.ts"

const withStripe = async (
  use: (emulator: Awaited<ReturnType<typeof startStripe>>, stripe: Stripe) => Promise<void>
) => {
  const emulator = await startStripe()
  const { hostname, port } = new URL(emulator.url)
  try {
    await use(emulator, new Stripe(stripeKey, { host: hostname, port, protocol: "http", maxNetworkRetries: 0 }))
  } finally {
    await emulator.stop()
  }
}

const params = (): Stripe.Checkout.SessionCreateParams => ({
  mode: "payment",
  success_url: "https://house.test/paid",
  metadata: { ours: "1" },
  line_items: [{ quantity: 1, price_data: { currency: "usd", unit_amount: 500, product_data: { name: "500" } } }],
  expires_at: Math.floor(Date.now() / 1000) + 3600
})

describe("the emulator of Stripe, driven by the official SDK", () => {
  it("makes a session once for a key, and refuses the key for another", () =>
    withStripe(async (_, stripe) => {
      const body = params()
      const first = await stripe.checkout.sessions.create(body, { idempotencyKey: "one" })
      const again = await stripe.checkout.sessions.create(body, { idempotencyKey: "one" })
      assert.strictEqual(again.id, first.id)
      assert.deepInclude(first, { amount_total: 500, payment_status: "unpaid", status: "open" })
      assert.deepStrictEqual({ ...first.metadata }, { ours: "1" })
      assert.match(first.url ?? "", /#fid/)
      const error = await stripe.checkout.sessions
        .create({ ...body, success_url: "https://house.test/other" }, { idempotencyKey: "one" })
        .catch((thrown: unknown) => thrown)
      assert.instanceOf(error, Stripe.errors.StripeIdempotencyError)
    }))

  it("shows a session as its buyer left it, with its payment when asked for", () =>
    withStripe(async (emulator, stripe) => {
      const { id } = await stripe.checkout.sessions.create(params())
      emulator.complete(id)
      const session = await stripe.checkout.sessions.retrieve(id, { expand: ["payment_intent"] })
      assert.deepInclude(session, { status: "complete", payment_status: "paid" })
      assert.deepInclude(session.payment_intent, { id: `pi_${id}`, status: "succeeded" })
      const refund = await stripe.refunds.create({ payment_intent: `pi_${id}`, amount: 200 })
      assert.deepInclude(refund, { amount: 200, status: "succeeded" })
      const tooMuch = await stripe.refunds.create({ payment_intent: `pi_${id}`, amount: 301 }).catch((e: unknown) => e)
      assert.instanceOf(tooMuch, Stripe.errors.StripeInvalidRequestError)
    }))

  it("refuses a wrong key, breaks off and falls over as the SDK knows it", () =>
    withStripe(async (emulator, stripe) => {
      const { hostname, port } = new URL(emulator.url)
      const stranger = new Stripe("sk_test_wrong", { host: hostname, port, protocol: "http", maxNetworkRetries: 0 })
      const thrown = (client: Stripe) => client.checkout.sessions.retrieve("cs_1").catch((error: unknown) => error)
      assert.instanceOf(await thrown(stranger), Stripe.errors.StripeAuthenticationError)
      // The SDK itself repeats a call once whose connection was cut.
      emulator.faults.push("cut", "cut", 500)
      assert.instanceOf(await thrown(stripe), Stripe.errors.StripeConnectionError)
      assert.instanceOf(await thrown(stripe), Stripe.errors.StripeAPIError)
    }))

  it("signs events as the SDK verifies them", () =>
    withStripe(async (emulator, stripe) => {
      const { body, id, signature } = emulator.event("charge.updated", {})
      assert.strictEqual(stripe.webhooks.constructEvent(body, signature, webhookSecret).id, id)
      assert.throws(() => stripe.webhooks.constructEvent(`${body} `, signature, webhookSecret))
      assert.throws(() => stripe.webhooks.constructEvent(body, signed(body, "whsec_other"), webhookSecret))
    }))
})
