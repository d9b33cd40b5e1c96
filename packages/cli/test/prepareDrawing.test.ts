import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { runIn, temporaryFolder } from "./support/host.ts"

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const preparations = async (...argv: ReadonlyArray<string>) => {
  let count = 0
  const prepareDrawing = () => {
    count += 1
  }
  await runIn(folder.path)(argv, { host: { prepareDrawing } })
  return count
}

describe("the drawing thread", () => {
  it("is begun ahead of a create in this process that may draw", async () => {
    expect(await preparations("create", "--prompt", "x")).toBe(1)
    expect(await preparations("create", "--prompt", "x", "--model", "local.procedural")).toBe(1)
  })

  it("is not begun for what draws nothing here", async () => {
    expect(await preparations("create", "--prompt", "x", "--dry-run")).toBe(0)
    expect(await preparations("create", "--prompt", "x", "--model", "fal.flux-dev")).toBe(0)
    expect(await preparations("create", "--prompt", "x", "--api-base-url", "http://127.0.0.1:1")).toBe(0)
    expect(await preparations("models", "list")).toBe(0)
  })
})
