import type { ProviderCall, ProviderReason } from "../provider/Provider.ts"
import { answers, type FakeAct, refuses } from "./FakeProviderActs.ts"
import type { Chance } from "./SimulatorChance.ts"

const refusalReasons: readonly [ProviderReason, ...ReadonlyArray<ProviderReason>] = [
  "rate_limited",
  "quota",
  "authentication",
  "content_policy",
  "invalid_request",
  "unavailable",
  "failed",
  "bad_output"
]

const kinds = [
  "images",
  "images",
  "urls",
  "too_many",
  "too_few",
  "none",
  "withheld",
  "text",
  "huge",
  "torn",
  "garbage"
] as const

const delays = [0, 10, 800, 3_000, 20_000, 45_000, 110_000] as const
const late = [130_000, 700_000, 1_000_000_000] as const

const answered = (chance: Chance): FakeAct =>
  answers({
    kind: chance.happens(0.6) ? "images" : chance.pick(kinds),
    reports: chance.pick(["cost", "cost", "nothing", "too_much"]),
    afterMillis: chance.happens(0.1) ? chance.pick(late) : chance.pick(delays),
    isCut: chance.happens(0.06),
    fails: chance.happens(0.06) ? chance.pick(["failed", "content_policy", "bad_output"]) : null,
    pollFailures: chance.happens(0.15) ? chance.below(8) : 0,
    pollSilences: chance.happens(0.05) ? 1 + chance.below(2) : 0,
    fetchFailures: chance.happens(0.2) ? chance.below(7) : 0,
    ignoresCancel: chance.happens(0.4)
  })

/** Mostly well-behaved, so that histories get somewhere. */
export const actByChance =
  (chance: Chance) =>
  (_call: ProviderCall): FakeAct => {
    const at = chance.fraction()
    if (at < 0.1) return refuses(chance.pick(refusalReasons), chance.pick(["no", "no", "yes", "unknown"]))
    if (at < 0.13) return { _tag: "Throw" }
    if (at < 0.18) return { _tag: "LoseAnswer", afterMillis: chance.pick(delays) }
    if (at < 0.2) return { _tag: "Hang" }
    return answered(chance)
  }
