import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { PaymentAttemptId } from "@image-skill/core/kernel/Ids"
import type { Handoff } from "@image-skill/core/ledger/Purchases"
import { Purchases } from "@image-skill/core/ledger/Purchases"
import { Effect } from "effect"

const page = (status: number, title: string, text: string) =>
  HttpServerResponse.text(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`,
    {
      status,
      contentType: "text/html; charset=utf-8",
      headers: {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff"
      }
    }
  )

const askAgain = "Ask your agent for a new payment link."

const ended = (handoff: Extract<Handoff, { readonly _tag: "Ended" }>) => {
  switch (handoff.state) {
    case "succeeded":
      return page(410, "Paid", "This payment is complete, and its credits are granted. You can close this page.")
    case "processing":
      return page(410, "On its way", "This payment is being processed. Its credits come when it is confirmed.")
    case "created":
      return page(404, "Not ready", "This payment page is not there yet. Try again in a moment.")
    case "requires_action":
    case "failed":
    case "expired":
      return page(410, "Expired", `This payment page is no longer open. ${askAgain}`)
  }
}

const returned = new Map([
  ["paid", "Your agent sees the credits as soon as the payment is confirmed. You can close this page."],
  ["canceled", "Nothing was paid. The link of your agent stays open until it expires."]
])

/** `GET /pay/:payment_attempt_id`: sends a person to the page of the rail, with every character of its address. */
export const payPage = (id: PaymentAttemptId) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const back = returned.get(new URL(request.url, "http://localhost").searchParams.get("return") ?? "")
    if (back !== undefined) return page(200, "Thank you", back)
    const handoff = yield* (yield* Purchases).handoff(id)
    if (handoff._tag === "Unknown") return page(404, "Not found", `There is no such payment. ${askAgain}`)
    if (handoff._tag === "Ended") return ended(handoff)
    return HttpServerResponse.empty({
      status: 303,
      headers: { location: handoff.url, "cache-control": "no-store", "referrer-policy": "no-referrer" }
    })
  })
