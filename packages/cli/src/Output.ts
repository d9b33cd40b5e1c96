import type { Answer } from "./Envelope.ts"
import { helpText } from "./Help.ts"
import type { Host } from "./Host.ts"
import { type ContextFlag, inContext } from "./internal/context.ts"
import type { Parsed } from "./Parse.ts"

/** How a run speaks: `json` is one document on stdout, `readable` is for a person at a terminal. */
export type Style = "json" | "readable"

/** JSON unless a person is watching: a pipe, a file and --json all get the document. */
export const styleOf = (host: Host, isJson: boolean): Style => (host.stdout.isTerminal && !isJson ? "readable" : "json")

/** The run's only writer to stdout. Only its first call writes: a crash after the answer must not add a second one. */
export interface Output {
  /** `picture` draws the answer's images on a terminal; it is left out of JSON. */
  readonly answer: (answer: Answer, picture?: string) => Promise<void>
}

export const makeOutput = (host: Host, style: Style, context: ReadonlyArray<ContextFlag>): Output => {
  let isWritten = false
  return {
    answer: async (plain, picture = "") => {
      if (isWritten) return
      isWritten = true
      const answer = inContext(plain, context)
      if (style === "json") return host.stdout.write(`${JSON.stringify(answer.envelope)}\n`)
      const { readable } = await import("./Readable.ts")
      const { stdout, stderr } = readable(answer)
      if (stderr !== "") await host.stderr.write(stderr)
      if (picture + stdout !== "") await host.stdout.write(`${picture}${stdout}`)
    }
  }
}

/** Help and version on a terminal are plain text, without the rendering of an answer. */
export const plainText = (host: Host, parsed: Parsed): string | undefined => {
  if (styleOf(host, parsed.isJson) === "json") return undefined
  if (parsed.kind === "help") return helpText(parsed)
  return parsed.kind === "version" ? `image-skill ${host.version}\n` : undefined
}
