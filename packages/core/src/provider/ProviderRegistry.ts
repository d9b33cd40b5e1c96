import { Context, Effect, Either, Layer, Schema, type Scope } from "effect"
import { Model } from "../catalog/Model.ts"
import { type Failure, failure } from "../kernel/Errors.ts"
import type { ModelId, ProviderId } from "../kernel/Ids.ts"
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
}

/** The providers of this process. A plugin that breaks its schema does not load, by name and reason. */
export class ProviderRegistry extends Context.Tag("@image-skill/core/ProviderRegistry")<
  ProviderRegistry,
  {
    readonly models: ReadonlyArray<Model>
    readonly statuses: ReadonlyArray<ProviderStatus>
    readonly isConfigured: (id: ProviderId) => boolean
    readonly model: (id: ModelId) => Model | undefined
    /** The adapter of a configured provider. */
    readonly get: (id: ProviderId) => Effect.Effect<LoadedProvider, Failure<"PROVIDER_UNAVAILABLE">>
  }
>() {
  /** `builtIn` are of this repository, whose tests hold them to the schema: they are not checked at each start. */
  static readonly layer = (plugins: ReadonlyArray<Plugin>, builtIn: ReadonlyArray<Plugin> = []) =>
    Layer.scoped(this, make([...builtIn, ...plugins], new Set(builtIn)))
}

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

const loadOne = (plugin: Plugin, earlier: ReadonlyArray<Plugin>, isTrusted: boolean) =>
  Effect.gen(function* () {
    const broken = isTrusted ? null : problemOf(plugin, earlier)
    if (broken !== null) return { plugin, models: [], loaded: null, problem: broken, isBroken: true }
    const turns = yield* Effect.makeSemaphore(plugin.concurrency)
    const adapter = yield* Effect.either(plugin.load)
    return Either.match(adapter, {
      // What the configuration lacks is for its owner. The words of a config error hold the value: they go nowhere.
      onLeft: () => ({ plugin, models: plugin.models, loaded: null, problem: "not configured", isBroken: false }),
      onRight: (value) => ({
        plugin,
        models: plugin.models,
        loaded: { id: plugin.id, adapter: value, inTurn: turns.withPermits(1) },
        problem: null,
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
    const loaded = new Map(entries.flatMap((entry) => (entry.loaded === null ? [] : [[entry.plugin.id, entry.loaded]])))
    const models = entries.flatMap((entry) => entry.models)
    const byId = new Map(models.map((model) => [model.id, model]))
    const problems = new Map(
      entries.map(({ models, plugin, problem }) => [plugin.id, models.length === 0 ? "does not load" : problem])
    )
    return {
      models,
      statuses: entries.map(({ plugin, problem }) => ({ id: plugin.id, displayName: plugin.displayName, problem })),
      isConfigured: (id) => loaded.has(id),
      model: (id) => byId.get(id),
      get: (id) => {
        const found = loaded.get(id)
        return found === undefined
          ? Effect.fail(
              failure("PROVIDER_UNAVAILABLE", `The provider ${quoted(id)} is not configured here`, {
                details: { provider_id: quoted(id), problem: problems.get(id) ?? "unknown provider" },
                recovery: { suggested_command: "image-skill models list --available --json" }
              })
            )
          : Effect.succeed(found)
      }
    }
  })
