import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Failure } from "@image-skill/core/kernel/Errors"
import { openImageSkill } from "../../src/Library.ts"

// In this process, from the sources: `npm run check -- examples` runs them as their reader would, from the build.
const folder = new URL("../../../../examples/", import.meta.url)
const names = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name))

/** The lines under `// prints:` at the end of an example, `*` for anything. */
const promised = (name: string): RegExp => {
  const [, printed = ""] = readFileSync(new URL(name, folder), "utf8").split("\n// prints:\n")
  const text = printed.trim().replaceAll(/^\/\/ /gm, "")
  return new RegExp(`^${text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`)
}

describe("Each example", () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it("is there", () => assert.isAtLeast(names.length, 3))

  for (const name of names) {
    it(`prints what ${name} promises`, async () => {
      const lines: Array<string> = []
      vi.spyOn(console, "log").mockImplementation((line: unknown) => {
        lines.push(String(line))
      })
      await import(fileURLToPath(new URL(name, folder)))
      assert.match(lines.join("\n"), promised(name))
    })
  }
})

describe("openImageSkill", () => {
  it("refuses every call with our own failure when a setting cannot be read", async () => {
    process.env["IMAGE_SKILL_CREDIT_MULTIPLIER"] = "seventeen"
    try {
      const skill = openImageSkill({ dataDirectory: "/nowhere" })
      for (const call of [skill.models(), skill.create({ prompt: "a hill" })]) {
        const error = await call.then(
          () => null,
          (problem: unknown) => problem
        )
        assert.instanceOf(error, Failure)
        assert.strictEqual(error.code, "INVALID_ARGUMENTS")
        assert.match(error.message, /IMAGE_SKILL_CREDIT_MULTIPLIER is "seventeen"; allowed: a decimal from 1 to 100/)
      }
      await skill.close()
    } finally {
      delete process.env["IMAGE_SKILL_CREDIT_MULTIPLIER"]
    }
  })
})
