import { type Answer, problemOf, refusal } from "./Envelope.ts"
import type { Host } from "./Host.ts"

/** The answer to a defect. Its cause goes to stderr, for whoever reports it. */
export const crash = (words: string): Answer =>
  refusal(
    words,
    problemOf("INTERNAL", "Image Skill failed in a way that it should not: a defect. stderr has more", {
      recovery: { suggested_command: "image-skill doctor --json" }
    })
  )

/** A defect in one line; its stack only where somebody asked for it, since users have no use for one. */
export const describeDefect = (defect: unknown, environment: Host["environment"]): string => {
  const isDebugging = (environment.IMAGE_SKILL_DEBUG ?? "") !== ""
  const text =
    defect instanceof Error ? (isDebugging ? (defect.stack ?? defect.message) : defect.message) : String(defect)
  return isDebugging ? `${text}\n` : `defect: ${text.split("\n", 1)[0]} (IMAGE_SKILL_DEBUG=1 shows where)\n`
}
