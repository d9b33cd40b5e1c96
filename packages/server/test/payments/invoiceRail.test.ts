import { paymentRailSuite } from "@image-skill/core/testing/paymentRailSuite"
import { Effect } from "effect"
import { makeInvoiceRail } from "../../../../examples/invoiceRail.ts"

paymentRailSuite(
  "invoice, of the examples",
  Effect.sync(() => {
    const { approve, rail } = makeInvoiceRail()
    return {
      rail,
      pay: ({ sessionId }) => {
        const word = approve(sessionId ?? "", 1)
        return Effect.succeed(word === undefined ? [] : [word, { ...word, eventId: `${word.eventId}:again` }])
      }
    }
  })
)
