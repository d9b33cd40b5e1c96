/** A plan before anything is uploaded or sent: what would be refused is refused without a trace. */
import { errorTable } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import { Refused, type Reply } from "../Client.ts"
import type { Session } from "../Session.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"

const isKnownCode = (code: string): code is keyof typeof errorTable => Object.hasOwn(errorTable, code)

/** The refusal that the live call would give, as the plan's first blocker words it. */
const refusalOf = (reply: Reply, blocker: JsonObject): Reply => {
  const code = textIn(blocker, "code") ?? ""
  return {
    status: (isKnownCode(code) ? errorTable[code].status : null) ?? 500,
    exitCode: isKnownCode(code) ? errorTable[code].exit : 1,
    envelope: { ...reply.envelope, ok: false, data: null, error: blocker }
  }
}

const priceOf = (reply: Reply): string => {
  const pricing = objectIn(objectIn(reply.envelope.data, "cost"), "credit_pricing")
  const credits = pricing.credits_required ?? pricing.max_credits
  const most = pricing.credits_required === null ? "at most " : ""
  return typeof credits === "number" ? `  ${most}${credits} credit${credits === 1 ? "" : "s"}` : ""
}

/** What it will cost, in words for the progress line. Fails with what the live call would be refused for now. */
export const preflight = (session: Session, path: string, body: JsonObject) =>
  Effect.gen(function* () {
    yield* session.report("planning")
    const reply = yield* session.client.ask({ method: "POST", path, body: { ...body, dry_run: true } })
    const [blocker] = objectsIn(reply.envelope.data, "blockers")
    if (blocker !== undefined) return yield* new Refused({ reply: refusalOf(reply, blocker) })
    return priceOf(reply)
  })
