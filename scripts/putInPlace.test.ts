import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "image-skill-place-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, files: Record<string, string>) => {
  mkdirSync(join(folder, name), { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
}

it("leaves a whole bundle behind the entry at every moment, and in the end the new one alone", async () => {
  write("dist", { "bin.cjs": "old.cjs", "old.cjs": "" })
  write("next", { "bin.cjs": "new.cjs", "new.cjs": "", "also.cjs": "" })
  const dist = join(folder, "dist")
  const script = `import { putInPlace } from ${JSON.stringify(new URL("putInPlace.mjs", import.meta.url).href)}
    await putInPlace(${JSON.stringify(join(folder, "next"))}, ${JSON.stringify(dist)}, "bin.cjs", 50)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" })
  let looks = 0
  while (child.exitCode === null) {
    expect(readdirSync(dist)).toContain(readFileSync(join(dist, "bin.cjs"), "utf8"))
    looks += 1
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  expect(looks).toBeGreaterThan(1)
  expect(child.exitCode).toBe(0)
  expect([readdirSync(dist).sort(), readdirSync(folder)]).toEqual([["also.cjs", "bin.cjs", "new.cjs"], ["dist"]])
})
