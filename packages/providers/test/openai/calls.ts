import { collect } from "@image-skill/core/assets/ResultSpool"
import { doesCreate, type Model } from "@image-skill/core/catalog/Model"
import { effective } from "@image-skill/core/catalog/Parameters"
import { AttemptId } from "@image-skill/core/kernel/Ids"
import type { Json, JsonObject } from "@image-skill/core/kernel/Json"
import type {
  Adapter,
  CallImage,
  Outcome,
  Plugin,
  ProviderCall,
  ProviderError
} from "@image-skill/core/provider/Provider"
import { ConfigProvider, Effect, Either, Redacted, type Scope } from "effect"
import { picture } from "./server.ts"

export const modelNamed = (models: ReadonlyArray<Model>, id: string): Model => {
  const found = models.find((model) => model.id === id)
  if (found === undefined) throw new Error(`there is no model ${id}`)
  return found
}

export const inputImage = async (side = 320): Promise<CallImage> => ({
  bytes: await picture(side, side, "png"),
  mediaType: "image/png",
  width: side,
  height: side,
  provenance: "uploaded"
})

/** What planning sends: what was given and our defaults, without what the provider defaults itself. */
export const parametersOf = (model: Model, given: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(Either.getOrThrow(effective(model.parameters, given)))
      .filter(([, { source }]) => source !== "provider_default")
      .map(([name, { value }]): [string, Json] => [name, value])
  )

/** A call as the house would make it. Edits get an image unless `own` says otherwise. */
export const callOf = (
  model: Model,
  given: JsonObject = {},
  own: Partial<ProviderCall> = {}
): Effect.Effect<ProviderCall> =>
  Effect.map(
    Effect.promise(() => inputImage()),
    (image) => ({
      attemptId: AttemptId.make("att_5f2c"),
      model,
      operation: doesCreate(model) ? "create" : "edit",
      prompt: Redacted.make("a secret lighthouse"),
      parameters: parametersOf(model, given),
      outputs: 1,
      index: 0,
      image: doesCreate(model) ? null : image,
      mask: null,
      references: [],
      ...own
    })
  )

export const loaded = (
  plugin: Plugin,
  environment: Readonly<Record<string, string>>
): Effect.Effect<Adapter, never, Scope.Scope> =>
  plugin.load.pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
    Effect.orDie
  )

/** Submit, spool, decode: what the house does with a provider that answers at once. */
export const carriedOut = (adapter: Adapter, call: ProviderCall): Effect.Effect<Outcome, ProviderError> =>
  Effect.gen(function* () {
    const submission = yield* adapter.submit(call)
    if (submission._tag === "Accepted") return yield* Effect.dieMessage("it answers at once")
    return yield* adapter.decode(call, yield* collect(submission.reply))
  })
