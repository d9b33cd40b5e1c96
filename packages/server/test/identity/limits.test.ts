import { assert, describe, it } from "@effect/vitest"
import { codeOf } from "../serve/house.ts"
import { inAgentsHouse, operatorToken, publicHouse, tokenOf } from "./agents.ts"

const inTurn = async <A>(count: number, ask: (nth: number) => Promise<A>): Promise<ReadonlyArray<A>> => {
  const answers: Array<A> = []
  for (let nth = 0; nth < count; nth += 1) answers.push(await ask(nth))
  return answers
}

describe("who asks too often", () => {
  it("for a signup is told when to come back, by address", () =>
    inAgentsHouse({ ...publicHouse, IMAGE_SKILL_SIGNUP: "open" }, async ({ get, post, signup }) => {
      const forged = (nth: number) =>
        post("/v1/agent-signups", { return_token: true }, undefined, { "x-forwarded-for": `203.0.113.${nth}` })
      const answers = await inTurn(7, (nth) => forged(nth))
      assert.deepStrictEqual(answers.map(codeOf), [
        ...Array.from({ length: 5 }, () => "200 ok"),
        "429 RATE_LIMITED",
        "429 RATE_LIMITED"
      ])
      const refused = await signup()
      assert.strictEqual(refused.headers.get("x-image-skill-exit-code"), "5")
      const seconds = Number(refused.headers.get("retry-after"))
      assert.isTrue(seconds > 60 && seconds <= 120, `${seconds}`)
      assert.deepInclude(refused.envelope.error?.recovery, { retry_after_seconds: seconds })
      const [first] = answers
      assert.strictEqual(codeOf(await get("/v1/whoami", first && tokenOf(first))), "200 ok")
    }))

  it("with tokens that are not known is held back, and holders of good ones are not", () =>
    inAgentsHouse({}, async ({ get, signup }) => {
      const good = tokenOf(await signup())
      const guesses = await inTurn(22, (nth) => get("/v1/whoami", `isk_r_guess${nth}`))
      assert.strictEqual(guesses.filter((answer) => codeOf(answer) === "401 TOKEN_INVALID").length, 20)
      assert.strictEqual(codeOf(await get("/v1/whoami", "isk_r_another")), "429 RATE_LIMITED")
      assert.strictEqual(codeOf(await get("/v1/whoami", good)), "200 ok")
    }))

  it("is told apart by the address that the operator's own proxy names, and by no other", () =>
    inAgentsHouse(
      { ...publicHouse, IMAGE_SKILL_SIGNUP: "open", IMAGE_SKILL_TRUSTED_PROXIES: "1" },
      async ({ post }) => {
        const from = (address: string) =>
          post("/v1/agent-signups", {}, undefined, { "x-forwarded-for": `198.51.100.${Math.random()}, ${address}` })
        assert.deepStrictEqual((await inTurn(6, () => from("203.0.113.1"))).map(codeOf).slice(4), [
          "200 ok",
          "429 RATE_LIMITED"
        ])
        assert.strictEqual(codeOf(await from("203.0.113.2")), "200 ok")
      }
    ))

  it("is not held back where the operator has turned limits off", () =>
    inAgentsHouse({ ...publicHouse, IMAGE_SKILL_SIGNUP: "open", IMAGE_SKILL_RATE_LIMIT: "off" }, async ({ signup }) => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => signup({}, operatorToken)))
      assert.isTrue(answers.every((answer) => codeOf(answer) === "200 ok"))
    }))
})

describe("a call without a good token", () => {
  it("is told to sign up", () =>
    inAgentsHouse({}, async ({ get }) => {
      const none = await get("/v1/quota")
      assert.strictEqual(codeOf(none), "401 AUTH_REQUIRED")
      assert.strictEqual(none.headers.get("x-image-skill-exit-code"), "3")
      assert.deepInclude(none.envelope.error?.recovery, {
        suggested_command: "image-skill signup --agent --save --json"
      })
      assert.strictEqual(codeOf(await get("/v1/quota", "something-else")), "401 TOKEN_INVALID")
      assert.strictEqual(codeOf(await get("/v1/quota", operatorToken)), "401 TOKEN_INVALID")
      assert.strictEqual(codeOf(await get("/v1/models")), "200 ok")
    }))
})
