import { Context, type Effect, Layer, type Redacted } from "effect"
import type { Failure } from "../kernel/Errors.ts"
import type { Buyer, CreditQuote, PaymentAttempt } from "./PaymentRecords.ts"
import type { RailEvent } from "./RailEvents.ts"

export type Availability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string; readonly commands: ReadonlyArray<string> }

/** What a rail made of an attempt. `Settled` carries the payment itself: there is nothing left to do. */
export type Opened =
  | {
      readonly _tag: "ActionRequired"
      readonly sessionId: string
      /** Where a person pays; null where no page is involved. */
      readonly url: string | null
      readonly expiresAt: number
    }
  | { readonly _tag: "Settled"; readonly event: RailEvent }

/** `refused`: the rail will not have it. `unreachable`: nothing is known, the same call may be made again. */
export interface RailProblem {
  readonly _tag: "RailProblem"
  readonly reason: "refused" | "unreachable"
  /** For the operator's log, never for the buyer. No secret. */
  readonly message: string
}

export const railProblem = (reason: RailProblem["reason"], message: string): RailProblem => ({
  _tag: "RailProblem",
  reason,
  message
})

/** What a message to the house says, once its sender is known. */
export type Heard =
  | { readonly _tag: "Event"; readonly event: RailEvent }
  | { readonly _tag: "Ignored"; readonly reason: string }

/** A way to pay. A rail is one file, plus its registration. */
export interface PaymentRail {
  /** The `payment_method` of quotes: `stripe_checkout`. */
  readonly id: string
  /** The `provider` of `credits buy`: `stripe`. */
  readonly provider: string
  /** Whether real money can move; also with a test key. */
  readonly isLive: boolean
  /** It has what it needs to run. */
  readonly isConfigured: boolean
  readonly buyerModes: ReadonlyArray<"agent_only" | "hybrid" | "human_only">
  readonly requiresBrowser: boolean
  /** Where its quotes are bought, and the command that does so. */
  readonly purchaseEndpoint: string
  readonly purchaseCommand: string
  readonly defaultPackId: string | null
  /** The least that it takes, in cents. */
  readonly amountCentsMin: number
  /** Whether this buyer can use it now; without a buyer, whether anybody can. */
  readonly availability: (context: { readonly buyer: Buyer | null; readonly hasLiveRail: boolean }) => Availability
  /**
   * Starts to collect. The attempt's id is the key of the act: the same attempt again must be the same act. `returnUrl`
   * is where a person goes afterwards.
   */
  readonly createAttempt: (
    quote: CreditQuote,
    attempt: PaymentAttempt,
    returnUrl: string
  ) => Effect.Effect<Opened, RailProblem>
  /** How the attempt stands on the rail; null when there is no news. Its event id must not depend on the moment. */
  readonly status?: (attempt: PaymentAttempt) => Effect.Effect<RailEvent | null, RailProblem>
  /**
   * All that went back of a paid attempt, as it stands: its refunds and its disputes. The ids of these events must not
   * depend on the moment. A rail that has it is asked from time to time while money can still go back.
   */
  readonly reversals?: (attempt: PaymentAttempt) => Effect.Effect<ReadonlyArray<RailEvent>, RailProblem>
  /** Reads a message that says to be the rail's. Signature, age and mode are checked here. */
  readonly verifyEvent?: (
    body: Uint8Array,
    headers: { readonly [name: string]: string | undefined }
  ) => Effect.Effect<Heard, Failure<"WEBHOOK_SIGNATURE_INVALID">>
  /** Its secrets, so that nothing of them is ever written anywhere. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
}

/** The rails of the house, and where it can be reached. */
export class PaymentRails extends Context.Tag("@image-skill/core/PaymentRails")<
  PaymentRails,
  {
    readonly rails: ReadonlyArray<PaymentRail>
    /** Origin of the house, without a slash at its end. */
    readonly publicUrl: string
    /** Nothing is ever bought here: the house of one owner. */
    readonly isUnlimited: boolean
  }
>() {
  static readonly layer = (options: {
    readonly rails: ReadonlyArray<PaymentRail>
    readonly publicUrl: string
    readonly isUnlimited?: boolean
  }) => Layer.succeed(this, { isUnlimited: false, ...options })
}
