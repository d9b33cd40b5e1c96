import { type Config, type ConfigError, Data, type Duration, Effect, type Redacted, type Scope } from "effect"
import type { Model } from "../catalog/Model.ts"
import type { Reference } from "../catalog/References.ts"
import { type AttemptId, ProviderId } from "../kernel/Ids.ts"
import type { Json, JsonObject } from "../kernel/Json.ts"
import type { MediaType } from "../kernel/Media.ts"
import type { UsdTicks } from "../kernel/Money.ts"

/**
 * Why a provider call failed, in the few ways that we act on differently:
 *
 * - `rate_limited`, `quota`, `authentication`, `unavailable`: nothing was accepted; quota and authentication are the
 *   operator's affair.
 * - `content_policy`, `invalid_request`: it looked at the request and refused it.
 * - `failed`: it accepted the work and reports that it failed.
 * - `bad_output`: it answered with what is no usable image.
 * - `outcome_unknown`: the connection ended after the request may have been accepted. Never sent again.
 */
export type ProviderReason =
  | "rate_limited"
  | "quota"
  | "authentication"
  | "content_policy"
  | "invalid_request"
  | "unavailable"
  | "failed"
  | "bad_output"
  | "outcome_unknown"

/** Maps every foreign failure. `message` is public: no key, no URL, no prompt, no name of an upstream host. */
export class ProviderError extends Data.TaggedError("ProviderError")<{
  readonly reason: ProviderReason
  readonly message: string
  /** Whether the provider may charge for this call. */
  readonly billed: "no" | "yes" | "unknown"
  readonly retryAfterSeconds?: number
}> {}

/** An image that goes to the provider: our bytes, never a user's URL. */
export interface CallImage {
  readonly bytes: Uint8Array
  readonly mediaType: MediaType
  readonly width: number
  readonly height: number
  /** How its pixels came to be. An edit that needs no trained model says the same of its result. */
  readonly provenance: "generative_model" | "algorithmic" | "uploaded"
}

/** One paid call, as planned. `parameters` are validated, complete, and named as the provider names them. */
export interface ProviderCall {
  readonly attemptId: AttemptId
  readonly model: Model
  readonly operation: "create" | "edit"
  readonly prompt: Redacted.Redacted<string> | null
  readonly parameters: JsonObject
  readonly outputs: number
  /** Position among the calls of its job: 0, 1, … Where a seed decides the image, calls must differ. */
  readonly index: number
  readonly image: CallImage | null
  readonly mask: CallImage | null
  readonly references: ReadonlyArray<{ readonly reference: Reference; readonly image: CallImage }>
}

/** A provider's answer as it arrives. It is spooled whole before anything looks into it. */
export interface Reply {
  readonly contentType: string
  /** Waits for all of it. Its adapter stops reading at `limits.replyBytesMax` and one byte: such a reply is refused. */
  readonly body: Effect.Effect<Uint8Array, ProviderError>
  /** What the answer's headers told that its body does not, such as billed units. Kept with the spool. */
  readonly facts: JsonObject
}

/** A reply read back from the spool: whole. */
export interface SpooledReply {
  readonly contentType: string
  readonly bytes: Uint8Array
  readonly facts: JsonObject
}

export type Submission =
  | { readonly _tag: "Replied"; readonly reply: Reply }
  /** The provider took the work; the handle finds it again, also in another process. */
  | { readonly _tag: "Accepted"; readonly handle: Json }

export type Poll =
  | { readonly _tag: "Running" }
  | { readonly _tag: "Replied"; readonly reply: Reply }
  | { readonly _tag: "Canceled" }

/** One image of an answer: its bytes, or a URL that is hostile until `SafeFetch` has read it. */
export type ProviderOutput =
  | { readonly _tag: "Bytes"; readonly bytes: Uint8Array }
  | { readonly _tag: "Url"; readonly url: string }
  /** The provider withheld this image, or blackened it. */
  | { readonly _tag: "Refused" }

export interface Outcome {
  readonly outputs: ReadonlyArray<ProviderOutput>
  /** What the provider says that the call cost; null when it does not say. */
  readonly cost: UsdTicks | null
  readonly warnings: ReadonlyArray<string>
  /** For the receipt: seed, motif, whatever makes the image reproducible. Never the prompt. */
  readonly details: JsonObject
}

/** Calls one provider. Encodes, calls, decodes; keeps nothing, retries nothing that may be paid. */
export interface Adapter {
  readonly submit: (call: ProviderCall) => Effect.Effect<Submission, ProviderError>
  /** Asks after accepted work; safe to repeat. Needed when `submit` ever answers `Accepted`. */
  readonly poll?: (handle: Json) => Effect.Effect<Poll, ProviderError>
  /** How long to wait between two polls. */
  readonly pollEvery?: Duration.DurationInput
  /** Asks the provider to stop. It may finish all the same: `poll` tells. */
  readonly cancel?: (handle: Json) => Effect.Effect<void, ProviderError>
  /**
   * Asks whether a call whose answer was lost was accepted: its handle, or null where nothing is known of it. A request
   * may still be on its way: a null counts only `limits.findSettleMillis` after the claim.
   */
  readonly find?: (attemptId: AttemptId) => Effect.Effect<Json | null, ProviderError>
  /** Reads a spooled reply. Pure in spirit: also run after a crash, in another process. */
  readonly decode: (
    call: Pick<ProviderCall, "attemptId" | "model" | "operation" | "parameters" | "outputs">,
    reply: SpooledReply
  ) => Effect.Effect<Outcome, ProviderError>
}

/** A provider of images: its models as data and how to call it. `config` is read once, when the plugin loads. */
export interface Provider<in out C = never> {
  readonly id: string
  /** Its id where it has no other name. */
  readonly displayName?: string
  /** Where they are many, a function that makes them: it is called when they are first asked for, which a start is not. */
  readonly models: ReadonlyArray<Model> | (() => ReadonlyArray<Model>)
  readonly config: Config.Config<C>
  readonly make: (config: C) => Effect.Effect<Adapter, never, Scope.Scope>
  /** Most calls at one time; further ones wait. 4 unless it is given. */
  readonly concurrency?: number
}

/** A plugin with its config type hidden: what a list of providers holds. */
export interface Plugin {
  readonly id: ProviderId
  readonly displayName: string
  readonly models: ReadonlyArray<Model>
  readonly concurrency: number
  /** `None` in effect: fails with the config error when the provider is not configured. */
  readonly load: Effect.Effect<Adapter, NotConfigured, Scope.Scope>
}

export class NotConfigured extends Data.TaggedError("NotConfigured")<{
  readonly message: string
  /** Names of the settings that it reads and that are not given, such as a key's variable. Never a value. */
  readonly settings?: ReadonlyArray<string>
}> {}

const missingSettings = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  if (error._op === "And" || error._op === "Or") {
    return [...new Set([...missingSettings(error.left), ...missingSettings(error.right)])]
  }
  return error._op === "MissingData" ? [error.path.join("_")] : []
}

/** Makes a plugin. A provider whose config cannot be read is listed as not configured; the others work on. */
export const define = <C>(provider: Provider<C>): Plugin => ({
  id: ProviderId.make(provider.id),
  displayName: provider.displayName ?? provider.id,
  get models() {
    return typeof provider.models === "function" ? provider.models() : provider.models
  },
  concurrency: provider.concurrency ?? 4,
  load: provider.config.pipe(
    Effect.mapError(
      (error) => new NotConfigured({ message: `${provider.id}: ${error.message}`, settings: missingSettings(error) })
    ),
    Effect.flatMap(provider.make)
  )
})

/** A reply that is already whole. */
export const replyOf = (contentType: string, bytes: Uint8Array, facts: JsonObject = {}): Submission => ({
  _tag: "Replied",
  reply: { contentType, body: Effect.succeed(bytes), facts }
})

/** Decodes a reply that is one image and nothing else. */
export const decodeImage: Adapter["decode"] = (_call, reply) =>
  Effect.succeed({
    outputs: [{ _tag: "Bytes", bytes: reply.bytes }],
    cost: null,
    warnings: [],
    details: reply.facts
  })
