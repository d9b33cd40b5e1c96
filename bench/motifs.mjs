// Time and peak memory of each motif of the embedded provider.
// Run: npx tsc -b packages/core packages/providers && node bench/motifs.mjs [side, default 1024] [runs, default 5]
// Each motif has a process of its own, or the peak of one would hide that of the next. The median of the runs counts;
// the first run of a process, which also compiles the code, is shown apart. On a busy machine read the processor time:
// it counts all threads, the compiler's among them.
import { fork } from "node:child_process"
import { draw } from "../packages/providers/dist/local/draw/Draw.js"
import { motifIds } from "../packages/providers/dist/local/draw/Lexicon.js"

const side = Number(process.argv[2] ?? 1024)
const runs = Number(process.argv[3] ?? 5)
const only = process.argv[4]

const measure = async (motif) => {
  const times = []
  const processor = []
  for (let seed = 1; seed <= runs; seed++) {
    const start = performance.now()
    const before = process.cpuUsage()
    await draw({ prompt: `${motif} at dusk`, seed, width: side, height: side, motif })
    times.push(performance.now() - start)
    const { user, system } = process.cpuUsage(before)
    processor.push((user + system) / 1000)
  }
  const [first] = times
  const middle = (values) => values.slice(1).sort((one, other) => one - other)[Math.floor((values.length - 1) / 2)]
  process.send?.({
    first,
    median: middle(times) ?? first,
    cpu: middle(processor) ?? first,
    peak: process.resourceUsage().maxRSS / 1024
  })
}

const report = (motif) =>
  new Promise((resolve, reject) => {
    const child = fork(new URL(import.meta.url), [String(side), String(runs), motif])
    child.on("message", resolve)
    child.on("error", reject)
  })

if (only === undefined) {
  console.log(`${side} x ${side}, ${runs} runs\nmotif       first ms  median ms   cpu ms  peak MB`)
  for (const motif of motifIds) {
    const { first, median, cpu, peak } = await report(motif)
    console.log(
      motif.padEnd(10),
      ...[first, median, cpu, peak].map((value) => Math.round(value).toString().padStart(9))
    )
  }
} else {
  await measure(only)
}
