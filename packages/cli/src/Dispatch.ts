import { type WorkingCommand, working } from "./Cli.ts"
import { crash, describeDefect } from "./Crash.ts"
import { type Answer, refusal, success } from "./Envelope.ts"
import { helpData } from "./Help.ts"
import type { Host } from "./Host.ts"
import { withoutSecrets } from "./internal/secrets.ts"
import { makeOutput, type Output, plainText, styleOf } from "./Output.ts"
import { type Parsed, parse } from "./Parse.ts"

const isWorking = (name: string): name is WorkingCommand["name"] => working.some((command) => command.name === name)

/** What needs no Effect, no server and no file: help, the version, and every way of typing it wrong. */
const atOnce = (host: Host, parsed: Parsed): Answer | undefined => {
  switch (parsed.kind) {
    case "help":
      return success("help", helpData(parsed))
    case "version":
      return success("version", { name: "image-skill", version: host.version, node: host.nodeVersion })
    case "refused":
      return refusal(parsed.words, parsed.problem)
    case "run":
      return undefined
  }
}

const run = async (host: Host, parsed: Parsed, output: Output): Promise<number> => {
  const text = plainText(host, parsed)
  if (text !== undefined) {
    await host.stdout.write(text)
    return 0
  }
  const answer = atOnce(host, parsed)
  if (answer !== undefined) {
    await output.answer(answer)
    return answer.exitCode
  }
  if (parsed.kind !== "run" || !isWorking(parsed.command.name)) throw new Error("a command without a program")
  const { perform } = await import("./Perform.ts")
  return perform(host, { name: parsed.command.name, given: parsed.given }, styleOf(host, parsed.isJson), output)
}

/** A run from its words to its exit code. Writes exactly one answer and never fails, whatever is typed or breaks. */
export const dispatch = async (asked: Host): Promise<number> => {
  const parsed = parse(asked.argv)
  // A refusal repeats what was typed.
  const host = parsed.kind === "refused" ? withoutSecrets(asked) : asked
  // Help speaks of commands in general, and not of what to do next.
  const context = parsed.kind === "run" || parsed.kind === "refused" ? parsed.context : []
  const output = makeOutput(host, styleOf(host, parsed.isJson), context)
  try {
    return await run(host, parsed, output)
  } catch (defect) {
    const words = parsed.kind === "run" ? parsed.command.name : ""
    const answer = crash(words)
    await output.answer(answer)
    await host.stderr.write(describeDefect(defect, host.environment))
    return answer.exitCode
  }
}
