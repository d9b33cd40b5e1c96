// The long form, started by scripts/crash.mjs: every point of every shape, then kills anywhere, until their number is reached. Prints a table.
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Kill, liveThrough, type Verdict } from "./history.ts"
import type { Violation } from "./laws.ts"
import { openUpstream } from "./processes.ts"
import { anyHistory, everyPoint, randomOf } from "./schedule.ts"
import { runServer } from "./servers.ts"
import { startTogether } from "./together.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    rounds: { type: "string", default: "30" },
    workers: { type: "string", default: "2" },
    /** Kills the real server, which is asked over HTTP. */
    server: { type: "boolean", default: false },
    /** The folder with the compiled victim and upstream. */
    programs: { type: "string", default: "." }
  }
})
const wanted = Number(values.kills)
const random = randomOf(Number(values.seed))

interface Row {
  kills: number
  completed: number
  unknown: number
  refused: number
  lost: number
  doubled: number
}
const table = new Map<string, Row>()
const broken: Array<{ readonly kills: ReadonlyArray<Kill>; readonly violation: Violation }> = []

const rowOf = (name: string): Row => {
  const row = table.get(name) ?? { kills: 0, completed: 0, unknown: 0, refused: 0, lost: 0, doubled: 0 }
  table.set(name, row)
  return row
}

const note = (kills: ReadonlyArray<Kill>, { fates, violations }: Verdict) => {
  for (const fate of fates) {
    const row = rowOf(fate.died ?? "(lived)")
    const mine = violations.filter((violation) => violation.key === fate.key)
    row.kills += fate.died === null ? 0 : 1
    if (fate.phases.includes("unknown")) row.unknown += 1
    else if (fate.phases.includes("refused")) row.refused += 1
    else if (fate.phases.length > 0) row.completed += 1
    if (fate.phases.length === 0 || mine.some(({ law }) => law === "lost" || law === "open")) row.lost += 1
    if (mine.some(({ law }) => law === "doubled")) row.doubled += 1
  }
  for (const violation of violations) {
    broken.push({ kills, violation })
    console.log(`BROKEN ${violation.law} ${violation.key ?? ""}: ${violation.text}`)
  }
}

const killed = () => [...table.values()].reduce((sum, row) => sum + row.kills, 0)
// A server takes up by itself what the dead left: only one that died alone is known to have died at its point.
const queue = values.server ? everyPoint.flat().map((kill) => [kill]) : [...everyPoint]
const next = () => (values.server ? anyHistory(random).map((kill) => ({ ...kill, resumes: true })) : anyHistory(random))
const since = Date.now()
const programs = { of: (name: string) => join(values.programs, `${name}.mjs`) }
const upstream = await openUpstream(programs.of("upstream"))
try {
  const work = async (): Promise<void> => {
    const kills = queue.shift() ?? (killed() < wanted ? next() : undefined)
    if (kills === undefined) return
    note(
      kills,
      await (values.server ? liveThrough(programs, upstream, kills, runServer) : liveThrough(programs, upstream, kills))
    )
    return work()
  }
  await Promise.all(Array.from({ length: Number(values.workers) }, work))
  console.log(`seed ${values.seed}, ${killed()} kills, ${Math.round((Date.now() - since) / 1000)} s`)
  console.table(Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1))))
  let failures = 0
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const problems = await startTogether(programs, 8)
    if (problems.length > 0) failures += 1
    for (const problem of problems) console.log(`BROKEN together ${round}: ${problem}`)
  }
  console.log(`8 processes at once on an empty folder: ${values.rounds} rounds, ${failures} failed`)
  process.exitCode = broken.length + failures > 0 ? 1 : 0
} finally {
  await upstream.close()
}
