import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const source = fileURLToPath(new URL("../src/", import.meta.url))
const packages = fileURLToPath(new URL("../../", import.meta.url))

/** Imports of values that are loaded with the file; `import()` and types are not. */
const loadedBy = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type\b)([^"]*?)from "([^"]+)"/gms)].map(
    ([, names = "", from = ""]) => ({ names: names.trim(), from })
  )

const fileOf = (from: string, by: string) => {
  const own = /^@image-skill\/(\w+)\/(.+)$/.exec(from)
  if (own !== null) return join(packages, own[1] ?? "", "src", `${own[2]}.ts`)
  return from.startsWith(".") ? join(dirname(by), from) : null
}

/** What of packages a file loads, itself and through its imports. */
const foreign = (file: string, seen = new Set<string>()): ReadonlyArray<string> => {
  if (seen.has(file)) return []
  seen.add(file)
  return loadedBy(file).flatMap(({ from, names }) => {
    const next = fileOf(from, file)
    if (next !== null) return foreign(next, seen)
    return from.startsWith("node:") ? [] : [`${from}: ${names}`]
  })
}

describe("a command that asks the server one question", () => {
  it("loads nothing of Effect but what keeps a secret", () => {
    const files = [
      "Perform",
      "internal/network",
      ...["reading", "credits", "feedback", "admin"].map((f) => `programs/${f}`)
    ]
    expect([...new Set(files.flatMap((file) => foreign(join(source, `${file}.ts`))))]).toEqual(["effect: { Redacted }"])
  })

  it("is told apart from what runs an Effect", () => {
    expect(foreign(join(source, "main.ts")).join()).toContain("Effect")
  })
})
