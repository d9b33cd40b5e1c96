import type { OutgoingSignal } from "./FeedbackQueue.ts"
import type { Said, Signal } from "./Signal.ts"

/** Tokens of this house, keys of providers and payment, and what stands behind `Bearer`. */
const secrets =
  /\bisk_[a-z]+_[A-Za-z0-9_-]{8,}|\b(?:sk|pk|rk|xai|whsec|ghp|gho|github_pat)[-_][A-Za-z0-9_-]{16,}|\bBearer\s+[A-Za-z0-9._~+/=-]{12,}/gi

/** An id is a capability. Names such as `mask_asset_id` have the same beginning, and stay. */
const assetIds =
  /(?:asset|image|video|audio|mask|thumb|file)_(?:[A-Za-z0-9._-]{16,128}|(?=[A-Za-z._-]*[0-9])[A-Za-z0-9._-]{1,128})/g

const promptFlags = /(--prompt(?:=|\s+))("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+)/g
const promptFields = /(["']prompt["']\s*:\s*)("(?:[^"\\]|\\.)*"|'[^']*')/g

/** The text without tokens and keys: they are not even kept. */
export const withoutSecrets = (text: string): string => text.replace(secrets, "[redacted token]")

const outgoingText = (text: string): string =>
  withoutSecrets(text)
    .replace(promptFlags, "$1[redacted prompt]")
    .replace(promptFields, "$1[redacted prompt]")
    .replace(assetIds, "[redacted asset]")

/** The same of each text that was said. */
export const mapSaid = (said: Said, change: (text: string) => string): Said => {
  const each = (text: string | null) => (text === null ? null : change(text))
  return {
    title: each(said.title),
    body: each(said.body),
    command: each(said.command),
    expected: each(said.expected),
    actual: each(said.actual),
    friction: each(said.friction),
    proof_needed: each(said.proof_needed),
    strategic_reason: each(said.strategic_reason)
  }
}

/** What may leave the house of a signal. */
export const outgoing = (signal: Signal): OutgoingSignal => ({
  feedbackId: signal.id,
  type: outgoingText(signal.type),
  severity: signal.severity,
  confidence: signal.confidence,
  nextState: outgoingText(signal.nextState),
  surface: signal.surface.map(outgoingText),
  evidence: signal.evidence.map(outgoingText),
  aboutTraceId: signal.aboutTraceId === null ? null : outgoingText(signal.aboutTraceId),
  said: mapSaid(signal.said, outgoingText)
})
