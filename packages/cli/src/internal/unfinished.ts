/** What doctor says of runs that ended without their answer. */
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Clock, DateTime, Effect } from "effect"
import type { Session } from "../Session.ts"
import { type Breadcrumb, follow } from "./breadcrumbs.ts"
import { commandLine, quote } from "./quote.ts"

const program = "image-skill "

/** The command as it is to be pasted here: in its folder, at its server. */
const pastable = ({ host, settings }: Session, crumb: Breadcrumb): string => {
  const { api_base_url: url, recover_command: command, working_directory: folder } = crumb
  const isElsewhere = url !== null && url !== settings.baseUrl?.href && !command.includes(" --api-base-url")
  const there = isElsewhere ? `${program}--api-base-url=${quote(url)} ${command.slice(program.length)}` : command
  return folder === host.workingDirectory ? there : `${commandLine(["cd", folder])} && ${there}`
}

export interface Unfinished {
  readonly rows: ReadonlyArray<JsonObject>
  readonly sweptCount: number
  /** The first command that takes one up; null where none waits for it. */
  readonly suggestion: string | null
}

/** Lists the live creates and edits of this data folder that are running or were cut off, and sweeps what is stale. */
export const unfinishedRuns = (session: Session): Effect.Effect<Unfinished> =>
  Effect.gen(function* () {
    const trail = yield* follow(session.host, session.settings, yield* Clock.currentTimeMillis)
    const row = (status: "running" | "unfinished") => (crumb: Breadcrumb) => ({
      status,
      command: crumb.command,
      idempotency_key: crumb.idempotency_key,
      started_at: DateTime.formatIso(DateTime.unsafeMake(crumb.started_at_ms)),
      recover_command: pastable(session, crumb)
    })
    const unfinished = trail.unfinished.map(row("unfinished"))
    return {
      rows: [...unfinished, ...trail.running.map(row("running"))],
      sweptCount: trail.sweptCount,
      suggestion: unfinished[0]?.recover_command ?? null
    }
  })
