import { Config, ConfigError, Either } from "effect"

/** A base URL without its last slash. */
export const baseUrl = (name: string): Config.Config<string> =>
  Config.nonEmptyString(name).pipe(
    Config.mapOrFail((text) =>
      URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
        ? Either.right(text.replace(/\/+$/, ""))
        : Either.left(ConfigError.InvalidData([name], "it must be an http or https URL"))
    )
  )

/** A key without stray blanks: a line break in a header would be refused at the first call only. */
export const apiKey = (name: string) => Config.redacted(Config.map(Config.nonEmptyString(name), (text) => text.trim()))
