import { Failure } from "@image-skill/core/kernel/Errors"
import { limits } from "@image-skill/core/kernel/Limits"
import { Data, Effect } from "effect"
import type { Call, Connection, Reply } from "./Connection.ts"
import type { Outcome } from "./Envelope.ts"
import type { WireResponse } from "./internal/transport.ts"

export type { Call, Reply } from "./Connection.ts"

/** The server answered with a failure: the run's answer, unless the program knows better. */
export class Refused extends Data.TaggedError("Refused")<{ readonly reply: Reply }> {}

/** A connection as programs use it. */
export interface Client {
  readonly mode: "embedded" | "remote"
  /** Any envelope, failures included; fails when there is none. */
  readonly send: (call: Call) => Effect.Effect<Reply, Failure>
  /** The envelope of a success; everything else fails. */
  readonly ask: (call: Call) => Effect.Effect<Reply, Failure | Refused>
  /** The bytes behind an asset's URL, as a response of status 200. */
  readonly download: (assetUrl: string) => Effect.Effect<WireResponse, Failure>
}

export const fromOutcome = <A>(outcome: Outcome<A>): Effect.Effect<A, Failure> =>
  outcome.ok ? Effect.succeed(outcome.value) : Effect.fail(new Failure(outcome.problem))

/** What a promise rejects with is a defect. */
const settled = <A>(run: (signal: AbortSignal) => Promise<Outcome<A>>): Effect.Effect<A, Failure> =>
  Effect.flatMap(Effect.promise(run), fromOutcome)

export const clientOf = ({ download, mode, send }: Connection): Client => ({
  mode,
  send: (call) => settled((signal) => send(call, signal)),
  ask: (call) =>
    Effect.flatMap(
      settled((signal) => send(call, signal)),
      (reply) => (reply.envelope.ok ? Effect.succeed(reply) : new Refused({ reply }))
    ),
  download: (assetUrl) => settled((signal) => download(assetUrl, signal))
})

/** The longest that a POST that waits for a job may take: the server's window, and time to answer. */
export const waitingMillisMax = limits.waitMillisMax + 30_000
