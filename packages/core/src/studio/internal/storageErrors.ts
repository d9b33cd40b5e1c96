import type { JobError } from "../../jobs/Job.ts"
import { isoOf } from "../../kernel/Time.ts"

const code = "ARTIFACT_STORAGE_WRITE_FAILED"

/** Made and not stored. The answer promises no more than what is on the disk: a reply may be in memory only. */
export const unstored = (facts: {
  readonly repairUntil: number
  readonly isRepeatable: boolean
  readonly isSpooled: boolean
}): JobError => ({
  code,
  message: facts.isSpooled
    ? "the image was made and could not be stored; it is kept and stored as soon as that works"
    : facts.isRepeatable
      ? "the image was made and could not be stored; it costs nothing, and is made again as soon as it can be stored"
      : "the image was made and could not be stored; only the process that made it has it, and stores it if that works before it ends",
  details: { repair_until: isoOf(facts.repairUntil), reply_spooled: facts.isSpooled }
})

/** Not stored in all its time. */
export const abandoned = (repairUntil: number): JobError => ({
  code,
  message: "the image was made and could not be stored in time; it is given up, and nothing is charged for it",
  details: { repair_until: isoOf(repairUntil), reply_spooled: false }
})
