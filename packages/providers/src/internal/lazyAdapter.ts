import { type Adapter, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Scope } from "effect"

type Load<Made extends Adapter> = () => Promise<Effect.Effect<Made, never, Scope.Scope>>

/**
 * An adapter that is made at its first call: its HTTP and its schemas cost milliseconds to load, which whoever only reads
 * the catalogue should not pay.
 */
export const lazyAdapter = (
  load: Load<Adapter>
): Effect.Effect<Pick<Adapter, "submit" | "decode">, never, Scope.Scope> =>
  Effect.map(madeOnce(load), (made) => ({
    submit: (call) => Effect.flatMap(made, (adapter) => adapter.submit(call)),
    decode: (call, reply) => Effect.flatMap(made, (adapter) => adapter.decode(call, reply))
  }))

type Queue = Required<Pick<Adapter, "submit" | "poll" | "cancel" | "pollEvery" | "decode">>

/** The same for a provider that takes work and is asked after it. */
export const lazyQueue = (
  pollEvery: Queue["pollEvery"],
  load: Load<Omit<Queue, "pollEvery">>
): Effect.Effect<Queue, never, Scope.Scope> =>
  Effect.map(madeOnce(load), (made) => ({
    submit: (call) => Effect.flatMap(made, (adapter) => adapter.submit(call)),
    poll: (handle) => Effect.flatMap(made, (adapter) => adapter.poll(handle)),
    cancel: (handle) => Effect.flatMap(made, (adapter) => adapter.cancel(handle)),
    pollEvery,
    decode: (call, reply) => Effect.flatMap(made, (adapter) => adapter.decode(call, reply))
  }))

/** Nothing was sent by an adapter that does not load, as when its files were replaced while the house ran. */
const notLoaded = () =>
  new ProviderError({ reason: "unavailable", message: "the provider's adapter does not load", billed: "no" })

const madeOnce = <Made extends object>(load: () => Promise<Effect.Effect<Made, never, Scope.Scope>>) =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const loaded = Effect.tryPromise({ try: load, catch: notLoaded })
    return yield* Effect.cached(Scope.extend(Effect.flatten(loaded), scope))
  })
