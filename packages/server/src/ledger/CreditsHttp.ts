import { HttpApiBuilder, type HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { purchaseEndpoints, purchaseRequestOf, quoteRequestOf, referencesOf } from "@image-skill/core/api/CreditsApi"
import type { Failure } from "@image-skill/core/kernel/Errors"
import { Purchases } from "@image-skill/core/ledger/Purchases"
import { Settlement } from "@image-skill/core/ledger/Settlement"
import { CreditDesk } from "@image-skill/core/studio/CreditDesk"
import { Context, Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { payPage } from "../payments/PaymentPages.ts"
import { hearRail } from "../payments/Webhook.ts"

export const CreditsHttp = HttpApiBuilder.group(
  Api,
  "credits",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const desk = yield* CreditDesk
    const services = Context.make(Purchases, yield* Purchases).pipe(Context.add(Settlement, yield* Settlement))

    /** A response of its own; only what fails is an envelope. */
    const plain = <E extends Failure>(
      effect: Effect.Effect<
        HttpServerResponse.HttpServerResponse,
        E,
        Purchases | Settlement | HttpServerRequest.HttpServerRequest
      >
    ) => Effect.catchAll(Effect.provide(effect, services), (error) => answering.open(Effect.fail(error)))

    return handlers
      .handle("methods", () => answering.open(desk.methods))
      .handle("packs", () => answering.open(desk.packs))
      .handle("quote", ({ payload }) =>
        answering.owned((actor) => Effect.flatMap(quoteRequestOf(payload), (request) => desk.quote(actor, request)))
      )
      .handle("purchase", ({ payload }) =>
        answering.owned((actor) =>
          Effect.flatMap(purchaseRequestOf(payload), (request) => desk.buy(actor, request, purchaseEndpoints.direct))
        )
      )
      .handle("checkout", ({ payload }) =>
        answering.owned((actor) =>
          Effect.flatMap(purchaseRequestOf(payload), (request) => desk.buy(actor, request, purchaseEndpoints.checkout))
        )
      )
      .handle("status", ({ urlParams }) => answering.owned((actor) => desk.status(actor, referencesOf(urlParams))))
      .handleRaw("pay", ({ path }) => plain(payPage(path.id)))
      .handleRaw("stripeWebhook", () => plain(hearRail("stripe_checkout")))
  })
)
