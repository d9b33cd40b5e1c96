// Runs each numbered program of examples/ as its reader would: compiled against the built packages, in an empty folder
// that is its home too. `npm run check -- examples`, or `node scripts/examples.mjs 02` for one.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { capture } from "./run.mjs"

// Inside the repository, so that imports resolve as they do for the sources beside it.
const out = resolve("node_modules/.cache/examples")

/** @returns {Promise<string>} the compiler's complaints, empty when there are none */
const compile = async () => {
  rmSync(out, { recursive: true, force: true })
  const project = resolve("node_modules/.cache/examples.tsconfig.json")
  const root = resolve("examples")
  const compilerOptions = {
    ...{ composite: false, declaration: false, declarationMap: false, sourceMap: false },
    ...{ rootDir: root, outDir: out, types: ["node"], typeRoots: [resolve("node_modules/@types")] },
    lib: ["ES2023", "DOM", "DOM.Iterable"]
  }
  const base = resolve("tsconfig.base.json")
  writeFileSync(project, JSON.stringify({ extends: base, compilerOptions, include: [`${root}/**/*.ts`] }))
  const { code, output } = await capture("tsc", ["-p", project, "--pretty", "false"])
  if (code === 0) writeFileSync(join(out, "package.json"), JSON.stringify({ type: "module" }))
  return code === 0 ? "" : output
}

/**
 * The lines under `// prints:` at the end of an example, `*` for anything: what it must have printed.
 *
 * @param {string} name
 */
const promised = (name) => {
  const [, printed] = readFileSync(join("examples", name), "utf8").split("\n// prints:\n")
  if (printed === undefined) throw new Error(`examples/${name} ends without "// prints:" and its lines`)
  const lines = printed
    .trim()
    .split("\n")
    .map((line) => line.replace(/^\/\/ /, ""))
  const escaped = lines.map((line) => line.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*"))
  return new RegExp(`^${escaped.join("\\n")}\\s*$`)
}

/** @param {string} name */
const runOne = async (name) => {
  const home = mkdtempSync(join(tmpdir(), "image-skill-example-"))
  try {
    const env = { HOME: home, XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined, IMAGE_SKILL_API_URL: undefined }
    const { code, output } = await capture("node", [join(out, name.replace(/\.ts$/, ".js"))], { cwd: home, env })
    const wanted = promised(name)
    const ok = code === 0 && wanted.test(output)
    console.log(`${ok ? "ok  " : "FAIL"} ${name}`)
    if (!ok) console.log(`${output}\nwanted: ${wanted.source}`)
    return ok
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const names = (existsSync("examples") ? readdirSync("examples") : [])
  .filter((name) => /^\d\d-.*\.ts$/.test(name) && name.startsWith(process.argv[2] ?? ""))
  .sort()
if (names.length === 0) {
  console.log("no example to run")
  process.exit(existsSync("examples") ? 1 : 0)
}
const complaints = await compile()
if (complaints !== "") {
  console.log(complaints)
  process.exit(1)
}
let ok = true
for (const name of names) ok = (await runOne(name)) && ok
process.exit(ok ? 0 : 1)
