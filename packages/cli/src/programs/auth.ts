import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import type { Answer } from "../Envelope.ts"
import { success } from "../Envelope.ts"
import type { Settings } from "../internal/config.ts"
import { isReadByOthers, writeOwnConfig } from "../internal/configFile.ts"
import { objectIn, textIn } from "../internal/fields.ts"
import { commandLine } from "../internal/quote.ts"
import { rerun } from "../internal/rerun.ts"
import { checkSaving, keepToken } from "../internal/saving.ts"
import type { Program, Session } from "../Session.ts"

const whoamiMillisMax = 10_000

/** What the server says of the token; a server that is away says nothing. */
const checked = (session: Session) =>
  session.client.send({ method: "GET", path: "/v1/whoami", timeoutMillis: whoamiMillisMax }).pipe(
    Effect.map(({ envelope }): JsonObject => {
      if (envelope.ok) return { authenticated: true, actor: envelope.actor ?? objectIn(envelope.data, "actor") }
      const error = envelope.error ?? {}
      return {
        authenticated: false,
        reason: textIn(error, "code"),
        next_command: textIn(objectIn(error, "recovery"), "suggested_command") ?? "image-skill doctor --json"
      }
    }),
    Effect.catchAll((error) =>
      Effect.as(session.warn(error.message), {
        authenticated: null,
        reason: error.code,
        next_command: "image-skill doctor --json"
      })
    )
  )

const nobody: JsonObject = {
  authenticated: false,
  reason: "AUTH_REQUIRED",
  next_command: "image-skill signup --agent --save --json"
}

const stateOf = (session: Session): Effect.Effect<JsonObject> => {
  if (session.client.mode === "embedded")
    return Effect.succeed({ authenticated: true, reason: "this machine's owner needs no token" })
  return session.settings.token === null ? Effect.succeed(nobody) : checked(session)
}

const savedOf = ({ configPath, saved }: Settings): JsonObject =>
  saved === null
    ? { path: configPath, exists: false }
    : {
        ...{ path: configPath, exists: true, api_base_url: saved.api_base_url ?? null },
        ...{ token_saved: saved.token !== undefined, saved_at: saved.saved_at ?? null, actor: saved.actor ?? null }
      }

export const authStatus: Program = (session) =>
  Effect.gen(function* () {
    const { client, name, settings } = session
    if (yield* isReadByOthers(settings.configPath)) {
      const mend = commandLine(["chmod", "600", settings.configPath])
      yield* session.warn(`Others on this machine may read ${settings.configPath}: ${mend}`)
    }
    return success(name, {
      mode: client.mode,
      ...(yield* stateOf(session)),
      api_base_url: settings.baseUrl?.href ?? null,
      api_base_url_from: settings.baseUrlFrom,
      token_present: settings.token !== null,
      token_from: settings.tokenFrom,
      config: savedOf(settings)
    })
  })

const needed = (flag: string, message: string, command: string, missing: ReadonlyArray<string>) =>
  fail("INVALID_ARGUMENTS", message, {
    details: { issues: [{ path: flag, message }] },
    recovery: { required_flag: flag, suggested_command: command, missing_inputs: missing, fields: [flag] }
  })

const again = (session: Session, flag: string, value: string) => rerun(session.name, session.given, { [flag]: [value] })

export const authSave: Program = (session): Effect.Effect<Answer, Failure> =>
  Effect.gen(function* () {
    const { settings } = session
    if (settings.token === null || settings.tokenFrom === "config") {
      const command = again(session, "token-stdin", "true")
      const where = "auth save takes the token from stdin or from IMAGE_SKILL_TOKEN; neither has one"
      return yield* needed("--token-stdin", where, command, ["the token, on stdin"])
    }
    if (settings.baseUrl === null) {
      const command = again(session, "api-base-url", "URL")
      return yield* needed("--api-base-url", "auth save needs the server that knows the token", command, ["URL"])
    }
    // What is in the environment works unsaved too.
    const commands = { again: rerun(session.name, session.given, {}), otherwise: "image-skill auth status --json" }
    yield* checkSaving(session, commands)
    const reply = yield* session.client.send({ method: "GET", path: "/v1/whoami" })
    if (!reply.envelope.ok) return reply
    const actor = reply.envelope.actor ?? objectIn(reply.envelope.data, "actor")
    const saved = yield* keepToken(session, settings.token, actor)
    return {
      ...reply,
      envelope: { ...reply.envelope, data: { actor, saved, next: ["image-skill usage quota --json"] } }
    }
  })

export const authLogout: Program = (session) =>
  Effect.gen(function* () {
    const { host, name, settings } = session
    const { IMAGE_SKILL_HOSTED_TOKEN, IMAGE_SKILL_TOKEN } = host.environment
    const saved = settings.saved ?? {}
    const had = "token" in saved
    if (had) {
      const { actor: _actor, saved_at: _savedAt, token: _token, ...kept } = saved
      yield* writeOwnConfig(settings.configPath, kept)
    }
    if ((IMAGE_SKILL_TOKEN ?? "") + (IMAGE_SKILL_HOSTED_TOKEN ?? "") !== "")
      yield* session.warn("A token is still set in the environment: unset IMAGE_SKILL_TOKEN IMAGE_SKILL_HOSTED_TOKEN")
    return success(name, {
      token_removed: had,
      token_revoked: false,
      config_path: settings.configPath,
      api_base_url: settings.baseUrl?.href ?? null,
      next: ["image-skill auth status --json"]
    })
  })
