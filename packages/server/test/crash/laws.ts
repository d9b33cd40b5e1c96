import { createHash } from "node:crypto"
import { OrganizationId } from "@image-skill/core/kernel/Ids"
import { accounts, auditIssues } from "@image-skill/core/ledger/Ledger"
import type { LedgerTransaction } from "@image-skill/core/ledger/LedgerStore"
import type { AttemptFacts, Evidence } from "./evidence.ts"
import { pictureOf } from "./pictures.ts"
import { type Answered, organization, type Point, startCredits } from "./plan.ts"
import type { Seen, Shape } from "./wire.ts"

/** A broken promise. `key` names the request that it hit; null when it is no single one. */
export interface Violation {
  readonly law: "lost" | "doubled" | "open" | "outcome" | "money" | "prompt" | "residue" | "answer"
  readonly key: string | null
  readonly text: string
}

/** A request whose process was killed, or was meant to be. */
export interface Told {
  readonly key: string
  readonly shape: Shape
  /** Where it died; `strike` for a kill from outside, null when it lived. */
  readonly died: Point | "strike" | null
  readonly nth: number
  /** Nobody else's death can have changed its fate. */
  readonly isAlone: boolean
}

export interface Case {
  readonly evidence: Evidence
  readonly seen: ReadonlyMap<string, Seen>
  readonly told: ReadonlyArray<Told>
  /** Attempts whose whole replies lay on the spool right after some kill. */
  readonly received: ReadonlySet<string>
  /** What the same requests were answered after the crashes, twice. */
  readonly replays: readonly [ReadonlyArray<Answered>, ReadonlyArray<Answered>]
  /** Files that hold a prompt of a job that has ended. */
  readonly leaks: ReadonlyArray<string>
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const isHandled = (attempt: AttemptFacts) => attempt.handle !== "null"

/** What must have become of an attempt whose process died once, at this point. Null: what the other laws say. */
const dueAt = ({ died, isAlone, nth, shape }: Told): ReadonlyArray<string> | null => {
  if (!isAlone) return null
  const isFound = shape === "find" || shape === "free"
  // Of a batch only the later call is known to have been there; the other may be anywhere before.
  const isWhole = shape !== "batch" || nth === 2
  switch (died) {
    case null:
    case "planned":
    case "accepted":
    case "leased":
    case "submitted":
      return ["delivered"]
    case "claimed":
      return shape === "free" ? ["delivered"] : shape === "find" ? ["refused"] : isWhole ? ["unknown"] : null
    case "answered":
      return isFound ? ["delivered"] : shape === "batch" ? null : ["unknown"]
    case "half":
    case "collected":
      return isFound || shape === "queue" ? ["delivered"] : shape === "batch" ? null : ["unknown"]
    case "strike":
    // Of no job.
    case "deleted":
    case "received":
      return null
    case "spooled":
    case "replied":
    case "stored":
    case "settled":
    case "unspooled":
    case "ended":
      return isWhole ? ["delivered"] : null
  }
}

/** One attempt against what the upstream knows of it. */
const ofAttempt = (made: Case, told: Told, attempt: AttemptFacts): ReadonlyArray<Violation> => {
  const { evidence } = made
  const broken: Array<Violation> = []
  const says = (law: Violation["law"], text: string) =>
    broken.push({ law, key: told.key, text: `${attempt.id}: ${text}` })
  const seen = made.seen.get(attempt.id)
  if (told.shape !== "free" && (seen?.accepted ?? 0) > 1)
    says("doubled", `the upstream took it ${seen?.accepted} times`)
  const due = dueAt(told)
  if (due !== null && !due.includes(attempt.phase))
    says("outcome", `is ${attempt.phase}; it must be ${due.join(" or ")}`)
  const isReceived =
    made.received.has(attempt.id) || isHandled(attempt) || (told.shape === "find" && seen !== undefined)
  if (isReceived && attempt.phase !== "delivered")
    says("lost", `what it made was there to be had, and it is ${attempt.phase}`)
  const isExposed = evidence.entries.some(
    (entry) =>
      entry.kind === "exposure" &&
      entry.reference === attempt.id &&
      entry.account === accounts.exposure &&
      entry.amount === attempt.worst_cost
  )
  const charged = seen?.charged ?? 0
  if (attempt.phase === "unknown" && !isExposed) says("money", "unknown, and not booked to the house's exposure")
  if (attempt.phase !== "unknown" && isExposed)
    says("money", `booked to the house's exposure, and it is ${attempt.phase}`)
  if (charged > 0 && attempt.phase !== "delivered" && attempt.phase !== "unknown") {
    says("lost", `charged ${charged} ticks, and it is ${attempt.phase}`)
  }
  if (charged > attempt.worst_cost)
    says("doubled", `charged ${charged} ticks, at most ${attempt.worst_cost} were planned`)
  const settled = attempt.phase === "delivered" ? attempt.credits_per_image * attempt.asset_ids.length : 0
  if (attempt.settled !== settled) says("money", `settled ${attempt.settled}; ${settled} were due`)
  if (attempt.phase !== "delivered") return broken
  if (seen === undefined) says("doubled", "delivered, and the upstream never saw it")
  if (attempt.asset_ids.length !== attempt.outputs)
    says("lost", `${attempt.asset_ids.length} of ${attempt.outputs} images`)
  attempt.asset_ids.forEach((id, index) => {
    const wanted = sha256(pictureOf(attempt.id, index, false))
    const row = evidence.assets.filter((asset) => asset.id === id && asset.job_id === attempt.job_id)
    if (row.length !== 1) says(row.length === 0 ? "lost" : "doubled", `${row.length} rows for its asset ${id}`)
    if (row[0]?.sha256 !== wanted || evidence.blobs.get(id) !== wanted)
      says("lost", `the bytes of ${id} are not what was made`)
  })
  return broken
}

const dataOf = (answer: Answered | undefined) => {
  const { idempotent_replay: _, ...data } = answer?.envelope.data ?? {}
  return JSON.stringify([answer?.exit, data, answer?.envelope.error])
}

/** One request: its job, and what its replays were told. */
const ofRequest = (made: Case, told: Told): ReadonlyArray<Violation> => {
  const { evidence } = made
  const broken: Array<Violation> = []
  const says = (law: Violation["law"], text: string) => broken.push({ law, key: told.key, text })
  const jobs = evidence.jobs.filter((job) => job.idempotency_key === told.key)
  const bound = evidence.keys.filter((key) => key.idempotency_key === told.key)
  if (jobs.length !== 1) says(jobs.length === 0 ? "lost" : "doubled", `${jobs.length} jobs for one key`)
  const job = jobs[0]
  if (job === undefined) return broken
  if (bound.length !== 1 || bound[0]?.job_id !== job.id) says("doubled", "its key is not bound to its job")
  if (!["completed", "failed", "canceled"].includes(job.status)) says("open", `its job is ${job.status}`)
  if (job.work !== "null") says("prompt", "its work, with the prompt, is still in its row")
  const attempts = evidence.attempts.filter((attempt) => attempt.job_id === job.id)
  const images = attempts.reduce(
    (sum, attempt) => sum + (attempt.phase === "delivered" ? attempt.asset_ids.length : 0),
    0
  )
  const assets = evidence.assets.filter((asset) => asset.job_id === job.id)
  if (assets.length !== images) says("doubled", `${assets.length} assets for ${images} delivered images`)
  if ((job.status === "completed") !== images > 0) says("outcome", `its job is ${job.status} with ${images} images`)
  const [first, second] = made.replays.map((answers) => answers.find((answer) => answer.key === told.key))
  if (dataOf(first) !== dataOf(second)) says("answer", `replays differ: ${dataOf(first)} and ${dataOf(second)}`)
  const isUnknown = images === 0 && attempts.some((attempt) => attempt.phase === "unknown")
  const code = first?.envelope.error?.code ?? null
  if (
    images > 0 ? first?.exit !== 0 : isUnknown ? code !== "PROVIDER_OUTCOME_UNKNOWN" : code !== "PROVIDER_UNAVAILABLE"
  ) {
    says("answer", `its replay says ${first?.exit} ${code}`)
  }
  return [...broken, ...attempts.flatMap((attempt) => ofAttempt(made, told, attempt))]
}

const ledgerOf = ({ entries }: Evidence): ReadonlyArray<LedgerTransaction> =>
  entries
    .filter((entry, index) => entries.findIndex((other) => other.id === entry.id) === index)
    .map(({ id, kind, reference }) => ({ id, kind, reference, entries: entries.filter((entry) => entry.id === id) }))

/** What is wrong with the data directory as a whole, after everything was resumed and closed. */
const ofHouse = (made: Case): ReadonlyArray<Violation> => {
  const { evidence } = made
  const broken: Array<Violation> = []
  const says = (law: Violation["law"], text: string) => broken.push({ law, key: null, text })
  for (const issue of auditIssues(ledgerOf(evidence), evidence.balances)) says("money", issue)
  const payer = OrganizationId.make(organization)
  const settled = evidence.attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0)
  const held = evidence.balances.get(accounts.held(payer)) ?? 0
  const free = evidence.balances.get(accounts.free(payer))
  if (held !== 0) says("money", `${held} credits are still held`)
  if (free !== startCredits - settled) says("money", `the balance is ${free}; ${startCredits} - ${settled} were due`)
  const known = new Set(evidence.attempts.map((attempt) => attempt.id))
  for (const [id] of made.seen) if (!known.has(id)) says("lost", `the upstream knows ${id}, and no row does`)
  for (const id of evidence.spooled) says("residue", `the reply of ${id} is still on the spool`)
  const owned = new Set([
    ...evidence.assets.map((asset) => asset.id),
    ...evidence.attempts.filter((attempt) => attempt.phase === "unknown").flatMap((attempt) => attempt.asset_ids)
  ])
  for (const [id] of evidence.blobs) if (!owned.has(id)) says("residue", `the blob ${id} belongs to no asset`)
  for (const asset of evidence.assets) {
    if (evidence.blobs.get(asset.id) !== asset.sha256) says("lost", `the bytes of ${asset.id} are gone or changed`)
  }
  for (const file of made.leaks) says("prompt", `a prompt of an ended job is in ${file}`)
  return broken
}

/** Every promise that the crashes broke. */
export const violationsOf = (made: Case): ReadonlyArray<Violation> => [
  ...made.told.flatMap((told) => ofRequest(made, told)),
  ...ofHouse(made)
]
