import { assert, describe, it } from "@effect/vitest"
import { check } from "@image-skill/core/catalog/Parameters"
import { limits } from "@image-skill/core/kernel/Limits"
import { type Answer, codeOf, inHouse } from "./house.ts"

const secret = "my secret prompt"
const model = "local.procedural"

const quiet = (answer: Answer, code: string) => {
  assert.strictEqual(codeOf(answer), code)
  assert.notInclude(answer.text, "secret")
  assert.isBelow(answer.text.length, 3000)
}

describe("refusals", () => {
  it("of a wrong type never repeat prompts, keys and bytes", () =>
    inHouse(async ({ post }) => {
      const invalid = "400 INVALID_ARGUMENTS"
      quiet(await post("/v1/create", { prompt: [secret] }), invalid)
      quiet(await post("/v1/create", JSON.stringify(secret)), invalid)
      quiet(await post("/v1/create", { model: [secret] }), invalid)
      quiet(await post("/v1/create", { prompt: "x", model_parameters: secret }), invalid)
      quiet(await post("/v1/create", { prompt: "x", idempotency_key: secret.repeat(100) }), invalid)
      const form = await post("/v1/create", { prompt: secret }, { "content-type": "application/x-www-form-urlencoded" })
      quiet(form, invalid)
      assert.include(form.envelope.error?.message, "allowed: application/json")
      quiet(await post("/v1/upload", { bytes_base64: [secret.repeat(200_000)] }), invalid)
      quiet(await post("/v1/upload", { bytes_base64: "", filename: [`/home/${secret}`] }), invalid)
      quiet(await post("/v1/create", { prompt: "x" }, { "idempotency-key": `${secret}${"k".repeat(200)}` }), invalid)
      const wrong = await post("/v1/create", { prompt: [secret], dry_run: "yes", ["no_such_field".repeat(1000)]: 1 })
      quiet(wrong, invalid)
      const fields = wrong.envelope.error?.recovery?.["fields"]
      assert.includeMembers(Array.isArray(fields) ? fields : [], ["prompt", "dry_run"])
      const ratio = await post("/v1/create", { prompt: "x", aspect_ratio: 5, wait_ms: "soon", max_usd: "much" })
      assert.strictEqual(
        ratio.envelope.error?.message,
        [
          "aspect_ratio: an aspect ratio is written W:H, such as 16:9, or auto",
          "max_usd: an amount of USD is a number from 0 to 100000",
          "wait_ms: wait_ms is a whole number from 0 to 120000"
        ].join("; ")
      )
      assert.include(wrong.envelope.error?.message, 'dry_run: expected boolean; received "yes"')
    }))

  it("cut the names that they quote", () =>
    inHouse(async ({ post }) => {
      const long = "m".repeat(3_000_000)
      quiet(await post("/v1/create", { prompt: "x", model: long }), "404 MODEL_NOT_FOUND")
      quiet(await post("/v1/edit", { model: "local.grade", input_asset_id: long }), "404 ASSET_NOT_FOUND")
      quiet(
        await post("/v1/create", { prompt: "x", model, dry_run: true, model_parameters: { [long]: 1 } }),
        "400 MODEL_PARAMETERS_INVALID"
      )
    }))

  it("of model parameters name every issue, and repeat no free text", () =>
    inHouse(async ({ post }) => {
      const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`p${index}`, index]))
      const { envelope } = await post("/v1/create", { prompt: "x", model, dry_run: true, model_parameters: many })
      assert.strictEqual(envelope.error?.code, "MODEL_PARAMETERS_INVALID")
      assert.deepStrictEqual(envelope.error?.details?.["issues"], [
        { path: "model_parameters", message: "65 parameters; at most 64 are taken" }
      ])
      const values = { prompt: "x", model, dry_run: true, model_parameters: { seed: [secret], width: { a: secret } } }
      quiet(await post("/v1/create", values), "400 MODEL_PARAMETERS_INVALID")
      const [text] = check("style", { type: "string", maxLength: 3 }, secret)
      assert.strictEqual(text?.message, "style is a text of 16 characters; allowed: a text of at most 3 characters")
      const [choice] = check("size", { type: "string", enum: ["big"] }, "small")
      assert.strictEqual(choice?.message, 'size is "small"; allowed: one of big')
    }))
})

describe("bodies", () => {
  it("that are nested too deep are refused before they are read", () =>
    inHouse(async ({ post }) => {
      for (const depth of [65, 20_000]) {
        for (const [open, close] of [
          ["[", "]"],
          ['{"a":', "}"]
        ] as const) {
          const deep = `{"prompt": ${open.repeat(depth)}1${close.repeat(depth)}}`
          quiet(await post("/v1/create", deep), "400 INVALID_ARGUMENTS")
        }
      }
      const brackets = { prompt: `\\"${"[{".repeat(500)}`, model, dry_run: true }
      assert.strictEqual(codeOf(await post("/v1/create", brackets)), "200 ok")
    }))

  it("are counted as they arrive, whatever their length is said to be", () =>
    inHouse(async ({ ask }) => {
      const chunk = new TextEncoder().encode(" ".repeat(1024 * 1024))
      for (const headers of [{}, { "content-length": "NaN" }, { "content-length": "12" }]) {
        let sent = 0
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            sent += chunk.length
            if (sent > 4 * limits.bodyBytesMax) controller.close()
            else controller.enqueue(chunk)
          }
        })
        const init: RequestInit & { duplex: "half" } = { method: "POST", headers, body, duplex: "half" }
        assert.strictEqual(codeOf(await ask("/v1/create", init)), "413 BODY_TOO_LARGE")
        assert.isBelow(sent, limits.bodyBytesMax + 5 * chunk.length)
      }
      assert.strictEqual(codeOf(await ask("/v1/create", { method: "POST" })), "400 INVALID_ARGUMENTS")
    }))

  it("take an idempotency key of 1 to 200 characters, in the header as in the body", () =>
    inHouse(async ({ post }) => {
      const body = { prompt: "a hill", model, model_parameters: { width: 64, height: 64 } }
      for (const key of ["", "k".repeat(201)]) {
        const refused = await post("/v1/create", body, { "idempotency-key": key })
        assert.strictEqual(codeOf(refused), "400 INVALID_ARGUMENTS")
        assert.deepStrictEqual(refused.envelope.error?.recovery, { fields: ["idempotency-key"] })
      }
      const first = await post("/v1/create", body, { "idempotency-key": "k" })
      const again = await post("/v1/create", body, { "idempotency-key": "k" })
      assert.strictEqual(again.envelope.data?.["job_id"], first.envelope.data?.["job_id"])
      assert.strictEqual(again.envelope.data?.["idempotent_replay"], true)
    }))
})
