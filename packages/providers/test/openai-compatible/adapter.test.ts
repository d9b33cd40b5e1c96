import { assert, it } from "@effect/vitest"
import { isObject } from "@image-skill/core/kernel/Json"
import { ConfigProvider, Effect } from "effect"
import { layerSafeFetch } from "../../src/media/SafeFetch.ts"
import { originsOf } from "../../src/media/SafeFetchConfig.ts"
import { openaiCompatible } from "../../src/openai-compatible/plugin.ts"
import { inputImage } from "../openai/calls.ts"
import { formOf, openaiEmulator, openaiKey } from "../openai/emulator.ts"
import { asked, layerMemoryHouse, owned } from "../openai/memoryHouse.ts"
import { picture, serve } from "../openai/server.ts"

const definitions = [
  {
    id: "black-forest/FLUX.1-schnell",
    operations: ["create", "edit"],
    sizes: ["1024x1024", "1536x1024"],
    outputs_max: 4,
    price_usd_per_image: "0.002"
  },
  { id: "unpriced" }
]

const environmentOf = (baseUrl: string, models: unknown, key: string | null = openaiKey): Record<string, string> => ({
  OPENAI_COMPATIBLE_BASE_URL: baseUrl,
  OPENAI_COMPATIBLE_MODELS: JSON.stringify(models),
  ...(key === null ? {} : { OPENAI_COMPATIBLE_API_KEY: key })
})

const provided = (environment: Readonly<Record<string, string>>) =>
  ConfigProvider.fromMap(new Map(Object.entries(environment)))

const pluginOf = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(openaiCompatible, provided(environment))

it.scopedLive("creates and edits on a server of the operator's, at the operator's price", () =>
  Effect.gen(function* () {
    const emulator = yield* openaiEmulator
    const environment = environmentOf(emulator.baseUrl, definitions)
    const plugin = yield* pluginOf(environment)
    assert.deepStrictEqual(
      plugin.models.map(({ id }) => String(id)),
      [
        "openai-compatible.black-forest-flux.1-schnell",
        "openai-compatible.black-forest-flux.1-schnell-edit",
        "openai-compatible.unpriced"
      ]
    )
    yield* Effect.gen(function* () {
      const made = yield* asked("openai-compatible.black-forest-flux.1-schnell", { outputCount: 2 })
      assert.strictEqual(made["status"], "completed")
      assert.deepInclude(isObject(made["quota"]) ? made["quota"] : {}, { consumed_credits: 2 })
      const image = yield* owned(yield* Effect.promise(() => inputImage()))
      const edited = yield* asked("openai-compatible.black-forest-flux.1-schnell-edit", {
        command: "edit",
        image,
        aspectRatio: "auto"
      })
      assert.strictEqual(edited["status"], "completed")
      const refused = yield* Effect.flip(asked("openai-compatible.unpriced", {}))
      assert.strictEqual(refused.code, "MODEL_NOT_EXECUTABLE")
    }).pipe(Effect.provide(layerMemoryHouse([plugin], environment)))
    assert.deepInclude(JSON.parse(emulator.requests[0]?.body.toString() ?? ""), {
      model: "black-forest/FLUX.1-schnell",
      n: 2,
      size: "1024x1024",
      response_format: "b64_json"
    })
    const form = yield* Effect.promise(() => formOf(emulator.requests[1] ?? assert.fail()))
    assert.deepInclude(form, { model: "black-forest/FLUX.1-schnell", size: "1024x1024" })
  })
)

it.scopedLive("fetches a result that the server names by a URL of its own, and sends no key where there is none", () =>
  Effect.gen(function* () {
    const image = yield* Effect.promise(() => picture(512, 512, "png"))
    const server = yield* serve("/v1", async (request) =>
      request.path === "/generated/1.png"
        ? { status: 200, headers: { "content-type": "image/png" }, body: image }
        : {
            status: 200,
            body: JSON.stringify({ data: [{ url: `http://${request.headers["host"]}/generated/1.png` }] })
          }
    )
    const environment = environmentOf(
      server.baseUrl,
      [{ id: "local", price_usd_per_image: 0, response_format: "url" }],
      null
    )
    const plugin = yield* pluginOf(environment)
    const trustedOrigins = yield* Effect.withConfigProvider(
      originsOf(["OPENAI_COMPATIBLE_BASE_URL", "FAL_BASE_URL"]),
      provided(environment)
    )
    assert.deepStrictEqual(trustedOrigins, [server.origin])
    const answer = yield* asked("openai-compatible.local", {}).pipe(
      Effect.provide(layerMemoryHouse([plugin], environment, layerSafeFetch({ trustedOrigins })))
    )
    assert.strictEqual(answer["status"], "completed")
    assert.deepInclude(isObject(answer["quota"]) ? answer["quota"] : {}, { consumed_credits: 0 })
    assert.isUndefined(server.requests[0]?.headers["authorization"])
    const failed = yield* asked("openai-compatible.local", {}).pipe(
      Effect.flip,
      Effect.provide(layerMemoryHouse([plugin], environment, layerSafeFetch()))
    )
    assert.strictEqual(failed.code, "PROVIDER_FAILURE")
  })
)

it.effect("is not configured, with the reason, when its models cannot be read", () =>
  Effect.gen(function* () {
    const reason = (environment: Readonly<Record<string, string>>) =>
      Effect.gen(function* () {
        const plugin = yield* pluginOf(environment)
        const error = yield* Effect.flip(Effect.withConfigProvider(Effect.scoped(plugin.load), provided(environment)))
        return error.message
      })
    assert.include(yield* reason({}), "OPENAI_COMPATIBLE_BASE_URL")
    assert.include(yield* reason(environmentOf("http://localhost:8080/v1", [{ id: "x", price: 0 }])), "price")
    const twins = [{ id: "a/b" }, { id: "A-b" }]
    assert.include(yield* reason(environmentOf("http://localhost:8080/v1", twins)), "must differ")
    assert.include(
      yield* reason({ OPENAI_COMPATIBLE_BASE_URL: "http://localhost:8080/v1" }),
      "OPENAI_COMPATIBLE_MODELS"
    )
  })
)
