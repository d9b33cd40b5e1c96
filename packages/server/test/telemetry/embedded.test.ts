import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

const importsOf = (file: URL): ReadonlyArray<URL> =>
  [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => new URL(path ?? "", file))

/** Every file of this package that is loaded with one. */
const loadedWith = (file: URL, seen: Set<string> = new Set()): ReadonlySet<string> => {
  if (seen.has(file.pathname)) return seen
  seen.add(file.pathname)
  for (const next of importsOf(file)) loadedWith(next, seen)
  return seen
}

describe("embedded mode and the library", () => {
  it.each(["Embedded.ts", "Library.ts"])("%s loads nothing of telemetry", (name) => {
    const loaded = [...loadedWith(new URL(`../../src/${name}`, import.meta.url))]
    assert.isAbove(loaded.length, 20)
    assert.deepStrictEqual(
      loaded.filter((file) => file.includes("/telemetry/")),
      []
    )
  })
})
