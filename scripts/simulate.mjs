// Long runs of the simulator, on the built packages: node scripts/simulate.mjs --histories 20000 --seed 1
// Prints histories a second, the steps that attempts took, and every seed that breaks a law. Exits 1 when one does.
import { parseArgs } from "node:util"
import { simulate } from "@image-skill/core/testing/Simulator"
import { Effect } from "effect"

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    /** Broken seeds after which the run stops. */
    stop: { type: "string", default: "5" }
  }
})
const first = Number(values.seed)
const histories = Number(values.histories)
const started = performance.now()
const cpu = process.cpuUsage()
const walked = new Map()
const total = { jobs: 0, calls: 0, images: 0, deaths: 0, broken: 0, done: 0 }

for (let seed = first; seed < first + histories && total.broken < Number(values.stop); seed += 1) {
  const report = Effect.runSync(simulate(seed))
  total.done += 1
  total.jobs += report.jobs
  total.calls += report.calls
  total.images += report.images
  total.deaths += report.deaths
  for (const step of report.transitions) walked.set(step, (walked.get(step) ?? 0) + 1)
  if (report.broken.length === 0) continue
  total.broken += 1
  console.log(`seed ${seed} breaks:\n  ${report.broken.join("\n  ")}`)
  console.log(`  again: node scripts/simulate.mjs --histories 1 --seed ${seed}`)
}

const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpu)
for (const [step, count] of [...walked].sort(([one], [other]) => one.localeCompare(other)))
  console.log(`${String(count).padStart(8)}  ${step}`)
console.log(
  `${total.done} histories in ${seconds.toFixed(1)} s, ${(total.done / seconds).toFixed(1)} a second ` +
    `(${((user + system) / 1000 / total.done || 0).toFixed(1)} ms of CPU each): ` +
    `${total.calls} calls, ${total.jobs} jobs, ${total.images} images, ${total.deaths} deaths, ${total.broken} broken`
)
process.exitCode = total.broken > 0 ? 1 : 0
