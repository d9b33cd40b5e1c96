import { createServer } from "node:http"
import { afterAll, beforeAll, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { smallPng } from "../support/hostile.ts"

vi.setConfig({ testTimeout: 120_000 })

/** A provider of OpenAI's shape that fails every call, until it is mended. */
let status = 500
let callCount = 0
const provider = createServer((request, response) => {
  request.resume().on("end", () => {
    callCount += 1
    const body =
      status === 200
        ? { created: 1, data: [{ b64_json: smallPng().toString("base64") }], usage: { output_tokens: 272 } }
        : { error: { message: "broken", type: "server_error" } }
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  })
})

const machine = makeMachine()
let environment: Record<string, string> = {}
beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve))
  const address = provider.address()
  const port = typeof address === "object" ? address?.port : 0
  environment = { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }
})
afterAll(() => {
  provider.closeAllConnections()
  provider.close()
  machine.remove()
})

it("a batch that a provider failed for good is made by the same command once the provider works", async () => {
  const stdin = '{"id":"a","prompt":"one"}\n{"id":"b","prompt":"two"}'
  const priced = ["--model", "openai.gpt-image-1.5", "--model-parameters-json", '{"quality":"low"}']
  const typed = ["create", "--batch", "-", "--batch-id", "mended", "--output", "{item}.{ext}", ...priced]
  const broken = await machine.run(typed, { environment, stdin })
  expect([broken.exitCode, broken.envelope.error?.recovery]).toMatchObject([
    7,
    { missing_inputs: ["the batch, on stdin"] }
  ])
  expect(broken.envelope.error?.details).toMatchObject({
    batch: { status: "failed", counts: { failed: 2 }, total: { settled_credits: 0 } }
  })
  status = 200
  const mended = await machine.run(typed, { environment, stdin })
  expect([mended.exitCode, mended.envelope.error]).toEqual([0, null])
  const paidCount = callCount
  const again = await machine.run(typed, { environment, stdin })
  expect(again.envelope.data).toMatchObject({ counts: { completed: 2 }, items: [{ paid_before: true }, {}] })
  expect(callCount).toBe(paidCount)
})
