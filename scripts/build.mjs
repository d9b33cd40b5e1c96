// `npm run build`: compile every package, then bundle the CLI from its sources into packages/cli/dist.
import { rmSync } from "node:fs"
import { run } from "./run.mjs"

await run("tsc", ["-b"])
// Chunks are named by their content: without this the old ones would stay, and be packed.
rmSync("packages/cli/dist", { recursive: true, force: true })
await run("rolldown", ["-c", "packages/cli/rolldown.config.mjs", "--log-level", "warn"])
