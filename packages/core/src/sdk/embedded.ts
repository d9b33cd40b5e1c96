import { Effect, type Layer, ManagedRuntime, Ref, Schema } from "effect"
import { type Actor, localOwner } from "../identity/Identity.ts"
import { Call, makeCall } from "../kernel/Call.ts"
import type { ErrorCode, Failure } from "../kernel/Errors.ts"
import { AssetId, Ids } from "../kernel/Ids.ts"
import { CatalogView } from "../studio/CatalogView.ts"
import { Records } from "../studio/Records.ts"
import { Studio } from "../studio/Studio.ts"
import { Uploads } from "../studio/Uploads.ts"
import type { ImageSkill } from "./ImageSkill.ts"
import { type Door, effectsOf, promisesOf, type SkillEffects, type Told } from "./SkillEffects.ts"

/** What a house must give for an app to use it as a library. */
export type House = Studio | Uploads | Records | CatalogView | Ids

/** An Image Skill in this process, with the services behind it. */
export interface EmbeddedImageSkill<E = never> extends ImageSkill {
  /** The Effect services: `skill.runtime.runPromise(Effect.flatMap(Studio, …))`. */
  readonly runtime: ManagedRuntime.ManagedRuntime<House, E>
}

const decodeUploaded = Schema.decodeUnknown(Schema.Struct({ asset: Schema.Struct({ asset_id: AssetId }) }))

const called = <A, R>(
  command: string,
  effect: Effect.Effect<A, Failure<ErrorCode>, R>
): Effect.Effect<Told<A>, Failure<ErrorCode>, Exclude<R, Call> | Ids> =>
  Effect.gen(function* () {
    const call = yield* makeCall(yield* (yield* Ids).trace, command)
    const data = yield* Effect.provideService(effect, Call, call)
    return { data, warnings: yield* Ref.get(call.warnings) }
  })

const dataOf = <A, R>(told: Effect.Effect<Told<A>, Failure<ErrorCode>, R>) => Effect.map(told, ({ data }) => data)

const doorOf = (actor: Actor): Door<House> => ({
  submit: (request, delivery) =>
    called(
      request.command,
      Effect.flatMap(Studio, (studio) => studio.submit(actor, request, delivery))
    ),
  upload: (bytes) =>
    called(
      "upload",
      Effect.gen(function* () {
        const answer = yield* (yield* Uploads).upload(actor, {
          bytes,
          sourceKind: "local_path",
          filename: null,
          remoteOrigin: null,
          mimeType: null,
          contentLength: null,
          sha256: null
        })
        return (yield* Effect.orDie(decodeUploaded(answer))).asset.asset_id
      })
    ),
  download: (assetId) =>
    dataOf(
      called(
        "assets get",
        Effect.flatMap(Records, (records) => Effect.map(records.bytes(assetId), ({ content }) => content))
      )
    ),
  models: (query) =>
    dataOf(
      called(
        "models list",
        Effect.flatMap(CatalogView, (view) => view.models(query))
      )
    ),
  job: (jobId, waitMillis) =>
    dataOf(
      called(
        "jobs show",
        Effect.flatMap(Records, (records) => records.job(actor, jobId, waitMillis))
      )
    )
})

/**
 * Runs over a house in this process. `actor` is who pays: the local owner unless told otherwise. A house that cannot be
 * made fails every call with its `Failure`.
 */
export const embedded = <E extends Failure<ErrorCode>>(
  house: Layer.Layer<House, E>,
  actor: Actor = localOwner
): EmbeddedImageSkill<E> => {
  const runtime = ManagedRuntime.make(house)
  const inHouse = <A>(effect: Effect.Effect<A, Failure<ErrorCode>, House>): Effect.Effect<A, Failure<ErrorCode>> =>
    Effect.flatMap(runtime.runtimeEffect, (made) => Effect.provide(effect, made))
  const open = effectsOf(doorOf(actor))
  const effects: SkillEffects = {
    create: (wishes) => inHouse(open.create(wishes)),
    edit: (wishes) => inHouse(open.edit(wishes)),
    plan: (wishes) => inHouse(open.plan(wishes)),
    upload: (bytes) => inHouse(open.upload(bytes)),
    download: (assetId) => inHouse(open.download(assetId)),
    models: (query) => inHouse(open.models(query)),
    job: (jobId, waitMillis) => inHouse(open.job(jobId, waitMillis))
  }
  return { ...promisesOf(effects), effects, runtime, close: () => runtime.dispose() }
}
