import type { Failure } from "@image-skill/core/kernel/Errors"
import type { Effect } from "effect"
import type { Client, Refused, Reply } from "./Client.ts"
import type { Call } from "./Connection.ts"
import type { Answer, Outcome } from "./Envelope.ts"
import type { Arguments } from "./Flags.ts"
import type { Host } from "./Host.ts"
import type { Settings } from "./internal/config.ts"
import type { Style } from "./Output.ts"

/** What an interrupted run needs to be taken up again. */
export interface InFlight {
  /** Null for a batch: each of its items has its own. */
  readonly idempotencyKey: string | null
  readonly recoverCommand: string
  /** Null until the server has named it. */
  readonly jobId: string | null
}

/** One run of one command. */
export interface Session {
  readonly host: Host
  /** The words of the command, as in its declaration. */
  readonly name: string
  readonly given: Arguments
  readonly settings: Settings
  readonly client: Client
  readonly style: Style
  /** Adds to the answer's warnings. */
  readonly warn: (message: string) => Effect.Effect<void>
  /** Says what is being done, on the progress line of a terminal; elsewhere it is silent. */
  readonly report: (activity: string) => Effect.Effect<void>
  /** Done once the answer is out; the run ends after it. */
  readonly afterAnswer: (work: Effect.Effect<void>) => Effect.Effect<void>
  /** Run for a caller of a server: nothing of it is left on this machine. */
  readonly isGuest?: boolean
  readonly setInFlight: (inFlight: InFlight) => Effect.Effect<void>
}

/** A command that asks the server one question, whose reply is its answer. */
export interface Question {
  readonly callOf: (given: Arguments) => Outcome<Call>
}

/** What a command does that is more than a question. Its answer is the server's reply, or one made here. */
export type Program = (session: Session) => Effect.Effect<Answer | Reply, Failure | Refused>
