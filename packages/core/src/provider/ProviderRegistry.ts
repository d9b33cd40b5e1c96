import { Context, Effect, Either, Layer, Schema, type Scope } from "effect"
import { Model } from "../catalog/Model.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import type { ProviderId } from "../kernel/Ids.ts"
import { lazily } from "../kernel/Lazily.ts"
import { quoted } from "../kernel/Quote.ts"
import type { Adapter, Plugin } from "./Provider.ts"

/** An adapter and the turns to use it. */
export interface LoadedProvider {
  readonly id: ProviderId
  readonly adapter: Adapter
  /** Holds a turn of the provider's concurrency while the effect runs. */
  readonly inTurn: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export interface ProviderStatus {
  readonly id: ProviderId
  readonly displayName: string
  /** Why it cannot be called; null when it can. */
  readonly problem: string | null
  /** Names of the settings without which it cannot be called, such as a key's variable; empty when it can. */
  readonly settings: ReadonlyArray<string>
  /** Why no setting would make it work: its models are known, and nothing here calls them. Null for all others. */
  readonly cataloged: string | null
}

/** What an operator can do about a provider: nothing, a setting, a plugin, mend the plugin. */
export const readinessOf = ({
  cataloged,
  problem
}: ProviderStatus): "available" | "unconfigured" | "cataloged" | "broken" =>
  problem === null ? "available" : cataloged !== null ? "cataloged" : problem === unset ? "unconfigured" : "broken"

/** The providers of this process. A plugin that breaks its schema does not load, by name and reason. */
export class ProviderRegistry extends Context.Tag("@image-skill/core/ProviderRegistry")<
  ProviderRegistry,
  {
    readonly models: ReadonlyArray<Model>
    readonly statuses: ReadonlyArray<ProviderStatus>
    readonly isConfigured: (id: string) => boolean
    /** Calls of a provider at one time; 1 for one that is not here. */
    readonly concurrencyOf: (id: ProviderId) => number
    /** Looks at providers in their order, and at none after the one that has it. */
    readonly model: (id: string) => Model | undefined
    /** The adapter of a configured provider. */
    readonly get: (id: ProviderId) => Effect.Effect<LoadedProvider, Failure<"PROVIDER_UNAVAILABLE">>
  }
>() {
  /** `builtIn` are of this repository, whose tests hold them to the schema: they are not checked at each start. */
  static readonly layer = (plugins: ReadonlyArray<Plugin>, builtIn: ReadonlyArray<Plugin> = []) =>
    Layer.scoped(this, make([...builtIn, ...plugins], new Set(builtIn)))
}

const unset = "not configured"

const decodeModels = Schema.validateEither(Schema.Array(Model))

const problemOf = (plugin: Plugin, earlier: ReadonlyArray<Plugin>): string | null => {
  const broken = decodeModels(plugin.models).pipe(
    Either.match({ onLeft: (error) => error.message, onRight: () => null })
  )
  if (broken !== null) return broken
  const foreign = plugin.models.find((model) => model.provider !== plugin.id)
  if (foreign !== undefined) return `model ${foreign.id} names the provider ${foreign.provider}`
  const taken = new Set(earlier.flatMap((other) => other.models.map((model) => model.id)))
  const twice = plugin.models.find((model) => taken.has(model.id))
  return twice === undefined ? null : `model ${twice.id} is defined by another provider`
}

/** Of a plugin that needs no setting and still does not load, with models that are all listed only: why they are. */
const catalogedOf = ({ models }: Plugin): string | null => {
  const reasons = models.map(({ execution }) => (execution === "executable" ? null : execution.cataloged))
  return reasons.includes(null) ? null : (reasons[0] ?? null)
}

const loadOne = (plugin: Plugin, earlier: ReadonlyArray<Plugin>, isTrusted: boolean) =>
  Effect.gen(function* () {
    const broken = isTrusted ? null : problemOf(plugin, earlier)
    if (broken !== null) return { plugin, loaded: null, problem: broken, settings: [], isBroken: true }
    const turns = yield* Effect.makeSemaphore(plugin.concurrency)
    const adapter = yield* Effect.either(plugin.load)
    return Either.match(adapter, {
      // What the configuration lacks is for its owner. The words of a config error hold the value: they go nowhere.
      onLeft: ({ settings = [] }) => ({
        plugin,
        loaded: null,
        problem: unset,
        settings,
        isBroken: false
      }),
      onRight: (value) => ({
        plugin,
        loaded: { id: plugin.id, adapter: value, inTurn: turns.withPermits(1) },
        problem: null,
        settings: [],
        isBroken: false
      })
    })
  })

const make = (
  plugins: ReadonlyArray<Plugin>,
  trusted: ReadonlySet<Plugin>
): Effect.Effect<Context.Tag.Service<ProviderRegistry>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const entries = yield* Effect.forEach(plugins, (plugin, index) =>
      loadOne(plugin, plugins.slice(0, index), trusted.has(plugin))
    )
    for (const entry of entries) {
      if (entry.isBroken) {
        yield* Effect.logWarning(`provider ${entry.plugin.id} does not load: ${entry.problem}`)
      }
    }
    const loaded = new Map<string, LoadedProvider>(
      entries.flatMap((entry) => (entry.loaded === null ? [] : [[entry.plugin.id, entry.loaded] as const]))
    )
    // A list of models is made when something first looks into it: a call to one provider pays for no other's.
    const sound = entries.flatMap(({ isBroken, plugin }) => (isBroken ? [] : [plugin]))
    const indexes = sound.map((plugin) =>
      lazily(() => new Map(plugin.models.map((model): [string, Model] => [model.id, model])))
    )
    const models = lazily(() => sound.flatMap((plugin) => plugin.models))
    const statuses = entries.map(({ isBroken, plugin, problem, settings }) => ({
      id: plugin.id,
      displayName: plugin.displayName,
      problem,
      settings,
      get cataloged() {
        return problem === null || isBroken || settings.length > 0 ? null : catalogedOf(plugin)
      }
    }))
    return {
      get models() {
        return models()
      },
      statuses,
      isConfigured: (id) => loaded.has(id),
      concurrencyOf: (id) => plugins.find((plugin) => plugin.id === id)?.concurrency ?? 1,
      model: (id) => {
        for (const index of indexes) {
          const found = index().get(id)
          if (found !== undefined) return found
        }
        return undefined
      },
      get: (id) => {
        const found = loaded.get(id)
        return found === undefined ? Effect.fail(notConfigured(id, statuses)) : Effect.succeed(found)
      }
    }
  })

/** In words, with what it needs: "fal (FAL_KEY)". */
export const withSettings = ({ id, settings }: Pick<ProviderStatus, "id" | "settings">): string =>
  settings.length === 0 ? id : `${id} (${settings.join(", ")})`

/** Why a provider whose models are listed only is no choice: no key would help, and asking again would not either. */
export const catalogedOnly = (
  id: string,
  statuses: ReadonlyArray<ProviderStatus>
): Failure<"MODEL_NOT_EXECUTABLE"> | null => {
  const reason = statuses.find((one) => one.id === id)?.cataloged ?? null
  return reason === null
    ? null
    : failure("MODEL_NOT_EXECUTABLE", `The provider ${quoted(id)} is listed only: ${reason}`, {
        details: { provider_id: quoted(id), reason },
        recovery: { suggested_command: "image-skill models list --available --json" }
      })
}

/** Why a provider of this house, or a name that is none, cannot be called; what it lacks is named, never its value. */
export const notConfigured = (id: string, statuses: ReadonlyArray<ProviderStatus>): Failure<"PROVIDER_UNAVAILABLE"> => {
  const status = statuses.find((one) => one.id === id)
  const settings = status?.settings ?? []
  const needs = settings.length === 0 ? "" : `: it needs ${settings.join(", ")}`
  return failure("PROVIDER_UNAVAILABLE", `The provider ${quoted(id)} is not configured here${needs}`, {
    details: {
      provider_id: quoted(id),
      // Words of a plugin's schema error are the operator's.
      problem: status === undefined ? "unknown provider" : status.problem === unset ? unset : "does not load",
      settings
    },
    recovery: { suggested_command: "image-skill models list --available --json" }
  })
}
