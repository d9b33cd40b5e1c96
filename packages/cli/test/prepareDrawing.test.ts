import type { TypedDrawing } from "@image-skill/providers/local/likely"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { runIn, temporaryFolder } from "./support/host.ts"

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const prepared = async (environment: Record<string, string>, argv: ReadonlyArray<string>) => {
  const typed: Array<TypedDrawing | null> = []
  const prepareDrawing = async (one: TypedDrawing | null) => void typed.push(one)
  await runIn(folder.path)(argv, { host: { prepareDrawing }, environment })
  return typed
}

const preparations = async (...argv: ReadonlyArray<string>) => (await prepared({}, argv)).length

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

  it("is given the drawing where the command says all of it", async () => {
    const plain = { prompt: "x", aspectRatio: "1:1", parameters: {} }
    expect(await prepared({}, ["create", "--prompt", "x"])).toEqual([plain])
    expect(await prepared({}, ["create", "--prompt", "x", "--provider", "local"])).toEqual([plain])
    const sized = ["--model", "local.procedural", "--model-parameters-json", '{"seed":3}', "--aspect-ratio", "16:9"]
    expect(await prepared({ FAL_KEY: "k" }, ["create", "--prompt", "x", ...sized])).toEqual([
      { prompt: "x", aspectRatio: "16:9", parameters: { seed: 3 } }
    ])
  })

  it("is given none where another picture, or none, may come of it", async () => {
    expect(await prepared({ FAL_KEY: "k" }, ["create", "--prompt", "x"])).toEqual([null])
    for (const more of [
      ["--output-count", "2"],
      ["--idempotency-key", "again"],
      ["--provider", "fal"],
      ["--model-parameters-json", "[]"],
      ["--model", "local.other"]
    ]) {
      expect(await prepared({}, ["create", "--prompt", "x", ...more])).toEqual([null])
    }
  })
})
