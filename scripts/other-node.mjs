// `node scripts/other-node.mjs [24]`: the built program on another Node than this one. Its black-box tests, and the
// packed tarballs in an empty project. That Node comes through the npm registry, once, into a cache of the user.
import { mkdirSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { performance } from "node:perf_hooks"
import { capture } from "./run.mjs"

const wanted = process.argv[2] ?? "24"
const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache")
const folder = join(cache, "image-skill-nodes", wanted)
const binary = join(folder, "node_modules", "node", "bin", "node")

/** The tests that start the most of the program in the least of time; the rest is for IMAGE_SKILL_TEST_NODE by hand. */
const tests = ["firstLight.test", "recovery.test", "serve.test", "errorCodes.long"].map(
  (name) => `packages/cli/test/blackbox/${name}`
)

const versionOf = () =>
  capture(binary, ["-p", "process.versions.node"]).then(
    ({ code, stdout }) => (code === 0 ? stdout.trim() : ""),
    () => ""
  )

const installed = async () => {
  const known = await versionOf()
  if (known.startsWith(`${wanted}.`)) return known
  mkdirSync(folder, { recursive: true })
  const args = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", `node@${wanted}`]
  const { output } = await capture("npm", args, {
    env: { npm_config_workspaces: undefined, npm_config_workspace: undefined }
  })
  const version = await versionOf()
  if (!version.startsWith(`${wanted}.`)) console.log(output.slice(-2000))
  return version
}

/**
 * @param {string} name
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {Record<string, string>} env
 */
const step = async (name, command, args, env) => {
  const since = performance.now()
  const { code, output } = await capture(command, args, { env: { NO_COLOR: "1", FORCE_COLOR: undefined, ...env } })
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${((performance.now() - since) / 1000).toFixed(1)} s)`)
  if (code !== 0) console.log(output)
  return code === 0
}

const version = await installed()
if (version === "") {
  console.log(`SKIPPED: Node ${wanted} cannot be had here, so nothing is known of the program on it`)
  process.exit(0)
}
console.log(`Node ${version} (${binary})`)
// Without the JSON reporter: the report of the whole run is another's.
const vitest = ["run", "--reporter=default", ...tests]
const isGood = [
  await step("black-box tests", "vitest", vitest, { IMAGE_SKILL_TESTS: "all", IMAGE_SKILL_TEST_NODE: binary }),
  await step("packages", binary, ["scripts/pack.mjs"], {
    PATH: `${dirname(binary)}${delimiter}${process.env["PATH"] ?? ""}`
  })
]
process.exit(isGood.includes(false) ? 1 : 0)
