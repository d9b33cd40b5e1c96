import { mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = fileURLToPath(new URL("../../../../", import.meta.url))

/** What finds files of its own on the disk stays where npm put it. */
const external = [/^node:/, /^sharp(\/|$)/, /^libsql(\/|$)/, /^opentype\.js(\/|$)/, /^@fontsource\//, /\.node$/]

/** Programs of this folder as files that plain Node runs: each is started dozens of times, and must start fast. */
export const bundle = async (names: ReadonlyArray<string>) => {
  // Inside the repository, so that the packages that stay outside are found.
  const cache = join(root, "node_modules", ".cache", "crash")
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, "programs-"))
  const made = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(here, `${name}.ts`)])),
    platform: "node",
    external,
    resolve: { conditionNames: ["source", "module", "node", "import", "default"] },
    logLevel: "silent"
  })
  await made.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" })
  await made.close()
  return {
    of: (name: string) => join(folder, `${name}.mjs`),
    remove: () => rm(folder, { recursive: true, force: true })
  }
}
/** Where the compiled programs are, by name. */
export interface Programs {
  readonly of: (name: string) => string
}
export type Bundle = Awaited<ReturnType<typeof bundle>>
