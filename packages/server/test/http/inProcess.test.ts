import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { limits } from "@image-skill/core/kernel/Limits"
import { afterEach, vi } from "vitest"
import { openEmbedded } from "../../src/Embedded.ts"
import type { Answered, Asked } from "../../src/http/inProcess.ts"

afterEach(() => {
  vi.unstubAllGlobals()
})

const asked = (path: string, body?: unknown): Asked => ({
  method: body === undefined ? "GET" : "POST",
  url: new URL(path, "http://localhost"),
  headers: body === undefined ? {} : { "Content-Type": "application/json" },
  body: body === undefined ? null : JSON.stringify(body),
  signal: new AbortController().signal
})

const bytesOf = async (answer: Answered) => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of answer.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const inHouse = async (use: (house: Awaited<ReturnType<typeof openEmbedded>>) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), "image-skill-process-"))
  const house = await openEmbedded({ dataDirectory: join(folder, "data"), environment: {} })
  try {
    await use(house)
  } finally {
    await house.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const picture = {
  prompt: "a hill",
  model: "local.procedural",
  model_parameters: { width: 64, height: 64 },
  idempotency_key: "one"
}

describe("a request of this process", () => {
  it("is answered without the classes of the web, which cost a start of Node to load", () =>
    inHouse(async (house) => {
      for (const name of ["Request", "Response", "Headers", "fetch"]) {
        vi.stubGlobal(name, () => {
          throw new Error(`${name} is used`)
        })
      }
      const dry = await house.exchange(asked("/v1/create", { ...picture, dry_run: true }))
      assert.strictEqual(dry.status, 200, String(await bytesOf(dry)))
      assert.strictEqual((await house.exchange(asked("/v1/models?limit=1"))).status, 200)
    }))

  it("gets what the web's request gets: status, headers, and the bytes of an image", () =>
    inHouse(async (house) => {
      const made = String(await bytesOf(await house.exchange(asked("/v1/create", picture))))
      const path = /\/a\/[\w.-]+/.exec(made)?.[0] ?? ""
      const withoutBody = { ...asked("/v1/assets/image_x"), method: "DELETE" } as const
      const broken = asked("/v1/create", { ...picture, prompt: 5 })
      for (const one of [asked(path), asked("/v1/nowhere?x=1"), broken, withoutBody]) {
        const { body, headers, method, url } = one
        const [near, web] = [await house.exchange(one), await house.fetch(new Request(url, { method, headers, body }))]
        const [nearBytes, webBytes] = [await bytesOf(near), Buffer.from(await web.arrayBuffer())]
        assert.strictEqual(near.status, web.status)
        assert.strictEqual(
          near.headers["x-image-skill-exit-code"],
          web.headers.get("x-image-skill-exit-code") ?? undefined
        )
        assert.strictEqual(near.headers["content-type"], web.headers.get("content-type") ?? undefined)
        assert.strictEqual(nearBytes.length, webBytes.length)
        if (path === url.pathname) assert.isTrue(nearBytes.equals(webBytes) && nearBytes.length > 500)
      }
    }))

  it("is refused when its body is too large, no JSON, or a form", () =>
    inHouse(async (house) => {
      const large = await house.exchange({ ...asked("/v1/create", {}), body: " ".repeat(limits.bodyBytesMax + 1) })
      assert.deepStrictEqual([large.status, large.headers["x-image-skill-exit-code"]], [413, "2"])
      assert.strictEqual((await house.exchange({ ...asked("/v1/create", {}), body: "{" })).status, 400)
      const headers = { "content-type": "multipart/form-data; boundary=x" }
      assert.strictEqual((await house.exchange({ ...asked("/v1/create", {}), headers })).status, 400)
    }))
})
