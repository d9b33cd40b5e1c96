import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/Json"
import { fakePng } from "@image-skill/core/testing/FakeProviderPng"
import { type Answered, type Asked, type House, operatorToken } from "./house.ts"

const uploadOf = (name: string) => ({
  bytes_base64: Buffer.from(fakePng(640, 480, name)).toString("base64"),
  filename: "in.png",
  idempotency_key: `${name}-up`
})

/** The least that an agent can own. */
export const uploads = async (house: House, token: string, name: string): Promise<ReadonlyArray<Answered>> => [
  await house.ask({ method: "POST", path: "/v1/upload", token, body: uploadOf(name) })
]

/** Everything that an agent can do, once; in an order in which each step has what it needs. */
export const wholeRun = async (house: House, token: string, name: string): Promise<ReadonlyArray<Answered>> => {
  const answers: Array<Answered> = []
  const say = async (method: string, path: string, body?: unknown, more: Partial<Asked> = {}) => {
    const answer = await house.ask({ method, path, token, ...(body === undefined ? {} : { body }), ...more })
    answers.push(answer)
    return answer
  }
  const get = (path: string) => say("GET", path)
  const post = (path: string, body?: unknown) => say("POST", path, body)

  for (const path of ["/healthz", "/v1/whoami", "/v1/quota", "/v1/payment-methods", "/v1/credit-packs"]) await get(path)
  for (const path of ["/v1/models", "/v1/models?view=find&query=resize", "/v1/models?view=overview"]) await get(path)
  for (const path of ["/v1/models/stand-in.make", "/v1/models/local.resize", "/v1/capabilities"]) await get(path)
  await get("/v1/capabilities/is.image.generate.stand-in-make.v1")

  const upload = uploadOf(name)
  const input = at(await post("/v1/upload", upload), "asset", "asset_id")
  await post("/v1/upload", upload)
  const make = { model: "stand-in.make", prompt: "a harbour", model_parameters: { style: "my words" } }
  await post("/v1/create", { ...make, dry_run: true })
  const made = await post("/v1/create", { ...make, output_count: 2, idempotency_key: `${name}-make` })
  await post("/v1/create", { ...make, output_count: 2, idempotency_key: `${name}-make` })
  const job = at(made, "job_id")
  const change = { model: "stand-in.change", prompt: "at night", input_asset_id: input, mask_asset_id: input }
  const references = [{ asset_id: input, role: "reference_image", index: 0 }]
  await post("/v1/edit", { ...change, references })
  await post("/v1/edit", { ...change, references, dry_run: true })
  await post("/v1/create", { prompt: "x", model: "stand-in.refuse" })
  const waiting = at(await post("/v1/create", { prompt: "x", model: "stand-in.wait", wait_ms: 0 }), "job_id")
  await get(`/v1/jobs/${waiting}`)
  await post(`/v1/jobs/${waiting}/cancel`)
  for (const path of [`/v1/jobs/${job}`, "/v1/jobs?limit=3", "/v1/jobs", "/v1/assets", `/v1/assets/${input}`]) {
    await get(path)
  }
  await get(`/v1/assets?job_id=${job}&kind=generated&limit=1`)

  const terms = (payment_method: string) => ({
    credits: 500,
    payment_method,
    idempotency_key: `${name}-${payment_method}`
  })
  const quote = at(await post("/v1/credit-quotes", terms("fake")), "quote_id")
  await post("/v1/credit-purchases", { quote_id: quote, idempotency_key: `${name}-buy` })
  await post("/v1/credit-purchases", { quote_id: quote, idempotency_key: `${name}-buy` })
  await get(`/v1/credit-purchases/status?quote_id=${quote}`)
  const live = at(
    await post("/v1/credit-quotes", { ...terms("stripe_checkout"), pack_id: "starter-500", credits: null }),
    "quote_id"
  )
  await get(`/v1/credit-purchases/status?quote_id=${live}`)
  const buying = { quote_id: live, idempotency_key: `${name}-checkout` }
  const session = await post("/v1/credit-purchases/stripe-checkout-sessions", buying)
  const status = `/v1/credit-purchases/status?payment_attempt_id=${at(session, "payment_attempt_id")}`
  await get(status)
  const { body, signature } = house.stripe.complete(at(session, "checkout_session_id"))
  await say("POST", "/webhooks/stripe", body, { headers: { "stripe-signature": signature } })
  await get(status)

  await post("/v1/feedback", { title: "Slow", body: "It took a while", evidence: [`job:${job}`], dedupe_key: name })
  const events = (await get("/v1/activity?limit=100")).envelope?.data?.["events"]
  await get(`/v1/activity/${at({ data: { event: isList(events) ? (events[0] ?? null) : null } }, "event", "event_id")}`)
  await get(`/v1/activity/${job}`)
  await get(`/v1/activity?subject=${job}`)
  return answers
}

/** Reads the house as its operator. */
export const operatorsRun = async (house: House): Promise<ReadonlyArray<Answered>> => {
  const paths = ["agents", "jobs", "invites", "budgets", "spend", "unknown", "exposure", "acts", "audit", "payments"]
  return Promise.all(
    [...paths, "payment-events"].map((path) =>
      house.ask({ method: "GET", path: `/v1/admin/${path}`, token: operatorToken })
    )
  )
}

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** The text at a path of the data; fails where there is none. */
export const at = (answer: Answered | { readonly data: JsonObject }, ...path: ReadonlyArray<string>): string => {
  let value: Json | undefined = "data" in answer ? answer.data : (answer.envelope?.data ?? null)
  for (const name of path) value = isObject(value) ? value[name] : undefined
  if (typeof value === "string") return value
  throw new Error(`no text at ${path.join(".")} of ${"data" in answer ? JSON.stringify(answer.data) : answer.text}`)
}
