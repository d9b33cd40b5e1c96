// CPU and peak memory of taking the image out of an answer with 4 MB of it in base64, against the plain way:
// Buffer.from(JSON.parse(body).data[0].b64_json, "base64").
// Run: npx tsc -b packages/core packages/providers && node bench/base64.mjs [megabytes, default 4] [rounds, default 60]
// Each way runs in processes of its own: CPU is user and system time a round; peak is what one round adds to the resident
// set of a fresh process, the body already being there.
import { fork } from "node:child_process"
import { randomFillSync } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const megabytes = Number(process.argv[2] ?? 4)
const rounds = Number(process.argv[3] ?? 60)
const way = process.argv[4]

/** Written once and read from the disk: making it would leave a peak of its own in each process. */
const writeBody = (path) => {
  const image = randomFillSync(Buffer.alloc(megabytes * 1_000_000)).toString("base64")
  writeFileSync(path, `{"created":1,"data":[{"b64_json":"${image}"}],"usage":{"input_tokens":9,"output_tokens":4160}}`)
}

const ways = {
  plain: async () => (body) => Buffer.from(JSON.parse(body.toString()).data[0].b64_json, "base64"),
  sliced: async () => {
    const { readLargeJson } = await import("../packages/providers/dist/openai/largeJson.js")
    return (body) => {
      const json = readLargeJson(body)
      return json.bytesAt(JSON.parse(json.text).data[0].b64_json)
    }
  }
}

const measure = async (isPeak, path) => {
  const body = readFileSync(path)
  const take = await ways[way]()
  if (!isPeak) for (let round = 0; round < 5; round += 1) take(body)
  global.gc()
  const before = process.memoryUsage().rss
  const start = process.cpuUsage()
  let size = 0
  for (let round = 0; round < (isPeak ? 1 : rounds); round += 1) size = take(body).length
  const { system, user } = process.cpuUsage(start)
  if (size !== megabytes * 1_000_000) throw new Error(`${size} bytes came out`)
  const peak = process.resourceUsage().maxRSS * 1024 - before
  process.send(isPeak ? { peak: peak / 1e6 } : { cpu: (user + system) / 1000 / rounds })
}

const child = (name, kind, path) =>
  new Promise((resolve, reject) => {
    const one = fork(new URL(import.meta.url), [String(megabytes), String(rounds), name, kind, path], {
      execArgv: ["--expose-gc"]
    })
    one.on("message", resolve)
    one.on("error", reject)
    one.on("exit", (code) => code !== 0 && reject(new Error(`${name} ended with ${code}`)))
  })

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

if (way === undefined) {
  const folder = mkdtempSync(join(tmpdir(), "image-skill-bench-"))
  const path = join(folder, "body.json")
  writeBody(path)
  const results = { plain: { cpu: [], peak: [] }, sliced: { cpu: [], peak: [] } }
  for (let turn = 0; turn < 7; turn += 1) {
    for (const name of Object.keys(ways)) {
      results[name].cpu.push((await child(name, "cpu", path)).cpu)
      results[name].peak.push((await child(name, "peak", path)).peak)
    }
  }
  rmSync(folder, { recursive: true })
  const [plain, sliced] = [results.plain, results.sliced].map(({ cpu, peak }) => ({
    cpu: median(cpu),
    peak: median(peak)
  }))
  console.log(`${megabytes} MB of image, medians of 7 interleaved processes, Node ${process.version}`)
  for (const [name, { cpu, peak }] of Object.entries({ plain, sliced })) {
    console.log(
      `${name.padEnd(7)} ${cpu.toFixed(2).padStart(7)} ms CPU  ${peak.toFixed(1).padStart(6)} MB above the body`
    )
  }
  console.log(
    `sliced / plain: CPU ${(sliced.cpu / plain.cpu).toFixed(2)}, peak ${(sliced.peak / plain.peak).toFixed(2)}`
  )
} else {
  await measure(process.argv[5] === "peak", process.argv[6])
}
