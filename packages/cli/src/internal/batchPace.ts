/** A batch asks as fast as the server lets it: what is refused for its pace is asked again when the server says. */
import type { Failure } from "@image-skill/core/kernel/Errors"
import { Effect } from "effect"
import { type Call, Refused, type Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import { objectIn } from "./fields.ts"

const pauseMillisMax = 60_000
/** With the longest pause, twenty minutes. */
const triesMax = 20

/** How long the server wants to be left alone; null for an answer that is none of that. */
const pauseOf = ({ envelope: { error } }: Reply): number | null => {
  if (error?.code !== "RATE_LIMITED") return null
  const seconds = objectIn(error, "recovery").retry_after_seconds
  return Math.min(pauseMillisMax, Math.max(200, typeof seconds === "number" ? seconds * 1000 : 1000))
}

/** The session with a client that waits. */
export const paced = (session: Session): Session => {
  const { client } = session
  const send = (call: Call, tries = 1): Effect.Effect<Reply, Failure> =>
    Effect.flatMap(client.send(call), (reply) => {
      const pause = pauseOf(reply)
      return pause === null || tries >= triesMax
        ? Effect.succeed(reply)
        : Effect.zipRight(Effect.sleep(pause), send(call, tries + 1))
    })
  return {
    ...session,
    client: {
      ...client,
      send: (call) => send(call),
      ask: (call) =>
        Effect.flatMap(send(call), (reply) => (reply.envelope.ok ? Effect.succeed(reply) : new Refused({ reply })))
    }
  }
}
