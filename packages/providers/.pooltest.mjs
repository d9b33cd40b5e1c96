import { Effect, Fiber } from "effect"
import { renderInWorker } from "/work/main/packages/providers/dist/local/pool.js"
import { writeFileSync } from "node:fs"
const req = (o={}) => ({ prompt: "misty mountains at sunset", seed: 7, width: 1024, height: 1024, format: "png", ...o })
let max = 0, last = performance.now(); const t = setInterval(() => { const n = performance.now(); max = Math.max(max, n - last); last = n }, 5); t.unref()
let s = performance.now()
for (let i = 0; i < 3; i++) { const r = await Effect.runPromise(renderInWorker(req({ seed: i }))); console.log("one", Math.round(performance.now() - s), r.bytes.length, r.motif); s = performance.now() }
console.log("main gap", max)
const fiber = Effect.runFork(renderInWorker(req({ width: 4096, height: 4096 })))
await new Promise(r => setTimeout(r, 700)); s = performance.now()
console.log(await Effect.runPromise(Fiber.interrupt(fiber).pipe(Effect.map(e => e._tag))), performance.now() - s)
const rs = await Effect.runPromise(Effect.all([1,2,3,4].map(seed => renderInWorker(req({ seed, format: ["png","jpeg","webp","png"][seed-1], caption: "hello" }))), { concurrency: "unbounded" }))
console.log(rs.map(r => [r.format, r.bytes.length]))
console.log(await Effect.runPromise(Effect.flip(renderInWorker(req({ width: 1e9 })))))
s = performance.now(); const big = await Effect.runPromise(renderInWorker(req({ width: 4096, height: 4096, prompt: "misty mountains at sunset, screen print" }))); console.log("4096²", Math.round(performance.now() - s), big.bytes.length, "maxRSS", process.resourceUsage().maxRSS / 1024)
// interrupt during encoding
for (const wait of [3000, 5000, 6500]) { const f = Effect.runFork(renderInWorker(req({ width: 4096, height: 4096 }))); await new Promise(r => setTimeout(r, wait)); console.log(wait, await Effect.runPromise(Fiber.interrupt(f).pipe(Effect.map(e => e._tag)))) }
const { default: sharp } = await import("/work/main/node_modules/sharp/dist/index.mjs").catch(() => import("sharp"))
const m = await sharp(Buffer.from(rs[0].bytes)).metadata(); console.log(m.xmpAsString?.slice(0, 700) ?? m.xmp?.toString())
console.log("end, should exit")
