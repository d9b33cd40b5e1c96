// Pure data and nothing imported: the CLI reads it on its hot path.

export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 130

/** What a code means to a caller. `status` is null where only the CLI makes the error. */
export interface ErrorRule {
  readonly exit: ExitCode
  readonly status: number | null
  readonly retryable: boolean
  readonly when: string
}

const rule = (exit: ExitCode, status: number | null, retryable: boolean, when: string): ErrorRule => ({
  exit,
  status,
  retryable,
  when
})

/** The one table: HTTP statuses, exit codes, OpenAPI and `docs/errors.md` come from here. A code is never reused. */
export const errorTable = {
  INVALID_ARGUMENTS: rule(2, 400, false, "a flag, query or body cannot be decoded; details.issues names each field"),
  ROUTE_NOT_FOUND: rule(2, 404, false, "no such path"),
  METHOD_NOT_ALLOWED: rule(2, 405, false, "the path exists, the method does not"),
  BODY_TOO_LARGE: rule(2, 413, false, "the body is above its limit"),
  PUBLIC_CLI_COMMAND_NOT_AVAILABLE: rule(2, null, false, "CLI: unknown command; recovery names the nearest"),
  MODEL_NOT_FOUND: rule(2, 404, false, "no such model"),
  CAPABILITY_NOT_FOUND: rule(2, 404, false, "no such capability"),
  ASSET_NOT_FOUND: rule(2, 404, false, "no such asset, or another organization's"),
  JOB_NOT_FOUND: rule(2, 404, false, "no such job, or another organization's"),
  ACTIVITY_NOT_FOUND: rule(2, 404, false, "no event, or no event of that subject"),
  CREDIT_QUOTE_NOT_FOUND: rule(2, 404, false, "no such quote"),
  PAYMENT_REFERENCE_NOT_FOUND: rule(2, 404, false, "no such payment reference"),
  MODEL_PARAMETERS_INVALID: rule(2, 400, false, "a model parameter is unknown, of the wrong type or out of range"),
  MODEL_PARAMETER_NOT_EXECUTABLE: rule(4, 403, false, "known to the schema, but cataloged or fixed"),
  PROVIDER_NATIVE_FIELD_DENIED: rule(2, 400, false, "a field of the provider that a top-level control replaces"),
  REFERENCES_NOT_SUPPORTED: rule(4, 403, false, "the model takes no references of that role"),
  MASK_NOT_SUPPORTED: rule(4, 403, false, "the model takes no mask"),
  OUTPUT_COUNT_NOT_SUPPORTED: rule(4, 403, false, "more outputs than the model makes in one request"),
  OPERATION_NOT_SUPPORTED: rule(4, 403, false, "the model does not do this operation"),
  MODEL_NOT_EXECUTABLE: rule(4, 403, false, "listed in the catalogue only"),
  REFERENCES_INVALID: rule(2, 400, false, "count, index, role, task, size, ratio or type of a referenced asset"),
  MODEL_RETIRED: rule(2, 410, false, "the model is gone; the message names its replacement"),
  AUTH_REQUIRED: rule(3, 401, false, "no token"),
  TOKEN_INVALID: rule(3, 401, false, "the token is not known"),
  TOKEN_REVOKED: rule(3, 401, false, "the token was revoked"),
  CAPABILITY_DENIED: rule(4, 403, false, "a grant is missing"),
  QUOTA_EXCEEDED: rule(5, 402, false, "credits, daily jobs or billed refusals are used up; details.limiting_factor"),
  RATE_LIMITED: rule(5, 429, true, "too many requests; retry_after_seconds"),
  BUDGET_EXCEEDED: rule(5, 402, false, "the plan costs more than the caller's budget; details carry both numbers"),
  BUDGET_REQUIRES_CONFIRMATION: rule(5, 402, false, "the cost is not known beforehand and was not consented to"),
  CONTENT_POLICY_DENIED: rule(6, 422, false, "the provider refused the prompt or the result"),
  INPUT_POLICY_DENIED: rule(6, 422, false, "the bytes are no supported image, or break a limit"),
  PROVIDER_UNAVAILABLE: rule(7, 503, true, "not configured, refused our key, rate-limits us, or is down; nothing ran"),
  PROVIDER_FAILURE: rule(7, 502, true, "it accepted the work and failed, or its answer is no usable image"),
  PROVIDER_OUTCOME_UNKNOWN: rule(7, 502, false, "it accepted the work and vanished; never resubmitted"),
  HOSTED_API_REQUEST_FAILED: rule(7, null, true, "CLI: the server is out of reach"),
  TIMEOUT: rule(8, null, true, "CLI: jobs wait ended before the job did"),
  ARTIFACT_STORAGE_WRITE_FAILED: rule(9, 500, false, "the provider was paid and the bytes could not be stored"),
  STORAGE_UNAVAILABLE: rule(9, 503, true, "the database or the blob store cannot be used; nothing was done"),
  OUTPUT_EXISTS: rule(9, null, false, "CLI: the output file exists and --overwrite was not given"),
  OUTPUT_WRITE_FAILED: rule(9, null, true, "CLI: the output file could not be written"),
  PUBLIC_CLI_CONFIG_WRITE_FAILED: rule(9, null, false, "CLI: the config file could not be written"),
  FILE_READ_FAILED: rule(9, null, false, "CLI: an input file could not be read"),
  REMOTE_UPLOAD_FETCH_FAILED: rule(7, null, true, "CLI: an input URL could not be fetched"),
  ASSET_DOWNLOAD_FAILED: rule(7, null, true, "CLI: an asset's bytes could not be downloaded whole"),
  ASSET_IN_USE: rule(2, 409, true, "an open job still needs the asset; it can be deleted when the job has ended"),
  JOB_NOT_CANCELABLE: rule(2, 409, false, "the job has already ended"),
  WEBHOOK_SIGNATURE_INVALID: rule(2, 400, false, "a webhook's signature does not fit its body"),
  CREDIT_QUOTE_CONFLICT: rule(2, 409, false, "the idempotency key belongs to other quote terms"),
  IDEMPOTENCY_CONFLICT: rule(2, 409, false, "the idempotency key belongs to another body"),
  CREDIT_QUOTE_EXPIRED: rule(2, 410, false, "the quote has expired"),
  CREDIT_QUOTE_CONSUMED: rule(2, 409, false, "the quote was bought already"),
  PAYMENT_METHOD_UNAVAILABLE: rule(2, 409, false, "the payment rail is off, or the quote is for another one"),
  INTERRUPTED: rule(130, null, true, "CLI: Ctrl-C; carries the job id and the command that recovers it"),
  INTERNAL: rule(1, 500, true, "a defect; the message never carries internals")
} as const satisfies Record<string, ErrorRule>

export type ErrorCode = keyof typeof errorTable

export const ruleOf = (code: ErrorCode): ErrorRule => errorTable[code]
