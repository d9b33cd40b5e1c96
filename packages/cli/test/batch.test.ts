import { createHash } from "node:crypto"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Answering, type Asked, refuse, reply, runIn, temporaryFolder } from "./support/host.ts"

let folder = temporaryFolder()
let run = runIn(folder.path)
beforeEach(() => {
  folder = temporaryFolder()
  run = runIn(folder.path)
})
afterEach(() => folder.remove())

const at = (name: string) => join(folder.path, name)
const credits = 9
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** A server that knows keys: the same one again is the same job, and costs nothing more. */
const makeStudio = (refuseLive: (asked: Asked) => Response | undefined = () => undefined, available = 1000) => {
  const jobs = new Map<unknown, number>()
  const answering: Answering = (asked) => {
    const { body, path } = asked
    if (path.startsWith("/a/")) return new Response(path)
    const priced = { credit_pricing: { credits_required: credits } }
    if (body.dry_run === true) {
      return body.model === "nope"
        ? refuse("MODEL_NOT_FOUND", 404)
        : reply({ cost: priced, quota: { available_credits: available }, blockers: [] })
    }
    const refused = refuseLive(asked)
    if (refused !== undefined) return refused
    const isReplay = jobs.has(body.idempotency_key)
    const number = jobs.get(body.idempotency_key) ?? jobs.size
    jobs.set(body.idempotency_key, number)
    return reply({
      job_id: `job_${number}`,
      status: "completed",
      cost: { settled_credits: credits },
      request: { selection: { model_id: "fal.some/model" } },
      assets: [
        {
          asset_id: `image_${number}`,
          url: `http://image-skill.localhost/a/${number}`,
          mime_type: "image/png",
          sha256: hashOf(`/a/${number}`)
        }
      ],
      ...(isReplay ? { idempotent_replay: true } : {})
    })
  }
  return { answering, jobs }
}

const write = (name: string, value: unknown) => writeFileSync(at(name), JSON.stringify(value))
const three = { defaults: { model: "m" }, items: [{ id: "a", prompt: "1" }, { id: "b", prompt: "2" }, { prompt: "3" }] }
const live = (asked: ReadonlyArray<Asked>) =>
  asked.filter(({ body, path }) => path === "/v1/create" && body.dry_run !== true)

describe("a batch", () => {
  it("is priced whole, made, written by item, and told in one answer", async () => {
    write("b.json", three)
    const { answering, jobs } = makeStudio()
    const typed = ["create", "--batch", "b.json", "--output", "{item}.{ext}", "--batch-id", "one"]
    const { asked, envelope, exitCode, stderr } = await run([...typed, "--aspect-ratio", "16:9"], { answering })
    expect([exitCode, jobs.size]).toEqual([0, 3])
    expect(envelope.data).toMatchObject({
      batch_id: "one",
      status: "completed",
      counts: { items: 3, completed: 3 },
      total: { settled_credits: 27, settled_usd: 0.27 }
    })
    expect(
      readdirSync(folder.path)
        .filter((name) => name.endsWith(".png"))
        .sort()
    ).toEqual(["2.png", "a.png", "b.png"])
    const plans = asked.findIndex(({ body }) => body.idempotency_key !== undefined)
    expect(asked.slice(0, plans).every(({ body }) => body.dry_run === true)).toBe(true)
    expect(plans).toBe(3)
    expect(live(asked)[0]?.body).toMatchObject({ model: "m", prompt: "1", aspect_ratio: "16:9" })
    expect(
      stderr
        .trim()
        .split("\n")
        .map((line) => Object.keys(JSON.parse(line))[0])
    ).toEqual(["in_flight", "batch", "batch", "batch"])
  })

  it("taken up again pays nothing twice, also when a budget and the credits are just enough", async () => {
    write("b.json", three)
    let left = 2
    const studio = makeStudio(() => (left-- > 0 ? undefined : refuse("PROVIDER_UNAVAILABLE", 503)))
    const typed = ["create", "--batch", "b.json", "--batch-id", "one", "--output", "{job}.{ext}", "--max-usd", "0.27"]
    const first = await run([...typed, "--concurrency", "1"], { answering: studio.answering })
    expect([first.exitCode, first.envelope.error?.code, studio.jobs.size]).toEqual([7, "PROVIDER_UNAVAILABLE", 2])
    expect(first.envelope.error?.details).toMatchObject({
      batch: { status: "partial", counts: { completed: 2, failed: 1 }, items: [{}, {}, { id: "2", status: "failed" }] }
    })
    expect(first.envelope.error?.recovery?.suggested_command).toContain("--batch-id one")
    left = 3
    const again = makeStudio(undefined, 9)
    for (const [key, number] of studio.jobs) again.jobs.set(key, number)
    const second = await run(typed, { answering: again.answering })
    expect([second.exitCode, again.jobs.size]).toEqual([0, 3])
    expect(second.envelope.data?.items).toMatchObject([{ paid_before: true }, { paid_before: true }, { id: "2" }])
    const images = readdirSync(folder.path).filter((name) => name.endsWith(".png"))
    expect(images).toEqual(["job_0.png", "job_1.png", "job_2.png"])
  })

  it("gives another key to what a provider failed for good, and to a changed item only", async () => {
    const keys: Array<unknown> = []
    const failing: Answering = ({ body }) => {
      keys.push(body.idempotency_key)
      return new Response(
        JSON.stringify({
          ...{ ok: false, command: "x", trace_id: "trace_1", actor: null, data: null, warnings: [] },
          error: { code: "PROVIDER_FAILURE", message: "m", retryable: true, details: { job_id: "job_1" } }
        }),
        { status: 502 }
      )
    }
    write("b.json", [{ prompt: "1" }])
    const typed = ["create", "--batch", "b.json", "--batch-id", "two"]
    const { envelope } = await run(typed, { answering: makeStudio(failing).answering })
    expect(envelope.error).toMatchObject({ code: "PROVIDER_FAILURE", retryable: true })
    const { answering, jobs } = makeStudio()
    await run(typed, { answering })
    await run(typed, { answering })
    expect([jobs.size, jobs.has(keys[0])]).toEqual([1, false])
    write("b.json", [{ prompt: "another" }])
    await run(typed, { answering })
    expect(jobs.size).toBe(2)
  })

  it.each([
    [
      "every wrong field by its item",
      [{ prompt: "1", foo: 1 }, { output_count: 99 }],
      [],
      "INVALID_ARGUMENTS",
      "items[1].output_count"
    ],
    [
      "every item that cannot be made",
      [{ prompt: "1", model: "nope" }, { prompt: "2" }],
      [],
      "MODEL_NOT_FOUND",
      '"index":0'
    ],
    [
      "a total above the budget",
      [{ prompt: "1" }, { prompt: "2" }],
      ["--max-usd", "0.17"],
      "BUDGET_EXCEEDED",
      '"debit_usd":0.18'
    ],
    [
      "one file for two items",
      [{ prompt: "1" }, { prompt: "2" }],
      ["--output", "x.png"],
      "INVALID_ARGUMENTS",
      "{item}"
    ],
    ["two items of one id", [{ id: "a" }, { id: "a" }], [], "INVALID_ARGUMENTS", "items[1].id"],
    ["a flag that is an item's own", [{ prompt: "1" }], ["--prompt", "x"], "INVALID_ARGUMENTS", "--prompt"],
    ["nothing at all", [], [], "INVALID_ARGUMENTS", "1 to 1000"]
  ])("refuses %s, and spends nothing", async (_, items, more, code, part) => {
    write("b.json", items)
    const { answering, jobs } = makeStudio()
    const { envelope } = await run(["create", "--batch", "b.json", ...more], { answering })
    expect([envelope.error?.code, jobs.size]).toEqual([code, 0])
    expect(JSON.stringify(envelope.error)).toContain(part)
  })

  it("is refused when the credits are short for all of it", async () => {
    write("b.json", three)
    const { answering, jobs } = makeStudio(undefined, 26)
    const { envelope, exitCode } = await run(["create", "--batch", "b.json"], { answering })
    expect([exitCode, envelope.error?.code, jobs.size]).toEqual([5, "QUOTA_EXCEEDED", 0])
    expect(envelope.error?.details).toMatchObject({ needed_credits: 27, available_credits: 26 })
  })

  it("reads lines from stdin, waits when it is too fast, and writes nothing for a dry run", async () => {
    let isFast = true
    const answering: Answering = (asked) => {
      const refused = isFast ? refuse("RATE_LIMITED", 429, {}, { retry_after_seconds: 0.01 }) : undefined
      isFast = false
      return refused ?? makeStudio().answering(asked)
    }
    const stdin = '{"defaults":{"model":"m"}}\n{"prompt":"1"}\n\n{"prompt":"2"}\n'
    const { envelope } = await run(["create", "--batch", "-", "--dry-run", "--output", "{item}.png"], {
      answering,
      stdin
    })
    expect(envelope.data).toMatchObject({ status: "planned", total: { credits_required: 18, debit_usd: 0.18 } })
    expect(existsSync(at("0.png"))).toBe(false)
  })
})

describe("a name with placeholders", () => {
  const make = (...more: ReadonlyArray<string>) =>
    run(["create", "--prompt", "x", ...more], { answering: makeStudio().answering })

  it("is filled with what only the answer knows, and stays in its folder", async () => {
    const { envelope } = await make("--output", "{model}_{job}_{index}_{asset}.{ext}")
    expect(envelope.data?.output_files).toMatchObject([{ path: "fal.some-model_job_0_0_image_0.png" }])
  })

  it("gives way to another file, since the image is paid for", async () => {
    writeFileSync(at("0.png"), "mine")
    const { envelope, exitCode } = await make("--output", "{index}.{ext}")
    expect([exitCode, envelope.data?.output]).toMatchObject([0, { path: "0-2.png" }])
    expect(envelope.warnings.join()).toContain("0-2.png")
  })

  it.each(["{jobs}.png", "{item}.png", "{job}/x.png", "nowhere/{job}.png"])(
    "%s is refused before anything is sent",
    async (name) => {
      const { asked, exitCode } = await make("--output", name)
      expect([exitCode > 0, asked.length]).toEqual([true, 0])
    }
  )
})

describe("--brief, --open and --guide", () => {
  it("answers in brief with what the next step needs", async () => {
    const { envelope } = await run(["create", "--prompt", "x", "--output", "x.png", "--brief"], {
      answering: makeStudio().answering
    })
    expect(envelope.data).toEqual({
      job_id: "job_0",
      status: "completed",
      model_id: "fal.some/model",
      credits: 9,
      assets: [{ asset_id: "image_0", url: "http://image-skill.localhost/a/0" }],
      output_files: [{ path: "x.png", asset_id: "image_0" }]
    })
  })

  it("opens what was written at a terminal, and only there", async () => {
    const opened: Array<string> = []
    const host = { openFile: async (path: string) => opened.push(path) > 0 }
    const typed = ["create", "--prompt", "x", "--open"]
    const { answering } = makeStudio()
    await run([...typed, "--output", "t.png"], { answering, host, isTerminal: true })
    const { envelope } = await run([...typed, "--output", "j.png"], { answering, host })
    expect(opened).toEqual([at("t.png")])
    expect(envelope.warnings).toEqual(["--open is for a terminal: nothing was opened"])
  })

  it("guides past each thing that is missing, and spends nothing", async () => {
    const guided = async (answering: Answering, ...more: ReadonlyArray<string>) => {
      const { asked, envelope } = await run(["create", "--guide", ...more], { answering })
      expect(live(asked)).toEqual([])
      return envelope.data
    }
    expect(await guided(makeStudio().answering)).toMatchObject({
      ready: true,
      next_command:
        "image-skill create --prompt 'a lighthouse in a storm' --output '{job}-{index}.{ext}' --brief --json",
      next_costs: { credits: 9 }
    })
    const unsure = () => refuse("BUDGET_REQUIRES_CONFIRMATION", 402)
    expect(await guided(unsure, "--prompt", "y")).toMatchObject({
      ready: false,
      next_command: "image-skill create --prompt y --output '{job}-{index}.{ext}' --accept-unknown-cost --brief --json"
    })
    const short = () =>
      reply({
        blockers: [{ code: "QUOTA_EXCEEDED", message: "short", recovery: { suggested_command: "image-skill quota" } }]
      })
    expect(await guided(short)).toMatchObject({
      steps: [
        { name: "auth", state: "ok" },
        { name: "credits", state: "missing", message: "short" }
      ],
      next_command: "image-skill quota"
    })
  })
})
