import { purchaseEndpoints } from "@image-skill/core/api/CreditsApi"
import { fail } from "@image-skill/core/kernel/Errors"
import { defaultPackId } from "@image-skill/core/ledger/CreditTerms"
import { type Heard, type PaymentRail, type RailProblem, railProblem } from "@image-skill/core/ledger/PaymentRail"
import type { CreditQuote, PaymentAttempt } from "@image-skill/core/ledger/PaymentRecords"
import { Clock, Effect, Predicate, Redacted, Schema } from "effect"
import type { Stripe } from "stripe"
import type { PaymentsConfig } from "./PaymentsConfig.ts"
import {
  attemptField,
  Disputes,
  Refunds,
  railEventOf,
  Session,
  StripeEvent,
  standingDispute,
  standingEvent,
  standingRefund
} from "./stripeWire.ts"

/** A signature older than this is a replay of somebody else's. */
const signatureAgeSecondsMax = 300
const callMillisMax = 20_000
/** Refunds or disputes of one payment that are asked for; what Stripe gives at most. */
const listedMax = 100
/** What Stripe charges at least in USD. */
const amountCentsMin = 50

type Keys = Pick<PaymentsConfig, "stripeSecretKey" | "stripeWebhookSecret" | "stripeBaseUrl">

/** Loaded by the first use, so that a house without Stripe never reads it. */
const load = (keys: Keys, key: Redacted.Redacted<string>): Effect.Effect<Stripe> =>
  Effect.promise(async () => {
    const { Stripe: StripeClient } = await import("stripe")
    const { hostname, port, protocol } = keys.stripeBaseUrl
    return new StripeClient(Redacted.value(key), {
      host: hostname,
      port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port),
      protocol: protocol === "http:" ? "http" : "https",
      timeout: callMillisMax,
      maxNetworkRetries: 2,
      telemetry: false
    })
  })

const field = (error: unknown, name: "type" | "code" | "statusCode" | "requestId"): string => {
  if (!Predicate.hasProperty(error, name)) return ""
  const value = error[name]
  return typeof value === "string" || typeof value === "number" ? String(value) : ""
}

/** Words of our own: Stripe's messages may quote the key. */
const problemOf = (error: unknown): RailProblem => {
  const type = field(error, "type")
  const facts = [type, field(error, "code"), field(error, "statusCode"), field(error, "requestId")]
  const isAway = ["StripeConnectionError", "StripeAPIError", "StripeRateLimitError"].includes(type)
  return railProblem(isAway ? "unreachable" : "refused", `Stripe: ${facts.filter((fact) => fact !== "").join(" ")}`)
}

const sessionOf = (
  quote: CreditQuote,
  attempt: PaymentAttempt,
  returnUrl: string
): Stripe.Checkout.SessionCreateParams => {
  const metadata = {
    [attemptField]: attempt.id,
    image_skill_quote_id: quote.id,
    image_skill_organization_id: quote.organizationId
  }
  return {
    mode: "payment",
    client_reference_id: attempt.id,
    metadata,
    payment_intent_data: { metadata },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: "usd",
          unit_amount: quote.amountCents,
          product_data: { name: `${quote.credits} Image Skill credits` }
        }
      }
    ],
    // What is paid is what was quoted, in the currency that was quoted.
    adaptive_pricing: { enabled: false },
    success_url: `${returnUrl}?return=paid`,
    cancel_url: `${returnUrl}?return=canceled`,
    expires_at: Math.floor(attempt.expiresAt / 1000)
  }
}

const decodeEvent = Schema.decodeUnknown(StripeEvent)
const decodeSession = Schema.decodeUnknown(Session)
const decodeRefunds = Schema.decodeUnknown(Refunds)
const decodeDisputes = Schema.decodeUnknown(Disputes)
const utf8 = new TextDecoder()

const ignored = (reason: string): Heard => ({ _tag: "Ignored", reason })

/** Stripe Checkout: a person pays on Stripe's page, and Stripe's signed word grants the credits. */
export const makeStripeRail = (keys: Keys): Effect.Effect<PaymentRail> =>
  Effect.gen(function* () {
    const { stripeSecretKey: key, stripeWebhookSecret: webhookSecret } = keys
    const isLiveKey = key !== null && /^[a-z]+_live_/.test(Redacted.value(key))
    const isConfigured = key !== null && webhookSecret !== null
    const client = yield* Effect.cached(load(keys, key ?? Redacted.make("unset")))

    const call = <A>(ask: (stripe: Stripe) => Promise<A>): Effect.Effect<A, RailProblem> =>
      Effect.flatMap(client, (stripe) => Effect.tryPromise({ try: () => ask(stripe), catch: problemOf }))

    const createAttempt: PaymentRail["createAttempt"] = Effect.fn("StripeRail.createAttempt")(
      function* (quote, attempt, returnUrl) {
        const session = yield* call((stripe) =>
          stripe.checkout.sessions.create(sessionOf(quote, attempt, returnUrl), { idempotencyKey: attempt.id })
        )
        if (session.url === null) return yield* Effect.fail(railProblem("refused", "Stripe: a session without a page"))
        return {
          _tag: "ActionRequired",
          sessionId: session.id,
          url: session.url,
          expiresAt: session.expires_at * 1000
        }
      }
    )

    const status = Effect.fn("StripeRail.status")(function* (attempt: PaymentAttempt) {
      const { sessionId } = attempt
      if (sessionId === null) return null
      const answer = yield* call((stripe) =>
        stripe.checkout.sessions.retrieve(sessionId, { expand: ["payment_intent"] })
      )
      const session = yield* Effect.orDie(decodeSession(answer))
      const event = standingEvent(session, yield* Clock.currentTimeMillis)
      // Asked again and again, it says what is known already.
      return event?.kind === "pending" && attempt.state === "processing" ? null : event
    })

    const reversals = Effect.fn("StripeRail.reversals")(function* (attempt: PaymentAttempt) {
      const { paymentId } = attempt
      if (paymentId === null) return []
      const about = { payment_intent: paymentId, limit: listedMax }
      const refunds = yield* Effect.flatMap(
        call((stripe) => stripe.refunds.list(about)),
        decodeRefunds
      ).pipe(Effect.catchTag("ParseError", Effect.die))
      const disputes = yield* Effect.flatMap(
        call((stripe) => stripe.disputes.list(about)),
        decodeDisputes
      ).pipe(Effect.catchTag("ParseError", Effect.die))
      const now = yield* Clock.currentTimeMillis
      return [
        ...refunds.data.map((one) => standingRefund(one, now)),
        ...disputes.data.flatMap((one) => standingDispute(one, now))
      ]
    })

    const verifyEvent = Effect.fn("StripeRail.verifyEvent")(function* (
      body: Uint8Array,
      headers: { readonly [name: string]: string | undefined }
    ) {
      const stripe = yield* client
      const now = yield* Clock.currentTimeMillis
      const verified = yield* Effect.either(
        Effect.try((): unknown =>
          stripe.webhooks.constructEvent(
            utf8.decode(body),
            headers["stripe-signature"] ?? "",
            webhookSecret === null ? "" : Redacted.value(webhookSecret),
            signatureAgeSecondsMax,
            undefined,
            now
          )
        )
      )
      if (verified._tag === "Left")
        return yield* fail(
          "WEBHOOK_SIGNATURE_INVALID",
          "The signature in stripe-signature does not fit the body, or is older than five minutes"
        )
      const event = yield* Effect.orDie(decodeEvent(verified.right))
      if (event.livemode !== isLiveKey) return ignored(`it is of ${event.livemode ? "live" : "test"} mode`)
      if (event.account !== null && event.account !== undefined) return ignored("it is of a connected account")
      const meaning = yield* Effect.orDie(railEventOf(event))
      return meaning === null
        ? ignored(`${event.type} is not for this house`)
        : ({ _tag: "Event", event: meaning } satisfies Heard)
    })

    return {
      id: "stripe_checkout",
      provider: "stripe",
      isLive: true,
      isConfigured,
      buyerModes: ["hybrid", "human_only"],
      requiresBrowser: true,
      purchaseEndpoint: purchaseEndpoints.checkout,
      purchaseCommand: "image-skill credits buy --provider stripe",
      defaultPackId,
      amountCentsMin,
      secrets: [key, webhookSecret].filter((secret) => secret !== null),
      availability: () =>
        isConfigured
          ? { available: true }
          : {
              available: false,
              reason: "the operator has not set up Stripe",
              commands: ["image-skill credits methods --json"]
            },
      createAttempt,
      status,
      reversals,
      ...(webhookSecret === null ? {} : { verifyEvent })
    }
  })
