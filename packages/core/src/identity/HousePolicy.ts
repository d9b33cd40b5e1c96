import { Context, Layer } from "effect"
import { Credits } from "../kernel/Money.ts"

/** What the operator gives to agents. */
export interface HousePolicyShape {
  /** To each new agent, once. */
  readonly freeCredits: Credits
  /** To all new agents of a UTC day together; null for no cap. */
  readonly freeCreditsPerDay: Credits | null
  /** Creates and edits a day and organization; null for no cap. */
  readonly dailyJobs: number | null
  /** Whether anybody who reaches the house may sign up. Otherwise with an invite or by the operator. */
  readonly isSignupOpen: boolean
}

export const defaultPolicy: HousePolicyShape = {
  freeCredits: Credits.make(50),
  freeCreditsPerDay: Credits.make(1000),
  dailyJobs: 50,
  isSignupOpen: false
}

export class HousePolicy extends Context.Tag("@image-skill/core/HousePolicy")<HousePolicy, HousePolicyShape>() {
  static readonly layer = (policy: HousePolicyShape) => Layer.succeed(this, policy)
}
