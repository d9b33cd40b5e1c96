import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Failure } from "@image-skill/core/kernel/Errors"
import { ImageSkill } from "@image-skill/core/sdk/ImageSkill"
import { Effect, Either } from "effect"
import { type House, inHouse } from "./house.ts"

interface Seen {
  readonly path: string
  readonly authorization: string | undefined
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** The house on a socket of loopback, and what reaches it. */
const onLoopback = async <A>(use: (baseUrl: string, seen: ReadonlyArray<Seen>) => Promise<A>): Promise<A> =>
  inHouse(async (house: House) => {
    const seen: Array<Seen> = []
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? "/"
      seen.push({ path, authorization: request.headers.authorization })
      const body = await bodyOf(request)
      const answered = await house.fetch(path, {
        method: request.method ?? "GET",
        headers: { "content-type": request.headers["content-type"] ?? "" },
        body: body.length === 0 ? null : new Uint8Array(body)
      })
      response.writeHead(answered.status, Object.fromEntries(answered.headers))
      response.end(Buffer.from(await answered.arrayBuffer()))
    }
    const server = createServer((request, response) => void answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    try {
      return await use(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, seen)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

const refusal = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "answered",
    (error: unknown) => (error instanceof Failure ? error.code : "raw")
  )

describe("ImageSkill.remote", () => {
  it("plans, creates, downloads, uploads and edits over HTTP as the library does in its own process", () =>
    onLoopback(async (baseUrl, seen) => {
      const skill = ImageSkill.remote({ baseUrl, token: "isk_r_secret" })
      const wishes = {
        prompt: "a hill",
        model: "local.procedural",
        parameters: { width: 64, height: 64, seed: 1 },
        maxUsd: "0.05",
        idempotencyKey: "once"
      }
      assert.strictEqual((await skill.plan(wishes)).status, "planned")
      const made = await skill.create(wishes)
      assert.strictEqual((await skill.create(wishes)).jobId, made.jobId)
      const [asset] = made.assets
      const bytes = await skill.download(asset?.asset_id ?? "")
      assert.strictEqual(bytes.length, asset?.content_length)
      const edited = await skill.edit({ image: bytes, model: "local.resize", parameters: { scale: 0.5 } })
      assert.deepInclude(edited.assets[0], { width: 32, height: 32 })
      assert.deepInclude((await skill.job(made.jobId ?? ""))["job"], { status: "completed" })
      assert.isAbove(Number((await skill.models({ operation: "create" }))["count"]), 0)

      const asked = seen.filter(({ path }) => path.startsWith("/v1/"))
      assert.isTrue(asked.every(({ authorization }) => authorization === "Bearer isk_r_secret"))
      const downloads = seen.filter(({ path }) => path.startsWith("/a/"))
      assert.deepStrictEqual(
        downloads.map(({ authorization }) => authorization),
        [undefined]
      )
      await skill.close()
    }))

  it("fails with the server's own failures, as promises and as Effects", () =>
    onLoopback(async (baseUrl) => {
      const skill = ImageSkill.remote({ baseUrl })
      const wrong = { prompt: "a hill", model: "local.procedual" }
      assert.strictEqual(await refusal(skill.create(wrong)), "MODEL_NOT_FOUND")
      const failed = Either.flip(await Effect.runPromise(Effect.either(skill.effects.plan(wrong))))
      assert.deepInclude(Either.getOrNull(failed)?.recovery, {
        suggested_command: "image-skill models show local.procedural --json"
      })
      assert.strictEqual(await refusal(skill.download("image_nowhere")), "ASSET_NOT_FOUND")
    }))

  it("says that a server is away, is none, or has no address, with the key to ask again", async () => {
    const server = createServer((_request, response) => response.end("<html>hello</html>"))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const baseUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
    const wishes = { prompt: "a hill" }
    assert.strictEqual(await refusal(ImageSkill.remote({ baseUrl }).create(wishes)), "HOSTED_API_REQUEST_FAILED")
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    const away = await Effect.runPromise(Effect.flip(ImageSkill.remote({ baseUrl }).effects.create(wishes)))
    assert.strictEqual(away.code, "HOSTED_API_REQUEST_FAILED")
    assert.match(away.recovery?.idempotency_key ?? "", /^sdk_trace_[0-9a-f]{32}$/)
    assert.strictEqual(await refusal(ImageSkill.remote({ baseUrl: "images" }).models()), "INVALID_ARGUMENTS")
  })
})
