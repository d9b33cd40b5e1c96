import { Credits } from "@image-skill/core/kernel/Money"
import { quoted } from "@image-skill/core/kernel/Quote"
import { Config, ConfigError, Either, Option, Redacted } from "effect"

const invalid = (text: string, allowed: string) =>
  ConfigError.InvalidData([], `is "${quoted(text)}"; allowed: ${allowed}`)

const whole = (name: string, from: number, to: number) =>
  Config.mapOrFail(Config.string(name), (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    return value >= from && value <= to
      ? Either.right(value)
      : Either.left(invalid(text, `a whole number from ${from} to ${to}`))
  })

/** The number, or null for the word `off`. */
const wholeOrOff = (name: string, from: number, to: number) =>
  Config.mapOrFail(Config.string(name), (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
    if (text === "off") return Either.right(null)
    return value >= from && value <= to
      ? Either.right(value)
      : Either.left(invalid(text, `a whole number from ${from} to ${to}, or off`))
  })

/** One of two words. */
const isWord = (name: string, yes: string, no: string) =>
  Config.mapOrFail(Config.string(name), (text) =>
    text === yes || text === no ? Either.right(text === yes) : Either.left(invalid(text, `${yes} or ${no}`))
  )

const adminTokenPattern = /^[!-~]{24,512}$/

/** Never repeated in what is said of it. */
const adminToken = Config.mapOrFail(Config.redacted("IMAGE_SKILL_ADMIN_TOKEN"), (token) =>
  adminTokenPattern.test(Redacted.value(token))
    ? Either.right(token)
    : Either.left(
        ConfigError.InvalidData([], "is too weak or no token; allowed: 24 to 512 characters of ASCII without spaces")
      )
)

/** What the operator gives away, and to whom. */
export const PolicyConfig = Config.all({
  freeCredits: whole("IMAGE_SKILL_FREE_CREDITS", 0, 1_000_000).pipe(
    Config.withDefault(50),
    Config.map((credits) => Credits.make(credits))
  ),
  /** What it is when not set depends on who can reach the house: `freeCreditsPerDay`. */
  freeCreditsPerDay: Config.option(wholeOrOff("IMAGE_SKILL_FREE_CREDITS_PER_DAY", 0, 1_000_000_000)),
  dailyJobs: wholeOrOff("IMAGE_SKILL_DAILY_JOBS", 1, 1_000_000).pipe(Config.withDefault(50)),
  /** Of an organization, images that providers refused and may bill; null for no limit. */
  billedRefusals: wholeOrOff("IMAGE_SKILL_BILLED_REFUSALS_PER_DAY", 1, 1_000_000).pipe(Config.withDefault(30)),
  /** What it is when not set depends on who can reach the house: `isSignupOpen`. */
  signupOpen: Config.option(isWord("IMAGE_SKILL_SIGNUP", "open", "closed")),
  isRateLimited: isWord("IMAGE_SKILL_RATE_LIMIT", "on", "off").pipe(Config.withDefault(true)),
  /** Null: not set. Then no proxy is trusted, and whether there is one is not known. */
  trustedProxies: Config.map(Config.option(whole("IMAGE_SKILL_TRUSTED_PROXIES", 0, 10)), Option.getOrNull),
  /** What it is when not set depends on who stands behind an address: `connectionsOfAddressMax`. */
  connectionsPerAddress: Config.option(wholeOrOff("IMAGE_SKILL_CONNECTIONS_PER_ADDRESS", 1, 1000)),
  adminToken: Config.map(Config.option(adminToken), Option.getOrNull)
})
export type PolicyConfig = Config.Config.Success<typeof PolicyConfig>

/** Whether anybody may sign up: on loopback, unless the operator says otherwise. */
export const isSignupOpen = (config: PolicyConfig, isLoopback: boolean): boolean =>
  Option.getOrElse(config.signupOpen, () => isLoopback)

/** Off loopback strangers could have a day's credits each minute: a cap is on unless it is turned off. */
const strangersCreditsPerDay = 1000

/** Credits to all new agents of a day; null for no cap. */
export const freeCreditsPerDay = (config: PolicyConfig, isLoopback: boolean): Credits | null => {
  const most = Option.getOrElse(config.freeCreditsPerDay, () => (isLoopback ? null : strangersCreditsPerDay))
  return most === null ? null : Credits.make(most)
}
