import { boolean, command, type Flag, text, texts, withDefault } from "../Flags.ts"
import { idempotencyKey } from "./request.ts"

const one = (name: string, valueName: string, help: string) => text({ name, valueName, help })

/** The body's fields of one text, and the flag for each. */
export const feedbackTexts: Readonly<Record<string, Flag<string | undefined>>> = {
  type: withDefault(one("type", "TYPE", "What kind it is"), "user_feedback"),
  title: one("title", "TEXT", "It in a few words"),
  body: one("body", "TEXT", "What happened, what was expected, and why it matters"),
  command: one("command", "TEXT", "The command or workflow that was observed"),
  expected: one("expected", "TEXT", "What should have happened"),
  actual: one("actual", "TEXT", "What happened"),
  friction: one("friction", "TEXT", "What stood in the way"),
  proof_needed: one("proof-needed", "TEXT", "What would prove that it is handled"),
  strategic_reason: one("strategic-reason", "TEXT", "Why it matters beyond this case"),
  severity: withDefault(one("severity", "WORD", "How bad it is, such as low, medium or high"), "medium"),
  confidence: withDefault(one("confidence", "WORD", "How sure you are, such as low, medium or high"), "medium"),
  next_state: withDefault(one("next-state", "WORD", "What should become of it"), "watch"),
  dedupe_key: one("dedupe-key", "KEY", "The same key again is the same feedback"),
  source: one("source", "WORD", "Where it comes from"),
  trace_id: one("trace-id", "ID", "The trace_id of the answer that it is about")
}

/** The body's lists. Commas separate too. */
export const feedbackLists: Readonly<Record<string, Flag<ReadonlyArray<string>>>> = {
  surface: texts({ name: "surface", valueName: "WORDS", help: "What it is about, such as cli,docs" }),
  evidence: texts({ name: "evidence", valueName: "IDS", help: "What shows it, such as trace:TRACE_ID,job_…" })
}

export const allowWeakSignal = boolean({
  name: "allow-weak-signal",
  help: "Take it although little can be done with it as it stands"
})

export const feedbackKey = idempotencyKey

export const feedbackCreate = command({
  name: "feedback create",
  aliases: ["feedback"],
  summary: "Tell the makers what went wrong, or what is missing",
  description: "No prompts, keys, image bytes or private data of users, please.",
  flags: [...Object.values(feedbackTexts), ...Object.values(feedbackLists), allowWeakSignal, feedbackKey],
  needs: [Object.values(feedbackTexts).filter(({ name }) => name === "title" || name === "body")],
  examples: [
    'image-skill feedback create --title "Short concrete title" --body "What happened and what was expected" --surface cli,docs --evidence trace:trace_0123456789abcdef --severity medium --json'
  ]
})
