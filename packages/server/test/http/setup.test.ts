import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { failure } from "@image-skill/core/kernel/Errors"
import { Ids } from "@image-skill/core/kernel/Ids"
import { NotConfigured } from "@image-skill/core/provider/Provider"
import { ProviderRegistry } from "@image-skill/core/provider/ProviderRegistry"
import { fal } from "@image-skill/providers/fal/plugin"
import { Effect, HashMap, Layer, Logger, Option, Schema } from "effect"
import { FallbackLive } from "../../src/http/Fallback.ts"
import { withoutPlaces } from "../../src/http/NamesPlaces.ts"
import { layerKnownOwner } from "../../src/identity/knownOwner.ts"
import { codeOf, drawn, inHouse } from "./house.ts"

describe("a house", () => {
  it("whose settings cannot be read answers every request with what is allowed", () =>
    inHouse(
      async ({ ask, post }) => {
        for (const answer of [await ask("/v1/models"), await ask("/healthz"), await post("/v1/create", {})]) {
          assert.strictEqual(codeOf(answer), "400 INVALID_ARGUMENTS")
          assert.include(
            answer.envelope.error?.message,
            'IMAGE_SKILL_CREDIT_MULTIPLIER is "much"; allowed: a decimal from 1 to 100'
          )
          assert.deepStrictEqual(answer.envelope.error?.recovery, { fields: ["IMAGE_SKILL_CREDIT_MULTIPLIER"] })
          assert.strictEqual(answer.headers.get("x-image-skill-exit-code"), "2")
        }
        assert.strictEqual((await ask("/v1/models")).envelope.command, "image-skill models list")
      },
      { environment: { IMAGE_SKILL_CREDIT_MULTIPLIER: "much" } }
    ))

  it("takes the greatest multiplier that it allows", () =>
    inHouse(async ({ ask }) => assert.strictEqual(codeOf(await ask("/v1/models")), "200 ok"), {
      environment: { IMAGE_SKILL_CREDIT_MULTIPLIER: "100" }
    }))

  it("whose data folder has become a file is unavailable, and names the database to its owner", () =>
    inHouse(async (house) => {
      await drawn(house)
      const folder = join(house.folder, "data")
      await rm(folder, { recursive: true })
      await writeFile(folder, "a file")
      const answer = await house.ask("/v1/jobs")
      assert.strictEqual(codeOf(answer), "503 STORAGE_UNAVAILABLE")
      assert.strictEqual(answer.envelope.error?.details?.["database"], join(folder, "image-skill.db"))
      assert.strictEqual((await house.ask("/healthz")).envelope.data?.["status"], "degraded")
    }))

  it.effect("never repeats a provider's setting that it cannot read", () => {
    const plugin = { ...fal, load: new NotConfigured({ message: "FAL_KEY is hunter2" }) }
    return Effect.gen(function* () {
      const error = yield* Effect.flip((yield* ProviderRegistry).get(fal.id))
      assert.deepStrictEqual(error.details, { provider_id: "fal", problem: "not configured", settings: [] })
    }).pipe(Effect.provide(ProviderRegistry.layer([plugin])))
  })
})

interface Logged {
  readonly text: string
  readonly traceId: unknown
}

const logging = () => {
  const lines: Array<Logged> = []
  const logger = Logger.make(({ annotations, message }) => {
    const traceId = Option.getOrNull(HashMap.get(annotations, "trace_id"))
    lines.push({ text: JSON.stringify(message), traceId })
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

describe("what a stranger is not told", () => {
  it.effect("of places on the machine goes to the log", () => {
    const { layer, lines } = logging()
    return Effect.gen(function* () {
      const told = yield* withoutPlaces(
        failure("STORAGE_UNAVAILABLE", "The disk is full", {
          details: { database: "/srv/secret.db", schema_version: 3 }
        })
      )
      assert.deepStrictEqual(told.details, { schema_version: 3 })
      assert.include(lines[0]?.text, "/srv/secret.db")
    }).pipe(Effect.provide(layer))
  })

  it("of a defect is in the log under the trace id that the answer prints", async () => {
    const { layer, lines } = logging()
    const Dying = HttpApi.make("dying").add(HttpApiGroup.make("group").add(HttpApiEndpoint.get("die", "/die")))
    const app = HttpApiBuilder.api(Dying).pipe(
      Layer.provide(HttpApiBuilder.group(Dying, "group", (on) => on.handle("die", () => Effect.dieMessage("a bug")))),
      Layer.provideMerge(FallbackLive),
      Layer.provide([Ids.layer, layerKnownOwner(), layer])
    )
    const { dispose, handler } = HttpApiBuilder.toWebHandler(Layer.mergeAll(app, HttpServer.layerContext))
    const response = await handler(new Request("http://localhost/die"))
    const body = Schema.decodeUnknownSync(Schema.Struct({ trace_id: Schema.String }))(await response.json())
    await dispose()
    assert.strictEqual(response.status, 500)
    assert.deepStrictEqual(
      lines.map(({ traceId }) => traceId),
      [body.trace_id]
    )
  })
})
