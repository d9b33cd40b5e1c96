// How long the CLI takes to start, as ratios to `node -e 0` on the same machine in the same minute.
// Run: npm run build && node bench/startup.mjs [rounds, default 15] [another image-skill.js]
// Rounds are interleaved, so that a busy machine slows all cases alike. Goals: trivial 2.5x, dry run 8x.
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { fileURLToPath } from "node:url"

const binary = process.argv[3] ?? fileURLToPath(new URL("../packages/cli/bin/image-skill.js", import.meta.url))
const home = mkdtempSync(join(tmpdir(), "image-skill-bench-"))

// NODE_EXTRA_CA_CERTS costs 30 ms of every start; options of the caller's node are none of ours.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...inherited } = process.env
const env = { ...inherited, HOME: home, XDG_DATA_HOME: "", XDG_CONFIG_HOME: "" }

const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":64,"height":64}']
const cases = [
  { name: "node -e 0", args: ["-e", "0"], goal: null },
  { name: "version", args: [binary, "version"], goal: 2.5 },
  { name: "help create", args: [binary, "help", "create"], goal: 2.5 },
  { name: "refused flag", args: [binary, "create", "--promt", "x"], goal: 2.5 },
  { name: "models list", args: [binary, "models", "list"], goal: null },
  { name: "create --dry-run", args: [binary, "create", "--prompt", "x", "--dry-run"], goal: 8 },
  { name: "create 64x64", args: [binary, "create", "--prompt", "x", ...small], goal: null }
]

/** @param {ReadonlyArray<string>} args */
const time = (args) => {
  const start = performance.now()
  const { status } = spawnSync(process.execPath, args, { env, cwd: home, stdio: "ignore" })
  const millis = performance.now() - start
  if (status !== 0 && status !== 2) throw new Error(`${args.join(" ")} exited with ${status}`)
  return millis
}

/** @param {ReadonlyArray<number>} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const rounds = Number(process.argv[2] ?? 15)
/** @type {Map<string, Array<number>>} */
const times = new Map(cases.map(({ name }) => [name, []]))
// The first round fills the disk cache, and the code cache where there is one.
for (let round = 0; round <= rounds; round += 1) {
  for (const { name, args } of cases) {
    const millis = time(args)
    if (round > 0) times.get(name)?.push(millis)
  }
}
rmSync(home, { recursive: true, force: true })

const base = median(times.get("node -e 0") ?? [])
console.log(`Node ${process.versions.node}, ${rounds} rounds, medians`)
for (const { name, goal } of cases) {
  const millis = median(times.get(name) ?? [])
  const ratio = millis / base
  const verdict = goal === null ? "" : `  goal ${goal}x: ${ratio <= goal ? "met" : "MISSED"}`
  console.log(`${name.padEnd(18)} ${millis.toFixed(0).padStart(5)} ms  ${ratio.toFixed(2).padStart(6)}x${verdict}`)
}
