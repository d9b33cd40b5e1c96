// One life of the house, in a process of its own: opens a data directory, makes its calls, and may be killed anywhere.
// Its one argument is a `Plan`; each answer is one line of output.
import { createInterface } from "node:readline"
import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { type Actor, Identity, localOwner } from "@image-skill/core/identity/Identity"
import { Reach } from "@image-skill/core/identity/Reach"
import { Checkpoint } from "@image-skill/core/kernel/Checkpoint"
import { OrganizationId } from "@image-skill/core/kernel/Ids"
import { Credits } from "@image-skill/core/kernel/Money"
import { Ledger } from "@image-skill/core/ledger/Ledger"
import { local } from "@image-skill/providers/local/plugin"
import { Effect, Layer, Logger, LogLevel, Schema } from "effect"
import { layerApp } from "../../src/App.ts"
import { layerOwner } from "../../src/identity/Callers.ts"
import { Resumption } from "../../src/jobs/Resumption.ts"
import { layerHouse } from "../../src/Server.ts"
import { begun, organization, Plan, type PlannedCall, type Point, startCredits } from "./plan.ts"
import { crashPlugins } from "./plugin.ts"

const { calls, dataDirectory, isStepwise, killAt, resume, upstream } = Schema.decodeUnknownSync(Schema.parseJson(Plan))(
  process.argv[2]
)

const payer: Actor = {
  ...localOwner,
  ref: { ...localOwner.ref, organization_id: OrganizationId.make(organization) },
  metered: true
}

// Whatever happens to the harness, nobody is left behind.
setTimeout(() => process.exit(70), 120_000).unref()

let passes = 0
const pass = (point: Point) =>
  Effect.sync(() => {
    if (killAt === null || point !== killAt.point) return
    passes += 1
    if (passes === killAt.nth) process.kill(process.pid, "SIGKILL")
  })
const checkpoint = { at: pass }

const house = layerHouse({
  dataDirectory,
  plugins: [local, ...(upstream === null ? [] : crashPlugins(upstream, pass))],
  identity: layerOwner(
    upstream === null
      ? Identity.layerLocalOwner
      : Layer.succeed(Identity, { authenticate: () => Effect.succeed(payer) })
  ),
  media: MediaOrigin.layerEmbedded
}).pipe(Layer.provide(Reach.layerLoopback))

const fund = Effect.gen(function* () {
  const ledger = yield* Ledger
  if (upstream === null) return
  yield* ledger.grantFree(OrganizationId.make(organization), Credits.make(startCredits), "start")
})

const app = Layer.mergeAll(
  layerApp,
  HttpServer.layerContext,
  Layer.succeed(Checkpoint, checkpoint),
  Layer.effectDiscard(fund)
).pipe(
  Layer.provide(resume ? Resumption.layerOnUse : Layer.succeed(Resumption, { onUse: Effect.void })),
  Layer.provide(house),
  Layer.provide(
    Layer.mergeAll(
      Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)),
      Logger.minimumLogLevel(LogLevel.Warning)
    )
  )
)

const { dispose, handler } = HttpApiBuilder.toWebHandler(app)

const call = async ({ body, key, path }: PlannedCall) => {
  const since = Date.now()
  const response = await handler(
    new Request(`http://image-skill.localhost${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key === null ? {} : { "idempotency-key": key }) },
      body: JSON.stringify(body)
    })
  )
  const envelope: unknown = await response.json()
  const exit = Number(response.headers.get("x-image-skill-exit-code"))
  process.stdout.write(`${JSON.stringify({ key, exit, millis: Date.now() - since, envelope })}\n`)
}

process.stdout.write(`${begun}\n`)
if (isStepwise) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  for (const one of calls) {
    await lines.next()
    await call(one)
  }
  process.stdin.destroy()
} else await Promise.all(calls.map(call))
await dispose()
