// A gate that lets everything through looks just like one that found nothing: each is shown a planted fault.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"

// Inside the repository, so that `effect` and our packages resolve; out of every include list.
const inside = "node_modules/.cache"
const planted: Array<string> = []

const plant = (files: Readonly<Record<string, string>>, base = inside): string => {
  mkdirSync(base, { recursive: true })
  const folder = mkdtempSync(join(base, "gates-"))
  planted.push(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

afterAll(() => {
  for (const folder of planted) rmSync(folder, { recursive: true, force: true })
})

const runTool = (command: string, args: ReadonlyArray<string>) => {
  const path = `${join(process.cwd(), "node_modules/.bin")}:${process.env["PATH"] ?? ""}`
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, PATH: path } })
  return { status, output: `${stdout}${stderr}` }
}

const project = JSON.stringify({
  extends: "../../../tsconfig.check.json",
  compilerOptions: { incremental: false, tsBuildInfoFile: null },
  include: ["*.ts"],
  exclude: []
})

describe("npm run check fails on", () => {
  it("an Effect that is made and never run", () => {
    const source = `import { Effect } from "effect"\nexport const pay = () => {\n  Effect.log("paid")\n  return 1\n}\n`
    const home = plant({ "Floating.ts": source, "tsconfig.json": project })
    const { status, output } = runTool(process.execPath, ["scripts/effects.mjs", join(home, "tsconfig.json")])
    assert.match(output, /Floating\.ts\(3,3\): error effect\(floatingEffect\)/)
    assert.strictEqual(status, 1)
  })

  it("a project in which no file is checked for floating Effects", () => {
    const home = plant({ "tsconfig.json": JSON.stringify({ files: [], references: [] }) })
    assert.notStrictEqual(runTool(process.execPath, ["scripts/effects.mjs", join(home, "tsconfig.json")]).status, 0)
  })

  it("modules that import each other", () => {
    const one = `import { two } from "./Two.ts"\nexport const one = () => two()\n`
    const two = `import { one } from "./One.ts"\nexport const two = (): number => one()\n`
    // oxlint never looks into node_modules.
    const home = plant({ "One.ts": one, "Two.ts": two }, tmpdir())
    const { status, output } = runTool("oxlint", ["-c", ".oxlintrc.json", "-f", "unix", home])
    assert.match(output, /One\.ts:1:\d+: Dependency cycle/)
    assert.strictEqual(status, 1)
  })

  it("a fence in the docs that does not compile, by its line in the page", () => {
    const page = `# Guide\n\n\`\`\`ts\nconst fine = 1\nconst wrong: string = fine\n\`\`\`\n\n\`\`\`bash\nnot typescript\n\`\`\`\n`
    const home = plant({ "guide.md": page })
    const { status, output } = runTool(process.execPath, ["scripts/fences.mjs", join(home, "guide.md")])
    assert.match(output, /guide\.md:5:7: error TS2322/)
    assert.strictEqual(status, 1)
  })
})
