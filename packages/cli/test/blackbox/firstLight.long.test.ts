import { afterAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const machine = makeMachine()
const { data } = machine
afterAll(() => machine.remove())

const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":96,"height":64,"seed":7}']

describe("on a bare machine", () => {
  it("pays once for one key, and refuses the key for another request", async () => {
    const typed = ["create", "--prompt", "one", ...small, "--idempotency-key", "key-1"]
    const [first, second] = [await data(...typed), await data(...typed)]
    expect(second.job_id).toBe(first.job_id)
    const other = await machine.run(["create", "--prompt", "two", ...small, "--idempotency-key", "key-1"])
    expect([other.exitCode, other.envelope.error?.code]).toEqual([2, "IDEMPOTENCY_CONFLICT"])
  })

  it("uploads, and knows who acts and what is left", async () => {
    await data("create", "--prompt", "up", ...small, "--output", "up.png")
    expect(await data("upload", "up.png")).toMatchObject({ request: { source_kind: "local_path", filename: "up.png" } })
    expect(await data("whoami")).toMatchObject({ authenticated: true })
    expect(await data("usage", "quota")).toEqual(await data("quota"))
    expect(await data("doctor")).toMatchObject({ mode: "embedded", status: "ok" })
  })

  it("reads a prompt from stdin", async () => {
    const { envelope } = await machine.run(["create", "--prompt-file", "-", ...small], { stdin: "a quiet harbour\n" })
    expect(envelope.data?.status).toBe("completed")
  })

  it("takes an interrupted request up again by the command that was printed", async () => {
    const typed = ["create", "--prompt", "slow", "--model", "local.procedural", "--idempotency-key", "slow-1"]
    const large = ["--model-parameters-json", '{"width":1536,"height":1536}']
    const cut = await machine.run([...typed, ...large], {
      onStderr: (kill) => setTimeout(() => kill("SIGINT"), 150)
    })
    expect([cut.exitCode, cut.envelope.error?.code]).toEqual([130, "INTERRUPTED"])
    expect(cut.envelope.error?.recovery?.idempotency_key).toBe("slow-1")
    expect(await data(...typed, ...large)).toMatchObject({ status: "completed" })
  })
})
