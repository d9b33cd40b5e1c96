import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it, vi } from "vitest"
import { completionsOf } from "../src/internal/completionScripts.ts"
import { completionCases } from "./support/completionCases.ts"
import { temporaryFolder } from "./support/host.ts"
import { shellsHere } from "./support/shells.ts"

// zsh is typed at, and its screen is read once it is still.
vi.setConfig({ testTimeout: 90_000 })

const folder = temporaryFolder()
afterAll(() => folder.remove())

const wordsOf = (text: string) => text.split(" ").filter((word) => word !== "")

describe("completions in zsh", () => {
  const { isThere, offer } = shellsHere.zsh

  it.skipIf(!isThere)(`are what the line may go on with${isThere ? "" : " (skipped: no zsh here)"}`, () => {
    writeFileSync(join(folder.path, "small.png"), "")
    const screens = offer(
      completionsOf.zsh().script,
      folder.path,
      completionCases.map(([line]) => line)
    )
    const seen = completionCases.map(([line, offered, absent], index) => {
      const listed = (screens[index] ?? "").replaceAll(line, "")
      const words = listed.split(/\s+/)
      // The line comes again right after the last word of a list.
      const has = (word: string) => words.includes(word) || listed.includes(`${word}\r`)
      return {
        line,
        missing: wordsOf(offered).filter((word) => !has(word)),
        strange: wordsOf(absent).filter((word) => words.includes(word))
      }
    })
    expect(seen).toEqual(completionCases.map(([line]) => ({ line, missing: [], strange: [] })))
  })
})
