import type { JobError } from "../../jobs/Job.ts"
import { type ErrorCode, errorTable, type Failure, failure } from "../../kernel/Errors.ts"
import type { JobId } from "../../kernel/Ids.ts"
import type { JsonObject } from "../../kernel/Json.ts"
import type { ProviderError, ProviderReason } from "../../provider/Provider.ts"

const codes: { readonly [reason in ProviderReason]: ErrorCode } = {
  rate_limited: "PROVIDER_UNAVAILABLE",
  quota: "PROVIDER_UNAVAILABLE",
  authentication: "PROVIDER_UNAVAILABLE",
  unavailable: "PROVIDER_UNAVAILABLE",
  content_policy: "CONTENT_POLICY_DENIED",
  invalid_request: "PROVIDER_FAILURE",
  failed: "PROVIDER_FAILURE",
  bad_output: "PROVIDER_FAILURE",
  outcome_unknown: "PROVIDER_OUTCOME_UNKNOWN"
}

/** A provider's failure as the caller sees it. Our key's troubles are the operator's: the caller learns "unavailable". */
export const jobErrorOf = (error: ProviderError): JobError => {
  const operators = error.reason === "quota" || error.reason === "authentication"
  return {
    code: codes[error.reason],
    message: operators ? "the provider cannot be used at the moment" : error.message,
    details: { reason: operators ? "unavailable" : error.reason },
    ...(error.retryAfterSeconds === undefined ? {} : { recovery: { retry_after_seconds: error.retryAfterSeconds } })
  }
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

/** A stored job error as the failure of the call that waited for it: with the job, and where its money is. */
export const failureOf = (jobId: JobId, error: JobError, details: JsonObject): Failure =>
  failure(isCode(error.code) ? error.code : "INTERNAL", error.message, {
    details: { ...error.details, job_id: jobId, ...details },
    recovery: { ...error.recovery, suggested_command: `image-skill jobs show ${jobId} --json` }
  })
