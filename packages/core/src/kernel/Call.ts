import { Context, Effect, Ref } from "effect"
import type { ActorRef } from "./Envelope.ts"
import type { TraceId } from "./Ids.ts"

/** One call of the house, from its request to its envelope. */
export class Call extends Context.Tag("@image-skill/core/Call")<
  Call,
  {
    readonly traceId: TraceId
    readonly command: Ref.Ref<string>
    readonly actor: Ref.Ref<ActorRef | null>
    readonly warnings: Ref.Ref<ReadonlyArray<string>>
    /** HTTP status of a success: 200, or 202 while a job still runs. */
    readonly status: Ref.Ref<200 | 202>
  }
>() {}

export const makeCall = (traceId: TraceId, command: string) =>
  Effect.sync(
    (): Context.Tag.Service<Call> => ({
      traceId,
      command: Ref.unsafeMake(command),
      actor: Ref.unsafeMake<ActorRef | null>(null),
      warnings: Ref.unsafeMake<ReadonlyArray<string>>([]),
      status: Ref.unsafeMake<200 | 202>(200)
    })
  )

/** Adds to the envelope's `warnings`, each text once. */
export const warn = (...messages: ReadonlyArray<string>) =>
  Effect.flatMap(Call, (call) =>
    messages.length === 0 ? Effect.void : Ref.update(call.warnings, (all) => [...new Set([...all, ...messages])])
  )
