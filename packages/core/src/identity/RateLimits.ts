import { Clock, Context, Effect, Layer } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"

/** So many at a time, and then so many a minute. */
export interface RateRule {
  readonly burst: number
  readonly perMinute: number
}

/**
 * `address`: every request, by where it comes from. `signup`: by address. `guess`: tokens that are not known, by
 * address. `read` and `write`: by agent.
 */
export type RateClass = "address" | "signup" | "guess" | "read" | "write"

/** What one agent, and one office behind one address, may need on a busy day. */
export const publicRules: Readonly<Record<RateClass, RateRule>> = {
  address: { burst: 600, perMinute: 1200 },
  signup: { burst: 5, perMinute: 0.5 },
  guess: { burst: 20, perMinute: 10 },
  read: { burst: 300, perMinute: 600 },
  write: { burst: 250, perMinute: 120 }
}

/** On loopback everybody is the owner of the machine: signups are held back only as much as writes. */
export const loopbackRules: Readonly<Record<RateClass, RateRule>> = { ...publicRules, signup: publicRules.write }

/** A bucket that fills up with time. `at` in epoch milliseconds. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

const minuteMillis = 60_000

export const fullBucket = (rule: RateRule, now: number): Bucket => ({ tokens: rule.burst, at: now })

/** What is left at `now` after `count` were taken, and how long to wait when there was too little: then none is taken. */
export const spend = (
  bucket: Bucket,
  rule: RateRule,
  now: number,
  count: number
): { readonly bucket: Bucket; readonly waitMillis: number } => {
  const gained = (Math.max(0, now - bucket.at) * rule.perMinute) / minuteMillis
  const tokens = Math.min(rule.burst, bucket.tokens + gained)
  return tokens >= Math.max(1, count)
    ? { bucket: { tokens: tokens - count, at: now }, waitMillis: 0 }
    : { bucket: { tokens, at: now }, waitMillis: Math.ceil(((1 - tokens) * minuteMillis) / rule.perMinute) }
}

/** Buckets of each class that are kept; the ones that were not used for longest go first. */
const bucketsMax = 20_000

const limited = (kind: RateClass, rule: RateRule, waitMillis: number) => {
  const seconds = Math.max(1, Math.ceil(waitMillis / 1000))
  return failure("RATE_LIMITED", `${words[kind]}; the next is taken in ${seconds} s`, {
    details: { limit: kind, burst: rule.burst, per_minute: rule.perMinute },
    recovery: { retry_after_seconds: seconds }
  })
}

const words: Readonly<Record<RateClass, string>> = {
  address: "Too many requests from this address",
  signup: "Too many signups from this address",
  guess: "Too many unknown tokens from this address",
  read: "This token reads too often",
  write: "This token writes too often"
}

/** Holds back who asks too often. In the memory of one process: each counts for itself. */
export class RateLimits extends Context.Tag("@image-skill/core/RateLimits")<
  RateLimits,
  {
    /** Takes one of what the key may do, or says when there is one. */
    readonly take: (kind: RateClass, key: string) => Effect.Effect<void, Failure<"RATE_LIMITED">>
    /** Fails as `take` would, and takes none. */
    readonly check: (kind: RateClass, key: string) => Effect.Effect<void, Failure<"RATE_LIMITED">>
  }
>() {
  /** Embedded mode, and `IMAGE_SKILL_RATE_LIMIT=off`. */
  static readonly layerOff = Layer.succeed(this, { take: () => Effect.void, check: () => Effect.void })

  static readonly layerMemory = (rules: Readonly<Record<RateClass, RateRule>>, most = bucketsMax) =>
    Layer.sync(this, () => {
      const books: Readonly<Record<RateClass, Map<string, Bucket>>> = {
        address: new Map(),
        signup: new Map(),
        guess: new Map(),
        read: new Map(),
        write: new Map()
      }
      const asked = (kind: RateClass, key: string, count: number) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const [buckets, rule] = [books[kind], rules[kind]]
          const { bucket, waitMillis } = spend(buckets.get(key) ?? fullBucket(rule, now), rule, now, count)
          // A map keeps the order in which its keys came: the first is the one that was not used for longest.
          buckets.delete(key)
          buckets.set(key, bucket)
          const oldest = buckets.keys().next()
          if (buckets.size > most && oldest.done !== true) buckets.delete(oldest.value)
          return waitMillis === 0 ? Effect.void : Effect.fail(limited(kind, rule, waitMillis))
        })
      return { take: (kind, key) => asked(kind, key, 1), check: (kind, key) => asked(kind, key, 0) }
    })
}
