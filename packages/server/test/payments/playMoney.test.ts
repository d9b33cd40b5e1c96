import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { inHouse } from "../http/house.ts"
import { type Answer, codeOf } from "../serve/house.ts"
import { openShop, quoteOf } from "./house.ts"

const Methods = Schema.Struct({
  methods: Schema.Array(Schema.Struct({ method_id: Schema.String, available: Schema.Boolean }))
})
const offered = (data: unknown) =>
  Schema.decodeUnknownSync(Methods)(data).methods.map((one) => `${one.method_id} ${one.available}`)

const suggestedBy = ({ envelope }: Answer): string =>
  Schema.decodeUnknownSync(Schema.Struct({ suggested_command: Schema.String }))(envelope.error?.recovery)
    .suggested_command

describe("play money", () => {
  const inShop = openShop(() => ({}))
  const inLiveShop = openShop()

  it("buys a quote once, by its key", () =>
    inShop(async ({ get, paid, post }) => {
      assert.deepStrictEqual(offered((await get("/v1/payment-methods")).envelope.data), [
        "fake true",
        "stripe_checkout false"
      ])
      const quote = await post("/v1/credit-quotes", { credits: 10, idempotency_key: "quote-run-001" })
      assert.deepInclude(quote.envelope.data, {
        state: "created",
        credits: 10,
        price_amount_cents: 10,
        accepted_payment_method: "fake",
        idempotency_key: "quote-run-001",
        pack_id: null,
        live_money: false
      })
      const id = quoteOf(quote)
      assert.strictEqual(
        quoteOf(await post("/v1/credit-quotes", { credits: 10, idempotency_key: "quote-run-001" })),
        id
      )
      const keyless = await post("/v1/credit-purchases", { quote_id: id })
      assert.deepInclude(keyless.envelope.error?.recovery, { required_flag: "--idempotency-key" })
      const body = { quote_id: id, idempotency_key: "purchase-run-001" }
      const elsewhere = await post("/v1/credit-purchases", { ...body, provider: "stripe" })
      assert.strictEqual(codeOf(elsewhere), "409 PAYMENT_METHOD_UNAVAILABLE")
      const [first, again] = [await post("/v1/credit-purchases", body), await post("/v1/credit-purchases", body)]
      assert.deepInclude(first.envelope.data, { state: "succeeded", credits_granted: 10, balance_after: 10 })
      assert.deepStrictEqual(again.envelope.data, { ...first.envelope.data, idempotent_replay: true })
      const other = await post("/v1/credit-purchases", { ...body, idempotency_key: "another" })
      assert.strictEqual(codeOf(other), "409 CREDIT_QUOTE_CONSUMED")
      assert.strictEqual(await paid(), 10)
    }))

  it("quotes a pack, refuses what is no quote, and has a way out of a key that is taken", () =>
    inShop(async ({ as, post }) => {
      const pack = { pack_id: "starter-500", idempotency_key: "mine" }
      assert.deepInclude((await post("/v1/credit-quotes", pack)).envelope.data, {
        credits: 500,
        pack_id: "starter-500"
      })
      const conflict = await post("/v1/credit-quotes", { credits: 500, idempotency_key: "mine" })
      assert.strictEqual(codeOf(conflict), "409 CREDIT_QUOTE_CONFLICT")
      assert.match(
        suggestedBy(conflict),
        /^image-skill credits quote --credits 500 --payment-method fake --idempotency-key quote-[0-9a-f]+ --json$/
      )
      assert.strictEqual(codeOf(await as("other").post("/v1/credit-quotes", pack)), "200 ok")
      for (const wrong of [
        {},
        { credits: 0 },
        { credits: 5001 },
        { credits: 1.5 },
        { credits: -3 },
        { pack_id: "huge" },
        { credits: 5, pack_id: "starter-500" },
        { credits: 5, payment_method: "cash" },
        { credits: 5, card: "4242" }
      ])
        assert.strictEqual(codeOf(await post("/v1/credit-quotes", wrong)), "400 INVALID_ARGUMENTS")
      const unknown = { quote_id: "quote_none", idempotency_key: "k" }
      assert.strictEqual(codeOf(await post("/v1/credit-purchases", unknown)), "404 CREDIT_QUOTE_NOT_FOUND")
    }))

  it("is a harness's alone once real money can be paid, and is bought where it is sold", () =>
    inLiveShop(async ({ as, get, post }) => {
      assert.deepStrictEqual(offered((await get("/v1/payment-methods")).envelope.data), [
        "fake false",
        "stripe_checkout true"
      ])
      const harness = as("harness")
      assert.strictEqual(codeOf(await post("/v1/credit-quotes", { credits: 5 })), "409 PAYMENT_METHOD_UNAVAILABLE")
      const quote = quoteOf(await harness.post("/v1/credit-quotes", { credits: 5 }))
      const body = { quote_id: quote, idempotency_key: "one" }
      const elsewhere = await harness.post("/v1/credit-purchases/stripe-checkout-sessions", body)
      assert.strictEqual(codeOf(elsewhere), "409 PAYMENT_METHOD_UNAVAILABLE")
      assert.match(
        suggestedBy(elsewhere),
        new RegExp(`^image-skill credits fake-purchase --quote-id ${quote} --idempotency-key \\S+ --json$`)
      )
      assert.strictEqual(codeOf(await harness.post("/v1/credit-purchases", body)), "200 ok")
      assert.strictEqual(await harness.paid(), 5)
    }))

  it("buys nothing in the house of one owner", () =>
    inHouse(async ({ ask, post }) => {
      const { envelope } = await ask("/v1/payment-methods")
      assert.deepStrictEqual(offered(envelope.data), ["fake false", "stripe_checkout false"])
      assert.strictEqual((await ask("/v1/credit-packs")).envelope.data?.["default_pack_id"], "starter-500")
      const bought = await post("/v1/credit-purchases", { quote_id: "quote_any", idempotency_key: "k" })
      assert.strictEqual(bought.envelope.error?.code, "PAYMENT_METHOD_UNAVAILABLE")
    }))
})
