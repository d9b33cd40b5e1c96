// What a stranger gets: the four packages as npm would publish them, in an empty project far from this repository.
// publint reads each manifest; then the command draws, and every public module imports and type-checks.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { run } from "./run.mjs"

const folders = ["packages/core", "packages/providers", "packages/server", "packages/cli"]
const project = mkdtempSync(join(tmpdir(), "image-skill-pack-"))
process.on("exit", () => rmSync(project, { recursive: true, force: true }))

/** @param {string} message */
const refuse = (message) => {
  console.log(message)
  process.exit(1)
}

const pack = async () => {
  const destination = join(project, "tarballs")
  mkdirSync(destination)
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination]
  const { stdout } = await run("npm", [...args, ...folders.flatMap((folder) => ["-w", folder])])
  /** @type {ReadonlyArray<{ filename: string, files: ReadonlyArray<{ path: string }> }> | Record<string, { filename: string, files: ReadonlyArray<{ path: string }> }>} */
  const printed = JSON.parse(stdout)
  return Object.values(printed).map(({ filename, files }) => {
    const strays = files.filter(({ path }) => /(^|\/)(test|fixtures)\/|\.test\.|tsbuildinfo$/.test(path))
    if (strays.length > 0) refuse(`${filename} carries ${strays.map(({ path }) => path).join(", ")}`)
    return join(destination, filename)
  })
}

/** One public module of a package: the entry, and the first of its rooms, found through `exports` as users do. */
const modules = folders.slice(0, 3).map((folder) => {
  /** @type {{ name: string }} */
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const rooms = readdirSync(join(folder, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !["internal", "testing"].includes(entry.name))
    .flatMap((room) =>
      readdirSync(join(folder, "src", room.name))
        .filter((file) => /^[A-Z]\w*\.ts$/.test(file))
        .map((file) => `${manifest.name}/${room.name}/${file.replace(/\.ts$/, "")}`)
        .slice(0, 1)
    )
  return [manifest.name, ...rooms]
})

const tarballs = await pack()
for (const tarball of tarballs) await run("publint", ["--strict", tarball])
const manifest = { name: "stranger", private: true, type: "module" }
writeFileSync(join(project, "package.json"), JSON.stringify(manifest))
const npmEnvironment = { npm_config_workspaces: undefined, npm_config_workspace: undefined, INIT_CWD: undefined }
const at = { cwd: project, env: npmEnvironment }
await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...tarballs], at)

const home = join(project, "home")
mkdirSync(home)
const version = await run("npx", ["--no-install", "image-skill", "version"], { cwd: project, env: { HOME: home } })
/** @type {{ ok?: boolean }} */
const envelope = JSON.parse(version.stdout)
if (envelope.ok !== true) refuse(`image-skill version answered ${version.stdout}`)

const words = ["create", "--prompt", "a hill", "--model", "local.procedural", "--output", "hill.png"]
await run("npx", ["--no-install", "image-skill", ...words], { cwd: project, env: { HOME: home } })
const drawn = readFileSync(join(project, "hill.png"))
if (drawn.subarray(1, 4).toString() !== "PNG") refuse("image-skill create wrote no PNG")

const names = modules.flat()
const lines = names.map((name, index) => `import * as module${index} from ${JSON.stringify(name)}`)
const uses = names.map((_, index) => `module${index}`).join(", ")
writeFileSync(join(project, "use.mjs"), `${lines.join("\n")}\nif ([${uses}].includes(undefined)) process.exit(1)\n`)
await run("node", ["use.mjs"], at)

writeFileSync(join(project, "use.ts"), `${lines.join("\n")}\nexport const all = [${uses}]\n`)
const compilerOptions = {
  ...{ target: "ES2022", module: "NodeNext", strict: true, noEmit: true, skipLibCheck: true },
  ...{ exactOptionalPropertyTypes: true, lib: ["ES2023", "DOM", "DOM.Iterable"], types: [] }
}
writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }))
await run(resolve("node_modules/.bin/tsc"), ["-p", "."], at)
console.log(`${tarballs.length} tarballs installed; ${names.length} modules import and type-check`)
