import { Clock, Effect } from "effect"
import { limits } from "../kernel/Limits.ts"
import { type PaymentRail, type RailProblem, railProblem } from "../ledger/PaymentRail.ts"
import type { PaymentAttempt } from "../ledger/PaymentRecords.ts"
import type { RailEvent } from "../ledger/RailEvents.ts"

/** A rail that a test pays by hand: it begins to collect, and says what the test has it say. */
export interface PaperRail {
  readonly rail: PaymentRail
  /** How often the rail was asked to begin, by attempt. */
  readonly asked: Map<string, number>
  /** What `status` answers, by attempt. */
  readonly standing: Map<string, RailEvent>
  /** What `reversals` answers, by attempt. */
  readonly gone: Map<string, ReadonlyArray<RailEvent>>
  /** What the next beginnings come to instead. */
  readonly problems: Array<RailProblem["reason"]>
}

export const makePaperRail = (own: Partial<PaymentRail> = {}): PaperRail => {
  const asked = new Map<string, number>()
  const standing = new Map<string, RailEvent>()
  const gone = new Map<string, ReadonlyArray<RailEvent>>()
  const problems: Array<RailProblem["reason"]> = []
  const rail: PaymentRail = {
    id: "paper",
    provider: "paper",
    isLive: true,
    isConfigured: true,
    buyerModes: ["human_only"],
    requiresBrowser: true,
    purchaseEndpoint: "/v1/credit-purchases",
    purchaseCommand: "image-skill credits buy --provider paper",
    defaultPackId: null,
    amountCentsMin: 1,
    secrets: [],
    availability: () => ({ available: true }),
    createAttempt: (_quote, attempt) =>
      Effect.gen(function* () {
        asked.set(attempt.id, (asked.get(attempt.id) ?? 0) + 1)
        const problem = problems.shift()
        if (problem !== undefined) return yield* Effect.fail(railProblem(problem, "the paper is wet"))
        const now = yield* Clock.currentTimeMillis
        return {
          _tag: "ActionRequired",
          sessionId: sessionOf(attempt),
          url: `https://paper.test/pay/${attempt.id}#fid=2&whole`,
          expiresAt: now + limits.checkoutMillis
        }
      }),
    status: (attempt) => Effect.succeed(standing.get(attempt.id) ?? null),
    reversals: (attempt) => Effect.succeed(gone.get(attempt.id) ?? []),
    ...own
  }
  return { rail, asked, standing, gone, problems }
}

export const sessionOf = (attempt: Pick<PaymentAttempt, "id">): string => `paper_${attempt.id}`
export const paymentOf = (attempt: Pick<PaymentAttempt, "id">): string => `money_${attempt.id}`

type Said<Kind extends RailEvent["kind"]> = Omit<
  Extract<RailEvent, { readonly kind: Kind }>,
  "kind" | "eventId" | "attemptId" | "sessionId" | "paymentId" | "currency" | "at"
>

const about = (attempt: Pick<PaymentAttempt, "id">, eventId: string, at: number) => ({
  eventId,
  attemptId: attempt.id,
  sessionId: sessionOf(attempt),
  paymentId: paymentOf(attempt),
  currency: "usd",
  at
})

/** Knows its payment, and not our attempt: as refunds and disputes do. */
const byPayment = (attempt: Pick<PaymentAttempt, "id">, eventId: string, at: number) => ({
  ...about(attempt, eventId, at),
  attemptId: null,
  sessionId: null
})

export const paid = (attempt: PaymentAttempt, eventId: string, amountCents = attempt.amountCents) =>
  ({
    kind: "paid",
    ...about(attempt, eventId, 1),
    amountCents
  }) satisfies RailEvent

export const stepped = (kind: "pending" | "failed" | "expired", attempt: PaymentAttempt, eventId: string) => ({
  kind,
  ...about(attempt, eventId, 1)
})

export const refundedTotal = (attempt: PaymentAttempt, eventId: string, amountCents: number, at: number): RailEvent =>
  ({
    kind: "refunded_total",
    ...byPayment(attempt, eventId, at),
    amountCents,
    reference: `charge_${attempt.id}`
  }) satisfies RailEvent

export const refund = (attempt: Pick<PaymentAttempt, "id">, eventId: string, said: Said<"refund">, at: number) =>
  ({
    kind: "refund",
    ...byPayment(attempt, eventId, at),
    ...said
  }) satisfies RailEvent

export const dispute = (attempt: PaymentAttempt, eventId: string, said: Said<"dispute">, at = 1) =>
  ({
    kind: "dispute",
    ...byPayment(attempt, eventId, at),
    ...said
  }) satisfies RailEvent
