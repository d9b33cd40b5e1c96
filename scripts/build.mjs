// `npm run build`: compile every package, then bundle the CLI over its own compiled files.
// The CLI's build info is dropped so that a later bare `tsc -b` writes the whole package again: half a package, half a
// bundle would not start.
import { existsSync, rmSync } from "node:fs"
import { run } from "./run.mjs"

const bundled = existsSync("packages/cli/src/bin.ts")

await run("tsc", ["-b"])
if (bundled) {
  rmSync("packages/cli/dist", { recursive: true, force: true })
  rmSync("packages/cli/tsconfig.tsbuildinfo", { force: true })
  await run("rolldown", ["-c", "packages/cli/rolldown.config.mjs", "--log-level", "warn"])
}
