import { readFileSync } from "node:fs"
import { createServer as createHttp, type Server as HttpServer, type RequestListener } from "node:http"
import { createServer as createHttps, type Server as HttpsServer } from "node:https"
import { assert, it } from "@effect/vitest"
import type { ProviderError } from "@image-skill/core/provider/Provider"
import { Effect } from "effect"
import { makeSafeFetch } from "../../src/media/SafeFetch.ts"

// A certificate of loopback's own, which nobody trusts; its key is public with these tests.
const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url))
const tls = { key: fixture("loopback-key.pem"), cert: fixture("loopback-certificate.pem") }

const listening = (server: HttpServer | HttpsServer, scheme: string) =>
  Effect.acquireRelease(
    Effect.async<string>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(
          Effect.succeed(`${scheme}://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`)
        )
      })
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

/** Node asks for this at every connection: the encryption stays real, and whose certificate it is is not looked at. */
const withoutAuthority = Effect.acquireRelease(
  Effect.sync(() => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0"
  }),
  () =>
    Effect.sync(() => {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]
    })
)

/** An encrypted host that redirects `/down` and `/up`, and a plain one beside it that counts who comes. */
const hosts = Effect.gen(function* () {
  let visits = 0
  const plain = yield* listening(
    createHttp((request, response) => {
      visits += 1
      if (request.url === "/up") response.writeHead(302, { location: `${secure}/image` }).end()
      else response.end("in the clear")
    }),
    "http"
  )
  const answer: RequestListener = (request, response) => {
    if (request.url === "/image") response.end("encrypted")
    else if (request.url === "/again") response.writeHead(307, { location: "/image" }).end()
    else response.writeHead(302, { location: `${plain}/image` }).end()
  }
  const secure: string = yield* listening(createHttps(tls, answer), "https")
  return { plain, secure, visits: () => visits, fetch: makeSafeFetch({ trustedOrigins: [plain, secure] }) }
})

const told = ({ billed, message, reason }: ProviderError) => [reason, billed, message]
const words = (bytes: Uint8Array) => Buffer.from(bytes).toString()

it.scopedLive("is not led from https to http, and asks nothing of where it was led", () =>
  Effect.gen(function* () {
    yield* withoutAuthority
    const { fetch, secure, visits } = yield* hosts
    const error = yield* Effect.flip(fetch.bytes(`${secure}/down`))
    assert.deepStrictEqual(told(error), ["bad_output", "yes", "the result is redirected from https to http"])
    assert.strictEqual(visits(), 0)
  })
)

it.scopedLive("follows from https to https, and from http to https", () =>
  Effect.gen(function* () {
    yield* withoutAuthority
    const { fetch, plain, secure } = yield* hosts
    assert.strictEqual(words(yield* fetch.bytes(`${secure}/again`)), "encrypted")
    assert.strictEqual(words(yield* fetch.bytes(`${plain}/up`)), "encrypted")
  })
)

it.scopedLive("takes nothing from a host whose certificate nobody vouches for", () =>
  Effect.gen(function* () {
    const { fetch, secure } = yield* hosts
    const error = yield* Effect.flip(fetch.bytes(`${secure}/image`))
    assert.deepStrictEqual(told(error), ["unavailable", "yes", "the result cannot be fetched"])
  })
)
