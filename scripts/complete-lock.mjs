// npm writes no lock entry for an optional binary of another platform when the registry in use does not carry it, and
// `npm ci` then refuses the lock on every machine. This adds those entries: `npm run lock` installs, then runs this.
// An entry without `integrity` is what npm itself writes for packages it has not fetched.
import { readFileSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const systems = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "sunos", "win32"]
const processors = ["arm", "arm64", "ia32", "loong64", "ppc64", "riscv64", "s390x", "wasm32", "x64"]

/**
 * What npm needs to know to leave a binary alone elsewhere, read from the name: `@oxlint/binding-linux-x64-musl`.
 *
 * @param {string} name
 */
export const platformOf = (name) => {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-")
  const os = systems.filter((system) => words.includes(system))
  const cpu = processors.filter((processor) => words.includes(processor))
  const musl = words.some((word) => word.startsWith("musl"))
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(os.length > 0 ? { os } : {}),
    ...(musl ? { libc: ["musl"] } : {})
  }
}

/**
 * Optional dependencies that the lock names and does not hold. `at` is where npm would put one: beside its parent, which
 * also is right for a second copy of the parent deeper in the tree (vite has a rolldown of its own).
 *
 * @param {Record<string, { version?: string, optionalDependencies?: Record<string, string>, dev?: boolean }>} packages
 */
export const missingFrom = (packages) =>
  Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, version]) => {
      const exact = /^\d+\.\d+\.\d+/.test(version)
      const beside = `${parent.slice(0, parent.lastIndexOf("node_modules/"))}node_modules/${name}`
      const held = [beside, `${parent}/node_modules/${name}`, `node_modules/${name}`].some((at) => {
        const found = packages[at]
        return found !== undefined && (!exact || found.version === version)
      })
      return held ? [] : [{ name, version, exact, at: beside, dev: entry.dev === true }]
    })
  )

/** @param {string} path */
const complete = (path) => {
  const lock = JSON.parse(readFileSync(path, "utf8"))
  const missing = missingFrom(lock.packages)
  const ranges = missing.filter(({ exact }) => !exact)
  if (ranges.length > 0) throw new Error(`not an exact version: ${ranges.map((each) => each.name).join(", ")}`)
  for (const { at, name, version, dev } of missing) {
    lock.packages[at] = {
      version,
      ...platformOf(name),
      ...(dev ? { dev: true } : {}),
      optional: true
    }
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([left], [right]) => left.localeCompare(right, "en"))
  )
  if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`package-lock.json: ${missing.length} entries added for other platforms`)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  complete("package-lock.json")
}
