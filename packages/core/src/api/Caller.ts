import { Context } from "effect"
import type { Grant } from "../identity/Grants.ts"

/** The operator, or an agent whose token has the grant; null where any token in force will do. */
export type CallerNeeded = "operator" | { readonly grant: Grant | null }

/**
 * Whose token an endpoint must be shown, and what it must be allowed: looked at before anything else of the request, its
 * body among it. An endpoint without it may be called without a token: its bodies are kept short. A test holds it
 * against the table of answers.
 */
export class Caller extends Context.Tag("@image-skill/core/api/Caller")<Caller, CallerNeeded>() {}
