// Every `ts` fence of the docs is a module that must compile, against our sources, exactly as a reader would paste it.
// `node scripts/fences.mjs docs/guide.md` checks one page.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { fencesOf, pages } from "./markdown.mjs"
import { capture } from "./run.mjs"

// One folder a process, inside the repository so that imports resolve as they do for the sources.
const folder = `node_modules/.cache/fences-${process.pid}`

/**
 * Type-checks the `ts` fences of some pages. A complaint names the page and the line in it, not our copy.
 *
 * @param {ReadonlyArray<{ path: string, text: string }>} documents
 * @returns {Promise<{ checked: number, complaints: ReadonlyArray<string> }>}
 */
export const checkFences = async (documents) => {
  mkdirSync(folder, { recursive: true })
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  /** @type {Map<string, { path: string, line: number }>} */
  const origins = new Map()
  for (const { path, text } of documents) {
    for (const { language, code, line } of fencesOf(text)) {
      if (language !== "ts" && language !== "typescript") continue
      const name = `${path.replace(/\W+/g, "-")}-${line}.ts`
      origins.set(name, { path, line })
      // A fence without imports is a module all the same: its names must not meet those of the next one.
      writeFileSync(`${folder}/${name}`, `${code}\nexport {}\n`)
    }
  }
  if (origins.size === 0) return { checked: 0, complaints: [] }
  const compilerOptions = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    incremental: false,
    tsBuildInfoFile: null
  }
  const project = { extends: "../../../tsconfig.check.json", compilerOptions, include: ["*.ts"], exclude: [] }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(project))
  const { code, output } = await capture("tsc", ["-p", `${folder}/tsconfig.json`, "--pretty", "false"])
  const complaints = output
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line.replace(/^.*?([\w-]+\.ts)\((\d+),(\d+)\)/, (whole, name, row, column) => {
        const origin = origins.get(name)
        return origin === undefined ? whole : `${origin.path}:${origin.line + Number(row) - 1}:${column}`
      })
    )
  return { checked: origins.size, complaints: code === 0 ? [] : complaints }
}

if (process.argv[1]?.endsWith("fences.mjs")) {
  const [only] = process.argv.slice(2)
  const documents = only === undefined ? pages() : [{ path: only, text: readFileSync(only, "utf8") }]
  const { checked, complaints } = await checkFences(documents)
  for (const complaint of complaints) console.log(complaint)
  console.log(`${checked} fences checked`)
  process.exit(complaints.length === 0 ? 0 : 1)
}
