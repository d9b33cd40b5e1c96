import { Data, Effect } from "effect"
import { type ErrorCode, ruleOf } from "./ErrorTable.ts"
import type { JsonObject } from "./Json.ts"

export { type ErrorCode, type ErrorRule, type ExitCode, errorTable, ruleOf } from "./ErrorTable.ts"

/** Of codes that only a command makes, where commands run over HTTP. */
const commandStatuses: { readonly [code: string]: number } = { PUBLIC_CLI_COMMAND_NOT_AVAILABLE: 404, TIMEOUT: 504 }

/** The HTTP status that a failure is answered with. */
export const statusOf = (code: ErrorCode): number => ruleOf(code).status ?? commandStatuses[code] ?? 500

/** `error.recovery`: for machines. A suggested command runs as printed, or names in `missing_inputs` what it lacks. */
export interface Recovery {
  readonly required_flag?: string
  readonly required_flags?: ReadonlyArray<string>
  readonly suggested_command?: string
  readonly suggested_commands?: ReadonlyArray<string>
  readonly missing_inputs?: ReadonlyArray<string>
  readonly docs_url?: string
  readonly retry_after_seconds?: number
  readonly idempotency_key?: string
  readonly fields?: ReadonlyArray<string>
}

/**
 * Every expected failure of the house. The code says what a caller can do about it, and names the failure in types:
 * `Effect<A, Failure<"JOB_NOT_FOUND">>`. A message names the value received and the values allowed; never a secret,
 * a prompt or a path of the server.
 */
export class Failure<Code extends ErrorCode = ErrorCode> extends Data.TaggedError("Failure")<{
  readonly code: Code
  readonly message: string
  readonly details?: JsonObject
  readonly recovery?: Recovery
}> {}

export interface FailureExtra {
  readonly details?: JsonObject
  readonly recovery?: Recovery
}

export const failure = <const Code extends ErrorCode>(
  code: Code,
  message: string,
  extra: FailureExtra = {}
): Failure<Code> => new Failure({ code, message, ...extra })

export const fail = <const Code extends ErrorCode>(
  code: Code,
  message: string,
  extra?: FailureExtra
): Effect.Effect<never, Failure<Code>> => Effect.fail(failure(code, message, extra))

export interface Issue {
  readonly path: string
  readonly message: string
}

/** The same failure with more details: where a job exists, its id and its money are added on the way out. */
export const withDetails = <Code extends ErrorCode>(error: Failure<Code>, details: JsonObject): Failure<Code> =>
  new Failure({
    code: error.code,
    message: error.message,
    details: { ...error.details, ...details },
    ...(error.recovery === undefined ? {} : { recovery: error.recovery })
  })
