import { assert, it } from "@effect/vitest"
import { refusalOf } from "../../src/openai/refusal.ts"
import { answers } from "./emulator.ts"

it("says when to come back, unless the provider says not to", () => {
  const { body, headers, status } = answers.rateLimit
  const told = (more: { readonly [name: string]: string }) => refusalOf(status, { ...headers, ...more }, body).error
  assert.strictEqual(told({}).retryAfterSeconds, 2)
  assert.strictEqual(told({ "x-should-retry": "true" }).retryAfterSeconds, 2)
  assert.isUndefined(told({ "x-should-retry": "false" }).retryAfterSeconds)
  assert.strictEqual(told({ "x-should-retry": "false" }).reason, "rate_limited")
})
