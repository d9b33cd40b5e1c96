/** Texts about the CLI itself: the agent skill, and completions. */
import { writeFile } from "node:fs/promises"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import { overwrite } from "../commands/request.ts"
import { shells, textOutput } from "../commands/teaching.ts"
import { success } from "../Envelope.ts"
import { positionalOf, valueOf } from "../Flags.ts"
import { inWords, reasonOf } from "../internal/files.ts"
import { checkOutput } from "../internal/outputs.ts"
import { commandLine, excerpt, quote } from "../internal/quote.ts"
import { rerun } from "../internal/rerun.ts"
import type { Program, Session } from "../Session.ts"
import { skillText } from "../skillText.ts"

/** Writes the text where --output says; answers the file's name, or null where none was asked for. */
const write = (session: Session, content: string): Effect.Effect<string | null, Failure> =>
  Effect.gen(function* () {
    const typed = valueOf(session.given, textOutput)
    if (typed === undefined) return null
    const targets = yield* checkOutput({
      typed,
      workingDirectory: session.host.workingDirectory,
      count: 1,
      isOverwriting: valueOf(session.given, overwrite),
      isDryRun: false,
      rerun: (changes) => rerun(session.name, session.given, changes)
    })
    yield* Effect.forEach(targets, ({ path }) =>
      Effect.tryPromise({ try: () => writeFile(path, content), catch: reasonOf }).pipe(
        Effect.catchAll((reason) =>
          fail("OUTPUT_WRITE_FAILED", `${JSON.stringify(typed)} cannot be written: ${inWords(reason)}`, {
            recovery: { fields: ["--output"] }
          })
        )
      )
    )
    return typed
  })

const answer = (session: Session, field: "skill" | "script", content: string, more: (file: string) => JsonObject) =>
  Effect.map(write(session, content), (file) =>
    success(
      session.name,
      file === null ? { [field]: content, ...more("FILE") } : { output: { path: file }, ...more(quote(file)) }
    )
  )

export const skill: Program = (session) =>
  answer(session, "skill", skillText({ apiBaseUrl: session.settings.baseUrl?.href ?? null }), () => ({
    format: "markdown"
  }))

export const completions: Program = (session) =>
  Effect.gen(function* () {
    const typed = positionalOf(session.given, 0)
    const shell = shells.find((one) => one === typed)
    if (shell === undefined) {
      const message = `SHELL is ${excerpt(typed)}; allowed: ${shells.join(", ")}`
      return yield* fail("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "SHELL", message }] },
        recovery: {
          suggested_command: commandLine(["image-skill", "completions", "bash", "--json"]),
          fields: ["SHELL"]
        }
      })
    }
    const { completionsOf } = yield* Effect.promise(() => import("../internal/completionScripts.ts"))
    const { loadCommand, script } = completionsOf[shell]()
    return yield* answer(session, "script", script, (file) => ({ shell, load_command: loadCommand(file) }))
  })
