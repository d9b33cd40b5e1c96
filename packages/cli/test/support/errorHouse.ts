import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Ended, makeMachine, type SpawnOptions } from "./binary.ts"
import { smallPng } from "./hostile.ts"
import { startPaidProvider } from "./paidProvider.ts"
import { startServer } from "./server.ts"

export const adminToken = "an-operator-token-of-the-tests-0123456789"

/** A clock that is ahead by `CLOCK_AHEAD_MILLIS`, and by an hour more at each SIGUSR2. */
const clock = `
const now = Date.now
let ahead = Number(process.env.CLOCK_AHEAD_MILLIS ?? 0)
Date.now = () => now() + ahead
process.on("SIGUSR2", () => { ahead += 3_600_000 })
`

const textOf = (value: unknown, ...path: ReadonlyArray<string>): string =>
  String(path.reduce<unknown>((at, name) => Object(at)[name], value))

/** A server with a provider that does as it is told, a machine signed up at it, and a bare machine that works alone. */
export const openErrorHouse = async () => {
  const [machine, bare] = [makeMachine(), makeMachine()]
  const provider = await startPaidProvider()
  writeFileSync(join(machine.path, "clock.cjs"), clock)
  const clocked = { NODE_OPTIONS: `--require ${join(machine.path, "clock.cjs")}` }
  const folder = join(machine.path, "server")
  const server = await startServer(folder, {
    ...provider.environment,
    ...clocked,
    IMAGE_SKILL_ADMIN_TOKEN: adminToken
  })
  const run = (argv: ReadonlyArray<string>, options?: SpawnOptions): Promise<Ended> => machine.run(argv, options)
  await run(["signup", "--agent", "--save", "--api-base-url", server.url])
  for (const one of [machine, bare]) {
    writeFileSync(one.at("good.png"), smallPng())
    writeFileSync(one.at("text.png"), "just some words")
  }
  /** A command that must work, and what one field of its data says. */
  const told = async (argv: ReadonlyArray<string>, ...path: ReadonlyArray<string>): Promise<string> => {
    const { envelope } = await run(argv)
    if (envelope.error !== null) throw new Error(`${argv.join(" ")}: ${envelope.error.message}`)
    return textOf(envelope.data, ...path)
  }
  const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":400,"height":400}']
  const paid = ["--model", "openai.gpt-image-1.5", "--model-parameters-json", '{"quality":"low"}']
  return {
    ...{ adminToken, bare, clocked, folder, machine, paid, provider, run, server, small, textOf, told },
    /** A job that its provider keeps waiting until `release`. */
    heldJob: async (...argv: ReadonlyArray<string>) => {
      provider.hold()
      return told([...argv, "--no-wait"], "job_id")
    },
    close: async () => {
      provider.release()
      await server.stop()
      provider.stop()
      machine.remove()
      bare.remove()
    }
  }
}

export type ErrorHouse = Awaited<ReturnType<typeof openErrorHouse>>
