import type { Adapter } from "@image-skill/core/provider/Provider"
import { Effect, Scope } from "effect"

/**
 * An adapter that is made at its first call. HTTP costs some 150 ms to load, which whoever only reads the catalogue
 * should not pay.
 */
export const lazyAdapter = (
  load: () => Promise<Effect.Effect<Adapter, never, Scope.Scope>>
): Effect.Effect<Pick<Adapter, "submit" | "decode">, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const made = yield* Effect.cached(Scope.extend(Effect.flatten(Effect.promise(load)), scope))
    return {
      submit: (call) => Effect.flatMap(made, (adapter) => adapter.submit(call)),
      decode: (call, reply) => Effect.flatMap(made, (adapter) => adapter.decode(call, reply))
    }
  })
