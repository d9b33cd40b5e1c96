import { Cause, Effect, Exit, Option, Schema } from "effect"
import type { ErrorCode, Failure } from "../kernel/Errors.ts"
import type { AssetId, JobId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { limits } from "../kernel/Limits.ts"
import type { ModelsQuery } from "../studio/CatalogView.ts"
import type { Delivery, ImageRequest } from "../studio/Request.ts"
import {
  Answer,
  assetIdOf,
  type CreateWishes,
  type EditWishes,
  type ImageInput,
  jobIdOf,
  type Made,
  madeOf,
  type ReferenceWish,
  referenceOf,
  requestOf,
  type Wishes
} from "./Wishes.ts"

/** Everything that an app can ask for, as Effects whose failures are of the public error table. */
export interface SkillEffects<R = never> {
  readonly create: (wishes: CreateWishes) => Effect.Effect<Made, Failure<ErrorCode>, R>
  readonly edit: (wishes: EditWishes) => Effect.Effect<Made, Failure<ErrorCode>, R>
  /** What `create` would do and cost. References that are bytes are uploaded for it; nothing else moves. */
  readonly plan: (wishes: CreateWishes) => Effect.Effect<Made, Failure<ErrorCode>, R>
  /** Answers the id of the stored image. */
  readonly upload: (bytes: Uint8Array) => Effect.Effect<AssetId, Failure<ErrorCode>, R>
  /** The bytes of an asset. */
  readonly download: (assetId: string) => Effect.Effect<Uint8Array, Failure<ErrorCode>, R>
  readonly models: (query?: ModelsQuery) => Effect.Effect<JsonObject, Failure<ErrorCode>, R>
  readonly job: (jobId: string, waitMillis?: number) => Effect.Effect<JsonObject, Failure<ErrorCode>, R>
}

/** An answer and what was said beside it. */
export interface Told<A> {
  readonly data: A
  readonly warnings: ReadonlyArray<string>
}

/** A way into a house: in this process, or over HTTP. */
export interface Door<R> {
  readonly submit: (request: ImageRequest, delivery: Delivery) => Effect.Effect<Told<JsonObject>, Failure<ErrorCode>, R>
  readonly upload: (bytes: Uint8Array) => Effect.Effect<Told<AssetId>, Failure<ErrorCode>, R>
  readonly download: (assetId: AssetId) => Effect.Effect<Uint8Array, Failure<ErrorCode>, R>
  readonly models: (query: ModelsQuery) => Effect.Effect<JsonObject, Failure<ErrorCode>, R>
  readonly job: (jobId: JobId, waitMillis: number) => Effect.Effect<JsonObject, Failure<ErrorCode>, R>
}

const decodeAnswer = Schema.decodeUnknown(Answer)

/** The same calls through any door: bytes are uploaded first, the wishes become a request, the answer is read. */
export const effectsOf = <R>(door: Door<R>): SkillEffects<R> => {
  const assetOf = (input: ImageInput): Effect.Effect<Told<AssetId>, Failure<ErrorCode>, R> =>
    typeof input === "string" ? Effect.succeed({ data: assetIdOf(input), warnings: [] }) : door.upload(input)

  const referencesOf = (wishes: ReadonlyArray<ReferenceWish>) =>
    Effect.forEach(wishes, (wish, position) =>
      Effect.flatMap(assetOf(wish.image), ({ data, warnings }) =>
        Effect.map(referenceOf(wish, data, position), (reference) => ({ data: reference, warnings }))
      )
    )

  const submitted = (
    command: "create" | "edit",
    wishes: Wishes & { readonly prompt?: string; readonly image?: ImageInput; readonly mask?: ImageInput },
    dryRun: boolean
  ) =>
    Effect.gen(function* () {
      const image = wishes.image === undefined ? null : yield* assetOf(wishes.image)
      const mask = wishes.mask === undefined ? null : yield* assetOf(wishes.mask)
      const references = yield* referencesOf(wishes.references ?? [])
      const request = yield* requestOf(command, wishes, {
        image: image?.data ?? null,
        mask: mask?.data ?? null,
        references: references.map(({ data }) => data)
      })
      const { data, warnings } = yield* door.submit(request, {
        dryRun,
        idempotencyKey: wishes.idempotencyKey ?? null,
        waitMillis: limits.waitMillisMax
      })
      const answer = yield* Effect.orDie(decodeAnswer(data))
      const uploads = [image, mask, ...references].flatMap((one) => one?.warnings ?? [])
      return madeOf(answer, data, [...uploads, ...warnings])
    })

  return {
    create: (wishes) => submitted("create", wishes, false),
    plan: (wishes) => submitted("create", wishes, true),
    edit: (wishes) => submitted("edit", wishes, false),
    upload: (bytes) => Effect.map(door.upload(bytes), ({ data }) => data),
    download: (assetId) => door.download(assetIdOf(assetId)),
    models: (query = {}) => door.models(query),
    job: (jobId, waitMillis = 0) => door.job(jobIdOf(jobId), waitMillis)
  }
}

/** The same calls as promises. Each rejects with a `Failure`, whose `code` is of the public error table. */
export interface SkillPromises {
  readonly create: (wishes: CreateWishes) => Promise<Made>
  readonly edit: (wishes: EditWishes) => Promise<Made>
  readonly plan: (wishes: CreateWishes) => Promise<Made>
  readonly upload: (bytes: Uint8Array) => Promise<AssetId>
  readonly download: (assetId: string) => Promise<Uint8Array>
  readonly models: (query?: ModelsQuery) => Promise<JsonObject>
  readonly job: (jobId: string, waitMillis?: number) => Promise<JsonObject>
}

const run = async <A>(effect: Effect.Effect<A, Failure<ErrorCode>>): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isSuccess(exit)) return exit.value
  throw Option.getOrElse(Cause.failureOption(exit.cause), () => Cause.squash(exit.cause))
}

export const promisesOf = (effects: SkillEffects): SkillPromises => ({
  create: (wishes) => run(effects.create(wishes)),
  edit: (wishes) => run(effects.edit(wishes)),
  plan: (wishes) => run(effects.plan(wishes)),
  upload: (bytes) => run(effects.upload(bytes)),
  download: (assetId) => run(effects.download(assetId)),
  models: (query) => run(effects.models(query)),
  job: (jobId, waitMillis) => run(effects.job(jobId, waitMillis))
})
