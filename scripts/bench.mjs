// `npm run bench`: every bench/*.mjs one after the other, alone on the machine; `npm run bench -- motifs` runs one.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync } from "node:fs"

const names = (existsSync("bench") ? readdirSync("bench") : [])
  .filter((name) => name.endsWith(".mjs") && name.includes(process.argv[2] ?? ""))
  .sort()
let ok = names.length > 0
for (const name of names) {
  console.log(`\n== bench/${name}`)
  ok = spawnSync(process.execPath, [`bench/${name}`], { stdio: "inherit" }).status === 0 && ok
}
if (names.length === 0) console.error("no benchmark of that name")
process.exit(ok ? 0 : 1)
