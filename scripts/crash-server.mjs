// `node scripts/crash-server.mjs --kills 200 [--seed 7] [--workers 2]`: kills the real server, asked over HTTP, at every step of a
// job of every kind and at odd times. Prints what became of each, by step; exit 1 when anything was lost, doubled or broken.
// The harness is written in TypeScript beside its tests: it is bundled first. `npm run build` comes before that.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { rolldown } from "rolldown"

const source = "packages/server/test/crash"
// Inside the repository, so that the packages that stay outside of the bundle are found.
mkdirSync("node_modules/.cache/crash", { recursive: true })
const folder = mkdtempSync("node_modules/.cache/crash/long-")
try {
  const made = await rolldown({
    input: Object.fromEntries(
      ["long", "victim", "serverVictim", "upstream"].map((name) => [name, `${source}/${name}.ts`])
    ),
    platform: "node",
    external: [/^node:/, /^sharp(\/|$)/, /^libsql(\/|$)/, /^opentype\.js(\/|$)/, /^@fontsource\//, /\.node$/],
    resolve: { conditionNames: ["source", "module", "node", "import", "default"] },
    logLevel: "silent"
  })
  await made.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" })
  await made.close()
  const args = [`${folder}/long.mjs`, "--server", "--rounds", "0", ...process.argv.slice(2), "--programs", folder]
  process.exitCode = spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
