// Files that are made from the sources: docs/errors.md, the model tables, OpenAPI and the like.
// Each scripts/generate/*.mjs exports `generate`: () => a record from path to content, made from the built packages.
// `npm run generate` writes them; with --check nothing is written and a file that differs is an error.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"

const folder = new URL("./generate/", import.meta.url)
const isCheck = process.argv.includes("--check")

/** @type {Array<string>} */
const stale = []
let count = 0
for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
  if (!name.endsWith(".mjs")) continue
  /** @type {{ generate: () => Promise<Record<string, string>> | Record<string, string> }} */
  const generator = await import(new URL(name, folder).href)
  if (typeof generator.generate !== "function") throw new Error(`scripts/generate/${name} exports no generate()`)
  for (const [path, content] of Object.entries(await generator.generate())) {
    count += 1
    if (existsSync(path) && readFileSync(path, "utf8") === content) continue
    stale.push(path)
    if (isCheck) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}
for (const path of stale) console.log(isCheck ? `${path} is out of step: npm run generate` : `wrote ${path}`)
console.log(`${count} generated files, ${stale.length} ${isCheck ? "stale" : "changed"}`)
process.exit(isCheck && stale.length > 0 ? 1 : 0)
