import { assert, describe, it } from "@effect/vitest"
import { makeScratchPool } from "../../src/kernel/Scratch.ts"

const megabyte = 1024 * 1024
const made: Array<ArrayBuffer> = []
const makePool = () => {
  made.length = 0
  return makeScratchPool({
    allocate: (bytes) => {
      const memory = new ArrayBuffer(bytes)
      made.push(memory)
      return memory
    }
  })
}

describe("Scratch memory", () => {
  it("is used again once it is given back, and not before", () => {
    const pool = makePool()
    const first = pool.lease()
    const bytes = first.take(3 * megabyte)
    assert.lengthOf(bytes, 3 * megabyte)
    assert.notStrictEqual(pool.lease().take(3 * megabyte).buffer, bytes.buffer)
    first.release()
    assert.strictEqual(pool.lease().take(2 * megabyte).buffer, bytes.buffer)
    assert.lengthOf(made, 2)
  })

  it("is given back once, however often that is said", () => {
    const pool = makePool()
    const lease = pool.lease()
    lease.take(megabyte)
    lease.release()
    lease.release()
    const [one, other] = [pool.lease().take(megabyte), pool.lease().take(megabyte)]
    assert.notStrictEqual(one.buffer, other.buffer)
  })

  it("gives little images no memory that a large one needs", () => {
    const pool = makePool()
    const lease = pool.lease()
    const large = lease.take(20 * megabyte)
    lease.release()
    assert.notStrictEqual(pool.lease().take(megabyte).buffer, large.buffer)
    assert.strictEqual(pool.lease().take(20 * megabyte).buffer, large.buffer)
  })
})
