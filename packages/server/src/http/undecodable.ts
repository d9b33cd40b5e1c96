import type { HttpApiError } from "@effect/platform"
import { type Failure, failure, type Issue } from "@image-skill/core/kernel/Errors"
import { quoted } from "@image-skill/core/kernel/Quote"

const issuesMost = 20
const messageCharactersMax = 400
const receivedCharactersMax = 80

/** Fields whose values are never repeated: prompts, bytes, places of the caller's machine, and the body as a whole. */
const withheld: ReadonlySet<string> = new Set([
  "",
  "prompt",
  "bytes_base64",
  "model_parameters",
  "filename",
  "remote_origin",
  "human_email",
  "invite_code",
  "idempotency_key",
  "idempotency-key"
])

/** The framework's own words: `Expected X, actual Y`, where Y is the whole value. */
const expectation = /^Expected ([\s\S]{1,400}?), actual /
const unreadable = /^Unable to decode [\s\S]* into (?:a|an) ([a-z]{1,40})$/

interface Found {
  readonly expected: string
  readonly received: string | null
}

const foundIn = (path: string, message: string): Found | null => {
  const match = expectation.exec(message)
  if (match?.[1] === undefined) {
    const kind = message.length > 1000 ? undefined : unreadable.exec(message)?.[1]
    return kind === undefined ? null : { expected: kind, received: null }
  }
  const received = message.slice(match[0].length)
  const isShown =
    !withheld.has(path.split(".")[0] ?? "") && received.length <= receivedCharactersMax && !/^[[{]/.test(received)
  return { expected: path === "" ? "a JSON object" : match[1], received: isShown ? received : null }
}

/** All that is said of one field, in one sentence. A union reports each of its members. */
const issueOf = (path: string, messages: ReadonlyArray<string>): Issue => {
  const own = messages.find((message) => foundIn(path, message) === null)
  const found = messages.flatMap((message) => foundIn(path, message) ?? [])
  const [first] = found
  // The words of our own schemas, which repeat nothing.
  if (own !== undefined || first === undefined) {
    return { path, message: (own ?? "is wrong").slice(0, messageCharactersMax) }
  }
  const expected = [...new Set(found.map((one) => one.expected))].filter((one) => one !== "null" && one !== "undefined")
  const allowed = (expected.length === 0 ? [first.expected] : expected).join(" or ").slice(0, messageCharactersMax)
  return { path, message: `expected ${allowed}${first.received === null ? "" : `; received ${first.received}`}` }
}

const pathOf = (path: ReadonlyArray<PropertyKey>) =>
  path
    .slice(0, 8)
    .map((part) => quoted(String(part)))
    .join(".")

/** What is wrong with a request, by field. Values are repeated only where they are short and no secret. */
export const undecodable = (error: HttpApiError.HttpApiDecodeError): Failure<"INVALID_ARGUMENTS"> => {
  const byPath = new Map<string, Array<string>>()
  for (const { message, path } of error.issues) {
    const name = pathOf(path)
    const known = byPath.get(name)
    if (known !== undefined) known.push(message)
    else if (byPath.size < issuesMost) byPath.set(name, [message])
  }
  const issues = [...byPath].map(([path, messages]) => issueOf(path, messages))
  return failure(
    "INVALID_ARGUMENTS",
    issues.map(({ path, message }) => `${path === "" ? "the body" : path}: ${message}`).join("; "),
    {
      details: { issues: issues.map((issue) => ({ ...issue })) },
      recovery: { fields: issues.map(({ path }) => path) }
    }
  )
}
