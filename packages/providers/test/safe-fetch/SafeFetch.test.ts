import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { assert, it } from "@effect/vitest"
import type { ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, type Scope } from "effect"
import { checkedUrl, makeSafeFetch, type Resolve } from "../../src/media/SafeFetch.ts"
import { isPublicAddress } from "../../src/media/SafeFetchAddresses.ts"

type Serve = (request: IncomingMessage, response: ServerResponse) => void

const host = (
  serve: Serve
): Effect.Effect<{ readonly origin: string; readonly hits: () => number }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly origin: string; readonly hits: () => number; readonly stop: () => void }>((resume) => {
      let hits = 0
      const server = createServer((request, response) => {
        hits += 1
        serve(request, response)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const stop = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ origin: `http://127.0.0.1:${port}`, hits: () => hits, stop }))
      })
    }),
    ({ stop }) => Effect.sync(stop)
  )

const image: Serve = (_, response) => void response.end(Buffer.from("bytes of an image"))
const redirect =
  (to: (path: string) => string): Serve =>
  (request, response) =>
    void response.writeHead(302, { location: to(request.url ?? "") }).end()

const told = ({ billed, reason }: ProviderError) => [reason, billed]

it("knows every form of an address that is not public", () => {
  const hidden = [
    ...[
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.255.255.254",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255"
    ],
    ...["192.0.0.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
    ...["::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8", "::127.0.0.1", "0:0:0:0:0:ffff:a00:1"],
    ...[
      "64:ff9b::7f00:1",
      "64:ff9b:1::1",
      "2002:7f00:1::",
      "2001:0:4136:e378::",
      "fe80::1",
      "fe80::1%lo",
      "fec0::1",
      "fc00::1",
      "fd12::1"
    ],
    ...["ff02::1", "2001:db8::1", "3fff::1", "100::1", "localhost", "", "8.8.8"]
  ]
  for (const address of hidden) assert.isFalse(isPublicAddress(address), address)
  for (const address of ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"]) {
    assert.isTrue(isPublicAddress(address), address)
  }
})

it.scopedLive("reads a result from a trusted origin, and from no other on a private address", () =>
  Effect.gen(function* () {
    const { hits, origin } = yield* host(image)
    const bytes = yield* makeSafeFetch({ trustedOrigins: [origin] }).bytes(`${origin}/a.png`)
    assert.strictEqual(Buffer.from(bytes).toString(), "bytes of an image")
    const port = new URL(origin).port
    const spellings = [
      "127.0.0.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]"
    ]
    for (const name of spellings) {
      const error = yield* Effect.flip(makeSafeFetch().bytes(`http://${name}:${port}/a.png`))
      assert.deepStrictEqual(told(error), ["bad_output", "yes"], name)
      assert.notMatch(error.message, /127|localhost/)
    }
    // Some systems do not resolve this one: then it is out of reach, which is as good.
    yield* Effect.flip(makeSafeFetch().bytes(`http://localhost.:${port}/a.png`))
    assert.strictEqual(hits(), 1)
  })
)

it.live("is out of reach where a name does not resolve", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(makeSafeFetch().bytes("https://no-such-host.invalid/a.png"))
    assert.deepStrictEqual(told(error), ["unavailable", "yes"])
  })
)

it.scopedLive("refuses a name when any of its addresses is private", () =>
  Effect.gen(function* () {
    const { hits, origin } = yield* host(image)
    const port = new URL(origin).port
    const answers: ReadonlyArray<ReadonlyArray<string>> = [
      ["127.0.0.1"],
      ["93.184.216.34", "127.0.0.1"],
      ["::ffff:127.0.0.1"],
      ["169.254.169.254"]
    ]
    for (const addresses of answers) {
      const resolve: Resolve = (_, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
        )
      const error = yield* Effect.flip(makeSafeFetch({ resolve }).bytes(`http://images.example:${port}/a.png`))
      assert.deepStrictEqual(told(error), ["bad_output", "yes"])
    }
    assert.strictEqual(hits(), 0)
  })
)

it.scopedLive("asks for a name once, so that a second answer of its server changes nothing", () =>
  Effect.gen(function* () {
    const { hits, origin } = yield* host(image)
    let asked = 0
    const resolve: Resolve = (_, done) => {
      asked += 1
      // Public when it is checked, private from then on. Nothing listens at the public one.
      done(null, [{ address: asked === 1 ? "192.88.98.1" : "127.0.0.1", family: 4 }])
    }
    const error = yield* Effect.flip(
      makeSafeFetch({ resolve, timeoutMillis: 300 }).bytes(`http://rebind.example:${new URL(origin).port}/a.png`)
    )
    assert.strictEqual(error.reason, "unavailable")
    assert.deepStrictEqual([asked, hits()], [1, 0])
  })
)

it.scopedLive("checks every redirect anew: a trusted origin cannot lead to a private address", () =>
  Effect.gen(function* () {
    const secret = yield* host(image)
    const open = yield* host(redirect(() => `${secret.origin}/admin`))
    const error = yield* Effect.flip(makeSafeFetch({ trustedOrigins: [open.origin] }).bytes(`${open.origin}/a.png`))
    assert.deepStrictEqual(told(error), ["bad_output", "yes"])
    assert.strictEqual(secret.hits(), 0)
  })
)

it.scopedLive("follows five redirects and no sixth", () =>
  Effect.gen(function* () {
    const chain =
      (length: number): Serve =>
      (request, response) => {
        const step = Number((request.url ?? "/0").slice(1))
        return step >= length ? image(request, response) : redirect(() => `/${step + 1}`)(request, response)
      }
    const five = yield* host(chain(5))
    const six = yield* host(chain(6))
    const fetch = makeSafeFetch({ trustedOrigins: [five.origin, six.origin] })
    assert.strictEqual((yield* fetch.bytes(`${five.origin}/0`)).length, 17)
    assert.strictEqual((yield* Effect.flip(fetch.bytes(`${six.origin}/0`))).reason, "bad_output")
    assert.strictEqual(six.hits(), 6)
  })
)

it.scopedLive("refuses what is no plain http or https URL, also behind a redirect", () =>
  Effect.gen(function* () {
    const targets = [
      "file:///etc/passwd",
      "data:image/png;base64,AAAA",
      "ftp://example.com/a.png",
      "http://user:secret@example.com/a.png",
      "//",
      "http://"
    ]
    for (const target of targets) {
      const { origin } = yield* host(redirect(() => target))
      const fetch = makeSafeFetch({ trustedOrigins: [origin] })
      assert.strictEqual((yield* Effect.flip(fetch.bytes(`${origin}/a.png`))).reason, "bad_output", target)
      assert.strictEqual((yield* Effect.flip(fetch.bytes(target))).reason, "bad_output", target)
    }
  })
)

it("follows from http to https and never back", () => {
  const secure = new URL("https://images.example/a.png")
  assert.throws(() => checkedUrl("http://images.example/a.png", secure), /from https to http/)
  assert.strictEqual(checkedUrl("//other.example/b.png", secure).href, "https://other.example/b.png")
  assert.strictEqual(checkedUrl("https://images.example/c", new URL("http://images.example/a")).protocol, "https:")
})

it.scopedLive("stops reading at the byte limit, whether the length is told, untold or a lie", () =>
  Effect.gen(function* () {
    let sent = 0
    const endless: Serve = (request, response) => {
      if (request.url === "/told") response.setHeader("content-length", "100000000")
      const write = (): void => {
        if (response.destroyed) return
        sent += 65_536
        response.write(Buffer.alloc(65_536), () => setImmediate(write))
      }
      write()
    }
    const { origin } = yield* host(endless)
    const fetch = makeSafeFetch({ trustedOrigins: [origin], bytesMax: 200_000 })
    for (const path of ["/told", "/untold"]) {
      const error = yield* Effect.flip(fetch.bytes(`${origin}${path}`))
      assert.deepStrictEqual([error.reason, error.message], ["bad_output", "the result is above 200000 bytes"])
    }
    assert.isBelow(sent, 20_000_000)
  })
)

it.scopedLive("asks for no compression and takes none: a small answer must not swell", () =>
  Effect.gen(function* () {
    let asked: string | undefined
    const { origin } = yield* host((request, response) => {
      asked = request.headers["accept-encoding"]?.toString()
      response.writeHead(200, { "content-encoding": "gzip" }).end("x")
    })
    const error = yield* Effect.flip(makeSafeFetch({ trustedOrigins: [origin] }).bytes(`${origin}/a.png`))
    assert.deepStrictEqual([asked, error.reason], ["identity", "bad_output"])
  })
)

it.scopedLive("can be tried again after what may pass, and not after a final no", () =>
  Effect.gen(function* () {
    const { origin } = yield* host(
      (request, response) => void response.writeHead(Number((request.url ?? "").slice(1))).end()
    )
    const reasonAt = (status: number) =>
      Effect.map(
        Effect.flip(makeSafeFetch({ trustedOrigins: [origin] }).bytes(`${origin}/${status}`)),
        ({ reason }) => reason
      )
    assert.deepStrictEqual(yield* Effect.forEach([404, 403, 204, 429, 503], reasonAt), [
      ...["bad_output", "bad_output", "bad_output"],
      ...["unavailable", "unavailable"]
    ])
    const gone = yield* Effect.flip(
      makeSafeFetch({ trustedOrigins: ["http://127.0.0.1:9"] }).bytes("http://127.0.0.1:9/")
    )
    assert.strictEqual(gone.reason, "unavailable")
  })
)

it.scopedLive("gives up on a host that trickles, and on an answer that breaks off", () =>
  Effect.gen(function* () {
    const { origin } = yield* host((request, response) => {
      if (request.url === "/broken") {
        response.setHeader("content-length", "1000")
        return void response.write("x", () => response.destroy())
      }
      const timer = setInterval(() => response.write("x"), 20)
      response.on("close", () => clearInterval(timer))
    })
    const fetch = makeSafeFetch({ trustedOrigins: [origin], timeoutMillis: 300 })
    for (const path of ["/slow", "/broken"]) {
      assert.deepStrictEqual(told(yield* Effect.flip(fetch.bytes(`${origin}${path}`))), ["unavailable", "yes"], path)
    }
  })
)
