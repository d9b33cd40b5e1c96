import { HttpApi, HttpApiBuilder, HttpApiEndpoint, HttpApiGroup, HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Identity } from "@image-skill/core/identity/Identity"
import { OperatorIdentity } from "@image-skill/core/identity/OperatorIdentity"
import { publicRules, RateLimits } from "@image-skill/core/identity/RateLimits"
import { Envelope } from "@image-skill/core/kernel/Envelope"
import { Ids } from "@image-skill/core/kernel/Ids"
import { Effect, Layer, Redacted } from "effect"
import { Answering } from "../../src/http/Answering.ts"
import { operatorToken } from "./agents.ts"

const Admin = HttpApi.make("admin").add(
  HttpApiGroup.make("admin").add(HttpApiEndpoint.get("audit", "/audit").addSuccess(Envelope))
)

const AdminHttp = HttpApiBuilder.group(
  Admin,
  "admin",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    return handlers.handle("audit", () => answering.operated(Effect.succeed({ issues: [] })))
  })
)

const app = HttpApiBuilder.api(Admin).pipe(
  Layer.provide(AdminHttp),
  Layer.provide(Answering.Default),
  Layer.provide([
    Ids.layer,
    Identity.layerLocalOwner,
    OperatorIdentity.layer(Redacted.make(operatorToken)),
    RateLimits.layerMemory(publicRules)
  ])
)

describe("an endpoint of the operator", () => {
  it("takes the operator's token alone, and after twenty wrong ones none for a while", async () => {
    const { dispose, handler } = HttpApiBuilder.toWebHandler(Layer.mergeAll(app, HttpServer.layerContext))
    const statusOf = async (token: string | null) => {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` }
      return (await handler(new Request("http://localhost/audit", { headers }))).status
    }
    try {
      assert.strictEqual(await statusOf(null), 401)
      assert.strictEqual(await statusOf(operatorToken), 200)
      for (let nth = 0; nth < 20; nth += 1) assert.strictEqual(await statusOf(`guess-${nth}`), 401)
      assert.strictEqual(await statusOf("guess"), 429)
      assert.strictEqual(await statusOf(operatorToken), 429)
    } finally {
      await dispose()
    }
  })
})
