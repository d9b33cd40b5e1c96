import { fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { allowWeakSignal, feedbackKey, feedbackLists, feedbackTexts } from "../commands/feedback.ts"
import { valueOf } from "../Flags.ts"
import { rerun } from "../internal/rerun.ts"
import type { Program, Session } from "../Session.ts"

const textsOf = (session: Session): JsonObject =>
  Object.fromEntries(
    Object.entries(feedbackTexts).flatMap(([field, flag]) => {
      const value = valueOf(session.given, flag)
      return value === undefined ? [] : [[field, value]]
    })
  )

const listsOf = (session: Session): JsonObject =>
  Object.fromEntries(
    Object.entries(feedbackLists).map(([field, flag]) => {
      const words = valueOf(session.given, flag).flatMap((value) => value.split(",").map((word) => word.trim()))
      return [field, words.filter((word) => word !== "")]
    })
  )

const nothing = (session: Session) => {
  const message = "feedback create needs --title or --body; better both"
  return fail("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "--title", message }] },
    recovery: {
      required_flag: "--title",
      suggested_command: rerun(session.name, session.given, { title: ["TEXT"], body: ["TEXT"] }),
      missing_inputs: ["TEXT"],
      fields: ["--title", "--body"]
    }
  })
}

export const feedbackCreate: Program = (session) => {
  const texts = textsOf(session)
  if (texts.title === undefined && texts.body === undefined) return nothing(session)
  return session.client.ask({
    method: "POST",
    path: "/v1/feedback",
    body: {
      ...texts,
      ...listsOf(session),
      ...(valueOf(session.given, allowWeakSignal) ? { allow_weak_signal: true } : {}),
      idempotency_key: valueOf(session.given, feedbackKey) ?? `cli_${crypto.randomUUID()}`
    }
  })
}
