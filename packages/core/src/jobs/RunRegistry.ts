import { Context, Effect, Layer, Ref } from "effect"
import { Ids, type RunId } from "../kernel/Ids.ts"

/**
 * Which runs are alive. A run is one life of a process; its death must be proven (a lock that the system drops with
 * the process), never guessed from silence.
 */
export class RunRegistry extends Context.Tag("@image-skill/core/RunRegistry")<
  RunRegistry,
  {
    readonly self: RunId
    /** True only when it is certain. */
    readonly isDead: (run: RunId) => Effect.Effect<boolean>
  }
>() {
  /** Every other run is taken for dead: for one process whose state dies with it. */
  static readonly layerMemory = Layer.effect(
    this,
    Effect.gen(function* () {
      const self = yield* (yield* Ids).run
      return { self, isDead: (run) => Effect.succeed(run !== self) }
    })
  )

  /** Deaths by decree: for the simulator. */
  static readonly layerWith = (self: RunId, dead: Ref.Ref<ReadonlySet<RunId>>) =>
    Layer.succeed(this, { self, isDead: (run: RunId) => Effect.map(Ref.get(dead), (all) => all.has(run)) })
}
