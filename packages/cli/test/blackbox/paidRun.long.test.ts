import { join } from "node:path"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import type { Delivery } from "../../../server/test/payments/stripeEmulator.ts"
import { makeMachine } from "../support/binary.ts"
import { startPayingHouse } from "../support/payingHouse.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const machine = makeMachine()
let house: Awaited<ReturnType<typeof startPayingHouse>>

beforeAll(async () => {
  house = await startPayingHouse(join(machine.path, "server"), {
    // Nothing is given away: what is drawn is paid for.
    IMAGE_SKILL_FREE_CREDITS: "0"
  })
})
afterAll(async () => {
  await house.stop()
  machine.remove()
})

/** A command that must succeed; answers its data. */
const data = async (...argv: ReadonlyArray<string>) => Object(await machine.data(...argv, "--json"))

const deliver = async ({ body, signature }: Delivery) => {
  const headers = { "stripe-signature": signature, "content-type": "application/json" }
  return (await fetch(`${house.server.url}/webhooks/stripe`, { method: "POST", headers, body })).status
}

const credits = async () => (await data("usage", "quota")).credits

const eventsOf = async (type: string) =>
  (await data("activity", "list", "--limit", "50")).events.filter((event: { type: string }) => event.type === type)

const priced = ["--model", "openai.gpt-image-1.5", "--model-parameters-json", '{"quality":"low"}']
const create = ["create", "--prompt", "A compact field camera on a stainless workbench", ...priced]

it("an agent without credits is led to the till, pays at Stripe, draws, reads its receipt and sees a refund", async () => {
  await data("signup", "--agent", "--agent-contact", "ops@example.com", "--save", "--api-base-url", house.server.url)
  const refused = await machine.run([...create, "--json"])
  expect([refused.exitCode, refused.envelope.error?.code, house.provider.paid()]).toEqual([5, "QUOTA_EXCEEDED", 0])
  const commands = refused.envelope.error?.recovery?.suggested_commands
  const packs = await machine.paste(Array.isArray(commands) ? commands.at(-1) : "")
  expect(packs.envelope.data).toMatchObject({ default_pack_id: "starter-500" })
  const methods = (await data("credits", "methods")).methods
  expect(methods).toContainEqual(expect.objectContaining({ method_id: "stripe_checkout", available: true }))

  const terms = ["--pack", "starter-500", "--payment-method", "stripe_checkout", "--idempotency-key", "quote-1"]
  const quote = await data("credits", "quote", ...terms)
  const buy = ["credits", "buy", "--provider", "stripe", "--quote-id", quote.quote_id, "--idempotency-key", "buy-1"]
  const handoff = await data(...buy)
  expect(handoff).toMatchObject({ state: "action_required", amount_cents: 500, live_money: true })
  expect((await data(...buy)).checkout_session_id).toBe(handoff.checkout_session_id)
  const status = ["credits", "status", "--payment-attempt-id", handoff.payment_attempt_id]
  expect(await data(...status)).toMatchObject({ state: "action_required", receipt: null, credit_event: null })

  // The person opens the link, and is at Stripe's page with the fragment that it needs.
  const link = await fetch(handoff.checkout_handoff_url, { redirect: "manual" })
  expect([link.status, link.headers.get("location")]).toEqual([303, handoff.checkout_url])
  const paid = house.stripe.complete(handoff.checkout_session_id)
  expect(await deliver({ ...paid, signature: `${paid.signature}0` })).toBe(400)
  expect((await credits()).available).toBe(0)
  expect([await deliver(paid), await deliver(paid)]).toEqual([200, 200])

  const settled = await data(...status)
  expect(settled).toMatchObject({ state: "succeeded", receipt: { receipt_id: expect.stringMatching(/^receipt_/) } })
  expect(await credits()).toMatchObject({ available: 500, paid_remaining: 500, free_remaining: 0 })
  expect(await data("whoami")).toMatchObject({ claim_state: "payment_backed_unclaimed" })

  const planned = await data(...create, "--dry-run")
  const price = planned.cost.credit_pricing.credits_required
  const made = await data(...create, "--output", "camera.png")
  expect(made).toMatchObject({ status: "completed", cost: { settled_credits: price } })
  expect(await credits()).toMatchObject({ available: 500 - price, paid_remaining: 500 - price, held: 0 })

  // The history: what was granted and what was consumed, by ids that commands take.
  const { receipt_id: receipt } = settled.receipt
  expect(await data("credits", "status", "--receipt-id", receipt)).toMatchObject({ receipt: { receipt_id: receipt } })
  expect(await eventsOf("credits.payment_backed_granted")).toMatchObject([{ links: { receipt_id: receipt } }])
  const [consumed] = await eventsOf("usage.credit_consumed")
  expect(consumed.links.job_id).toBe(made.job_id)
  expect((await data("activity", "show", consumed.subject.id)).events.length).toBeGreaterThan(0)

  // Half of it goes back.
  for (const event of house.stripe.refund(handoff.checkout_session_id, 250)) expect(await deliver(event)).toBe(200)
  expect(await credits()).toMatchObject({ available: 250 - price, paid_remaining: 250 - price })
  expect(await eventsOf("credits.payment_backed_refunded")).toMatchObject([
    { links: { receipt_id: receipt, quote_id: quote.quote_id } }
  ])
  // The rest goes back too: what was drawn for is taken from what comes next, and no balance is negative.
  for (const event of house.stripe.refund(handoff.checkout_session_id, 250)) expect(await deliver(event)).toBe(200)
  expect(await credits()).toMatchObject({ available: 0, paid_remaining: 0 })
  expect((await eventsOf("credits.payment_backed_reversal_pending")).length).toBe(1)
  expect(house.provider.paid()).toBe(1)
})
