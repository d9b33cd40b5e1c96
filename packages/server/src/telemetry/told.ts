import { Failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Cause, Chunk, ParseResult, Predicate, Redacted } from "effect"

/** Characters of one text that leaves as a log or a span. */
const textCharactersMax = 4_096

const secrets: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(Bearer|Basic|Key)\s+[^\s"',;]{8,}/gi, "$1 <redacted>"],
  // Ours, invites, and what the providers and rails of this house give out.
  [/\b(isk_[a-z]+_|sk-|sk_|rk_|xai-|whsec_|pi_[A-Za-z0-9]+_secret_)[A-Za-z0-9_-]{8,}/g, "$1<redacted>"],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, "$1<redacted>@"],
  [/\b(https?:\/\/[^\s?#"'<>]+)[?#][^\s"'<>]+/gi, "$1?<redacted>"]
]

/** A text without what looks like a key: the last net, for texts of foreign code. Nothing of ours should need it. */
export const scrubbed = (text: string): string => {
  const kept = text.length <= textCharactersMax ? text : `${text.slice(0, textCharactersMax)}…`
  return secrets.reduce((now, [pattern, instead]) => now.replace(pattern, instead), kept)
}

/** What the engine itself says of a bug: it names code, and quotes no value. */
const plainBugs = [
  /^Cannot (read|set) properties of (undefined|null) \((reading|setting) '[^']{1,64}'\)$/,
  /^[\w$.()]{1,80} is not (a function|iterable|defined|a constructor)$/,
  /^Maximum call stack size exceeded$/
]

/** Failures whose message is for the operator. Those of the others repeat what a caller wrote. */
const operatorCodes: ReadonlyArray<string> = ["STORAGE_UNAVAILABLE", "ARTIFACT_STORAGE_WRITE_FAILED", "INTERNAL"]

/** Where it happened, without what was said: the first line of a stack is its message. */
const framesOf = (error: Error): JsonObject => {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
  return frames.length === 0 ? {} : { stack: frames.slice(0, 20).map((line) => line.trim()) }
}

const messageOf = (error: Error): JsonObject =>
  Cause.isRuntimeException(error) || plainBugs.some((pattern) => pattern.test(error.message))
    ? { message: scrubbed(error.message) }
    : {}

const isOurs = (error: unknown): error is Failure => error instanceof Failure

/** The word for a failure: a code, a reason or a class. Never a sentence. */
export const kindOf = (error: unknown): string => {
  if (isOurs(error)) return error.code
  if (Predicate.hasProperty(error, "reason") && typeof error.reason === "string") return wordOf(error.reason)
  if (Predicate.hasProperty(error, "_tag") && typeof error._tag === "string") return wordOf(error._tag)
  return error instanceof Error ? wordOf(error.name) : typeof error
}

const wordOf = (text: string): string => (/^[\w.@/-]{1,64}$/.test(text) ? text : "unnamed")

/**
 * What may be said of an error outside of this process. Foreign code quotes in its messages what it was given, prompts
 * among it: of such an error there are the class, the code and where it happened.
 */
export const toldOf = (error: unknown): JsonObject => {
  const kind = { error: kindOf(error) }
  if (Redacted.isRedacted(error)) return { error: "redacted" }
  if (isOurs(error)) return operatorCodes.includes(error.code) ? { ...kind, message: error.message } : kind
  if (ParseResult.isParseError(error)) {
    const issues = ParseResult.ArrayFormatter.formatErrorSync(error).slice(0, 10)
    return { ...kind, at: issues.map(({ path }) => path.map(String).join(".")) }
  }
  if (!(error instanceof Error)) return kind
  const code =
    Predicate.hasProperty(error, "code") && typeof error.code === "string" ? { code: wordOf(error.code) } : {}
  const cause = error.cause === undefined || error.cause === error ? {} : { cause: kindOf(error.cause) }
  return { ...kind, ...code, ...messageOf(error), ...cause, ...framesOf(error) }
}

/** The errors of a cause, at most ten. */
export const toldOfCause = (cause: Cause.Cause<unknown>): ReadonlyArray<JsonObject> =>
  [...Chunk.toReadonlyArray(Cause.failures(cause)), ...Chunk.toReadonlyArray(Cause.defects(cause))]
    .slice(0, 10)
    .map(toldOf)
