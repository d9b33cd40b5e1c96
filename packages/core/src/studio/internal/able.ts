import { Redacted } from "effect"
import type { Model } from "../../catalog/Model.ts"
import { rolesOf } from "../../catalog/References.ts"
import type { ImageRequest } from "../Request.ts"

export const hasPrompt = (request: ImageRequest): boolean =>
  request.prompt !== null && Redacted.value(request.prompt).trim() !== ""

/**
 * Whether a model is meant for what a request brings: words need a model that reads them, a mask one that takes it, and
 * a model that lives by a mask is no choice without one.
 */
export const isMeantFor = (request: ImageRequest) => {
  const hasWords = hasPrompt(request)
  const wanted = request.mask === null ? "none" : "required"
  return ({ input }: Model): boolean =>
    (!hasWords || input.prompt === "required") && (input.mask === "optional" || input.mask === wanted)
}

const takesReferences = (request: ImageRequest, rules: Model["input"]["references"]): boolean => {
  const all = request.references
  if (all.length === 0) return rules === null || rules.kind === "elements" || (rules.indexesMin ?? 0) === 0
  const roles = rules === null ? [] : rolesOf(rules)
  return all.every((one) => roles.includes(one.role))
}

/** A quick look before a plan is tried: false only for what the plan would refuse. */
export const mayDo = (request: ImageRequest) => {
  const hasWords = hasPrompt(request)
  const names = Object.keys(request.parameters)
  return (model: Model): boolean =>
    request.outputCount <= model.output.outputsMax &&
    (hasWords || model.input.prompt !== "required") &&
    (request.image !== null || model.input.image !== "required") &&
    takesReferences(request, model.input.references) &&
    names.every((name) => Object.hasOwn(model.parameters, name))
}
