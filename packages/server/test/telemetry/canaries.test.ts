import type { IncomingMessage, ServerResponse } from "node:http"
import { assert, describe, it, vi } from "@effect/vitest"
import { ModelId, ProviderId } from "@image-skill/core/kernel/Ids"
import { isObject } from "@image-skill/core/kernel/Json"
import { decodeImage, define, type Plugin } from "@image-skill/core/provider/Provider"
import { fakeModel } from "@image-skill/core/testing/FakeProviderModels"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"
import { Config, Effect, Redacted } from "effect"
import { inAgentsHouse, operatorToken, tokenOf } from "../identity/agents.ts"
import type { Answer } from "../serve/house.ts"
import { listening, withReceiver } from "./receiver.ts"

const canary = {
  prompt: "violetcanaryprompt under glass",
  parameter: "canaryparametervalue",
  key: "sk-canaryproviderkey0123456789",
  path: "/home/canaryperson/secret folder/cat.png",
  receiver: "canaryreceiverkey"
} as const

const png = Buffer.from(fakePng(16, 16, "canary"))

/** An upstream that says in its refusals all that it was told. */
const upstream = (request: IncomingMessage, body: string, response: ServerResponse) => {
  const isRefused = body.includes("refuse this")
  const message = `your key ${request.headers.authorization ?? ""} sent ${body}`
  response.writeHead(isRefused ? 400 : 200, { "content-type": "application/json" })
  response.end(
    JSON.stringify(
      isRefused
        ? { error: { message, type: "invalid_request_error", code: canary.prompt } }
        : { created: 1, data: [{ b64_json: png.toString("base64") }] }
    )
  )
}

/** Throws what it was given: as an error, a text and an object. */
const careless: Plugin = define({
  id: ProviderId.make("careless"),
  models: (["error", "text", "object"] as const).map((kind) => ({
    ...fakeModel("plain", {}),
    id: ModelId.make(`careless.${kind}`),
    provider: ProviderId.make("careless")
  })),
  config: Config.succeed(null),
  make: () =>
    Effect.succeed({
      submit: (call) => {
        const prompt = call.prompt === null ? "" : Redacted.value(call.prompt)
        const thrown = { error: new Error(`no ${prompt}`), text: `no ${prompt}`, object: { request: { prompt } } }
        return Effect.die(
          thrown[call.model.id === "careless.text" ? "text" : call.model.id === "careless.object" ? "object" : "error"]
        )
      },
      decode: decodeImage
    })
})

const assetIdOf = ({ envelope }: Answer): string => {
  const asset = envelope.data?.["asset"]
  const id = isObject(asset) ? asset["asset_id"] : ""
  return typeof id === "string" ? id : ""
}

const model = "openai-compatible.canary-model"
const models = JSON.stringify([
  {
    id: "canary-model",
    price_usd_per_image: 0.01,
    operations: ["create", "edit"],
    parameters: { style: { schema: { type: "string", maxLength: 100 } } }
  }
])

describe("a whole run at the level of all logs", () => {
  it("no log, span, metric, event or error holds a prompt, a parameter, a token, a key or a path of a caller", () =>
    withReceiver((receiver, received) =>
      listening(upstream, async (baseUrl) => {
        const lines: Array<string> = []
        const spy = vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)))
        const told: Array<string> = []
        const tokens: Array<string> = []
        const environment = {
          IMAGE_SKILL_LOG_LEVEL: "all",
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver,
          OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${canary.receiver}`,
          OPENAI_COMPATIBLE_BASE_URL: `${baseUrl}/v1`,
          OPENAI_COMPATIBLE_API_KEY: canary.key,
          OPENAI_COMPATIBLE_MODELS: models
        }
        await inAgentsHouse(
          environment,
          async ({ get, post, server, signup }) => {
            const token = tokenOf(await signup({ agent_name: "canary" }))
            tokens.push(token)
            const failed = (answer: Answer) => void told.push(JSON.stringify(answer.envelope.error))
            const made = { prompt: canary.prompt, model, model_parameters: { style: canary.parameter } }
            const uploaded = await post(
              "/v1/upload",
              { bytes_base64: png.toString("base64"), source_kind: "local_path", filename: canary.path },
              token
            )
            assert.strictEqual((await post("/v1/create", made, token)).envelope.error, null)
            const edit = { ...made, model: `${model}-edit`, input_asset_id: assetIdOf(uploaded) }
            assert.strictEqual((await post("/v1/edit", edit, token)).envelope.error, null)
            const refused = await post("/v1/create", { ...made, prompt: `refuse this ${canary.prompt}` }, token)
            assert.notStrictEqual(refused.envelope.error, null)
            failed(refused)
            for (const kind of ["error", "text", "object"]) {
              failed(await post("/v1/create", { prompt: canary.prompt, model: `careless.${kind}` }, token))
            }
            failed(await post("/v1/create", { ...made, model: "local.procedural" }, token))
            failed(await get(`/v1/assets/${assetIdOf(uploaded)}?key=${canary.key}`, `${token}0`))
            failed(await get("/v1/quota", canary.key))
            await fetch(`${server.url}/webhooks/stripe`, { method: "POST", body: canary.prompt })
            await fetch(`${server.url}/v1/create`, { method: "POST", body: `{"prompt": "${canary.prompt}` })
            for (const path of ["/v1/activity", "/v1/jobs"])
              told.push(JSON.stringify((await get(path, token)).envelope.data))
            const scraped = await fetch(`${server.url}/metrics`, {
              headers: { authorization: `Bearer ${operatorToken}` }
            })
            told.push(await scraped.text())
          },
          { plugins: [careless] }
        ).finally(() => spy.mockRestore())
        assert.isAbove(lines.filter((line) => line.includes("a provider plugin threw")).length, 2)
        assert.isTrue(received.spans.some(({ name }) => name === "Provider.submit"))
        assert.deepStrictEqual(received.problems, [])
        const everything = [...lines, ...received.texts]
        const never = [
          canary.prompt,
          canary.key,
          canary.path,
          "canaryperson",
          canary.receiver,
          operatorToken,
          ...tokens
        ]
        for (const secret of never) {
          assert.deepStrictEqual(
            [...everything, ...told].filter((text) => text.includes(secret)),
            [],
            secret
          )
        }
        // Of its own parameters a caller is told; nobody else is.
        assert.deepStrictEqual(
          everything.filter((text) => text.includes(canary.parameter)),
          []
        )
      })
    ))
})
