import { type Failure, failure, type Issue } from "@image-skill/core/kernel/Errors"
import { CreditMultiplier, defaultMultiplier } from "@image-skill/core/kernel/Money"
import { quoted } from "@image-skill/core/kernel/Quote"
import { Config, ConfigError, Either } from "effect"
import { PolicyConfig } from "./identity/PolicyConfig.ts"

const decimal = /^(\d{1,3})(?:\.(\d{1,4}))?$/

/** `1.7` as ten-thousandths, exactly. */
const parseMultiplier = (text: string): Either.Either<CreditMultiplier, ConfigError.ConfigError> => {
  const match = decimal.exec(text)
  const value = match === null ? 0 : Number(match[1]) * 10_000 + Number((match[2] ?? "").padEnd(4, "0"))
  return value >= 10_000 && value <= 1_000_000
    ? Either.right(CreditMultiplier.make(value))
    : Either.left(ConfigError.InvalidData([], `is "${quoted(text)}"; allowed: a decimal from 1 to 100, such as 1.7`))
}

/** Everything that the house reads from its environment, besides the keys that each provider plugin reads itself. */
export const ServerConfig = Config.all({
  multiplier: Config.string("IMAGE_SKILL_CREDIT_MULTIPLIER").pipe(
    Config.mapOrFail(parseMultiplier),
    Config.withDefault(defaultMultiplier)
  ),
  policy: PolicyConfig
})

/** What a caller is told of settings that cannot be read. What is said of a secret never repeats it. */
export const configRefusal = (error: ConfigError.ConfigError): Failure<"INVALID_ARGUMENTS"> => {
  const issues = problemsOf(error)
  return failure(
    "INVALID_ARGUMENTS",
    `This house is not set up: ${issues.map(({ path, message }) => `${path} ${message}`).join("; ")}`,
    { details: { issues: issues.map((issue) => ({ ...issue })) }, recovery: { fields: issues.map(({ path }) => path) } }
  )
}

const problemsOf = (error: ConfigError.ConfigError): ReadonlyArray<Issue> => {
  if (error._op === "And" || error._op === "Or") return [...problemsOf(error.left), ...problemsOf(error.right)]
  return [{ path: error.path.join("_"), message: error.message }]
}

export type ServerConfig = Config.Config.Success<typeof ServerConfig>
