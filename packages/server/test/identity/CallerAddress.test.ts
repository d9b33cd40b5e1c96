import { Headers } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { callerAddress } from "../../src/http/CallerAddress.ts"

const from = (socket: string, forwarded: string | null, trustedProxies: number) =>
  callerAddress(
    {
      remoteAddress: Option.some(socket),
      headers: Headers.fromInput(forwarded === null ? {} : { "x-forwarded-for": forwarded })
    },
    trustedProxies
  )

describe("the address of a caller", () => {
  it("is the socket's, whatever the caller writes", () => {
    assert.strictEqual(from("203.0.113.9", "198.51.100.1", 0), "203.0.113.9")
    assert.strictEqual(from("::ffff:203.0.113.9", null, 0), "203.0.113.9")
  })

  it("is what the last trusted proxy saw", () => {
    assert.strictEqual(from("10.0.0.1", "198.51.100.1, 203.0.113.9", 1), "203.0.113.9")
    assert.strictEqual(from("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", 2), "203.0.113.9")
    assert.strictEqual(from("10.0.0.1", null, 2), "10.0.0.1")
  })

  it("is the network of an IPv6 address, however it is written", () => {
    const network = "2001:db8:1:2::/64"
    for (const one of ["2001:db8:1:2::9", "2001:0DB8:0001:0002:0:0:0:1", "[2001:db8:1:2:3:4:5:6]"])
      assert.strictEqual(from(one, null, 0), network)
    assert.strictEqual(from("::1", null, 0), "0:0:0:0::/64")
    assert.strictEqual(from("fe80::1%eth0", null, 0), "fe80:0:0:0::/64")
  })
})
