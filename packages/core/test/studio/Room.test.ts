import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { limits } from "../../src/kernel/Limits.ts"
import { makeRoom, roomFor } from "../../src/studio/internal/room.ts"
import { fakeModel } from "../../src/testing/FakeProviderModels.ts"

const megabyte = 1024 * 1024
const plain = fakeModel("plain", {})
const sized = (resolutionMax: string) => ({ ...plain, output: { ...plain.output, resolutionMax } })

describe("Room for paid replies", () => {
  it("is four bytes for each pixel of the size that is made, or of the largest, and never above the limit", () => {
    assert.strictEqual(roomFor(sized("1024x1024"), {}, [1, 2]), 12 * megabyte)
    assert.strictEqual(roomFor(sized("unknown"), {}, [1]), 16 * megabyte)
    assert.strictEqual(roomFor(sized("8192x8192"), {}, [10]), limits.replyBytesMax)
    assert.strictEqual(roomFor({ ...sized("1024x1024"), repeatable: true }, {}, [1]), 0)
    const addressed = { ...plain, output: { ...plain.output, repliesWithUrls: true } }
    assert.strictEqual(roomFor(addressed, {}, [4, 4]), 2 * megabyte)
  })

  it.effect("is set aside while a call is in flight, and free again after it", () =>
    Effect.gen(function* () {
      const room = makeRoom({ roomBytes: Effect.succeed(10 * megabyte) })
      const needed = 5 * megabyte
      const second = room.within(needed, Effect.succeed("sent"), ({ freeBytes }) => Effect.succeed(`${freeBytes} left`))
      const first = room.within(needed, second, () => Effect.succeed("refused"))
      assert.strictEqual(yield* first, `${needed} left`)
      assert.strictEqual(yield* second, "sent")
      assert.isNull(yield* makeRoom({ roomBytes: Effect.succeed(null) }).shortageOf(needed))
    })
  )
})
