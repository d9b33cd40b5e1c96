// How long the CLI takes: to start, as ratios to `node -e 0`; to create a picture, as a ratio to its drawing alone.
// Run: npm run build && node bench/startup.mjs [rounds, default 15] [another image-skill.js]
// Rounds are interleaved, so that a busy machine slows all cases alike; medians count. The least of all rounds, in the
// last column, tells the machine's quiet moments. Exits with 1 when a goal is missed.
import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { fileURLToPath } from "node:url"

const binary = process.argv[3] ?? fileURLToPath(new URL("../packages/cli/bin/image-skill.js", import.meta.url))
const home = mkdtempSync(join(tmpdir(), "image-skill-bench-"))

// NODE_EXTRA_CA_CERTS costs 30 ms of every start; options of the caller's node are none of ours.
const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...inherited } = process.env
const env = { ...inherited, HOME: home, XDG_DATA_HOME: "", XDG_CONFIG_HOME: "", XDG_CACHE_HOME: "" }

/** @param {ReadonlyArray<string>} args */
const run = (args) => spawnSync(process.execPath, args, { env, cwd: home, encoding: "utf8", stdio: "pipe" })

/** Answers the catalogue from memory: what is measured is the client. */
const serve = () =>
  new Promise((resolve) => {
    const catalogue = join(home, "models.json")
    writeFileSync(catalogue, run([binary, "models", "list", "--json"]).stdout)
    const script = `
      const body = require("node:fs").readFileSync(${JSON.stringify(catalogue)})
      require("node:http").createServer((_, reply) => {
        reply.writeHead(200, { "content-type": "application/json", "x-image-skill-exit-code": "0" }).end(body)
      }).listen(0, "127.0.0.1", function () { console.log(this.address().port) })`
    const server = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"], env })
    server.stdout.once("data", (port) => resolve({ server, origin: `http://127.0.0.1:${Number(String(port))}` }))
  })

const side = 1024
const seed = 1
/** The same picture in a process of its own, timed from within: nothing but drawing and encoding. */
const drawing = join(home, "drawing.mjs")
const local = new URL("../packages/providers/dist/local/", import.meta.url).href
writeFileSync(
  drawing,
  `import { draw } from "${local}draw/Draw.js"
  import { encode } from "${local}encode.js"
  const start = performance.now()
  const picture = await draw({ prompt: "x", seed: ${seed}, width: ${side}, height: ${side} })
  await encode(picture, { format: "png", description: "x" })
  console.log(performance.now() - start)`
)

/** @param {number} length */
const picture = (length) => [
  ...[binary, "create", "--prompt", "x", "--json", "--model", "local.procedural"],
  ...["--model-parameters-json", JSON.stringify({ width: length, height: length, seed })]
]

const { server, origin } = await serve()
const cases = [
  { name: "node -e 0", args: ["-e", "0"], over: "node -e 0", goal: null },
  { name: "version", args: [binary, "version"], over: "node -e 0", goal: 1.8 },
  { name: "help create", args: [binary, "help", "create"], over: "node -e 0", goal: 1.8 },
  { name: "refused flag", args: [binary, "create", "--promt", "x"], over: "node -e 0", goal: 1.8 },
  {
    name: "models list, remote",
    args: [binary, "models", "list", "--api-base-url", origin],
    over: "node -e 0",
    goal: 3
  },
  { name: "models list", args: [binary, "models", "list"], over: "node -e 0", goal: null },
  { name: "create --dry-run", args: [binary, "create", "--prompt", "x", "--dry-run"], over: "node -e 0", goal: 8 },
  { name: "create 64x64", args: picture(64), over: "node -e 0", goal: null },
  { name: `drawing ${side}`, args: [drawing], over: "node -e 0", goal: null },
  { name: `create ${side}`, args: picture(side), over: `drawing ${side}`, goal: 1.5 }
]

/** @param {ReadonlyArray<string>} args */
const time = (args) => {
  const start = performance.now()
  const { status, stdout, stderr } = run(args)
  const millis = performance.now() - start
  if (status !== 0 && status !== 2) throw new Error(`${args.join(" ")} exited with ${status}: ${stdout}${stderr}`)
  return args[0] === drawing ? Number(stdout) : millis
}

const rounds = Number(process.argv[2] ?? 15)
/** @type {Map<string, Array<number>>} */
const times = new Map(cases.map(({ name }) => [name, []]))
try {
  // The first round fills the disk cache, and the code cache where there is one.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, args } of cases) {
      const millis = time(args)
      if (round > 0) times.get(name)?.push(millis)
    }
  }
} finally {
  server.kill()
  rmSync(home, { recursive: true, force: true })
}

/** @param {string} name */
const sorted = (name) => [...(times.get(name) ?? [])].sort((a, b) => a - b)
/** @param {string} name */
const median = (name) => sorted(name)[Math.floor(rounds / 2)] ?? Number.NaN
/** @param {string} name */
const least = (name) => sorted(name)[0] ?? Number.NaN

console.log(`Node ${process.versions.node}, ${rounds} rounds: medians, and the least of all rounds`)
let isMissed = false
for (const { name, over, goal } of cases) {
  const ratio = median(name) / median(over)
  const verdict = goal === null ? "" : `  goal ${goal}x: ${ratio <= goal ? "met" : "MISSED"}`
  isMissed ||= goal !== null && ratio > goal
  const parts = [
    name.padEnd(20),
    `${median(name).toFixed(0).padStart(5)} ms`,
    `${ratio.toFixed(2).padStart(6)}x`,
    `${(least(name) / least(over)).toFixed(2).padStart(6)}x`,
    over === "node -e 0" ? "" : ` of ${over}`
  ]
  console.log(`${parts.join(" ")}${verdict}`)
}
process.exit(isMissed ? 1 : 0)
