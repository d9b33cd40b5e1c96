import { createServer } from "node:http"
import { type ErrorCode, errorTable } from "@image-skill/core/kernel/Errors"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeMachine } from "../support/binary.ts"
import { type ErrorHouse, openErrorHouse } from "../support/errorHouse.ts"
import { isAnywhere, ways } from "../support/errorReach.ts"
import { refuse } from "../support/host.ts"
import { expectRefusal } from "../support/refusal.ts"

// Every line here starts a process, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const isCode = (name: string): name is ErrorCode => Object.hasOwn(errorTable, name)
const codes = Object.keys(errorTable).filter(isCode)

it("is said of every code how a user comes to it", () => {
  expect(Object.keys(ways).sort()).toEqual([...codes].sort())
})

describe("each code is reached from the command line, with its exit code and a way out", () => {
  let house: ErrorHouse
  beforeAll(async () => {
    house = await openErrorHouse()
  })
  afterAll(() => house.close())

  const reached = codes.flatMap((code) => {
    const way = ways[code]
    return typeof way === "function" ? [[code, way] as const] : []
  })
  it.each(reached)("%s", async (code, way) => expectRefusal(await way(house), code))

  it.each(reached.filter(([, way]) => isAnywhere(way)))(
    "%s, in the same words without a server, and its way out runs as pasted",
    async (_, way) => {
      const alone = { ...house, run: (argv: ReadonlyArray<string>) => house.bare.run(argv, house.provider) }
      const [remote, embedded] = [await way(house), await way(alone)]
      expect(embedded.envelope.error).toEqual(remote.envelope.error)
      expect([embedded.exitCode, embedded.envelope.command]).toEqual([remote.exitCode, remote.envelope.command])
      const { missing_inputs: missing, suggested_command: command = "true" } = remote.envelope.error?.recovery ?? {}
      const pasted = missing === undefined ? await house.machine.shell(String(command)) : { exitCode: 0 }
      expect([command, pasted.exitCode]).toEqual([command, 0])
    }
  )
})

describe("each code that a server may answer", () => {
  const machine = makeMachine()
  const server = createServer((request, response) => {
    const code = decodeURIComponent(String(request.url).split("/").at(-1) ?? "")
    const status = isCode(code) ? errorTable[code].status : null
    const answer = refuse(code, status ?? 500)
    void answer
      .text()
      .then((text) => response.writeHead(answer.status, { "content-type": "application/json" }).end(text))
  })
  let url = ""
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    machine.remove()
  })

  it("is passed on with the exit code of the table", async () => {
    const answered = codes.filter((code) => errorTable[code].status !== null)
    const ends: Array<unknown> = []
    for (const code of answered) {
      const { envelope, exitCode, stdout } = await machine.run(["models", "show", code, "--api-base-url", url])
      ends.push([envelope.error?.code, exitCode, stdout.trim().split("\n").length])
    }
    expect(ends).toEqual(answered.map((code) => [code, errorTable[code].exit, 1]))
  })
})
