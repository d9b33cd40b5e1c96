import { fileURLToPath } from "node:url"
import { type Failure, failure } from "@image-skill/core/kernel/Errors"
import type { ProviderId } from "@image-skill/core/kernel/Ids"
import { limits } from "@image-skill/core/kernel/Limits"
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

/** The count for a provider; null where the setting says nothing of it. */
export type CountOf = (provider: ProviderId) => number | null

/** `8,fal=20,openai=4`: a count for each provider that is named, and one for all that are not. */
const parseCounts =
  (from: number, to: number) =>
  (text: string): Either.Either<CountOf, ConfigError.ConfigError> => {
    const parts = text.split(",").map((part) => /^(?:([a-z0-9-]{1,64})=)?(\d{1,9})$/.exec(part.trim()))
    const entries = parts.flatMap((match) => (match === null ? [] : [[match[1] ?? null, Number(match[2])] as const]))
    const counts = new Map(entries)
    const isWhole = entries.length === parts.length && counts.size === parts.length
    return isWhole && entries.every(([, count]) => count >= from && count <= to)
      ? Either.right((provider) => counts.get(provider) ?? counts.get(null) ?? null)
      : Either.left(
          invalid(
            text,
            `PROVIDER=COUNT from ${from} to ${to}, separated by commas, such as fal=20,openai=4; a COUNT by itself is of all others`
          )
        )
  }

const counts = (name: string, from: number, to: number) =>
  Config.string(name).pipe(
    Config.mapOrFail(parseCounts(from, to)),
    Config.withDefault<CountOf>(() => null)
  )

/** A day: longer than any deadline. */
const drainSecondsMax = 86_400

const parseDrain = (text: string): Either.Either<number, ConfigError.ConfigError> =>
  /^\d{1,5}$/.test(text) && Number(text) <= drainSecondsMax
    ? Either.right(Number(text) * 1000)
    : Either.left(invalid(text, `a whole number of seconds from 0 to ${drainSecondsMax}`))

/** What a server reads from its environment, besides what the house and the plugins read. */
export const ServeConfig = Config.all({
  publicUrl: Config.option(Config.mapOrFail(Config.string("IMAGE_SKILL_PUBLIC_URL"), parsePublicUrl)),
  blobDirectory: Config.option(Config.mapOrFail(Config.string("IMAGE_SKILL_BLOB_URL"), parseBlobUrl)),
  database: Config.option(Config.mapOrFail(Config.string("DATABASE_URL"), refuseDatabaseUrl)),
  runningOf: counts("IMAGE_SKILL_CONCURRENCY", 1, 9_999),
  waitingOf: counts("IMAGE_SKILL_QUEUE", 0, 1_000_000),
  waitingOfOrganization: counts("IMAGE_SKILL_QUEUE_PER_ORGANIZATION", 0, 1_000_000),
  drainMillis: Config.string("IMAGE_SKILL_DRAIN_SECONDS").pipe(
    Config.mapOrFail(parseDrain),
    Config.withDefault<number>(limits.drainMillis)
  )
}).pipe(
  Config.map(({ blobDirectory, database: _, publicUrl, waitingOf, waitingOfOrganization, ...queues }) => ({
    publicUrl: Option.getOrNull(publicUrl),
    blobDirectory: Option.getOrNull(blobDirectory),
    queues: {
      ...queues,
      waitingMax: (provider: ProviderId) => waitingOf(provider) ?? limits.waitingOfProviderMax,
      waitingOfOrganizationMax: (provider: ProviderId) =>
        waitingOfOrganization(provider) ?? limits.waitingOfOrganizationMax
    }
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

const isEveryAddress = (address: string) => address === "0.0.0.0" || address === "::"

/** What is allowed and likely a mistake, where it listens on `address`. */
export const warningsOf = (config: ServeConfig, policy: PolicyConfig, address: string): ReadonlyArray<string> => [
  ...(policy.isRateLimited && isProxyUnknown(config, policy)
    ? [
        "IMAGE_SKILL_PUBLIC_URL is set and IMAGE_SKILL_TRUSTED_PROXIES is not: behind a proxy all callers have its address, and share one set of rate limits. Start with IMAGE_SKILL_TRUSTED_PROXIES=1, or as many as are yours one behind the other; with IMAGE_SKILL_TRUSTED_PROXIES=0 where there is none"
      ]
    : []),
  ...(isEveryAddress(address) && config.publicUrl === null
    ? [
        `IMAGE_SKILL_PUBLIC_URL is not set: the URLs of images begin with ${address}, where no other machine finds this one. Set it to where clients reach this server, such as http://192.0.2.7:8787`
      ]
    : [])
]

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
