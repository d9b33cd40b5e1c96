// How many histories of the simulator a second: crashes, retries, cancels and broken disks over the real services, with
// every law checked after each. Runs on the compiled packages, in one process, and prints one line.
// Run: npm run build && node bench/simulator.mjs [seconds, default 10] [first seed, default 1]
// `node scripts/simulate.mjs` is the long form, which searches for seeds that break a law.
import { performance } from "node:perf_hooks"
import { simulate } from "@image-skill/core/testing/Simulator"
import { Effect } from "effect"

const seconds = Number(process.argv[2] ?? 10)
const first = Number(process.argv[3] ?? 1)
const warmUp = 20
for (let seed = first; seed < first + warmUp; seed += 1) Effect.runSync(simulate(seed))

const started = performance.now()
const cpu = process.cpuUsage()
const total = { histories: 0, calls: 0, images: 0, deaths: 0, broken: 0 }
for (let seed = first + warmUp; performance.now() - started < seconds * 1000; seed += 1) {
  const report = Effect.runSync(simulate(seed))
  total.histories += 1
  total.calls += report.calls
  total.images += report.images
  total.deaths += report.deaths
  total.broken += report.broken.length === 0 ? 0 : 1
}
const took = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpu)
console.log(
  `${(total.histories / took).toFixed(1)} histories a second on one core ` +
    `(${((user + system) / 1000 / total.histories).toFixed(1)} ms of CPU each; ${total.histories} in ${took.toFixed(1)} s: ` +
    `${total.calls} calls, ${total.images} images, ${total.deaths} deaths, ${total.broken} broken)`
)
process.exitCode = total.broken > 0 ? 1 : 0
