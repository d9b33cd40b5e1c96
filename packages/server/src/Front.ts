import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { FrontApi } from "@image-skill/core/api/FrontApi"
import { CatalogView } from "@image-skill/core/studio/CatalogView"
import { type DryRunLooks, makeDryRuns } from "@image-skill/core/studio/DryRuns"
import { type Context, Effect, Layer } from "effect"
import { CatalogHttp } from "./catalog/CatalogHttp.ts"
import { Answering } from "./http/Answering.ts"
import { FallbackLive } from "./http/Fallback.ts"
import { NamesPlaces } from "./http/NamesPlaces.ts"
import { Routes, routesOf } from "./http/Routes.ts"
import { layerKnownOwner } from "./identity/knownOwner.ts"
import { inTurn } from "./inTurn.ts"
import { StudioHttp } from "./studio/StudioHttp.ts"
import { Submissions } from "./studio/Submissions.ts"

/** What the front asks of the house behind it. */
export interface Behind {
  readonly submissions: Context.Tag.Service<Submissions>
  readonly looks: DryRunLooks
}

/** Whether a request is the front's; all others are for the house behind it. */
export const isForFront = routesOf(FrontApi).has

/** A method of the house behind, which is built when the method is first called. */
const behind =
  <Arguments extends ReadonlyArray<unknown>, A, E, R>(
    house: Effect.Effect<Behind>,
    pick: (house: Behind) => (...given: Arguments) => Effect.Effect<A, E, R>
  ) =>
  (...given: Arguments): Effect.Effect<A, E, R> =>
    Effect.flatMap(house, (built) => pick(built)(...given))

const layerSubmissionsBefore = (house: Effect.Effect<Behind>) => {
  const submit = behind(house, ({ submissions }) => submissions.submit)
  return Layer.effect(
    Submissions,
    Effect.map(
      makeDryRuns({
        findAsset: behind(house, ({ looks }) => looks.findAsset),
        balance: behind(house, ({ looks }) => looks.balance),
        dailyUsed: behind(house, ({ looks }) => looks.dailyUsed),
        dailyRefused: behind(house, ({ looks }) => looks.dailyRefused),
        overrunOf: behind(house, ({ looks }) => looks.overrunOf),
        shortageOf: (bytes) =>
          bytes === 0 ? Effect.succeed(null) : Effect.flatMap(house, ({ looks }) => looks.shortageOf(bytes))
      }),
      (dryRuns) => ({
        submit: (actor, request, delivery) =>
          delivery.dryRun ? dryRuns.answer(actor, request, delivery.described) : submit(actor, request, delivery),
        upload: behind(house, ({ submissions }) => submissions.upload)
      })
    )
  )
}

/**
 * The part of the owner's app that stands on the ground alone: the catalogue, and dry runs. Whatever it has to ask of the
 * house builds that.
 */
export const layerFront = (house: Effect.Effect<Behind>) =>
  inTurn
    .and(layerKnownOwner())
    // The caller is the owner of this machine.
    .and(Layer.succeed(NamesPlaces, true))
    .and(Routes.layer(FrontApi))
    .and(CatalogView.Default)
    .and(layerSubmissionsBefore(house))
    .and(Answering.Default)
    .and(FallbackLive)
    .and(StudioHttp)
    .and(CatalogHttp)
    .and(HttpApiBuilder.api(FrontApi))
    .and(HttpServer.layerContext).layer
