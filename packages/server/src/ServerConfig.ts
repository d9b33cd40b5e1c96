import { CreditMultiplier, defaultMultiplier } from "@image-skill/core/kernel/Money"
import { Config, ConfigError, Either } from "effect"

const decimal = /^(\d{1,2})(?:\.(\d{1,4}))?$/

/** `1.7` as ten-thousandths, exactly. */
const parseMultiplier = (text: string): Either.Either<CreditMultiplier, ConfigError.ConfigError> => {
  const match = decimal.exec(text)
  const value = match === null ? 0 : Number(match[1]) * 10_000 + Number((match[2] ?? "").padEnd(4, "0"))
  return value >= 10_000 && value <= 1_000_000
    ? Either.right(CreditMultiplier.make(value))
    : Either.left(
        ConfigError.InvalidData(
          ["IMAGE_SKILL_CREDIT_MULTIPLIER"],
          `"${text}" is not a decimal from 1 to 100, such as 1.7`
        )
      )
}

/** Everything that the house reads from its environment, besides the keys that each provider plugin reads itself. */
export const ServerConfig = Config.all({
  multiplier: Config.string("IMAGE_SKILL_CREDIT_MULTIPLIER").pipe(
    Config.mapOrFail(parseMultiplier),
    Config.withDefault(defaultMultiplier)
  )
})
export type ServerConfig = Config.Config.Success<typeof ServerConfig>
