// The real server, in a process of its own, that may be killed anywhere. Its one argument is a `Plan`, of which it makes
// no call: it prints the port that it listens on, and ends politely on SIGTERM.
import { type Actor, Identity, localOwner } from "@image-skill/core/identity/Identity"
import { Checkpoint } from "@image-skill/core/kernel/Checkpoint"
import { OrganizationId } from "@image-skill/core/kernel/Ids"
import { Effect, Exit, Layer, Schema, Scope } from "effect"
import { layerOwner } from "../../src/identity/Callers.ts"
import { serveHouse } from "../../src/serve/Serve.ts"
import { organization, Plan, type Point } from "./plan.ts"
import { crashPlugins } from "./plugin.ts"

const { dataDirectory, killAt, upstream } = Schema.decodeUnknownSync(Schema.parseJson(Plan))(process.argv[2])

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

const scope = Effect.runSync(Scope.make())
const serving = await Effect.runPromise(
  Scope.extend(
    serveHouse({
      host: "127.0.0.1",
      port: 0,
      dataDirectory,
      environment: {},
      plugins: upstream === null ? [] : crashPlugins(upstream, pass),
      identity: layerOwner(Layer.succeed(Identity, { authenticate: () => Effect.succeed(payer) })),
      beneath: Layer.succeed(Checkpoint, { at: pass })
    }),
    scope
  )
)
process.once("SIGTERM", () => {
  void Effect.runPromise(Scope.close(scope, Exit.void)).then(() => process.exit(0))
})
process.stdout.write(`${serving.port}\n`)
