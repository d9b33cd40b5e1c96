import { Effect } from "effect"
import { simulate } from "/work/main/packages/core/src/testing/Simulator.ts"

const from = Number(process.argv[2] ?? 1),
  n = Number(process.argv[3] ?? 50),
  W = Number(process.argv[4] ?? 200),
  S = Number(process.argv[5] ?? 3)
const all = new Map<string, number>()
const counts = new Map<string, Array<string>>()
const t0 = Date.now()
let jobs = 0,
  images = 0,
  deaths = 0
for (let seed = from; seed < from + n; seed++) {
  const r = Effect.runSync(simulate(seed))
  jobs += r.jobs
  images += r.images
  deaths += r.deaths
  for (const t of r.transitions) all.set(t, (all.get(t) ?? 0) + 1)
  for (const b of r.broken) {
    const k = b.split(":")[0]!
    counts.set(k, [...(counts.get(k) ?? []), `${seed}: ${b.slice(k.length, k.length + W)}`])
  }
}
console.log(`${n} in ${Date.now() - t0} ms; jobs ${jobs} images ${images} deaths ${deaths}`)
console.log(
  [...all]
    .sort()
    .map(([k, v]) => `${k} ${v}`)
    .join("\n")
)
for (const [k, v] of counts) console.log(`### ${k}: ${v.length}\n  ${v.slice(0, S).join("\n  ")}`)
