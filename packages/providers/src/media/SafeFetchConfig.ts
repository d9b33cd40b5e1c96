import { Config, Option } from "effect"

/**
 * The origins of base URLs that are configured, by the names of their variables: a server in the operator's own network
 * names its results by private addresses. What is not set, or is no URL, adds nothing.
 */
export const originsOf = (names: ReadonlyArray<string>): Config.Config<ReadonlyArray<string>> =>
  Config.map(Config.all(names.map((name) => Config.option(Config.string(name)))), (texts) =>
    texts.flatMap((text) => (Option.isSome(text) && URL.canParse(text.value) ? [new URL(text.value).origin] : []))
  )
