import { fileURLToPath } from "node:url"
import { type Failure, failure } from "@image-skill/core/kernel/Errors"
import type { ProviderId } from "@image-skill/core/kernel/Ids"
import { quoted } from "@image-skill/core/kernel/Quote"
import { Config, ConfigError, Effect, Either, Option } from "effect"
import type { PolicyConfig } from "../identity/PolicyConfig.ts"
import { configRefusal } from "../ServerConfig.ts"

/** What a server is told when it is started. */
export interface ServeOptions {
  /** Name or address to listen on. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly dataDirectory: string
}

const invalid = (text: string, allowed: string) =>
  ConfigError.InvalidData([], `is "${quoted(text)}"; allowed: ${allowed}`)

/** The origin, and the path under which a proxy serves the house, without a slash at its end. */
const parsePublicUrl = (text: string): Either.Either<string, ConfigError.ConfigError> => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === ""
  return url !== null && isPlain && /^https?:$/.test(url.protocol)
    ? Either.right(`${url.origin}${url.pathname.replace(/\/+$/, "")}`)
    : Either.left(invalid(text, "an http or https URL without user name, query and fragment"))
}

const parseBlobUrl = (text: string): Either.Either<string, ConfigError.ConfigError> => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === "file:" && url.host === "") return Either.right(fileURLToPath(url))
  if (url?.protocol === "s3:") {
    return Either.left(
      ConfigError.InvalidData([], "names an s3: bucket; this version stores images in folders only: file:///…")
    )
  }
  return Either.left(
    invalid(text, "a file: URL of a folder on this machine, such as file:///var/lib/image-skill/blobs")
  )
}

/** Nothing of it is repeated: it may hold a password. */
const refuseDatabaseUrl = (_text: string): Either.Either<never, ConfigError.ConfigError> =>
  Either.left(
    ConfigError.InvalidData(
      [],
      "is set; this version keeps its database in the data folder only: unset it, or use --data-dir"
    )
  )

/** `fal=20,openai=4`: jobs of each provider that run at one time. */
const parseConcurrency = (text: string): Either.Either<ReadonlyMap<string, number>, ConfigError.ConfigError> => {
  const parts = text.split(",").map((part) => /^([a-z0-9-]{1,64})=(\d{1,4})$/.exec(part.trim()))
  const entries = parts.flatMap((match) => (match?.[1] === undefined ? [] : [[match[1], Number(match[2])] as const]))
  return entries.length === parts.length && entries.every(([, count]) => count >= 1)
    ? Either.right(new Map(entries))
    : Either.left(invalid(text, "PROVIDER=COUNT, separated by commas, such as fal=20,openai=4"))
}

/** What a server reads from its environment, besides what the house and the plugins read. */
export const ServeConfig = Config.all({
  publicUrl: Config.option(Config.mapOrFail(Config.string("IMAGE_SKILL_PUBLIC_URL"), parsePublicUrl)),
  blobDirectory: Config.option(Config.mapOrFail(Config.string("IMAGE_SKILL_BLOB_URL"), parseBlobUrl)),
  database: Config.option(Config.mapOrFail(Config.string("DATABASE_URL"), refuseDatabaseUrl)),
  concurrency: Config.string("IMAGE_SKILL_CONCURRENCY").pipe(
    Config.mapOrFail(parseConcurrency),
    Config.withDefault<ReadonlyMap<string, number>>(new Map())
  )
}).pipe(
  Config.map(({ blobDirectory, concurrency, publicUrl }) => ({
    publicUrl: Option.getOrNull(publicUrl),
    blobDirectory: Option.getOrNull(blobDirectory),
    runningOf: (provider: ProviderId): number | null => concurrency.get(provider) ?? null
  }))
)
export type ServeConfig = Config.Config.Success<typeof ServeConfig>

/** The settings of the environment; a value that is set but empty counts as absent. */
export const readServeConfig: Effect.Effect<ServeConfig, Failure<"INVALID_ARGUMENTS">> = Effect.mapError(
  ServeConfig,
  configRefusal
)

const isLoopbackName = (name: string) => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(name)

/** Bound to loopback, and no public URL that says otherwise: a proxy in front is not loopback. */
export const isLoopback = (address: string, publicUrl: string | null): boolean =>
  isLoopbackName(address) && (publicUrl === null || isLoopbackName(new URL(publicUrl).hostname))

/** Whether a proxy may stand in front that the house was told nothing of: callers cannot be told apart by address then. */
export const isProxyUnknown = ({ publicUrl }: ServeConfig, { trustedProxies }: PolicyConfig): boolean =>
  publicUrl !== null && !isLoopbackName(new URL(publicUrl).hostname) && trustedProxies === null

/**
 * Connections that one address may have open. By itself a house limits them only where an address is a caller's: on
 * loopback and behind a proxy it is that of many.
 */
export const connectionsOfAddressMax = (config: ServeConfig, policy: PolicyConfig, address: string): number | null => {
  if (!policy.isRateLimited) return null
  const isShared =
    isLoopback(address, config.publicUrl) || isProxyUnknown(config, policy) || (policy.trustedProxies ?? 0) > 0
  return Option.getOrElse(policy.connectionsPerAddress, () => (isShared ? null : connectionsOfAddressDefault))
}

/** Five such addresses take all the connections of a house. */
const connectionsOfAddressDefault = 200

/** What is allowed and likely a mistake. */
export const warningsOf = (config: ServeConfig, policy: PolicyConfig): ReadonlyArray<string> =>
  policy.isRateLimited && isProxyUnknown(config, policy)
    ? [
        "IMAGE_SKILL_PUBLIC_URL is set and IMAGE_SKILL_TRUSTED_PROXIES is not: behind a proxy all callers have its address, and share one set of rate limits. Start with IMAGE_SKILL_TRUSTED_PROXIES=1, or as many as are yours one behind the other; with IMAGE_SKILL_TRUSTED_PROXIES=0 where there is none"
      ]
    : []

/** The server cannot listen where it was told to. */
export const cannotListen = ({ host, port }: ServeOptions, reason: string): Failure<"INVALID_ARGUMENTS"> => {
  const where = `${quoted(host)}:${port}`
  const message =
    reason === "EADDRINUSE"
      ? `${where} is in use; --port 0 takes any that is free`
      : `cannot listen on ${where}: ${quoted(reason)}`
  return failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "--port", message }] },
    recovery: { fields: ["--host", "--port"], suggested_command: "image-skill serve --port 0 --json" }
  })
}
