import { assert, describe, it } from "@effect/vitest"
import { collect } from "@image-skill/core/assets/ResultSpool"
import type { Json } from "@image-skill/core/kernel/Json"
import type { Adapter, ProviderCall, ProviderError } from "@image-skill/core/provider/Provider"
import { Effect, Option, Redacted, type Scope } from "effect"
import { makeAdapter } from "../../src/fal/adapter.ts"
import { type Emulator, type Fault, silentPort, startEmulator } from "./emulator.ts"
import { callOf, image, modelOf } from "./samples.ts"

const key = "key-id:key-secret"
const flux = modelOf("fal.flux-dev")

const withFal = <A, E>(
  fault: Fault,
  use: (adapter: Adapter, emulator: Emulator) => Effect.Effect<A, E, Scope.Scope>,
  apiKey = key
) =>
  Effect.gen(function* () {
    const emulator = yield* startEmulator(key)
    emulator.set(fault)
    const adapter = yield* makeAdapter({
      apiKey: Redacted.make(apiKey),
      baseUrl: new URL(emulator.url),
      storageUrl: new URL(emulator.url)
    })
    return yield* use(adapter, emulator)
  }).pipe(Effect.scoped)

const handleOf = (adapter: Adapter, call: ProviderCall = callOf(flux)) =>
  Effect.flatMap(adapter.submit(call), (submission) =>
    submission._tag === "Accepted" ? Effect.succeed(submission.handle) : Effect.dieMessage("not queued")
  )

const pollOf = (adapter: Adapter, handle: Json) => (adapter.poll ?? (() => Effect.dieMessage("no poll")))(handle)

/** From submission to outcome, polled as often as it takes. */
const outcomeOf = (adapter: Adapter, call: ProviderCall = callOf(flux)) =>
  Effect.gen(function* () {
    const handle = yield* handleOf(adapter, call)
    while (true) {
      const poll = yield* pollOf(adapter, handle)
      if (poll._tag === "Replied") return yield* adapter.decode(call, yield* collect(poll.reply))
      if (poll._tag === "Canceled") return yield* Effect.dieMessage("canceled")
    }
  })

const facts = ({ reason, billed }: ProviderError) => ({ reason, billed })

const submitFacts = (fault: Fault, apiKey = key) =>
  withFal(fault, (adapter) => Effect.map(Effect.flip(adapter.submit(callOf(flux))), facts), apiKey)

const resultFacts = (fault: Fault) =>
  withFal(fault, (adapter) =>
    Effect.gen(function* () {
      const poll = yield* Effect.flatMap(handleOf(adapter), (handle) => Effect.either(pollOf(adapter, handle)))
      return poll._tag === "Left" ? facts(poll.left) : { reason: poll.right._tag, billed: "" }
    })
  )

const isLarge = (bytes: number) => ({ ...image(), bytes: new Uint8Array(bytes).fill(7) })
const ideogram = modelOf("fal.ideogram-v2-edit")
const inlineMax = 10 * 1024 * 1024

describe("fal's file storage", () => {
  it.live("takes what is above 10 MiB, byte for byte and without our key at its address, before anything is paid", () =>
    withFal({ kind: "none" }, (adapter, emulator) =>
      Effect.gen(function* () {
        yield* handleOf(adapter, callOf(ideogram, { image: isLarge(inlineMax + 1) }))
        const [file] = emulator.files()
        assert.deepInclude(file, { contentType: "image/png", bytes: inlineMax + 1, hasKey: false, isIntact: true })
        assert.strictEqual(emulator.submissions[0]?.body["image_url"], file?.url)
        assert.match(String(emulator.submissions[0]?.body["mask_url"]), /^data:image\/png;base64,/)
      })
    )
  )

  it.live("is left alone by images that fit into the request", () =>
    withFal({ kind: "none" }, (adapter, emulator) =>
      Effect.gen(function* () {
        yield* handleOf(adapter, callOf(ideogram, { image: isLarge(inlineMax) }))
        assert.deepStrictEqual(emulator.files(), [])
      })
    )
  )

  const failures: ReadonlyArray<readonly [string, Fault, string]> = [
    ["is away", { kind: "storage_status", status: 500 }, "unavailable"],
    ["refuses the key", { kind: "storage_status", status: 403 }, "authentication"],
    ["names an address in our network", { kind: "storage_foreign", origin: "http://169.254.169.254" }, "unavailable"],
    ["names a name in our network", { kind: "storage_foreign", origin: "https://localhost:9" }, "unavailable"]
  ]
  for (const [name, fault, reason] of failures) {
    it.live(`costs nothing when it ${name}`, () =>
      withFal(fault, (adapter, emulator) =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(adapter.submit(callOf(ideogram, { image: isLarge(inlineMax + 1) })))
          assert.deepStrictEqual(facts(error), { reason, billed: "no" })
          assert.deepStrictEqual(emulator.submissions, [])
        })
      )
    )
  }
})

describe("fal's queue", () => {
  it.live("sends one request with the key, no retries of the queue's own, and a time to start by", () =>
    withFal({ kind: "none" }, (adapter, emulator) =>
      Effect.gen(function* () {
        yield* handleOf(adapter)
        const [sent] = emulator.submissions
        assert.strictEqual(sent?.endpoint, "fal-ai/flux/dev")
        assert.deepStrictEqual(sent?.body, { prompt: "a lighthouse in a storm", num_images: 1 })
        assert.include(sent?.headers, {
          authorization: `Key ${key}`,
          "x-fal-no-retry": "1",
          "x-fal-request-timeout": "600",
          "x-fal-object-lifecycle-preference": '{"expiration_duration_seconds":86400}'
        })
      })
    )
  )

  it.live("waits through the queue, and takes addresses and seed of the result", () =>
    withFal({ kind: "queued", times: 2 }, (adapter, emulator) =>
      Effect.gen(function* () {
        const outcome = yield* outcomeOf(adapter, callOf(flux, { outputs: 2 }))
        assert.lengthOf(outcome.outputs, 2)
        assert.isTrue(
          outcome.outputs.every((one) => one._tag === "Url" && one.url.startsWith(`${emulator.url}/files/`))
        )
        assert.deepStrictEqual(outcome.details, { seed: 4_242_424_242 })
        assert.isNull(outcome.cost)
      })
    )
  )

  it.live("reads the cost off the billed units, to the tick", () =>
    withFal({ kind: "units", units: "1.05" }, (adapter) =>
      Effect.gen(function* () {
        assert.strictEqual((yield* outcomeOf(adapter)).cost, 262_500_000)
        const tiered = callOf(modelOf("fal.nano-banana-2"))
        assert.isNull((yield* outcomeOf(adapter, tiered)).cost)
      })
    )
  )

  it.live("does not deliver a blackened image", () =>
    withFal({ kind: "flagged", index: 1 }, (adapter) =>
      Effect.map(outcomeOf(adapter, callOf(flux, { outputs: 3 })), (outcome) =>
        assert.deepStrictEqual(
          outcome.outputs.map((one) => one._tag),
          ["Url", "Refused", "Url"]
        )
      )
    )
  )

  it.live("takes a result again whose body broke", () =>
    withFal({ kind: "result_cut", times: 1 }, (adapter) =>
      Effect.gen(function* () {
        const handle = yield* handleOf(adapter)
        const first = yield* pollOf(adapter, handle)
        const broken = first._tag === "Replied" ? yield* Effect.flip(collect(first.reply)) : null
        assert.strictEqual(broken?.reason, "unavailable")
        const second = yield* pollOf(adapter, handle)
        assert.strictEqual(second._tag, "Replied")
      })
    )
  )

  it.live("asks it to stop, and learns that it did", () =>
    withFal({ kind: "queued", times: 50 }, (adapter, emulator) =>
      Effect.gen(function* () {
        const handle = yield* handleOf(adapter)
        yield* (adapter.cancel ?? (() => Effect.void))(handle)
        assert.strictEqual(emulator.cancels(), 1)
        assert.deepStrictEqual(yield* pollOf(adapter, handle), { _tag: "Canceled" })
      })
    )
  )

  it.live("takes a cancel that came too late for what it is", () =>
    withFal({ kind: "none" }, (adapter) =>
      Effect.gen(function* () {
        const handle = yield* handleOf(adapter)
        yield* (adapter.cancel ?? (() => Effect.void))(handle)
        assert.strictEqual((yield* pollOf(adapter, handle))._tag, "Replied")
      })
    )
  )

  it.live("finds its work again in another process", () =>
    withFal({ kind: "none" }, (adapter, emulator) =>
      Effect.gen(function* () {
        const handle = yield* handleOf(adapter)
        const later = yield* makeAdapter({
          apiKey: Redacted.make(key),
          baseUrl: new URL(emulator.url),
          storageUrl: new URL(emulator.url)
        })
        assert.strictEqual((yield* pollOf(later, handle))._tag, "Replied")
      })
    )
  )
})

describe("what happened to the money, when fal's queue", () => {
  const cases: ReadonlyArray<readonly [string, Fault, string, string]> = [
    ["is busy", { kind: "submit_status", status: 429 }, "rate_limited", "no"],
    ["has no more credit", { kind: "submit_status", status: 402 }, "quota", "no"],
    [
      "locked the account",
      { kind: "submit_status", status: 403, text: '{"detail":"User is locked. Exhausted balance."}' },
      "quota",
      "no"
    ],
    ["forbids the key", { kind: "submit_status", status: 403 }, "authentication", "no"],
    ["has lost the model", { kind: "submit_status", status: 404 }, "invalid_request", "no"],
    ["fails with its own error", { kind: "submit_status", status: 500 }, "unavailable", "no"],
    ["is behind a failing proxy", { kind: "submit_status", status: 502, text: "<html>" }, "outcome_unknown", "unknown"],
    [
      "refuses the content",
      {
        kind: "submit_status",
        status: 422,
        text: '{"detail":[{"loc":["body","prompt"],"type":"content_policy_violation"}]}'
      },
      "content_policy",
      "no"
    ],
    [
      "redirects",
      { kind: "submit_status", status: 307, headers: { location: "http://127.0.0.1:1/" } },
      "unavailable",
      "no"
    ],
    ["breaks before its answer", { kind: "submit_lost" }, "outcome_unknown", "unknown"],
    ["breaks in its answer", { kind: "submit_cut" }, "outcome_unknown", "unknown"],
    [
      "names foreign addresses",
      { kind: "foreign_urls", origin: "http://169.254.169.254" },
      "outcome_unknown",
      "unknown"
    ]
  ]
  for (const [name, fault, reason, billed] of cases) {
    it.live(name, () => Effect.map(submitFacts(fault), (got) => assert.deepStrictEqual(got, { reason, billed })))
  }

  it.live("refuses the key", () =>
    Effect.map(submitFacts({ kind: "none" }, "wrong"), (got) =>
      assert.deepStrictEqual(got, { reason: "authentication", billed: "no" })
    )
  )

  /** What comes of a submission to this port. */
  const submitAt = (port: number) =>
    makeAdapter({
      apiKey: Redacted.make(key),
      baseUrl: new URL(`http://127.0.0.1:${port}`),
      storageUrl: new URL("http://127.0.0.1:9"),
      submitMillis: 300
    }).pipe(
      Effect.flatMap((adapter) => Effect.flip(adapter.submit(callOf(flux)))),
      Effect.map(facts)
    )

  it.live("is not there", () =>
    Effect.gen(function* () {
      const closed = yield* Effect.scoped(silentPort)
      assert.deepStrictEqual(yield* submitAt(closed), { reason: "unavailable", billed: "no" })
    }).pipe(Effect.scoped)
  )

  it.live("takes too long to answer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* submitAt(yield* silentPort), { reason: "outcome_unknown", billed: "unknown" })
    }).pipe(Effect.scoped)
  )

  it.live("says how long to wait", () =>
    withFal({ kind: "submit_status", status: 429, headers: { "retry-after": "17" } }, (adapter) =>
      Effect.map(Effect.flip(adapter.submit(callOf(flux))), (error) => assert.strictEqual(error.retryAfterSeconds, 17))
    )
  )

  it.live("tells inputs in its errors, which are not passed on", () =>
    withFal({ kind: "result_status", status: 422, type: "image_too_small" }, (adapter) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Effect.flatMap(handleOf(adapter), (handle) => pollOf(adapter, handle)))
        assert.strictEqual(error.message, "the provider refused the request: image_too_small in prompt")
      })
    )
  )

  const results: ReadonlyArray<readonly [string, Fault, string, string]> = [
    [
      "refuses the content of accepted work",
      { kind: "result_status", status: 422, type: "content_policy_violation" },
      "content_policy",
      "unknown"
    ],
    [
      "finds the input too small",
      { kind: "result_status", status: 422, type: "image_too_small" },
      "invalid_request",
      "unknown"
    ],
    ["makes no image", { kind: "result_status", status: 422, type: "no_media_generated" }, "failed", "unknown"],
    [
      "answers a 422 in plain words",
      { kind: "result_status", status: 422, text: '{"detail":"no"}' },
      "invalid_request",
      "unknown"
    ],
    [
      "fails at a service behind it",
      { kind: "result_status", status: 400, type: "downstream_service_error" },
      "failed",
      "no"
    ],
    ["fails at the work", { kind: "result_status", status: 500, type: "internal_server_error" }, "failed", "no"],
    [
      "did not start in time",
      { kind: "result_status", status: 504, text: "", headers: { "x-fal-request-timeout-type": "user" } },
      "failed",
      "no"
    ],
    [
      "is behind a proxy that fails now",
      { kind: "result_status", status: 503, text: "<html>" },
      "unavailable",
      "unknown"
    ],
    ["will not say now", { kind: "result_status", status: 429, type: "rate" }, "rate_limited", "unknown"],
    ["refuses the key later", { kind: "result_status", status: 401, type: "auth" }, "unavailable", "unknown"],
    ["has forgotten the work", { kind: "vanishes" }, "outcome_unknown", "unknown"],
    ["stumbles over the state", { kind: "state_status", status: 500 }, "unavailable", "unknown"],
    ["answers the state with a page", { kind: "state_status", status: 200, text: "<html>" }, "unavailable", "unknown"],
    [
      "completed with an error",
      { kind: "completed_with_error", type: "content_policy_violation" },
      "content_policy",
      "unknown"
    ],
    [
      "completed with a failure",
      { kind: "completed_with_error", type: "downstream_service_error" },
      "failed",
      "unknown"
    ],
    ["canceled by itself", { kind: "completed_with_error", type: "client_cancelled" }, "Canceled", ""]
  ]
  for (const [name, fault, reason, billed] of results) {
    it.live(name, () => Effect.map(resultFacts(fault), (got) => assert.deepStrictEqual(got, { reason, billed })))
  }

  it.live("answers what is no answer", () =>
    withFal({ kind: "result_text", text: "<html>" }, (adapter) =>
      Effect.map(Effect.flip(outcomeOf(adapter)), (error) =>
        assert.deepStrictEqual(facts(error), { reason: "bad_output", billed: "yes" })
      )
    )
  )

  it.live("is never sent a paid request twice", () =>
    withFal({ kind: "submit_lost" }, (adapter, emulator) =>
      Effect.gen(function* () {
        yield* Effect.option(adapter.submit(callOf(flux)))
        assert.strictEqual(emulator.requests(), 1)
      })
    )
  )

  it.live("had given addresses of another house than the one configured now", () =>
    withFal({ kind: "none" }, (adapter, emulator) =>
      Effect.gen(function* () {
        const handle = yield* handleOf(adapter)
        const elsewhere = yield* makeAdapter({
          apiKey: Redacted.make(key),
          baseUrl: new URL("http://127.0.0.1:9"),
          storageUrl: new URL("http://127.0.0.1:9")
        })
        const before = emulator.requests()
        const error = yield* Effect.flip(pollOf(elsewhere, handle))
        assert.strictEqual(error.reason, "outcome_unknown")
        assert.strictEqual(emulator.requests(), before)
        assert.isTrue(Option.isNone(yield* Effect.option(pollOf(elsewhere, null))))
      })
    )
  )
})
