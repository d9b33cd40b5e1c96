import { join } from "node:path"
import { Redacted } from "effect"
import { apiBaseUrl, dataDirectory, tokenStdin } from "../commands/global.ts"
import { done, type Outcome, refused } from "../Envelope.ts"
import { type Arguments, valueOf } from "../Flags.ts"
import type { Host } from "../Host.ts"
import { commandLine } from "./quote.ts"
import { readConfig, type SavedConfig } from "./savedConfig.ts"
import { absolute } from "./wholeFile.ts"

/** Where a setting was found: the first of these wins. */
export type Source = "flag" | "stdin" | "environment" | "config"

/** Where the CLI does its work, and as whom. */
export interface Settings {
  /** Null for embedded mode. */
  readonly baseUrl: URL | null
  readonly baseUrlFrom: Source | null
  readonly token: Redacted.Redacted<string> | null
  readonly tokenFrom: Source | null
  /** Null where there is no config file. */
  readonly saved: SavedConfig | null
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

const baseUrlOf = (text: string): Outcome<URL> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // A path is added to it: after a query or a fragment it would be part of that.
  const isPlain = url !== undefined && [url.username, url.password, url.search, url.hash].every((part) => part === "")
  const isUsable = isPlain && /^https?:$/.test(url.protocol)
  return isUsable
    ? done(url)
    : refused(
        "INVALID_ARGUMENTS",
        `${apiBaseUrl.name} is ${JSON.stringify(text.slice(0, 200))}; allowed: an http or https URL without a user name, password, query or fragment`,
        { recovery: { fields: ["--api-base-url", "IMAGE_SKILL_API_BASE_URL"] } }
      )
}

const tokenFromStdin = async (host: Host): Promise<Outcome<Redacted.Redacted<string>>> => {
  const bytes = await host.readStdin(tokenBytesMax).catch(() => null)
  if (bytes === null) return refused("INVALID_ARGUMENTS", `--token-stdin takes at most ${tokenBytesMax} bytes`)
  const token = new TextDecoder().decode(bytes).trim()
  return token === ""
    ? refused("INVALID_ARGUMENTS", "--token-stdin found nothing on stdin; pipe the token in")
    : done(Redacted.make(token))
}

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
const noToken = (from: Source, configPath: string) =>
  refused("INVALID_ARGUMENTS", `The token from ${places[from]} is no token: it has spaces or other characters`, {
    recovery: {
      suggested_command:
        from === "config"
          ? commandLine(["mv", configPath, `${configPath}.broken`])
          : "unset IMAGE_SKILL_TOKEN IMAGE_SKILL_HOSTED_TOKEN"
    }
  })

/** Whether a header can carry it. */
export const isToken = (text: string): boolean => /^[!-~]+$/.test(text)

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

/** The token, from the first place that has one. */
const tokenOf = async (
  host: Host,
  typed: Arguments,
  saved: SavedConfig,
  baseUrl: URL | null
): Promise<Outcome<Found<Redacted.Redacted<string>> | null>> => {
  if (valueOf(typed, tokenStdin)) {
    const token = await tokenFromStdin(host)
    return token.ok ? done(found(token.value, "stdin")) : token
  }
  const { IMAGE_SKILL_HOSTED_TOKEN, IMAGE_SKILL_TOKEN } = host.environment
  return done(
    found(secret(IMAGE_SKILL_TOKEN) ?? secret(IMAGE_SKILL_HOSTED_TOKEN), "environment") ??
      found(savedTokenFor(saved, baseUrl), "config")
  )
}

/** Reads flags, then the environment, then the saved config. A value that is set but empty counts as absent. */
export const readSettings = async (host: Host, typed: Arguments): Promise<Outcome<Settings>> => {
  const configPath = configPathOf(host)
  const config = await readConfig(configPath)
  if (!config.ok) return config
  const saved = config.value ?? {}
  const url =
    found(valueOf(typed, apiBaseUrl), "flag") ??
    found(given(host.environment.IMAGE_SKILL_API_BASE_URL), "environment") ??
    found(given(saved.api_base_url), "config")
  const base = url === null ? done(null) : baseUrlOf(url.value)
  if (!base.ok) return base
  const read = await tokenOf(host, typed, saved, base.value)
  if (!read.ok) return read
  const token = read.value
  if (token !== null && !isToken(Redacted.value(token.value))) return noToken(token.from, configPath)
  return done({
    baseUrl: base.value,
    baseUrlFrom: url?.from ?? null,
    token: token?.value ?? null,
    tokenFrom: token?.from ?? null,
    saved: config.value,
    dataDirectory: dataDirectoryOf(host, typed),
    configPath,
    warnings: warningsOf(base.value, token, saved)
  })
}
