import { assert, describe, it } from "@effect/vitest"
import { codeOf } from "../serve/house.ts"
import { checkout, openShop, quoteOf, statusOf } from "./house.ts"
import { stripeKey, webhookSecret } from "./stripeEmulator.ts"

describe("Stripe Checkout", () => {
  const inShop = openShop()

  it("follows slow, failed and expired payments", () =>
    inShop(async (shop) => {
      const [slow, failed, expired] = [await checkout(shop), await checkout(shop), await checkout(shop)]
      await shop.deliver(
        shop.stripe.complete(slow.checkout_session_id, "unpaid"),
        shop.stripe.complete(failed.checkout_session_id, "unpaid"),
        shop.stripe.expire(expired.checkout_session_id)
      )
      const state = async (attempt: string) => {
        const found = await statusOf(shop, `payment_attempt_id=${attempt}`)
        return typeof found === "string" ? found : found.state
      }
      assert.strictEqual(await state(slow.payment_attempt_id), "processing")
      assert.strictEqual((await shop.raw(`/pay/${expired.payment_attempt_id}`)).status, 410)
      await shop.deliver(shop.stripe.arrive(slow.checkout_session_id), shop.stripe.fail(failed.checkout_session_id))
      assert.deepStrictEqual(await Promise.all([slow, failed, expired].map((one) => state(one.payment_attempt_id))), [
        "succeeded",
        "failed",
        "expired"
      ])
      assert.strictEqual(await shop.paid(), 500)
    }))

  it("that cannot be reached is asked again by the same key", () =>
    inShop(async (shop) => {
      const terms = { credits: 60, payment_method: "stripe_checkout" }
      const body = { quote_id: quoteOf(await shop.post("/v1/credit-quotes", terms)), idempotency_key: "lost" }
      shop.stripe.faults.push(500, 500, 500)
      const lost = await shop.post("/v1/credit-purchases/stripe-checkout-sessions", body)
      assert.strictEqual(codeOf(lost), "503 PROVIDER_UNAVAILABLE")
      const found = await shop.post("/v1/credit-purchases/stripe-checkout-sessions", body)
      assert.strictEqual(codeOf(found), "200 ok")
      const answers = JSON.stringify([lost.envelope, found.envelope])
      for (const secret of [stripeKey, webhookSecret]) assert.notInclude(answers, secret)
      const little = quoteOf(await shop.post("/v1/credit-quotes", { ...terms, credits: 49 }))
      const refused = await shop.post("/v1/credit-purchases/stripe-checkout-sessions", {
        ...body,
        quote_id: little,
        idempotency_key: "x"
      })
      assert.strictEqual(codeOf(refused), "409 PAYMENT_METHOD_UNAVAILABLE")
    }))
})
