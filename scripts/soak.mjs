// `node scripts/soak.mjs [--creates 10000] [--at-once 4] [--side 64]`: creates over HTTP on one server, with a provider that
// answers at once, and looks whether memory and latency stay flat: exit 1 when they grow. `npm run build` comes before that.
// Latency: the median of the last fifth against that of the second (the first warms up), at most 1.3 times. Memory: the
// median of the resident set over the same fifths, at most 1.2 times. A create slower than a request may be is a failure.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { create, openProvider, openServer, percentile, plainPng, replyWith } from "./served-house.mjs"

const { values } = parseArgs({
  options: {
    creates: { type: "string", default: "10000" },
    "at-once": { type: "string", default: "4" },
    /** Pixels a side. */
    side: { type: "string", default: "64" }
  }
})
const creates = Number(values.creates)
const latencyGrowthMax = 1.3
const memoryGrowthMax = 1.2

const folder = mkdtempSync(join(tmpdir(), "image-skill-soak-"))
const provider = await openProvider(replyWith(plainPng(Number(values.side))))
const server = await openServer(join(folder, "data"), { provider: provider.url })
try {
  await server.join()
  /** @type {Array<{ millis: number, megabytes: number }>} */
  const samples = []
  let next = 0
  let unlike = 0
  const worker = async () => {
    while (next < creates) {
      next += 1
      const { envelope, millis, status } = await server.ask("POST", "/v1/create", create)
      if (status !== 200) {
        unlike += 1
        if (unlike === 1) console.error(`a create was answered ${status}: ${JSON.stringify(envelope.error)}`)
      }
      samples.push({ millis, megabytes: server.residentMegabytes() })
    }
  }
  const [since, cpu] = [performance.now(), server.cpuMillis()]
  await Promise.all(Array.from({ length: Number(values["at-once"]) }, worker))
  const seconds = (performance.now() - since) / 1000
  const fifths = Array.from({ length: 5 }, (_, index) =>
    samples.slice(Math.floor((samples.length * index) / 5), Math.floor((samples.length * (index + 1)) / 5))
  ).map((part) => ({
    p50: percentile(
      part.map(({ millis }) => millis),
      0.5
    ),
    p99: percentile(
      part.map(({ millis }) => millis),
      0.99
    ),
    megabytes: percentile(
      part.map(({ megabytes }) => megabytes),
      0.5
    )
  }))
  console.log(
    `${creates} creates in ${seconds.toFixed(0)} s: ${(creates / seconds).toFixed(1)}/s, ${((server.cpuMillis() - cpu) / creates).toFixed(1)} ms CPU each`
  )
  for (const [index, { megabytes, p50, p99 }] of fifths.entries()) {
    console.log(
      `fifth ${index + 1}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${megabytes.toFixed(0)} MB resident`
    )
  }
  const { envelope } = await server.ask("GET", "/v1/quota")
  const { held } = envelope.data.credits
  const [latency, memory] = [
    (fifths[4]?.p50 ?? 0) / (fifths[1]?.p50 ?? 1),
    (fifths[4]?.megabytes ?? 0) / (fifths[1]?.megabytes ?? 1)
  ]
  const isFlat = latency <= latencyGrowthMax && memory <= memoryGrowthMax
  const isRight = unlike === 0 && held === 0 && provider.calls() === creates
  console.log(
    `latency grew ${latency.toFixed(2)} times, memory ${memory.toFixed(2)}; ${unlike} failed, ${held} credits held, ${provider.calls()} paid calls`
  )
  process.exitCode = isFlat && isRight ? 0 : 1
} finally {
  await server.close()
  provider.close()
  rmSync(folder, { recursive: true, force: true })
}
