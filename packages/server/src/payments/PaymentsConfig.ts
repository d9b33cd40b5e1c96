import { Config, ConfigError, Either, Option, Redacted } from "effect"

const parseBaseUrl = (text: string): Either.Either<URL, ConfigError.ConfigError> => {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/"
    ? Either.right(url)
    : Either.left(ConfigError.InvalidData([], "is no origin; allowed: an http or https URL without a path"))
}

/** A secret that is set but empty counts as absent. */
const secret = (name: string) =>
  Config.redacted(name).pipe(
    Config.option,
    Config.map(Option.filter((value) => Redacted.value(value).trim() !== "")),
    Config.map(Option.map((value) => Redacted.make(Redacted.value(value).trim()))),
    Config.map(Option.getOrNull)
  )

/** What the house reads about payments. */
export const PaymentsConfig = Config.all({
  /** Play money: by itself on loopback only. */
  fakePayments: Config.literal(
    "on",
    "off"
  )("IMAGE_SKILL_FAKE_PAYMENTS").pipe(Config.option, Config.map(Option.getOrNull)),
  stripeSecretKey: secret("STRIPE_SECRET_KEY"),
  stripeWebhookSecret: secret("STRIPE_WEBHOOK_SECRET"),
  stripeBaseUrl: Config.string("STRIPE_API_BASE_URL").pipe(
    Config.mapOrFail(parseBaseUrl),
    Config.withDefault(new URL("https://api.stripe.com"))
  )
})
export type PaymentsConfig = Config.Config.Success<typeof PaymentsConfig>
