import { join } from "node:path"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import { Effect, Option, Redacted, Schema } from "effect"
import { apiBaseUrl, dataDirectory, tokenStdin } from "../commands/global.ts"
import { type Arguments, valueOf } from "../Flags.ts"
import type { Host } from "../Host.ts"
import { absolute, inWords, readLimited } from "./files.ts"

/** Where the CLI does its work, and as whom. */
export interface Settings {
  /** Null for embedded mode. */
  readonly baseUrl: URL | null
  readonly token: Option.Option<Redacted.Redacted<string>>
  readonly dataDirectory: string
  readonly configPath: string
  readonly warnings: ReadonlyArray<string>
}

const SavedConfig = Schema.parseJson(
  Schema.Struct({
    api_base_url: Schema.optionalWith(Schema.String, { exact: true }),
    token: Schema.optionalWith(Schema.String, { exact: true })
  })
)

/** Far above any config of ours. */
const configBytesMax = 64 * 1024
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

/** The saved config; a file that cannot be understood fails rather than being passed over: it may name a server. */
const savedConfig = (path: string) =>
  readLimited(path, configBytesMax).pipe(
    Effect.catchIf(
      (problem) => problem.kind === "unreadable" && (problem.reason === "ENOENT" || problem.reason === "ENOTDIR"),
      () => Effect.succeed(new TextEncoder().encode("{}"))
    ),
    Effect.mapError((problem) => (problem.kind === "too_large" ? `${problem.bytes} bytes` : inWords(problem.reason))),
    Effect.flatMap((bytes) =>
      Schema.decodeUnknown(SavedConfig)(new TextDecoder().decode(bytes)).pipe(
        Effect.mapError(() => "it is no JSON object with text in api_base_url and token")
      )
    ),
    Effect.catchAll((reason) =>
      fail("FILE_READ_FAILED", `The config file ${path} cannot be used: ${reason}`, {
        recovery: { suggested_command: `mv ${path} ${path}.broken` }
      })
    )
  )

const baseUrlOf = (text: string): Effect.Effect<URL, Failure<"INVALID_ARGUMENTS">> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUsable = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === ""
  return isUsable
    ? Effect.succeed(url)
    : fail(
        "INVALID_ARGUMENTS",
        `${apiBaseUrl.name} is ${JSON.stringify(text.slice(0, 200))}; allowed: an http or https URL without a user name or password`,
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

/** Reads flags, then the environment, then the saved config. A value that is set but empty counts as absent. */
export const readSettings = Effect.fn("Cli.readSettings")(function* (host: Host, typed: Arguments) {
  const configPath = configPathOf(host)
  const saved = yield* savedConfig(configPath)
  const text = valueOf(typed, apiBaseUrl) ?? given(host.environment.IMAGE_SKILL_API_BASE_URL) ?? saved.api_base_url
  const baseUrl = text === undefined ? null : yield* baseUrlOf(text)
  const token = valueOf(typed, tokenStdin)
    ? yield* tokenFromStdin(host)
    : (given(host.environment.IMAGE_SKILL_TOKEN) ?? given(saved.token))
  const warnings = [
    ...(baseUrl === null && token !== undefined
      ? ["A token is set but no server: the work is done in this process. Set IMAGE_SKILL_API_BASE_URL to use a server"]
      : []),
    ...(baseUrl?.protocol === "http:" && token !== undefined && !isLoopback(baseUrl)
      ? [`The token goes to ${baseUrl.origin} unencrypted: use https`]
      : [])
  ]
  const settings: Settings = {
    baseUrl,
    token: Option.fromNullable(token).pipe(Option.map(Redacted.make)),
    dataDirectory: dataDirectoryOf(host, typed),
    configPath,
    warnings
  }
  return settings
})
