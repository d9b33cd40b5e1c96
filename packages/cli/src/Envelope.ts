import type { Recovery } from "@image-skill/core/kernel/Errors"
import { type ErrorCode, ruleOf } from "@image-skill/core/kernel/ErrorTable"
import type { JsonObject } from "@image-skill/core/kernel/JsonValue"

/**
 * The one JSON document of a run, as the CLI holds it. Looser than core's: a newer server may add fields, and they are
 * passed on untouched.
 */
export interface Envelope {
  readonly ok: boolean
  readonly command: string
  readonly trace_id: string
  readonly actor: JsonObject | null
  readonly data: JsonObject | null
  readonly warnings: ReadonlyArray<string>
  readonly error: JsonObject | null
}

/** What a run ends with: its document and its exit code. */
export interface Answer {
  readonly envelope: Envelope
  readonly exitCode: number
}

/** Why something is not done: a `Failure` of core, as plain data. */
export interface Problem {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: JsonObject
  readonly recovery?: Recovery
}

/** What a step ends with that may fail, where no Effect is loaded. */
export type Outcome<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly problem: Problem }

export const done = <A>(value: A): Outcome<A> => ({ ok: true, value })

export const problemOf = (
  code: ErrorCode,
  message: string,
  extra: Pick<Problem, "details" | "recovery"> = {}
): Problem => ({ code, message, ...extra })

export const refused = (...why: Parameters<typeof problemOf>): Outcome<never> => ({
  ok: false,
  problem: problemOf(...why)
})

export const newTraceId = (): string =>
  `trace_${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`

/** The words of a command as envelopes name it. */
export const label = (words: string): string => (words === "" ? "image-skill" : `image-skill ${words}`)

export const success = (words: string, data: JsonObject, warnings: ReadonlyArray<string> = []): Answer => ({
  exitCode: 0,
  envelope: {
    ok: true,
    command: label(words),
    trace_id: newTraceId(),
    actor: null,
    data,
    warnings,
    error: null
  }
})

/** Where the code's rule is "per case", the details say which case it is. */
const isRetryable = ({ code, details }: Problem): boolean =>
  typeof details?.retryable === "boolean" ? details.retryable : ruleOf(code).retryable

export const refusal = (words: string, problem: Problem, warnings: ReadonlyArray<string> = []): Answer => ({
  exitCode: ruleOf(problem.code).exit,
  envelope: {
    ok: false,
    command: label(words),
    trace_id: newTraceId(),
    actor: null,
    data: null,
    warnings,
    error: {
      code: problem.code,
      message: problem.message,
      retryable: isRetryable(problem),
      ...(problem.details === undefined ? {} : { details: problem.details }),
      ...(problem.recovery === undefined ? {} : { recovery: { ...problem.recovery } })
    }
  }
})
