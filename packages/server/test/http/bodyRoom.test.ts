import { HttpServerRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeBodyRoom } from "../../src/http/bodyRoom.ts"
import { withBoundedBody } from "../../src/http/boundedBody.ts"
import { requestPath } from "../../src/http/requestPath.ts"

const small = 64 * 1024

describe("the room for bodies", () => {
  it("is shared by all, has small bodies for nothing, and is given back once", () => {
    const room = makeBodyRoom(1000)
    const [first, second, third] = [room.claim(() => "one"), room.claim(() => "two"), room.claim(() => "three")]
    assert.deepStrictEqual([first.take(small), first.take(500), second.take(small + 500)], [true, true, true])
    assert.deepStrictEqual([third.take(small), third.take(1)], [true, false])
    first.release()
    first.release()
    assert.deepStrictEqual([third.take(500), third.take(1)], [true, false])
  })

  it("has half of it for one caller, however many bodies", () => {
    const room = makeBodyRoom(1000)
    const bodies = Array.from({ length: 6 }, () => room.claim(() => "greedy"))
    assert.deepStrictEqual(
      bodies.map((body) => body.take(small + 100)),
      [true, true, true, true, true, false]
    )
    const other = room.claim(() => "other")
    assert.isTrue(other.take(small + 500))
    bodies[0]?.release()
    assert.deepStrictEqual([bodies[5]?.take(small + 100), bodies[5]?.take(1)], [true, false])
  })

  it.effect("refuses at once the body that it is too small for, and waits for no end of it", () =>
    Effect.gen(function* () {
      const chunk = new Uint8Array(small)
      const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) })
      const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" }
      const request = HttpServerRequest.fromWeb(new Request("http://localhost/v1/upload", init))
      const error = yield* Effect.flip(
        withBoundedBody(
          request,
          makeBodyRoom(small).claim(() => "one")
        )
      )
      assert.strictEqual(error.code, "RATE_LIMITED")
      assert.strictEqual(error.recovery?.retry_after_seconds, 2)
    })
  )
})

describe("the path of a request", () => {
  it("is what the router takes, whatever the caller wrote", () => {
    assert.deepStrictEqual(
      [
        "//",
        "//[",
        "http://[/",
        "http://x/v1/models?a=//b",
        "/v1//models;x",
        "*",
        "",
        "/v1/mod%65ls%2F%3B",
        "/%ff"
      ].map(requestPath),
      ["/", "/[", "/", "/v1/models", "/v1/models", "/*", "/", "/v1/models%2F%3B", "/%ff"]
    )
  })
})
