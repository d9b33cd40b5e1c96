import type { JsonObject } from "../kernel/Json.ts"
import type { Signal } from "./Signal.ts"

type Judged = Pick<Signal, "said" | "evidence" | "aboutTraceId">

/** Shorter ones say too little to act on. */
const bodyCharactersMin = 40

/**
 * `actionable`: somebody can reproduce it as it stands. `narrative`: it has a title and a body, and lacks the rest.
 * `weak`: it lacks one of these two.
 */
export type QualityLevel = "actionable" | "narrative" | "weak"

interface Lack {
  readonly field: string
  readonly flag: string
  readonly advice: string
}

const isSaid = (text: string | null) => text !== null && text.trim() !== ""

const wanted: ReadonlyArray<Lack & { readonly isThere: (judged: Judged) => boolean }> = [
  {
    field: "title",
    flag: "--title",
    advice: "say it in a few words",
    isThere: ({ said }) => isSaid(said.title)
  },
  {
    field: "body",
    flag: "--body",
    advice: "say what happened, what was expected, and why it matters",
    isThere: ({ said }) => isSaid(said.body)
  },
  {
    field: "command",
    flag: "--command",
    advice: "give the command or workflow that was observed, without its prompt",
    isThere: ({ said }) => isSaid(said.command)
  },
  {
    field: "expected",
    flag: "--expected",
    advice: "say what should have happened",
    isThere: ({ said }) => isSaid(said.expected)
  },
  {
    field: "actual",
    flag: "--actual",
    advice: "say what happened instead",
    isThere: ({ said }) => isSaid(said.actual)
  },
  {
    field: "proof_needed",
    flag: "--proof-needed",
    advice: "say what would prove that it is handled",
    isThere: ({ said }) => isSaid(said.proof_needed)
  },
  {
    field: "evidence",
    flag: "--evidence",
    advice: "cite the trace, job, event or usage id that shows it: trace:TRACE_ID",
    isThere: ({ aboutTraceId, evidence }) => evidence.length > 0 || aboutTraceId !== null
  }
]

/** What the signal lacks, the most needed first. */
export const lacksOf = (judged: Judged): ReadonlyArray<Lack> => wanted.filter(({ isThere }) => !isThere(judged))

export const levelOf = (judged: Judged): QualityLevel => {
  const lacks = lacksOf(judged).map(({ field }) => field)
  if (lacks.includes("title") || lacks.includes("body")) return "weak"
  // What would prove it is good to know, and nothing to wait for.
  return lacks.every((field) => field === "proof_needed") ? "actionable" : "narrative"
}

/** The guidance of an answer: what would make the feedback easier to act on. */
export const qualityJson = (judged: Judged): JsonObject => {
  const lacks = lacksOf(judged)
  const isShort = isSaid(judged.said.body) && (judged.said.body ?? "").trim().length < bodyCharactersMin
  return {
    level: levelOf(judged),
    actionable: levelOf(judged) === "actionable",
    missing: lacks.map(({ field }) => field),
    guidance: [
      ...lacks.map(({ advice, flag }) => `${flag}: ${advice}`),
      ...(isShort ? ["--body: a sentence or two more would help: it is very short"] : [])
    ]
  }
}
