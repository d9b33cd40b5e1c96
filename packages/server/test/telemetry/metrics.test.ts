import { assert, describe, it } from "@effect/vitest"
import { inAgentsHouse, operatorToken, tokenOf } from "../identity/agents.ts"
import { pacedPlugin } from "../serve/paced.ts"

describe("GET /metrics", () => {
  it("is the operator's: text for Prometheus with his token, the envelope of a refusal without", () =>
    inAgentsHouse(
      {},
      async ({ get, post, server, signup }) => {
        const token = tokenOf(await signup())
        await post("/v1/create", { prompt: "a hill", model: "paced.sync" }, token)
        assert.strictEqual((await get("/metrics")).envelope.error?.code, "AUTH_REQUIRED")
        assert.strictEqual((await get("/metrics", token)).envelope.error?.code, "TOKEN_INVALID")
        const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${operatorToken}` } })
        const text = await answer.text()
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8")
        assert.match(
          text,
          /^image_skill_call_duration_seconds_count\{.*command="image-skill create".*outcome="ok".*\} \d+$/m
        )
        assert.match(text, /^image_skill_credits_total\{movement="held"\} \d+$/m)
        assert.match(text, /^image_skill_process_memory_bytes\{kind="rss"\} \d+$/m)
        assert.match(text, /^image_skill_queue_jobs\{.*provider="paced".*\} 0$/m)
      },
      { plugins: [pacedPlugin("paced", 2)] }
    ))
})
