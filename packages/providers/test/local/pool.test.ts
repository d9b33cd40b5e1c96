import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { renderInWorker } from "@image-skill/providers/local/pool"
import { drawAhead, warmUp } from "@image-skill/providers/local/threads"
import type { RenderRequest } from "@image-skill/providers/local/worker"
import { Duration, Effect, Fiber } from "effect"

// These run the compiled worker: `npx tsc -b packages/core packages/providers` comes first.
const request = (change: Partial<RenderRequest>): RenderRequest => ({
  prompt: "dunes",
  seed: 1,
  width: 128,
  height: 128,
  format: "png",
  ...change
})

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

describe("renderInWorker", () => {
  it.live("gives the same file for the same request, from a cold thread and a warm one", () =>
    Effect.gen(function* () {
      const cold = yield* renderInWorker(request({}))
      const warm = yield* renderInWorker(request({}))
      assert.strictEqual(hash(cold.bytes), hash(warm.bytes))
      assert.strictEqual(cold.motif, "dunes")
    })
  )

  it.live("never writes the prompt into the file", () =>
    Effect.gen(function* () {
      const { bytes } = yield* renderInWorker(request({ prompt: "dunes xylophonist" }))
      assert.isFalse(Buffer.from(bytes).toString("latin1").includes("xylophonist"))
    })
  )

  it.live("leaves this thread free while it draws", () =>
    Effect.gen(function* () {
      const drawing = yield* Effect.fork(renderInWorker(request({ width: 1024, height: 1024 })))
      let turns = 0
      const clock = yield* Effect.fork(
        Effect.forever(Effect.sleep("5 millis").pipe(Effect.tap(() => Effect.sync(() => turns++))))
      )
      yield* Fiber.join(drawing)
      yield* Fiber.interrupt(clock)
      assert.isAbove(turns, 20)
    })
  )

  it.live("ends the thread when interrupted and serves the next request", () =>
    Effect.gen(function* () {
      const drawing = yield* Effect.fork(renderInWorker(request({ width: 4096, height: 4096 })))
      yield* Effect.sleep("300 millis")
      const [elapsed] = yield* Effect.timed(Fiber.interrupt(drawing))
      assert.isBelow(Duration.toMillis(elapsed), 2000)
      assert.strictEqual((yield* renderInWorker(request({}))).width, 128)
    })
  )

  it.live("draws the same file on a thread that was begun ahead", () =>
    Effect.gen(function* () {
      const first = yield* renderInWorker(request({}))
      warmUp()
      const images = yield* Effect.all([renderInWorker(request({})), renderInWorker(request({}))], { concurrency: 2 })
      assert.deepStrictEqual(
        images.map(({ bytes }) => hash(bytes)),
        [hash(first.bytes), hash(first.bytes)]
      )
    })
  )

  it.live("hands a drawing that was begun ahead to its own request only, before it is done and after", () =>
    Effect.gen(function* () {
      const [wanted, other] = yield* Effect.all([renderInWorker(request({})), renderInWorker(request({ seed: 2 }))])
      const { height, ...rest } = request({})
      for (const patience of ["0 millis", "300 millis"] as const) {
        drawAhead(request({}))
        yield* Effect.sleep(patience)
        assert.strictEqual(hash((yield* renderInWorker({ height, ...rest })).bytes), hash(wanted.bytes))
        drawAhead(request({}))
        yield* Effect.sleep(patience)
        assert.strictEqual(hash((yield* renderInWorker(request({ seed: 2 }))).bytes), hash(other.bytes))
      }
    })
  )

  it.live("fails in its own words where the drawing that was begun ahead did", () =>
    Effect.gen(function* () {
      drawAhead(request({ width: 5 }))
      assert.strictEqual((yield* Effect.flip(renderInWorker(request({ width: 5 })))).reason, "failed")
    })
  )

  it.live("turns an error of the thread into a failure", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(renderInWorker(request({ width: 5 })))
      assert.strictEqual(failure.reason, "failed")
    })
  )

  it.live("queues what exceeds its threads", () =>
    Effect.gen(function* () {
      const seeds = [1, 2, 3, 4, 5]
      const images = yield* Effect.forEach(seeds, (seed) => renderInWorker(request({ seed })), {
        concurrency: "unbounded"
      })
      assert.strictEqual(new Set(images.map(({ bytes }) => hash(bytes))).size, 5)
    })
  )
})
