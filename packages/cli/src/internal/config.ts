import { join } from "node:path"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import { Effect, Option, Redacted } from "effect"
import { apiBaseUrl, dataDirectory, tokenStdin } from "../commands/global.ts"
import { type Arguments, valueOf } from "../Flags.ts"
import type { Host } from "../Host.ts"
import { readConfig, type SavedConfig } from "./configFile.ts"
import { absolute } from "./files.ts"
import { commandLine } from "./quote.ts"

/** Where a setting was found: the first of these wins. */
export type Source = "flag" | "stdin" | "environment" | "config"

/** Where the CLI does its work, and as whom. */
export interface Settings {
  /** Null for embedded mode. */
  readonly baseUrl: URL | null
  readonly baseUrlFrom: Source | null
  readonly token: Option.Option<Redacted.Redacted<string>>
  readonly tokenFrom: Source | null
  /** Nothing where there is no config file. */
  readonly saved: Option.Option<SavedConfig>
  readonly dataDirectory: string
  readonly configPath: string
  readonly warnings: ReadonlyArray<string>
}

interface Found<out A> {
  readonly value: A
  readonly from: Source
}

const tokenBytesMax = 16 * 1024

const given = (value: string | undefined): string | undefined => (value === "" ? undefined : value)

/** A folder of the XDG kind. The specification says that a relative value is to be ignored. */
const xdgFolder = (host: Host, variable: string, fallback: string): string => {
  const value = host.environment[variable]
  return value?.startsWith("/") === true ? value : join(host.homeDirectory, fallback)
}

export const configPathOf = (host: Host): string =>
  absolute(
    host.workingDirectory,
    given(host.environment.IMAGE_SKILL_CONFIG_PATH) ??
      join(xdgFolder(host, "XDG_CONFIG_HOME", ".config"), "image-skill", "config.json")
  )

export const dataDirectoryOf = (host: Host, typed: Arguments): string =>
  absolute(
    host.workingDirectory,
    valueOf(typed, dataDirectory) ??
      given(host.environment.IMAGE_SKILL_DATA_DIR) ??
      join(xdgFolder(host, "XDG_DATA_HOME", ".local/share"), "image-skill")
  )

const baseUrlOf = (text: string): Effect.Effect<URL, Failure<"INVALID_ARGUMENTS">> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // A path is added to it: after a query or a fragment it would be part of that.
  const isPlain = url !== undefined && [url.username, url.password, url.search, url.hash].every((part) => part === "")
  const isUsable = isPlain && /^https?:$/.test(url.protocol)
  return isUsable
    ? Effect.succeed(url)
    : fail(
        "INVALID_ARGUMENTS",
        `${apiBaseUrl.name} is ${JSON.stringify(text.slice(0, 200))}; allowed: an http or https URL without a user name, password, query or fragment`,
        { recovery: { fields: ["--api-base-url", "IMAGE_SKILL_API_BASE_URL"] } }
      )
}

const tokenFromStdin = (host: Host) =>
  Effect.tryPromise({
    try: () => host.readStdin(tokenBytesMax),
    catch: () => "too_large" as const
  }).pipe(
    Effect.map((bytes) => new TextDecoder().decode(bytes).trim()),
    Effect.filterOrFail(
      (token) => token !== "",
      () => "empty" as const
    ),
    Effect.catchAll((reason) =>
      fail(
        "INVALID_ARGUMENTS",
        reason === "empty"
          ? "--token-stdin found nothing on stdin; pipe the token in"
          : `--token-stdin takes at most ${tokenBytesMax} bytes`
      )
    )
  )

const isLoopback = (url: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)

const found = <A>(value: A | undefined, from: Source): Found<A> | null => (value === undefined ? null : { value, from })

/** A line break at its end is what `echo` and files add. */
const secret = (text: string | undefined) => {
  const value = given(text?.trim())
  return value === undefined ? undefined : Redacted.make(value)
}

const places: Readonly<Record<Source, string>> = {
  flag: "the command line",
  stdin: "stdin",
  environment: "IMAGE_SKILL_TOKEN or IMAGE_SKILL_HOSTED_TOKEN",
  config: "the config file"
}

/** What no header could carry is no token. It is not repeated: it may be a secret put in the wrong place. */
const checkToken = (token: Found<Redacted.Redacted<string>> | null, configPath: string) =>
  token === null || /^[!-~]+$/.test(Redacted.value(token.value))
    ? Effect.void
    : fail("INVALID_ARGUMENTS", `The token from ${places[token.from]} is no token: it has spaces or other characters`, {
        recovery: {
          suggested_command:
            token.from === "config"
              ? commandLine(["mv", configPath, `${configPath}.broken`])
              : "unset IMAGE_SKILL_TOKEN IMAGE_SKILL_HOSTED_TOKEN"
        }
      })

const sameServer = (left: string, right: URL) => URL.canParse(left) && new URL(left).origin === right.origin

/** A token that was saved with one server goes to no other. */
const savedTokenFor = (saved: SavedConfig, baseUrl: URL | null) =>
  saved.api_base_url === undefined || baseUrl === null || sameServer(saved.api_base_url, baseUrl)
    ? secret(saved.token === undefined ? undefined : Redacted.value(saved.token))
    : undefined

const warningsOf = (baseUrl: URL | null, token: Found<unknown> | null, saved: SavedConfig) => [
  ...(baseUrl === null && token !== null
    ? ["A token is set but no server: the work is done in this process. Set IMAGE_SKILL_API_BASE_URL to use a server"]
    : []),
  ...(baseUrl?.protocol === "http:" && token !== null && !isLoopback(baseUrl)
    ? [`The token goes to ${baseUrl.origin} unencrypted: use https`]
    : []),
  ...(baseUrl !== null && token === null && saved.token !== undefined
    ? [`The saved token belongs to ${saved.api_base_url ?? "another server"} and is not sent to ${baseUrl.origin}`]
    : [])
]

/** Reads flags, then the environment, then the saved config. A value that is set but empty counts as absent. */
export const readSettings = Effect.fn("Cli.readSettings")(function* (host: Host, typed: Arguments) {
  const configPath = configPathOf(host)
  const config = yield* readConfig(configPath)
  const saved = Option.getOrElse(config, (): SavedConfig => ({}))
  const url =
    found(valueOf(typed, apiBaseUrl), "flag") ??
    found(given(host.environment.IMAGE_SKILL_API_BASE_URL), "environment") ??
    found(given(saved.api_base_url), "config")
  const baseUrl = url === null ? null : yield* baseUrlOf(url.value)
  const { IMAGE_SKILL_HOSTED_TOKEN, IMAGE_SKILL_TOKEN } = host.environment
  const token = valueOf(typed, tokenStdin)
    ? found(Redacted.make(yield* tokenFromStdin(host)), "stdin")
    : (found(secret(IMAGE_SKILL_TOKEN) ?? secret(IMAGE_SKILL_HOSTED_TOKEN), "environment") ??
      found(savedTokenFor(saved, baseUrl), "config"))
  yield* checkToken(token, configPath)
  const settings: Settings = {
    baseUrl,
    baseUrlFrom: url?.from ?? null,
    token: Option.fromNullable(token?.value),
    tokenFrom: token?.from ?? null,
    saved: config,
    dataDirectory: dataDirectoryOf(host, typed),
    configPath,
    warnings: warningsOf(baseUrl, token, saved)
  }
  return settings
})
