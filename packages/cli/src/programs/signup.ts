import { type Failure, fail, failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect, Redacted } from "effect"
import type { Reply } from "../Client.ts"
import { signupFlags } from "../commands/signup.ts"
import { type Flag, valueOf } from "../Flags.ts"
import { objectIn, textIn } from "../internal/fields.ts"
import { type Changes, rerun } from "../internal/rerun.ts"
import { checkSaving, keepToken } from "../internal/saving.ts"
import type { Program, Session } from "../Session.ts"

const contactOf = (session: Session): Effect.Effect<string | undefined, Failure<"INVALID_ARGUMENTS">> => {
  const [contact, alias] = [signupFlags.contact, signupFlags.humanEmail].map((flag) => valueOf(session.given, flag))
  return contact !== undefined && alias !== undefined && contact !== alias
    ? fail("INVALID_ARGUMENTS", "--agent-contact and --human-email name two contacts; they are one flag", {
        recovery: { fields: ["--agent-contact", "--human-email"] }
      })
    : Effect.succeed(contact ?? alias)
}

/** The command again; an invite code is for whoever has it to fill in. */
const again = (session: Session, changes: Changes = {}) => {
  const hasCode = session.given.flags.has(signupFlags.inviteCode.name)
  const hidden: Changes = hasCode ? { [signupFlags.inviteCode.name]: ["INVITE_CODE"] } : {}
  return {
    suggested_command: rerun(session.name, session.given, { ...changes, ...hidden }),
    ...(hasCode ? { missing_inputs: ["INVITE_CODE"] } : {})
  }
}

const bodyOf = (session: Session, contact: string | undefined): JsonObject => {
  const given = (field: string, flag: Flag<string | undefined>) => {
    const value = valueOf(session.given, flag)
    return value === undefined ? {} : { [field]: value }
  }
  return {
    ...(contact === undefined ? {} : { human_email: contact }),
    ...given("agent_name", signupFlags.agentName),
    ...given("runtime", signupFlags.runtime),
    ...given("invite_code", signupFlags.inviteCode),
    return_token: true
  }
}

/** The answer without its token, unless it was asked for. */
const presented = (reply: Reply, token: string | null, saved: JsonObject | null): Reply => {
  const { token: _, ...data } = reply.envelope.data ?? {}
  const storage = { ...objectIn(data, "storage"), client: saved === null ? "not_saved" : "config_file" }
  return {
    ...reply,
    envelope: {
      ...reply.envelope,
      data: {
        ...data,
        ...(token === null ? {} : { token }),
        token_presented: token !== null,
        storage,
        ...(saved === null ? {} : { saved })
      }
    }
  }
}

const mustKeep = (session: Session) =>
  fail("INVALID_ARGUMENTS", "The token would be lost: say --save to keep it, or --show-token to see it once", {
    details: { issues: [{ path: "--save", message: "one of --save and --show-token" }] },
    recovery: { required_flag: "--save", ...again(session, { save: ["true"] }), fields: ["--save", "--show-token"] }
  })

/** Nobody can ask for the token again: who may see it, sees it in the failure too. */
const unsaved = (session: Session, error: Failure<"PUBLIC_CLI_CONFIG_WRITE_FAILED">, token: string, isShown: boolean) =>
  failure(error.code, `${error.message}. The agent exists, and its token is not saved`, {
    details: { ...error.details, token_saved: false, ...(isShown ? { token } : {}) },
    recovery: again(session)
  })

export const signup: Program = (session) =>
  Effect.gen(function* () {
    const contact = yield* contactOf(session)
    const [isSaving, isShown] = [signupFlags.save, signupFlags.showToken].map((flag) => valueOf(session.given, flag))
    const isRemote = session.client.mode === "remote"
    if (isRemote && isSaving !== true && isShown !== true) return yield* mustKeep(session)
    if (isRemote && isSaving === true) {
      const shown = again(session, { [signupFlags.save.name]: [], [signupFlags.showToken.name]: ["true"] })
      const commands = { again: again(session).suggested_command, otherwise: shown.suggested_command }
      yield* checkSaving(session, commands)
    }
    yield* session.report("signing up")
    const reply = yield* session.client.ask({
      method: "POST",
      path: "/v1/agent-signups",
      body: bodyOf(session, contact),
      // A token that lies about must not be rotated by surprise, and a stale one is what a new signup is to mend.
      as: session.settings.tokenFrom === "stdin" ? "settings" : "none"
    })
    const token = textIn(reply.envelope.data ?? {}, "token")
    if (token === null) return presented(reply, null, null)
    const actor = objectIn(reply.envelope.data, "actor")
    const saved = isSaving === true ? yield* save(session, token, actor, isShown === true) : null
    return presented(reply, isShown === true ? token : null, saved)
  })

const save = (session: Session, token: string, actor: JsonObject, isShown: boolean) =>
  keepToken(session, Redacted.make(token), actor).pipe(
    Effect.mapError((error) => unsaved(session, error, token, isShown))
  )
