import type { ErrorCode, Recovery } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"

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

/** A failure that is ready to be printed. */
export interface Problem {
  readonly code: ErrorCode
  readonly exitCode: number
  readonly retryable: boolean
  readonly message: string
  readonly details?: JsonObject
  readonly recovery?: Recovery
}

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

export const refusal = (words: string, problem: Problem, warnings: ReadonlyArray<string> = []): Answer => ({
  exitCode: problem.exitCode,
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
      retryable: problem.retryable,
      ...(problem.details === undefined ? {} : { details: problem.details }),
      ...(problem.recovery === undefined ? {} : { recovery: { ...problem.recovery } })
    }
  }
})

type EarlyCode = "INVALID_ARGUMENTS" | "PUBLIC_CLI_COMMAND_NOT_AVAILABLE" | "INTERNAL" | "INTERRUPTED"

/**
 * The rows of core's error table that a run may need before anything is loaded: core's table stands in a module that
 * loads Effect. A test holds the two equal.
 */
export const earlyRules = {
  INVALID_ARGUMENTS: { exitCode: 2, retryable: false },
  PUBLIC_CLI_COMMAND_NOT_AVAILABLE: { exitCode: 2, retryable: false },
  INTERNAL: { exitCode: 1, retryable: true },
  INTERRUPTED: { exitCode: 130, retryable: true }
} as const satisfies Record<EarlyCode, Pick<Problem, "exitCode" | "retryable">>

export const early = (
  code: EarlyCode,
  message: string,
  extra: Pick<Problem, "details" | "recovery"> = {}
): Problem => ({
  code,
  message,
  ...earlyRules[code],
  ...extra
})
