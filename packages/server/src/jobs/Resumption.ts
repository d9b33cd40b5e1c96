import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Context, Effect, Layer } from "effect"
import { Tidying } from "./Tidying.ts"

const openJobsMost = 20

/**
 * What a call does first that is about to use jobs. Embedded mode lives no longer than its call, so the call takes up
 * what dead processes left; a dry run or a look at the catalogue does not.
 */
export class Resumption extends Context.Tag("@image-skill/server/Resumption")<
  Resumption,
  { readonly onUse: Effect.Effect<void> }
>() {
  static readonly layerOnUse = Layer.effect(
    this,
    Effect.map(Effect.all([JobRunner, Tidying]), ([runner, tidying]) => ({
      // When the database cannot be opened the call itself says so.
      onUse: Effect.ignore(Effect.zipRight(tidying.run, runner.resume(openJobsMost)))
    }))
  )
}
