import { assert, describe, it } from "@effect/vitest"
import { limits } from "@image-skill/core/kernel/Limits"
import { type AgentsHouse, inAgentsHouse, joined, operatorToken, tokenOf } from "../identity/agents.ts"
import { asked, codeOf } from "./house.ts"
import { dial } from "./sockets.ts"

const megabyte = new Uint8Array(1024 * 1024).fill(0x20)

const chunk = Buffer.concat([Buffer.from("100000\r\n"), megabyte, Buffer.from("\r\n")])

const head = (path: string, lines: ReadonlyArray<string>) =>
  [`POST ${path} HTTP/1.1`, "host: localhost", "content-type: application/json", ...lines, "", ""].join("\r\n")

const bad = "authorization: Bearer isk_r_nobodys"

const inHouse = (use: (house: AgentsHouse) => Promise<void>) => inAgentsHouse({}, use)

describe("a caller without a good token", () => {
  it("is answered before the body is read, and the connection goes on when the body is whole", () =>
    inHouse(async ({ server }) => {
      const line = await dial(server.port)
      await line.send(head("/v1/upload", [bad, `content-length: ${20 * megabyte.length}`]))
      assert.match(await line.heard(/"TOKEN_INVALID"/), /^HTTP\/1\.1 401 /)
      for (let part = 0; part < 20; part += 1) assert.isTrue(await line.send(megabyte))
      await line.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
      assert.match(await line.heard(/"api_version"/), /HTTP\/1\.1 200 /)
    }))

  it("is told of a grant that is missing as early", () =>
    inHouse(async ({ post, server, signup }) => {
      const { actor, token } = joined(await signup())
      const change = { agent_id: actor.actor_id, grants: ["jobs"], reason: "for a test" }
      assert.strictEqual(codeOf(await post("/v1/admin/agents/grants", change, operatorToken)), "200 ok")
      const line = await dial(server.port)
      await line.send(head("/v1/upload", [`authorization: Bearer ${token}`, `content-length: ${megabyte.length}`]))
      const heard = await line.heard(/"CAPABILITY_DENIED"/)
      assert.match(heard, new RegExp(`^HTTP/1.1 403 [^]*"actor_id":"${actor.actor_id}"`))
      line.end()
    }))

  it("is cut off who sends more than a body may have", () =>
    inHouse(async ({ server }) => {
      const line = await dial(server.port)
      await line.send(head("/v1/upload", [bad, "transfer-encoding: chunked"]))
      await line.heard(/"TOKEN_INVALID"/)
      let sent = 0
      while (sent < 100 * limits.bodyBytesMax && (await Promise.race([line.send(chunk), line.closed])))
        sent += chunk.length
      await line.closed
      assert.isAtLeast(sent, limits.bodyBytesMax)
    }))

  it("hears that a body is too large which never said how large it is, and may go on", () =>
    inHouse(async ({ server }) => {
      const line = await dial(server.port)
      await line.send(head("/v1/agent-signups", ["transfer-encoding: chunked"]))
      for (let part = 0; part < 5; part += 1) await line.send(chunk)
      await line.send("0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
      const heard = await line.heard(/"api_version"/)
      assert.match(heard, /^HTTP\/1\.1 413 [\s\S]*"BODY_TOO_LARGE"[\s\S]*HTTP\/1\.1 200 /)
      line.end()
    }))

  it("is not told to send the body that it asks about first; who has a good one is", () =>
    inHouse(async ({ server, signup }) => {
      const expects = [`content-length: 4`, "expect: 100-continue"]
      const refused = await dial(server.port)
      await refused.send(head("/v1/upload", [bad, ...expects]))
      assert.match(await refused.heard(/"TOKEN_INVALID"/), /^HTTP\/1\.1 401 /)
      await refused.closed
      const good = await dial(server.port)
      await good.send(head("/v1/upload", [`authorization: Bearer ${tokenOf(await signup())}`, ...expects]))
      assert.strictEqual(await good.heard(/\r\n\r\n/), "HTTP/1.1 100 Continue\r\n\r\n")
      await good.send("null")
      await good.heard(/"INVALID_ARGUMENTS"/)
      good.end()
    }))

  it("hears so with an ordinary client, at every endpoint that takes a body", () =>
    inHouse(async ({ server }) => {
      const body = megabyte
        .slice(0, 4 * 1024)
        .toString()
        .repeat(1_000)
      const post = (path: string, authorization: string) =>
        asked(`http://127.0.0.1:${server.port}${path}`, { method: "POST", headers: { authorization }, body })
      for (const path of [
        "/v1/create",
        "/v1/edit",
        "/v1/upload",
        "/v1/feedback",
        "/v1/credit-quotes",
        "/v1/jobs/j/cancel"
      ]) {
        assert.strictEqual(codeOf(await post(path, "Bearer isk_r_nobodys")), "401 TOKEN_INVALID", path)
        assert.strictEqual(codeOf(await post(path, "")), "401 AUTH_REQUIRED", path)
      }
      assert.strictEqual(codeOf(await post("/v1/admin/credits/grant", "Bearer wrong")), "401 TOKEN_INVALID")
      for (const path of ["/v1/agent-signups", "/v1/cli", "/nowhere"]) {
        assert.strictEqual(codeOf(await post(path, "")), "413 BODY_TOO_LARGE", path)
      }
    }))
})

describe("an address", () => {
  const healthz = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n"

  it("has so many connections and no more; one that is closed makes room", () =>
    inAgentsHouse({ IMAGE_SKILL_CONNECTIONS_PER_ADDRESS: "3" }, async ({ server }) => {
      const lines = [await dial(server.port), await dial(server.port), await dial(server.port)] as const
      const fourth = await dial(server.port)
      await fourth.send(healthz)
      const refused = await fourth.heard(/"RATE_LIMITED"/)
      assert.match(refused, /^HTTP\/1\.1 429 [\s\S]*retry-after: 5\r\n[\s\S]*"connections_max":3/)
      await fourth.closed
      for (const line of lines) {
        await line.send(healthz)
        assert.match(await line.heard(/"api_version"/), /^HTTP\/1\.1 200 /)
      }
      lines[0].end()
      await lines[0].closed
      await new Promise((resolve) => setTimeout(resolve, 50))
      const fifth = await dial(server.port)
      await fifth.send(healthz)
      await fifth.heard(/"api_version"/)
      // Some more may be told so; whoever comes on and on is not even that.
      const more = [await dial(server.port), await dial(server.port), await dial(server.port)]
      const beyond = await dial(server.port)
      await beyond.send(healthz)
      await beyond.closed
      assert.strictEqual(await beyond.heard(/^/), "")
      for (const line of [...lines, fifth, ...more]) line.end()
    }))

  it("has as many as it likes where the operator has turned limits off", () =>
    inAgentsHouse({ IMAGE_SKILL_CONNECTIONS_PER_ADDRESS: "1", IMAGE_SKILL_RATE_LIMIT: "off" }, async ({ server }) => {
      const lines = await Promise.all(Array.from({ length: 20 }, () => dial(server.port)))
      for (const line of lines) {
        await line.send(healthz)
        assert.include(await line.heard(/"api_version"/), "HTTP/1.1 200 ")
        line.end()
      }
    }))
})
