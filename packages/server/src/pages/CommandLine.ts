import type { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Context, Deferred, Effect, Layer } from "effect"
import type { InProcess } from "../http/inProcess.ts"

/** What a command answered, as its envelope goes over the wire. */
export interface CommandAnswer {
  readonly envelope: JsonObject
  readonly exitCode: number
  /** Of the call that the command made; null where it made none. */
  readonly status: number | null
}

export interface CommandCall {
  readonly argv: ReadonlyArray<string>
  /** The command's own, where it takes one and its words give none. */
  readonly idempotencyKey: string | null
  /** Speaks to this house, as whoever called. */
  readonly exchange: InProcess["exchange"]
}

/** The texts about the commands, for a house at this URL, which has no slash at its end. */
export interface CommandPages {
  readonly llms: (url: string) => string
  readonly skill: (url: string) => string
  readonly commands: (url: string) => string
}

/** A command line of which callers may run the public part. Who hosts the house hands it in. */
export interface CommandLine {
  /** Always answers, whatever the words are. Interrupted when the caller hangs up. */
  readonly run: (call: CommandCall) => Effect.Effect<CommandAnswer>
  readonly pages: CommandPages
}

/** The whole app of this house, asked from within. */
export type AskSelf = (
  request: HttpServerRequest.HttpServerRequest,
  signal: AbortSignal
) => Promise<HttpServerResponse.HttpServerResponse>

/** The command line of this house, and the way from it to the house; null where there is none. */
export class Commands extends Context.Reference<Commands>()("@image-skill/server/Commands", {
  defaultValue: (): { readonly line: CommandLine; readonly self: Deferred.Deferred<AskSelf> } | null => null
}) {}

/** `self` is given once the app is made: a command is one of its endpoints, and calls others of them. */
export const layerCommands = (line: CommandLine) =>
  Layer.effect(
    Commands,
    Effect.map(Deferred.make<AskSelf>(), (self) => ({ line, self }))
  )
