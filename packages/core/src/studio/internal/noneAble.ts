import { Either } from "effect"
import { nearestNames } from "../../catalog/Catalog.ts"
import type { Model } from "../../catalog/Model.ts"
import { failure } from "../../kernel/Errors.ts"
import { quoted } from "../../kernel/Quote.ts"
import { catalogedOnly, notConfigured, type ProviderStatus, withSettings } from "../../provider/ProviderRegistry.ts"
import type { PlanContext, PlanFailure } from "../Planner.ts"
import type { ImageRequest } from "../Request.ts"
import { hasPrompt, isMeantFor, mayDo } from "./able.ts"
import { indexOf } from "./ranking.ts"

type Status = Pick<ProviderStatus, "id" | "settings">

const statusesOf = (context: PlanContext): ReadonlyArray<Status> =>
  context.providers ?? indexOf(context.models).providers.map((id) => ({ id, settings: [] }))

/** A provider that was asked for by a name that no provider has. */
export const unknownProvider = (name: string, known: ReadonlyArray<string>): PlanFailure => {
  const near = nearestNames(name, known)
  const message = `There is no provider "${quoted(name)}"; allowed: ${known.join(", ")}`
  return failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "provider", message }], provider: quoted(name), allowed: [...known], nearest: near },
    recovery: {
      fields: ["provider"],
      suggested_command: `image-skill models list${near[0] === undefined ? "" : ` --provider ${near[0]}`} --json`
    }
  })
}

/** That a request names a provider which there is. */
export const checkProvider = (request: ImageRequest, context: PlanContext): Either.Either<void, PlanFailure> => {
  const names = statusesOf(context).map(({ id }): string => id)
  return request.providerId === null || names.includes(request.providerId)
    ? Either.right(undefined)
    : Either.left(unknownProvider(request.providerId, names))
}

const commandsShown = 4

/** Configured, and of the wanted provider where one was named; whatever it is meant for. */
const atHand = (request: ImageRequest, context: PlanContext): ReadonlyArray<Model> =>
  indexOf(context.models)
    .ranks(request.command)
    .flatMap((rank) => rank.all.map(({ model }) => model))
    .filter((model) => context.isConfigured(model.provider))
    .filter((model) => request.providerId === null || request.providerId === model.provider)

/** Providers that a key away could do it. */
const wouldDo = (request: ImageRequest, context: PlanContext): ReadonlyArray<Status> => {
  const could = new Set(
    indexOf(context.models)
      .ranks(request.command)
      .flatMap((rank) => rank.all.map(({ model }) => model))
      .filter((model) => !context.isConfigured(model.provider))
      .filter(isMeantFor(request))
      .filter(mayDo(request))
      .map((model) => model.provider)
  )
  return statusesOf(context).filter(({ id }) => could.has(id))
}

/** Why no model can be chosen, and what would make it possible. */
export const noneAble = (
  request: ImageRequest,
  context: PlanContext,
  planOne: (model: Model) => Either.Either<unknown, PlanFailure>
): PlanFailure => {
  const { command, providerId } = request
  if (providerId !== null && !context.isConfigured(providerId)) {
    const providers = context.providers ?? []
    return catalogedOnly(providerId, providers) ?? notConfigured(providerId, providers)
  }
  const here = atHand(request, context)
  const first = here.find(isMeantFor(request))
  // Why the strongest of them would not do says most.
  const refused = first === undefined ? null : Either.getOrElse(Either.flip(planOne(first)), () => null)
  if (refused !== null) return refused
  const providers = providerId === null ? wouldDo(request, context) : []
  const wanted = `${command}s${hasPrompt(request) ? " by a prompt" : ""}${request.mask === null ? "" : " with a mask"}`
  // What a prompt has no effect on is no choice, but it may be what is meant.
  const besides = here
    .filter((model) => model.input.prompt === "optional")
    .filter(isMeantFor({ ...request, prompt: null }))
    .map(({ id }): string => id)
  const needs =
    providers.length === 0 ? "" : `; configure one of these providers: ${providers.map(withSettings).join(", ")}`
  const others = besides.length === 0 ? "" : `; without a prompt, by parameters: ${besides.join(", ")}`
  return failure("PROVIDER_UNAVAILABLE", `No configured model ${wanted}${needs}${others}`, {
    details: {
      command,
      providers: providers.map(({ id, settings }) => ({ provider_id: id, settings: [...settings] })),
      models_without_prompt: besides
    },
    recovery: {
      suggested_commands: [
        ...besides.slice(0, commandsShown).map((id) => `image-skill models show ${id} --json`),
        `image-skill models list --operation ${command} --json`
      ]
    }
  })
}
