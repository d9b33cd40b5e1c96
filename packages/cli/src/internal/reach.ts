/** What became of a request that got no answer, and whether it may be sent again. */
import type { Call } from "../Connection.ts"

/** `unsent`: nothing left this machine. `cut`: the connection ended before a whole answer. `silent`: whatever else. */
export type Fault = "unsent" | "cut" | "silent"

const unsent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ENOCONNECTION"
])

const cut = new Set(["ECONNRESET", "EPIPE"])

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""

export const faultOf = (error: unknown): Fault => {
  const code = codeOf(error)
  if (unsent.has(code)) return "unsent"
  return cut.has(code) ? "cut" : "silent"
}

/** Why, in words: of a name with several addresses Node says a code only, of a deadline not even that. */
export const reasonOfFault = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.name === "AbortError" || error.name === "TimeoutError") return "no answer within its time"
  return error.message === "" ? codeOf(error) : error.message
}

/**
 * What was not sent may always be sent. What was sent may be sent again when the connection ended before a whole answer
 * and a second time changes nothing: a question, or a request under a key.
 */
export const mayRepeat = (call: Call, fault: Fault): boolean => {
  if (fault !== "cut") return fault === "unsent"
  return call.method === "GET" || typeof call.body?.idempotency_key === "string"
}

/** Milliseconds before each further try. */
export const pausesMillis: ReadonlyArray<number> = [150, 450]
