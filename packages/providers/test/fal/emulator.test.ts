import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Emulator, type Fault, startEmulator } from "./emulator.ts"

const key = "key-id:key-secret"
const program = new URL("./client.mjs", import.meta.url).pathname

const asked = (emulator: Emulator, scenario: string, credentials: string) =>
  Effect.promise(async (): Promise<unknown> => {
    const run = [program, emulator.url, credentials, scenario]
    const { stdout } = await promisify(execFile)(process.execPath, run, { env: {} })
    return JSON.parse(stdout)
  })

/** What fal's official client saw of the emulator. */
const seen = (scenario: string, fault: Fault = { kind: "none" }, credentials = key) =>
  Effect.gen(function* () {
    const emulator = yield* startEmulator(key)
    emulator.set(fault)
    return yield* asked(emulator, scenario, credentials)
  }).pipe(Effect.scoped)

describe("the emulator, driven by fal's official client", () => {
  it.live("takes work, tells its states, and gives its result", () =>
    Effect.map(seen("subscribe", { kind: "queued", times: 1 }), (value) => {
      assert.deepNestedInclude(value, { requestId: "req-1", "data.seed": 4_242_424_242 })
      assert.nestedPropertyVal(value, "data.images.length", 2)
      assert.deepNestedInclude(value, {
        states: ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"],
        "data.has_nsfw_concepts": [false, false]
      })
    })
  )

  it.live("answers one image where the published type has one", () =>
    Effect.map(seen("single"), (value) => assert.nestedProperty(value, "data.image.url"))
  )

  it.live("refuses a wrong key, and a field that the endpoint does not have", () =>
    Effect.gen(function* () {
      const stranger = yield* seen("refused", { kind: "none" }, "another")
      assert.deepInclude(stranger, { isApiError: true, status: 401 })
      const extra = yield* seen("extra")
      assert.deepInclude(extra, { status: 422, fields: [{ loc: ["body", "n"], type: "value_error.extra" }] })
    })
  )

  it.live("ends work that its policy refuses as a validation error", () =>
    Effect.map(seen("policy", { kind: "result_status", status: 422, type: "content_policy_violation" }), (value) =>
      assert.deepInclude(value, {
        status: 422,
        fields: [{ loc: ["body", "prompt"], type: "content_policy_violation" }]
      })
    )
  )

  it.live("takes files into its storage", () =>
    Effect.gen(function* () {
      const emulator = yield* startEmulator(key)
      const value = yield* asked(emulator, "upload", key)
      const [file] = emulator.files()
      assert.deepStrictEqual(value, { address: file?.url })
      assert.deepInclude(file, { contentType: "image/png", bytes: 1000, hasKey: false, isIntact: true })
    }).pipe(Effect.scoped)
  )

  it.live("cancels what waits, and not what has ended", () =>
    Effect.gen(function* () {
      const waiting = yield* seen("cancel", { kind: "queued", times: 9 })
      assert.deepNestedInclude(waiting, { canceled: null, "result.status": 499 })
      const ended = yield* seen("cancel")
      assert.deepNestedInclude(ended, { result: null, "canceled.status": 400 })
    })
  )
})
