/** Whose token goes along with a call. */
import { Redacted } from "effect"
import type { Call } from "../Connection.ts"
import { done, type Outcome, refused } from "../Envelope.ts"
import type { Host } from "../Host.ts"
import { isToken, type Settings } from "./config.ts"

type Authorization = Readonly<Record<string, string>>

const bearer = (token: string): Authorization => ({ authorization: `Bearer ${token}` })

/** The operator's token. An agent's is never sent in its place. */
const operatorsOf = ({ environment }: Host): Outcome<Authorization> => {
  const token = (environment["IMAGE_SKILL_ADMIN_TOKEN"] ?? "").trim()
  if (token === "") {
    return refused(
      "AUTH_REQUIRED",
      "This takes the operator's token: set IMAGE_SKILL_ADMIN_TOKEN, or pipe it in with --token-stdin",
      { recovery: { fields: ["IMAGE_SKILL_ADMIN_TOKEN", "--token-stdin"] } }
    )
  }
  if (isToken(token)) return done(bearer(token))
  return refused("INVALID_ARGUMENTS", "IMAGE_SKILL_ADMIN_TOKEN is no token: it has spaces or other characters", {
    recovery: { fields: ["IMAGE_SKILL_ADMIN_TOKEN"] }
  })
}

export const authorizationOf = (
  host: Host,
  { baseUrl, token, tokenFrom }: Settings,
  as: Call["as"]
): Outcome<Authorization> => {
  // In this process the owner of the data folder is the operator.
  if (baseUrl === null || as === "none") return done({})
  if (as === "operator" && tokenFrom !== "stdin") return operatorsOf(host)
  return done(token === null ? {} : bearer(Redacted.value(token)))
}
