import { failure } from "../../kernel/Errors.ts"
import { quoted } from "../../kernel/Quote.ts"

/** A field of the operator's request that cannot be followed. */
export const invalidField = (path: string, message: string, suggested?: string) =>
  failure("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path, message }] },
    recovery: { fields: [path], ...(suggested === undefined ? {} : { suggested_command: suggested }) }
  })

export const noOrganization = (id: string) =>
  invalidField(
    "organization_id",
    `There is no organization "${quoted(id)}" here`,
    "image-skill admin agents list --json"
  )

export const noAgent = (id: string) =>
  invalidField("agent_id", `There is no agent "${quoted(id)}" here`, "image-skill admin agents list --json")

export const noModel = (id: string) =>
  invalidField("model", `There is no model "${quoted(id)}" here`, "image-skill models list --json")
