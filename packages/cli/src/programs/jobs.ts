import { fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Clock, Effect } from "effect"
import { fromOutcome } from "../Client.ts"
import { pollIntervalMillis, timeoutMillis } from "../commands/jobs.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { objectIn, textIn } from "../internal/fields.ts"
import { pathOf } from "../internal/question.ts"
import { commandLine } from "../internal/quote.ts"
import type { Program } from "../Session.ts"

const endings = new Set(["completed", "failed", "canceled"])

const statusOf = (data: JsonObject | null) => textIn(objectIn(data, "job"), "status") ?? "unknown"

/** The longest that one request waits: short enough for proxies that drop idle connections. */
const longPollMillisMax = 20_000

const timedOut = (id: string, status: string, millis: number) =>
  fail("TIMEOUT", `${id} is still ${status} after ${millis} ms; it goes on without us`, {
    details: { job_id: id, status, timeout_ms: millis },
    recovery: { suggested_command: commandLine(["image-skill", "jobs", "wait", id, "--json"]) }
  })

export const jobsWait: Program = (session) =>
  Effect.gen(function* () {
    const id = positionalOf(session.given, 0)
    const path = yield* fromOutcome(pathOf(session.given, "/v1/jobs/*", "job id"))
    const timeout = valueOf(session.given, timeoutMillis)
    const until = (yield* Clock.currentTimeMillis) + timeout
    yield* session.report(`waiting for ${id}`)
    for (;;) {
      const left = Math.max(0, until - (yield* Clock.currentTimeMillis))
      const wait = Math.min(left, longPollMillisMax)
      const reply = yield* session.client.ask({
        method: "GET",
        path,
        query: { wait_ms: wait },
        timeoutMillis: wait + 30_000
      })
      const status = statusOf(reply.envelope.data)
      if (endings.has(status)) return reply
      const rest = until - (yield* Clock.currentTimeMillis)
      if (rest <= 0) return yield* timedOut(id, status, timeout)
      yield* Effect.sleep(Math.min(valueOf(session.given, pollIntervalMillis), rest))
    }
  })
