import { existsSync, readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { complaintsAbout, fileRules, type Tree, treeRules } from "./tidy.ts"

const kernel = "packages/core/src/kernel/Planted.ts"
const server = "packages/server/src/ledger/Planted.ts"

/** A broken file, and the line that must be named. The rule is what it breaks. */
const planted: ReadonlyArray<{ rule: string; path: string; source: string; line: number }> = [
  { rule: "packageDirection", path: kernel, source: `import { a } from "@image-skill/providers/local/a"`, line: 1 },
  { rule: "packageDirection", path: kernel, source: `import { a } from "../../../server/src/Server.ts"`, line: 1 },
  {
    rule: "packageDirection",
    path: "packages/cli/src/Client.ts",
    source: `\nimport { serve } from "@image-skill/server/Server"\nexport const a = serve`,
    line: 2
  },
  { rule: "roomOrder", path: kernel, source: `import { a } from "../ledger/Ledger.ts"`, line: 1 },
  { rule: "roomOrder", path: kernel, source: `export * from "../testing/Fake.ts"`, line: 1 },
  { rule: "roomOrder", path: kernel, source: `\nexport const later = () => import("../jobs/Job.ts")`, line: 2 },
  { rule: "internalDoor", path: server, source: `import { a } from "../jobs/internal/rows.ts"`, line: 1 },
  { rule: "importPath", path: kernel, source: `import { a } from "./Money"`, line: 1 },
  { rule: "importPath", path: server, source: `import { a } from "@image-skill/core"`, line: 1 },
  { rule: "importPath", path: server, source: `import { a } from "@image-skill/server/Server"`, line: 1 },
  { rule: "hostFreeCore", path: kernel, source: `import { join } from "node:path"`, line: 1 },
  { rule: "hostFreeCore", path: kernel, source: `import { join } from "path"`, line: 1 },
  { rule: "hostFreeCore", path: kernel, source: `\nexport const wait = () => setTimeout(() => 1, 5)`, line: 2 },
  { rule: "hostFreeCore", path: kernel, source: `export const now = globalThis.performance.now()`, line: 1 },
  { rule: "hostFreeCore", path: kernel, source: `export const bytes: Buffer = read()`, line: 1 },
  { rule: "hostFreeCore", path: kernel, source: `const { platform } = process`, line: 1 },
  { rule: "noHostCalls", path: server, source: `const a = 1\nconsole.log(a)`, line: 2 },
  { rule: "noHostCalls", path: server, source: `export const home = process.env["HOME"]`, line: 1 },
  { rule: "noHostCalls", path: server, source: `export const value = JSON["parse"]("{}")`, line: 1 },
  { rule: "noHostCalls", path: server, source: `export const now = () => Date.now()`, line: 1 },
  { rule: "noHostCalls", path: server, source: `export const now = () => new Date()`, line: 1 },
  { rule: "noHostCalls", path: server, source: `export const dice = [1].map(Math.random)`, line: 1 },
  { rule: "runsAtTheEdge", path: server, source: `export const go = () => Effect.runPromise(program)`, line: 1 },
  { rule: "runsAtTheEdge", path: kernel, source: `program.pipe(Effect.runFork)`, line: 1 },
  { rule: "noAny", path: kernel, source: `export type A = Record<string, any>`, line: 1 },
  { rule: "noCasts", path: kernel, source: `export const a = b as string`, line: 1 },
  { rule: "noCasts", path: kernel, source: `export const a = b as unknown as string`, line: 1 },
  { rule: "noCasts", path: kernel, source: `export const a = <string>b`, line: 1 },
  { rule: "noNonNull", path: kernel, source: `export const a = list[0]!`, line: 1 },
  { rule: "noNonNull", path: kernel, source: `let later!: string`, line: 1 },
  { rule: "plainSyntax", path: kernel, source: `export enum Colour { red }`, line: 1 },
  { rule: "plainSyntax", path: kernel, source: `export namespace Money { export const a = 1 }`, line: 1 },
  { rule: "plainSyntax", path: kernel, source: `@sealed\nexport class A {}`, line: 1 },
  { rule: "plainSyntax", path: kernel, source: `export default 1`, line: 1 },
  { rule: "plainSyntax", path: kernel, source: `const a = 1\nexport { a as default }`, line: 2 },
  {
    rule: "noTryInGenerators",
    path: kernel,
    source: `export const a = Effect.gen(function* () {\n  try {\n    yield* b\n  } catch {}\n})`,
    line: 2
  },
  { rule: "noSilencedChecks", path: kernel, source: `// @ts-ignore\nexport const a = b`, line: 1 },
  { rule: "fileLength", path: kernel, source: "export const a = 1\n".repeat(401), line: 401 },
  { rule: "tellingNames", path: "packages/core/src/kernel/utils.ts", source: "export {}", line: 1 },
  { rule: "tellingNames", path: "packages/server/src/common/Rows.ts", source: "export {}", line: 1 },
  { rule: "knownRooms", path: "packages/core/src/extras/Thing.ts", source: "export {}", line: 1 },
  { rule: "knownPackages", path: "packages/web/src/Page.ts", source: "export {}", line: 1 },
  { rule: "indexReexports", path: "packages/core/src/index.ts", source: `export const version = "1"`, line: 1 },
  {
    rule: "completeProviders",
    path: "packages/providers/src/fal/index.ts",
    source: "export {}",
    line: 1
  }
]

/** What looks like a violation and is none. */
const innocent: Tree = [
  {
    path: "packages/core/src/ledger/Ledger.ts",
    source: [
      `import { Effect } from "effect"`,
      `import { row } from "./internal/rows.ts"`,
      `import { Money } from "../kernel/Money.ts"`,
      `// console.log(process.env.HOME) as any`,
      `const words = "JSON.parse(x) as any; Date.now()"`,
      `const modes = ["a"] as const`,
      `export const settle = (process: { readonly console: string }) => [process.console, words, modes, row, Money]`,
      `export const at = (millis: number) => new Date(millis)`,
      `export const named = { setTimeout: 1, Buffer: 2 }`,
      `export const odd = Effect.gen(function* () {`,
      `  const parse = () => { try { return 1 } catch { return 2 } }`,
      `  return yield* Effect.try(parse)`,
      `})`
    ].join("\n")
  },
  { path: "packages/core/src/testing/Simulator.ts", source: `import { Studio } from "../studio/Studio.ts"` },
  { path: "packages/cli/src/bin.ts", source: `const server = () => import("@image-skill/server/Server")` },
  { path: "packages/cli/src/Client.ts", source: `import type { Server } from "@image-skill/server/Server"` },
  { path: "packages/server/src/ServerConfig.ts", source: "export const home = process.env.HOME" },
  { path: "packages/server/src/main.ts", source: "Effect.runPromise(program)" },
  { path: "packages/core/src/index.ts", source: `export { a } from "./kernel/Money.ts"\nexport * from "./a.ts"` },
  { path: "packages/core/src/api/Models.generated.ts", source: "export const a = 1\n".repeat(900) }
]

const filesUnder = (folder: string): ReadonlyArray<string> =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [])
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll("\\", "/"))

const repository = (): Tree => {
  const folders = readdirSync("packages").flatMap((name) => [`packages/${name}/src`, `packages/${name}/test`])
  const paths = [...folders, "docs"].flatMap(filesUnder)
  const isText = (path: string) => /\.(ts|md)$/.test(path)
  return paths.map((path) => ({ path, source: isText(path) ? readFileSync(path, "utf8") : "" }))
}

describe("the repository", () => {
  it("follows its own rules", () => {
    assert.deepStrictEqual(complaintsAbout(repository()), [])
  })
})

describe("the rules", () => {
  it.each(planted)("$rule catches $source in $path", ({ rule, path, source, line }) => {
    const complaints = complaintsAbout([{ path, source }], [])
    const at = rule === "completeProviders" ? "packages/providers/src/fal:1" : `${path}:${line}`
    assert.include(complaints.join("\n"), `${at} ${rule}: `)
  })

  it("says nothing about look-alikes", () => {
    assert.deepStrictEqual(complaintsAbout(innocent, []), [])
  })

  it("holds a package to one way of importing a library", () => {
    const one = { path: kernel, source: `import { Effect } from "effect"` }
    const two = { path: "packages/core/src/kernel/Call.ts", source: `import { Effect } from "effect"` }
    const odd = { path: "packages/core/src/kernel/Odd.ts", source: `import * as Schema from "effect/Schema"` }
    const elsewhere = { path: "packages/cli/src/Cli.ts", source: `import * as Schema from "effect/Schema"` }
    assert.match(complaintsAbout([one, two, odd, elsewhere], []).join("\n"), /^\S+Odd\.ts:1 oneImportStyle: [^\n]*$/)
  })

  it("compares the error table with the page that users read, both ways", () => {
    const errors = `const table = { MODEL_NOT_FOUND: { status: 404 }, RATE_LIMITED: { method: "GET" } }`
    const page = "# Errors\n\n| code | exit |\n|---|---|\n| `MODEL_NOT_FOUND` | 2 |\n| `MODEL_RETIRED` | 2 |\n"
    const complaints = complaintsAbout(
      [
        { path: "packages/core/src/kernel/ErrorTable.ts", source: errors },
        { path: "docs/errors.md", source: page }
      ],
      []
    )
    assert.deepStrictEqual(complaints, [
      "packages/core/src/kernel/ErrorTable.ts:1 errorCodes: RATE_LIMITED is not in docs/errors.md",
      "docs/errors.md:6 errorCodes: MODEL_RETIRED is not in packages/core/src/kernel/ErrorTable.ts"
    ])
  })

  it("has a planted violation for each of them", () => {
    const tested = new Set([...planted.map(({ rule }) => rule), "oneImportStyle", "errorCodes"])
    const all = [...Object.keys(fileRules), ...Object.keys(treeRules)]
    assert.deepStrictEqual(
      all.filter((rule) => !tested.has(rule)),
      []
    )
  })

  it("lets an exception excuse one rule in one file, and reports one that excuses nothing", () => {
    const tree = [{ path: kernel, source: "export const a = list[0]!" }]
    const used = { rule: "noNonNull", path: kernel, reason: "planted" }
    const idle = { rule: "noAny", path: kernel, reason: "planted" }
    assert.deepStrictEqual(complaintsAbout(tree, [used]), [])
    assert.deepStrictEqual(complaintsAbout(tree, [used, idle]), [`${kernel} noAny: this exception excuses nothing`])
  })
})
