// `npm run build`: compile every package, then bundle the CLI from its sources into packages/cli/dist.
import { rmSync } from "node:fs"
import { putInPlace } from "./putInPlace.mjs"
import { run } from "./run.mjs"

const aside = "packages/cli/build/bundle"

await run("tsc", ["-b"])
rmSync(aside, { recursive: true, force: true })
await run("rolldown", ["-c", "packages/cli/rolldown.config.mjs", "--log-level", "warn"])
// The entry last: until then a command that starts runs the old bundle, and finds all of it.
await putInPlace(aside, "packages/cli/dist", "bin.cjs")
