import { Context } from "effect"

/**
 * Whose token an endpoint must be shown before its body is read. An endpoint without it may be called without a token:
 * its bodies are kept short. A test holds it against the table of answers.
 */
export class Caller extends Context.Tag("@image-skill/core/api/Caller")<Caller, "agent" | "operator">() {}
