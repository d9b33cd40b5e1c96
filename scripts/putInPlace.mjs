import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"

/**
 * Moves a bundle's files into the folder that is run, one rename each and the entry last, so that at every moment there
 * is a whole bundle behind the entry: chunks are named by their content. What only the old bundle had goes at the end.
 *
 * @param {string} from
 * @param {string} to
 * @param {string} entry
 * @param {number} [graceMillis] A command that began with the old entry has loaded its chunks by then.
 */
export const putInPlace = async (from, to, entry, graceMillis = 1_000) => {
  mkdirSync(to, { recursive: true })
  const names = readdirSync(from)
  const stale = readdirSync(to).filter((name) => !names.includes(name))
  for (const name of names.filter((one) => one !== entry)) renameSync(join(from, name), join(to, name))
  renameSync(join(from, entry), join(to, entry))
  rmSync(from, { recursive: true, force: true })
  if (stale.length > 0) await setTimeout(graceMillis)
  for (const name of stale) rmSync(join(to, name), { recursive: true, force: true })
}
