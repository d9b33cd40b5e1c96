import { Context, Effect, Layer, type Scope } from "effect"

export interface InTurn<Has, E, Needs> {
  /** Another layer, over those before it. */
  readonly and: <A, E2, R>(layer: Layer.Layer<A, E2, R>) => InTurn<Has | A, E | E2, Needs | Exclude<R, Has>>
  /** All of them as one. */
  readonly layer: Layer.Layer<Has, E, Exclude<Needs, Scope.Scope>>
}

const over = <Has, E, Needs>(
  built: Effect.Effect<Context.Context<Has>, E, Needs | Scope.Scope>
): InTurn<Has, E, Needs> => ({
  and: <A, E2, R>(layer: Layer.Layer<A, E2, R>) =>
    over<Has | A, E | E2, Needs | Exclude<R, Has>>(
      Effect.gen(function* () {
        const before = yield* built
        const memoMap = yield* Layer.CurrentMemoMap
        const scope = yield* Effect.scope
        const more = yield* Effect.provide(Layer.buildWithMemoMap(layer, memoMap, scope), before)
        return Context.merge(before, more)
      })
    ),
  layer: Layer.scopedContext(built)
})

/**
 * Layers that are built one after the other. `Layer.mergeAll` and `Layer.provide` start fibers and scopes for each pair,
 * which is nothing in a server, and as long as a start of Node in a process that lives for one call.
 */
export const inTurn: InTurn<never, never, never> = over(Effect.succeed(Context.empty()))
