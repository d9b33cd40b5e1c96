import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { startPaidProvider } from "../support/paidProvider.ts"
import { startServer } from "../support/server.ts"

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const place = "http://127.0.0.1:8787"

/** The commands of a page's shell fences, in order: one a line. */
const commandsOf = (page: string): ReadonlyArray<string> => {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8")
  return [...text.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].flatMap(([, code]) => (code ?? "").trim().split("\n"))
}

let provider: Awaited<ReturnType<typeof startPaidProvider>>
let server: Awaited<ReturnType<typeof startServer>>
const house = makeMachine()
beforeAll(async () => {
  provider = await startPaidProvider()
  server = await startServer(join(house.path, "server"), provider.environment)
})
afterAll(async () => {
  await server.stop()
  provider.stop()
  house.remove()
})

describe.each(["agent-guide.md", "human-guide.md"])("docs/%s", (page) => {
  it("has commands that all run, in order, on a bare machine", async () => {
    const machine = makeMachine()
    const commands = commandsOf(page)
    expect(commands.length).toBeGreaterThan(12)
    for (const command of commands) {
      const { exitCode, stdout } = await machine.shell(command.replaceAll(place, server.url))
      expect([command, exitCode, exitCode === 0 ? "" : stdout]).toEqual([command, 0, ""])
    }
    machine.remove()
  })
})

describe("a bare machine", () => {
  it("has its first image after two commands, with less than 3 KB to read", async () => {
    const machine = makeMachine()
    const overview = await machine.run(["models", "overview", "--json"])
    const best = overview.envelope.data?.best
    const { command } = Object(Array.isArray(best) ? best[0] : {})
    const made = await machine.paste(command)
    expect([overview.exitCode, made.exitCode, made.envelope.data?.status]).toEqual([0, 0, "completed"])
    expect(existsSync(machine.at("create.png"))).toBe(true)
    expect(overview.stdout.length).toBeLessThan(2048)
    expect(overview.stdout.length + made.stdout.length).toBeLessThan(3072)
    machine.remove()
  })
})

describe("create --guide at a server", () => {
  it("leads from a stranger to an image by its next commands alone", async () => {
    const machine = makeMachine()
    const typed = ["create", "--prompt", "a quiet harbour", "--model", "local.procedural", "--guide"]
    const steps: Array<unknown> = []
    const first = await machine.run([...typed, "--api-base-url", server.url])
    expect(first.envelope.data).toMatchObject({ ready: false, steps: [{ name: "auth", state: "missing" }] })
    expect((await machine.paste(first.envelope.data?.next_command)).exitCode).toBe(0)
    const second = await machine.run(typed)
    expect(second.envelope.data).toMatchObject({ ready: true, next_costs: { credits: 0 } })
    steps.push(await machine.paste(second.envelope.data?.next_command))
    expect(steps).toMatchObject([{ exitCode: 0, envelope: { data: { status: "completed" } } }])
    machine.remove()
  })
})

describe("a batch whose command is killed", () => {
  const count = 8
  const items = Array.from({ length: count }, (_, index) => ({ id: `item-${index}`, prompt: `picture ${index}` }))
  const batch = { defaults: { model: "openai.gpt-image-1.5", model_parameters: { quality: "low" } }, items }

  it.each(["SIGKILL", "SIGINT"] as const)(
    "by %s is taken up by the printed command, and each item is paid once",
    async (signal) => {
      const machine = makeMachine()
      await machine.run(["signup", "--agent", "--agent-name", "batch", "--save", "--api-base-url", server.url])
      writeFileSync(machine.at("items.json"), JSON.stringify(batch))
      const before = provider.paid()
      provider.hold()
      const typed = ["create", "--batch", "items.json", "--output", "{item}.{ext}", "--concurrency", "3"]
      const cut = await machine.run(typed, { onStderr: (kill) => setTimeout(() => kill(signal), 700) })
      provider.release()
      const [line = ""] = cut.stderr.split("\n")
      const { recover_command: command } = JSON.parse(line).in_flight
      // Who is killed outright answers nothing.
      const { error } = cut.envelope
      expect([cut.exitCode, error?.code, error?.recovery?.suggested_command]).toEqual(
        signal === "SIGINT" ? [130, "INTERRUPTED", command] : [-1, undefined, undefined]
      )
      const done = await machine.paste(command)
      expect([done.exitCode, done.envelope.error]).toEqual([0, null])
      expect(done.envelope.data).toMatchObject({ counts: { items: count, completed: count } })
      expect(provider.paid() - before).toBe(count)
      expect(readdirSync(machine.work).filter((name) => name.endsWith(".png")).length).toBe(count)
      expect(existsSync(machine.at("item-0.png"))).toBe(true)
      const doctor = await machine.run(["doctor"])
      expect(JSON.stringify(doctor.envelope.data)).not.toContain("--batch-id")
      machine.remove()
    }
  )
})
