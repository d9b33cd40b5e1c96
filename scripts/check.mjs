// `npm run check`: everything that must hold before a change lands, two steps at a time, one line each.
// `npm run check -- types lint` runs only the steps named (and what they need).
import { availableParallelism } from "node:os"
import { performance } from "node:perf_hooks"
import { capture } from "./run.mjs"

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} command
 * @property {ReadonlyArray<string>} args
 * @property {Record<string, string>} [env]
 * @property {boolean} [needsBuild] reads dist, so it waits for the build
 */

/** Slow ones first: the tests then share the machine with the short steps. @type {ReadonlyArray<Step>} */
const steps = [
  { name: "tests", command: "vitest", args: ["run"], env: { IMAGE_SKILL_TESTS: "all" }, needsBuild: true },
  { name: "types", command: "tsc", args: ["-p", "tsconfig.check.json"] },
  { name: "script types", command: "tsc", args: ["-p", "scripts/tsconfig.json"] },
  { name: "lint and circular imports", command: "oxlint", args: ["--type-aware", "--deny-warnings"] },
  { name: "floating Effects", command: "node", args: ["scripts/effects.mjs"] },
  { name: "format", command: "biome", args: ["ci", "--log-level=warn", "--colors=off"] },
  { name: "unused code", command: "knip", args: ["--no-progress"] },
  { name: "doc fences", command: "node", args: ["scripts/fences.mjs"] },
  { name: "examples", command: "node", args: ["scripts/examples.mjs"], needsBuild: true },
  { name: "generated files", command: "node", args: ["scripts/generate.mjs", "--check"], needsBuild: true },
  { name: "packages", command: "node", args: ["scripts/pack.mjs"], needsBuild: true }
]

const build = { name: "build", command: "node", args: ["scripts/build.mjs"] }

/** @param {Step} step */
const perform = async (step) => {
  const start = performance.now()
  const { code, output } = await capture(step.command, step.args, {
    env: { NO_COLOR: "1", FORCE_COLOR: undefined, ...step.env }
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6)
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${seconds} s  ${step.name}`)
  const summary = step.name === "tests" ? output.match(/^ *(Test Files|Tests) .*$/gm) : null
  const shown = code === 0 ? (summary ?? []).map((line) => line.trim()).join("\n") : output.trimEnd()
  if (shown !== "") console.log(shown.replace(/^/gm, "       "))
  return code === 0
}

/** @param {ReadonlyArray<string>} words the parts of step names that were asked for; none means all */
const choose = (words) => {
  const all = [build, ...steps]
  const unknown = words.filter((word) => !all.some((step) => step.name.includes(word)))
  if (unknown.length > 0) {
    console.error(`no such step: ${unknown.join(", ")}\nsteps: ${all.map((step) => step.name).join(", ")}`)
    process.exit(2)
  }
  const isWanted = (/** @type {Step} */ step) => words.length === 0 || words.some((word) => step.name.includes(word))
  const waiting = steps.filter(isWanted)
  return { waiting, needsBuild: isWanted(build) || waiting.some((step) => step.needsBuild === true) }
}

const start = performance.now()
const { waiting, needsBuild } = choose(process.argv.slice(2))
/** @type {Array<string>} */
const failed = []
const built = needsBuild ? perform(build) : Promise.resolve(true)

/** One core's work: what needs no build first, the rest once it is there. */
const lane = async () => {
  for (let step = take(); step !== undefined; step = take()) {
    const ready = step.needsBuild !== true || (await built)
    if (!ready) console.log(`skip           ${step.name}: no build`)
    else if (!(await perform(step))) failed.push(step.name)
  }
}

const take = () => {
  const free = isBuilding ? waiting.findIndex((step) => step.needsBuild !== true) : 0
  return waiting.splice(Math.max(0, free), 1)[0]
}

let isBuilding = needsBuild
const building = built.then((ok) => {
  isBuilding = false
  if (!ok) failed.push(build.name)
})
// The build takes the first lane; on a single core everything follows it.
await Promise.all([building.then(lane), availableParallelism() > 1 ? lane() : undefined])

const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(
  failed.length === 0 ? `check: all good in ${seconds} s` : `check: ${failed.join(", ")} failed, ${seconds} s`
)
process.exit(failed.length === 0 ? 0 : 1)
