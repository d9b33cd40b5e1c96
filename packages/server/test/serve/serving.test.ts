import { connect } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { assert, describe, it } from "@effect/vitest"
import { codeOf, jobOf, onFolder, startedOf, statusesOf } from "./house.ts"
import { pacedPlugin, type Seen } from "./paced.ts"

const seenNothing = (): Seen => ({ begun: [], answered: [] })

/** What a socket is answered that says these words. */
const raw = (port: number, words: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(words))
    let text = ""
    socket.setEncoding("utf8").on("data", (part) => void (text += part))
    socket.on("close", () => resolve(text))
  })

const eventually = async (is: () => boolean | Promise<boolean>) => {
  for (let left = 200; left > 0; left -= 1) {
    if (await is()) return
    await pause(20)
  }
  assert.fail("it did not come to pass in four seconds")
}

describe("a house that serves", () => {
  it.concurrent("answers on its own address, and serves what it makes there", () =>
    onFolder(async (start) => {
      const { ask, create, port, url } = await start({ plugins: [pacedPlugin("paced", 4)] })
      const made = await create("paced.sync", 0)
      assert.strictEqual(codeOf(made), "200 ok")
      const image = /"url":"([^"]+)"/.exec(JSON.stringify(made.envelope.data))?.[1] ?? ""
      assert.isTrue(image.startsWith(`${url}/a/`))
      const [whole, head] = [await fetch(image), await fetch(image, { method: "HEAD" })]
      assert.deepStrictEqual(
        [whole.headers.get("content-length"), head.status, (await head.arrayBuffer()).byteLength],
        [head.headers.get("content-length"), 200, 0]
      )
      assert.strictEqual((await whole.arrayBuffer()).byteLength, Number(whole.headers.get("content-length")))
      const options = await fetch(`${url}/v1/create`, { method: "OPTIONS" })
      assert.deepStrictEqual([options.status, options.headers.get("allow")], [204, "POST, OPTIONS"])
      assert.strictEqual(codeOf(await ask("/nowhere")), "404 ROUTE_NOT_FOUND")
      assert.match(await raw(port, "nonsense\r\n\r\n"), /^HTTP\/1\.1 400 [\s\S]*"code":"INVALID_ARGUMENTS"/)
      assert.match(await raw(port, `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
      for (const path of ["//", "//[", "http://[/v1/models"]) {
        const answer = await raw(port, `GET ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`)
        assert.match(answer, /^HTTP\/1\.1 404 [\s\S]*"code":"ROUTE_NOT_FOUND"/)
      }
    }))

  it.concurrent("answers at once when asked to, then waits as long as it is told, and says what to do next", () =>
    onFolder(async (start) => {
      const { ask, create } = await start({ plugins: [pacedPlugin("paced", 4)] })
      const started = await create("paced.sync", 1_500, { prefer: "respond-async" })
      const other = await create("paced.queue", 1_500, {}, { wait_ms: 0 })
      assert.deepStrictEqual([codeOf(started), codeOf(other)], ["202 ok", "202 ok"])
      const { job_id, status } = startedOf(started)
      assert.deepStrictEqual(
        [status, JSON.stringify(started.envelope.data?.["next_actions"]).includes(job_id)],
        ["running", true]
      )
      const impatient = jobOf(await ask(`/v1/jobs/${job_id}?wait_ms=50`))
      assert.strictEqual(impatient.status, "running")
      assert.strictEqual(jobOf(await ask(`/v1/jobs/${job_id}?wait_ms=10000`)).status, "completed")
      assert.strictEqual(jobOf(await ask(`/v1/jobs/${startedOf(other).job_id}?wait_ms=10000`)).status, "completed")
    }))

  it.concurrent("a provider that is slow and full delays no other, and no other organization for long", () =>
    onFolder(async (start) => {
      const seen = seenNothing()
      const plugins = [pacedPlugin("slow", 2, seen), pacedPlugin("quick", 2)]
      const { ask, create } = await start({ plugins })
      await Promise.all(Array.from({ length: 6 }, () => create("slow.sync", 2_000, asked("org_many"))))
      const jobs = await ask("/v1/jobs", { headers: bearer("org_many") })
      assert.deepStrictEqual(statusesOf(jobs).sort(), ["queued", "queued", "queued", "queued", "running", "running"])
      assert.strictEqual(codeOf(await create("quick.sync", 0, bearer("org_many"))), "200 ok")
      assert.isBelow(seen.answered.length, 6)
      assert.strictEqual(codeOf(await create("slow.sync", 1, bearer("org_few"))), "200 ok")
      // In the order of arrival it would be the seventh.
      assert.isBelow(seen.begun.indexOf("1"), 6)
    }))

  it.concurrent("a client that hangs up does not kill the call that it paid for", () =>
    onFolder(async (start) => {
      const seen = seenNothing()
      const { ask, create } = await start({ plugins: [pacedPlugin("paced", 2, seen)] })
      const client = new AbortController()
      const call = create("paced.sync", 400, { "idempotency-key": "hung-up" }, {}, client.signal).catch(() => null)
      await eventually(() => seen.begun.length === 1)
      client.abort()
      assert.isNull(await call)
      await eventually(() => seen.answered.length === 1)
      const again = await create("paced.sync", 400, { "idempotency-key": "hung-up" })
      assert.deepStrictEqual([codeOf(again), seen.begun.length], ["200 ok", 1])
      assert.strictEqual(jobOf(await ask(`/v1/jobs/${startedOf(again).job_id}`)).status, "completed")
    }))

  it.concurrent("cancels a job that waits for its turn at once, and none that has ended", () =>
    onFolder(async (start) => {
      const seen = seenNothing()
      const { ask, create } = await start({ plugins: [pacedPlugin("paced", 1, seen)] })
      await create("paced.sync", 700, asked("org_one"))
      const waiting = startedOf(await create("paced.sync", 0, asked("org_one"))).job_id
      const cancel = () => ask(`/v1/jobs/${waiting}/cancel`, { method: "POST", headers: bearer("org_one") })
      assert.strictEqual(codeOf(await ask(`/v1/jobs/${waiting}/cancel`, { method: "POST" })), "404 JOB_NOT_FOUND")
      assert.strictEqual(jobOf(await cancel()).status, "canceled")
      assert.deepStrictEqual([codeOf(await cancel()), seen.begun.length], ["409 JOB_NOT_CANCELABLE", 1])
    }))

  it.concurrent("stops politely: answers calls whose answer comes once, hands over the rest, and the next start ends it", () =>
    onFolder(async (start) => {
      const seen = seenNothing()
      const plugins = [pacedPlugin("paced", 2, seen)]
      const first = await start({ plugins })
      const inFlight = first.create("paced.sync", 900)
      const polled = first.create("paced.queue", 2_500)
      await eventually(() => seen.begun.length === 2)
      const waiting = startedOf(await first.create("paced.sync", 0, { prefer: "respond-async" })).job_id
      const stopped = first.stop()
      await pause(50)
      assert.isTrue(
        await fetch(`${first.url}/healthz`).then(
          () => false,
          () => true
        )
      )
      assert.strictEqual(codeOf(await inFlight), "200 ok")
      assert.strictEqual(codeOf(await polled), "202 ok")
      await stopped
      assert.deepStrictEqual([seen.begun.length, seen.answered.length], [2, 1])
      const second = await start({ plugins })
      for (const job of [startedOf(await polled).job_id, waiting]) {
        assert.strictEqual(jobOf(await second.ask(`/v1/jobs/${job}?wait_ms=10000`)).status, "completed")
      }
      assert.strictEqual(seen.begun.length, 3)
    }))
})

describe("the settings of the queues", () => {
  it.concurrent("bound what waits for a provider, of one organization and of all", () =>
    onFolder(async (start) => {
      const { create } = await start({
        plugins: [pacedPlugin("paced", 1), pacedPlugin("other", 1)],
        environment: { IMAGE_SKILL_QUEUE: "paced=2", IMAGE_SKILL_QUEUE_PER_ORGANIZATION: "1" }
      })
      const codes: Array<string> = []
      for (const organization of ["org_one", "org_one", "org_one", "org_two", "org_three"]) {
        codes.push(codeOf(await create("paced.sync", 1_000, asked(organization))))
      }
      assert.deepStrictEqual(codes, ["202 ok", "202 ok", "429 RATE_LIMITED", "202 ok", "503 PROVIDER_UNAVAILABLE"])
      assert.strictEqual(codeOf(await create("other.sync", 0, bearer("org_one"))), "200 ok")
    }))

  it.concurrent("bound how long a stop waits for a call: its client is told that the job still runs", () =>
    onFolder(async (start) => {
      const seen = seenNothing()
      const environment = { IMAGE_SKILL_DRAIN_SECONDS: "1" }
      const { create, stop } = await start({ plugins: [pacedPlugin("paced", 1, seen)], environment })
      const inFlight = create("paced.sync", 20_000)
      await eventually(() => seen.begun.length === 1)
      const since = performance.now()
      await stop()
      assert.isBelow(performance.now() - since, 4_000)
      assert.strictEqual(codeOf(await inFlight), "202 ok")
      assert.deepStrictEqual(seen.answered, [])
    }))
})

const bearer = (organization: string) => ({ authorization: `Bearer ${organization}` })
const asked = (organization: string) => ({ ...bearer(organization), prefer: "respond-async" })
