/** What of the command line callers may run over HTTP: an allowlist, so that what is new stays at home until it is let in. */
import { assetIdPattern } from "@image-skill/core/kernel/Ids"
import { type Problem, problemOf } from "../Envelope.ts"
import type { Arguments, Command } from "../Flags.ts"
import { excerpt } from "./quote.ts"

export const publicCommands: ReadonlyArray<string> = [
  "create",
  "edit",
  "models overview",
  "models find",
  "models list",
  "models show",
  "capabilities list",
  "capabilities show",
  "assets list",
  "assets show",
  "assets delete",
  "jobs list",
  "jobs show",
  "jobs wait",
  "jobs cancel",
  "activity list",
  "activity show",
  "whoami",
  "usage quota",
  "credits methods",
  "credits packs list",
  "credits quote",
  "credits buy",
  "credits status",
  "credits fake-purchase",
  "feedback create",
  "help",
  "version"
]

/** They name images: an asset's id, and no path or URL of anybody's. */
const imageFlags: ReadonlySet<string> = new Set([
  "input",
  "input-asset-id",
  "mask",
  "reference-image",
  "element-frontal",
  "element-reference"
])

/** Flags whose value, if any, is words for the server. None of them reads, writes or opens anything on its machine. */
export const publicFlags: ReadonlySet<string> = new Set([
  ...["json", "help", "version"],
  ...["prompt", "intent", "model", "provider", "model-parameters-json", "output-count", "aspect-ratio", "dry-run"],
  ...["max-estimated-usd-per-image", "max-usd", "accept-unknown-cost", "idempotency-key", "no-wait", "brief"],
  ...imageFlags,
  ...["limit", "cursor", "subject", "job-id", "kind"],
  ...["operation", "query", "available", "max-credits", "sort", "view"],
  ...["timeout-ms", "poll-interval-ms"],
  ...["credits", "pack", "payment-method", "quote-id", "payment-attempt-id", "checkout-session-id", "receipt-id"],
  ...["type", "title", "body", "command", "expected", "actual", "friction", "proof-needed", "strategic-reason"],
  ...["severity", "confidence", "next-state", "dedupe-key", "source", "trace-id", "surface", "evidence"],
  ...["allow-weak-signal"]
])

const notHere = (what: string, why: string): Problem =>
  problemOf("PUBLIC_CLI_COMMAND_NOT_AVAILABLE", `${what} is not run over HTTP: ${why}`, {
    details: { allowed: publicCommands },
    recovery: { suggested_command: "image-skill help --json" }
  })

const invalid = (path: string, message: string): Problem =>
  problemOf("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path, message }] },
    recovery: { fields: [path], suggested_command: "image-skill assets list --json" }
  })

const isForeign = (word: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(word)

const badImage = (name: string, values: ReadonlyArray<string>): Problem | null => {
  const bad = values.find((value) => !assetIdPattern.test(value.split("@", 1)[0] ?? ""))
  return bad === undefined
    ? null
    : invalid(`--${name}`, `--${name} is ${excerpt(bad)}; over HTTP an asset id is needed: upload the image first`)
}

/** Why the command is not run here; null where it is. */
export const refusalOf = (command: Command, given: Arguments): Problem | null => {
  if (!publicCommands.includes(command.name)) return notHere(command.name, "it works on the caller's own machine")
  for (const [name, values] of given.flags) {
    if (!publicFlags.has(name)) return notHere(`--${name}`, "it is about the caller's own machine")
    const problem = imageFlags.has(name) ? badImage(name, values) : null
    if (problem !== null) return problem
  }
  const url = given.positionals.find(isForeign)
  return url === undefined ? null : invalid("argument", `${excerpt(url)} is a URL; over HTTP ids are taken only`)
}
