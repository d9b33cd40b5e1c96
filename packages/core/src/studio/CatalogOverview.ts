/** The catalogue on one screen: what can be made here, by which model, for how much, and the command that does it. */
import { Either, Option, Order, Redacted } from "effect"
import type { Model, Operation } from "../catalog/Model.ts"
import { AssetId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import type { AspectRatio } from "../kernel/Media.ts"
import { creditsFor, ticks, UsdTicks, usdOf } from "../kernel/Money.ts"
import type { ProviderStatus } from "../provider/ProviderRegistry.ts"
import { type CardContext, defaultCost, statusOf } from "./ModelCard.ts"
import { type Plan, plan } from "./Planner.ts"
import type { ImageRequest } from "./Request.ts"

interface House extends CardContext {
  readonly models: ReadonlyArray<Model>
  readonly providers: ReadonlyArray<ProviderStatus>
}

const picture = AssetId.make("image_described.0")
const described = new Map([[picture, { mediaType: "image/png" as const, bytes: 1_000_000, width: 1024, height: 1024 }]])

/** More than one image of any model costs: what a final intent needs to take the higher tier. */
const generous = ticks("100")

const words = { create: "a lighthouse in a storm", edit: "at night, in the rain" } as const

const requestOf = (command: "create" | "edit", intent: string, aspectRatio: AspectRatio): ImageRequest => ({
  command,
  prompt: Redacted.make(words[command]),
  modelId: null,
  providerId: null,
  intent,
  aspectRatio,
  outputCount: 1,
  parameters: {},
  image: command === "edit" ? picture : null,
  mask: null,
  references: [],
  budget: { perImage: intent === "final" ? generous : null, whole: null, acceptUnknownCost: false }
})

/** What selection would take: the strongest that is configured or, with `isConfigured` saying so of all, that there is. */
const planFor = (house: House, request: ImageRequest, isConfigured: House["isConfigured"]): Plan | null =>
  Either.getOrNull(
    plan(request, {
      ...house,
      assets: described,
      isConfigured: (id) => house.providers.some((one) => one.id === id && isConfigured(one.id))
    })
  )

/** Providers that a setting away would work; one without any setting is not called by this build at all. */
const couldBe =
  ({ isConfigured, providers }: House) =>
  (id: Model["provider"]): boolean =>
    isConfigured(id) || (providers.find((one) => one.id === id)?.settings.length ?? 0) > 0

const settingsOf = ({ providers }: House, model: Model) => [
  ...(providers.find(({ id }) => id === model.provider)?.settings ?? [])
]

const show = (model: Model) => `image-skill models show ${model.id} --json`

const input = "--input IMAGE"

const commandOf = (planned: Plan, usdPerImage: number): string => {
  const { command, intent } = planned.request
  const isRaised = planned.choice.policy !== "explicit" && Object.keys(planned.choice.defaults).length > 0
  const choice = isRaised
    ? `--intent ${intent} --max-estimated-usd-per-image ${Math.ceil(usdPerImage * 100) / 100}`
    : `--model ${planned.model.id}`
  const source = command === "edit" ? `${input} ` : ""
  return `image-skill ${command} ${source}--prompt "${words[command]}" ${choice} --output ${command}.png --brief --json`
}

interface Pick {
  readonly intents: ReadonlyArray<string>
  readonly planned: Plan
}

/** What each intent comes to; the same plan for several is one pick. */
const picksFor = (
  house: House,
  command: "create" | "edit",
  isConfigured: House["isConfigured"]
): ReadonlyArray<Pick> => {
  const picks: Array<Pick> = []
  for (const intent of ["explore", "final"]) {
    const planned = planFor(house, requestOf(command, intent, "auto"), isConfigured)
    if (planned === null) continue
    const same = picks.findIndex(
      (one) => one.planned.model.id === planned.model.id && one.planned.worstPerImage === planned.worstPerImage
    )
    const known = picks[same]
    if (known === undefined) picks.push({ intents: [intent], planned })
    else picks[same] = { ...known, intents: [...known.intents, intent] }
  }
  return picks
}

const byPrompt = (house: House, command: "create" | "edit"): ReadonlyArray<JsonObject> => {
  const operation: Operation = command === "create" ? "image.generate" : "image.edit"
  const here = picksFor(house, command, house.isConfigured)
  if (here.length > 0) {
    return here.map(({ intents, planned }) => {
      const usd = usdOf(planned.worstPerImage)
      return {
        operation,
        intents,
        model_id: planned.model.id,
        credits_required: planned.debit,
        estimated_usd_per_image: usd,
        command: commandOf(planned, usd),
        ...(command === "edit" ? { missing_inputs: ["IMAGE"] } : {})
      }
    })
  }
  return picksFor(house, command, couldBe(house))
    .slice(0, 1)
    .map(({ planned: { debit, model, worstPerImage } }) => ({
      operation,
      intents: ["explore", "final"],
      model_id: model.id,
      credits_required: debit,
      estimated_usd_per_image: usdOf(worstPerImage),
      needs: settingsOf(house, model),
      show_command: show(model)
    }))
}

/** Upscaling and the like are never selected: the strongest that could run, one that is configured first. */
const byName = (house: House, operation: Operation): ReadonlyArray<JsonObject> => {
  const isReady = (model: Model) => (house.isConfigured(model.provider) ? 0 : 1)
  const able = house.models
    .filter((model) => model.operations.includes(operation) && couldBe(house)(model.provider))
    .filter((model) => statusOf(model, true, house.today) === "available")
    .sort(
      Order.combineAll([
        Order.mapInput(Order.number, isReady),
        Order.reverse(Order.mapInput(Order.number, (model: Model) => model.quality)),
        Order.mapInput(Order.number, (model: Model) =>
          Option.getOrElse(defaultCost(model), () => UsdTicks.make(Number.MAX_SAFE_INTEGER))
        )
      ])
    )
  return able.slice(0, 1).map((model) => {
    const cost = Option.getOrNull(defaultCost(model))
    const needs = settingsOf(house, model)
    return {
      operation,
      model_id: model.id,
      credits_required: cost === null ? null : creditsFor(cost, house.multiplier),
      estimated_usd_per_image: cost === null ? null : usdOf(cost),
      ...(needs.length === 0 ? {} : { needs }),
      show_command: show(model)
    }
  })
}

const countOf = (house: House, status: string) =>
  house.models.filter((model) => statusOf(model, house.isConfigured(model.provider), house.today) === status).length

/** `models overview`: under 2 KB of JSON, whatever the catalogue holds. */
export const overviewJson = (house: House): JsonObject => ({
  counts: {
    models: house.models.length,
    available: countOf(house, "available"),
    unconfigured: countOf(house, "unconfigured"),
    cataloged: countOf(house, "cataloged")
  },
  providers_ready: house.providers.filter(({ id }) => house.isConfigured(id)).map(({ id }) => id),
  providers_need: Object.fromEntries(
    house.providers
      .filter(({ id, settings }) => !house.isConfigured(id) && settings.length > 0)
      .map(({ id, settings }) => [id, settings.join(" ")])
  ),
  best: [
    ...byPrompt(house, "create"),
    ...byPrompt(house, "edit"),
    ...byName(house, "image.upscale"),
    ...byName(house, "image.remove_background")
  ],
  find_command: "image-skill models find WORDS --json"
})
