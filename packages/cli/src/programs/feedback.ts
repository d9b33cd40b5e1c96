import type { JsonObject } from "@image-skill/core/kernel/Json"
import { allowWeakSignal, feedbackKey, feedbackLists, feedbackTexts } from "../commands/feedback.ts"
import { valueOf } from "../Flags.ts"
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

export const feedbackCreate: Program = (session) =>
  session.client.ask({
    method: "POST",
    path: "/v1/feedback",
    body: {
      ...textsOf(session),
      ...listsOf(session),
      ...(valueOf(session.given, allowWeakSignal) ? { allow_weak_signal: true } : {}),
      idempotency_key: valueOf(session.given, feedbackKey) ?? `cli_${crypto.randomUUID()}`
    }
  })
