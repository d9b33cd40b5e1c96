import { access, constants, readdir } from "node:fs/promises"
import { dirname } from "node:path"
import { isObject, type JsonObject } from "@image-skill/core/kernel/JsonValue"
import { Effect } from "effect"
import { success } from "../Envelope.ts"
import { objectIn, textIn } from "../internal/fields.ts"
import { isWritableFolder, kindAt } from "../internal/files.ts"
import { commandLine } from "../internal/quote.ts"
import { type Unfinished, unfinishedRuns } from "../internal/unfinished.ts"
import type { Program, Session } from "../Session.ts"

interface Check {
  readonly name: string
  readonly status: "ok" | "warn" | "fail"
  readonly message: string
  /** A command that helps. */
  readonly suggested_command?: string
}

const ok = (name: string, message: string): Check => ({ name, status: "ok", message })

/** The oldest Node that is supported. */
const nodeMin = [20, 19] as const

const checkNode = ({ host }: Session): Check => {
  const [major = 0, minor = 0] = host.nodeVersion.split(".").map(Number)
  const isSupported = major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1])
  return isSupported
    ? ok("node", `Node ${host.nodeVersion}`)
    : {
        name: "node",
        status: "fail",
        message: `Node ${host.nodeVersion}; needed: ${nodeMin.join(".")} or newer`,
        suggested_command: "npx --package node@24 --package image-skill image-skill doctor --json"
      }
}

const checkMode = ({ client, settings }: Session): Check =>
  ok(
    "mode",
    client.mode === "embedded"
      ? "embedded: the work is done in this process; set IMAGE_SKILL_API_BASE_URL to use a server"
      : `remote: ${settings.baseUrl?.origin ?? ""}`
  )

const checkServer = (session: Session) =>
  session.client.send({ method: "GET", path: "/healthz", timeoutMillis: 10_000 }).pipe(
    Effect.map(({ envelope }): { readonly check: Check; readonly health: JsonObject | null } =>
      envelope.ok
        ? {
            check: ok("server", `it answers, API version ${textIn(envelope.data ?? {}, "api_version") ?? "unknown"}`),
            health: envelope.data
          }
        : {
            check: {
              name: "server",
              status: "fail",
              message: `it answers with ${textIn(envelope.error ?? {}, "code") ?? "an error"}: ${textIn(envelope.error ?? {}, "message") ?? ""}`
            },
            health: null
          }
    ),
    Effect.catchAll(({ message }) =>
      Effect.succeed({ check: { name: "server", status: "fail", message } as const satisfies Check, health: null })
    ),
    // A doctor that dies of what it came to look at helps nobody.
    Effect.catchAllDefect((defect) =>
      Effect.succeed({
        check: {
          name: "server",
          status: "fail",
          message: `it cannot start: ${defect instanceof Error ? defect.message : String(defect)}`
        } as const satisfies Check,
        health: null
      })
    )
  )

const checkAuth = (session: Session, isServerThere: boolean): Effect.Effect<Check> => {
  if (session.client.mode === "embedded")
    return Effect.succeed(ok("auth", "the owner of this machine; no token is needed"))
  if (session.settings.token === null) {
    return Effect.succeed({
      name: "auth",
      status: "warn",
      message: "no token: sign up, set IMAGE_SKILL_TOKEN, or pipe one in with --token-stdin",
      suggested_command: "image-skill signup --agent --save --json"
    })
  }
  if (!isServerThere) {
    return Effect.succeed({ name: "auth", status: "warn", message: "a token is there; the server could not be asked" })
  }
  return session.client.send({ method: "GET", path: "/v1/whoami", timeoutMillis: 10_000 }).pipe(
    Effect.map(({ envelope }): Check => {
      if (envelope.ok) return ok("auth", "the server knows the token")
      return {
        name: "auth",
        status: "fail",
        message: `the server answers ${textIn(envelope.error ?? {}, "code") ?? "an error"}`
      }
    }),
    Effect.catchAll((error) => Effect.succeed<Check>({ name: "auth", status: "fail", message: error.message }))
  )
}

/** The folder, or the nearest one above it that exists: where making it would begin. */
const nearestFolder = (path: string): Effect.Effect<string> =>
  kindAt(path).pipe(
    Effect.orElseSucceed(() => null),
    Effect.flatMap((kind) =>
      kind !== null || dirname(path) === path ? Effect.succeed(path) : nearestFolder(dirname(path))
    )
  )

const checkFolder = (name: string, path: string, suggestion: string) =>
  Effect.gen(function* () {
    const folder = yield* nearestFolder(path)
    const isWritable =
      (yield* kindAt(folder).pipe(Effect.orElseSucceed(() => null))) === "folder" && (yield* isWritableFolder(folder))
    const check: Check = isWritable
      ? ok(name, `${path} can be written`)
      : { name, status: "fail", message: `${path} cannot be written`, suggested_command: suggestion }
    return check
  })

const advice = 'export IMAGE_SKILL_DATA_DIR="$PWD/.image-skill"'

const hasDatabase = (folder: string) =>
  Effect.promise(() =>
    readdir(folder).then(
      (names) => names.some((name) => name.endsWith(".db")),
      () => false
    )
  )

/** Together they touch what every command needs. */
const databaseReads = [
  { method: "GET", path: "/v1/quota" },
  { method: "GET", path: "/v1/activity", query: { limit: 200 } }
] as const

/** Where there is no database yet, none is made. */
const checkDatabase = (session: Session): Effect.Effect<Check> =>
  Effect.gen(function* () {
    const name = "database"
    const folder = session.settings.dataDirectory
    if (!(yield* hasDatabase(folder))) return ok(name, "none yet; the first image makes it")
    for (const read of databaseReads) {
      const { envelope } = yield* session.client.send(read)
      if (envelope.ok) continue
      const error = envelope.error ?? {}
      const isDamaged = textIn(objectIn(error, "details"), "reason") === "damaged"
      const check: Check = {
        name,
        status: "fail",
        message: textIn(error, "message") ?? "it cannot be read",
        // Moved aside whole: its images are still there for whoever can repair it.
        suggested_command: isDamaged ? commandLine(["mv", folder, `${folder}.damaged`]) : advice
      }
      return check
    }
    return ok(name, `it answers (${folder})`)
  }).pipe(Effect.catchAll(({ message }) => Effect.succeed<Check>({ name: "database", status: "fail", message })))

const checkConfig = ({ settings }: Session) =>
  Effect.promise(() =>
    access(settings.configPath, constants.R_OK).then(
      (): Check => ok("config", `${settings.configPath} is read`),
      (): Check => ok("config", `none at ${settings.configPath}, which is fine`)
    )
  )

const checkTelemetry = ({ host }: Session): Check => {
  const isOff = (host.environment.IMAGE_SKILL_TELEMETRY ?? "").toLowerCase() === "off"
  const endpoint = host.environment.OTEL_EXPORTER_OTLP_ENDPOINT ?? ""
  return ok(
    "telemetry",
    isOff || endpoint === "" ? `nothing is sent${isOff ? " (IMAGE_SKILL_TELEMETRY=off)" : ""}` : `to ${endpoint}`
  )
}

const checkUnfinished = ({ rows, suggestion, sweptCount }: Unfinished): Check => {
  const swept = sweptCount === 0 ? "" : `; ${sweptCount} stale ones are swept away`
  const running = rows.filter(({ status }) => status === "running").length
  const cut = rows.length - running
  if (suggestion === null) return ok("in_flight", `${running === 0 ? "nothing" : running} is running${swept}`)
  return {
    name: "in_flight",
    status: "warn",
    message: `${cut} ended without an answer: the command of each takes it up again and pays nothing twice${swept}`,
    suggested_command: suggestion
  }
}

export const doctor: Program = (session) =>
  Effect.gen(function* () {
    const { host, settings, client } = session
    yield* session.report("checking")
    const server = yield* checkServer(session)
    const dataChecks =
      client.mode === "embedded"
        ? [
            yield* checkFolder("data_directory", settings.dataDirectory, advice),
            ...(server.health === null ? [] : [yield* checkDatabase(session)])
          ]
        : []
    const unfinished = yield* unfinishedRuns(session)
    const checks = [
      ok("client", `image-skill ${host.version}`),
      checkNode(session),
      checkMode(session),
      yield* checkConfig(session),
      server.check,
      yield* checkAuth(session, server.check.status === "ok"),
      ...dataChecks,
      checkUnfinished(unfinished),
      yield* checkFolder("output_directory", host.workingDirectory, 'cd "$HOME"'),
      checkTelemetry(session)
    ]
    const worst = (["fail", "warn", "ok"] as const).find((status) => checks.some((check) => check.status === status))
    return success(session.name, {
      status: worst ?? "ok",
      mode: client.mode,
      client: { name: "image-skill", version: host.version, node: host.nodeVersion },
      api_base_url: settings.baseUrl?.href ?? null,
      in_flight: unfinished.rows,
      checks: checks.map((check): JsonObject => ({ ...check })),
      server: isObject(server.health ?? undefined) ? server.health : null
    })
  })
