import type { JsonObject } from "@image-skill/core/kernel/JsonValue"
import {
  allowWeakSignal,
  feedbackCreate as command,
  feedbackKey,
  feedbackLists,
  feedbackTexts
} from "../commands/feedback.ts"
import { done, refused } from "../Envelope.ts"
import { type Arguments, valueOf } from "../Flags.ts"
import { rerun } from "../internal/rerun.ts"
import type { Question } from "../Session.ts"

const textsOf = (given: Arguments): JsonObject =>
  Object.fromEntries(
    Object.entries(feedbackTexts).flatMap(([field, flag]) => {
      const value = valueOf(given, flag)
      return value === undefined ? [] : [[field, value]]
    })
  )

const listsOf = (given: Arguments): JsonObject =>
  Object.fromEntries(
    Object.entries(feedbackLists).map(([field, flag]) => {
      const words = valueOf(given, flag).flatMap((value) => value.split(",").map((word) => word.trim()))
      return [field, words.filter((word) => word !== "")]
    })
  )

const nothing = (given: Arguments) => {
  const message = "feedback create needs --title or --body; better both"
  return refused("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: "--title", message }] },
    recovery: {
      required_flag: "--title",
      suggested_command: rerun(command.name, given, { title: ["TEXT"], body: ["TEXT"] }),
      missing_inputs: ["TEXT"],
      fields: ["--title", "--body"]
    }
  })
}

export const feedbackCreate: Question = {
  callOf: (given) => {
    const texts = textsOf(given)
    if (texts.title === undefined && texts.body === undefined) return nothing(given)
    return done({
      method: "POST",
      path: "/v1/feedback",
      body: {
        ...texts,
        ...listsOf(given),
        ...(valueOf(given, allowWeakSignal) ? { allow_weak_signal: true } : {}),
        idempotency_key: valueOf(given, feedbackKey) ?? `cli_${crypto.randomUUID()}`
      }
    })
  }
}
