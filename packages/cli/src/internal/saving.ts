/** Keeping a token: what signup --save and auth save share. */
import type { Failure } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { DateTime, Effect, type Redacted } from "effect"
import type { Session } from "../Session.ts"
import { otherPlaces, proveWritable, writeConfig } from "./configFile.ts"

/** Fails when nothing could be saved, before there is anything to lose, with the command to run then. */
export const checkSaving = (
  { host, settings }: Session,
  commands: { readonly again: string; readonly otherwise: string }
) => proveWritable(settings.configPath, otherPlaces(host.workingDirectory, host.temporaryDirectory), commands)

/** A token in the environment is asked before the config file. */
const shadowed =
  "IMAGE_SKILL_TOKEN or IMAGE_SKILL_HOSTED_TOKEN is set and wins over the saved token: unset it to use what was saved"

/** Saves the token with the server that knows it, and answers what an answer may say of that. */
export const keepToken = (
  session: Session,
  token: Redacted.Redacted<string>,
  actor: JsonObject | null
): Effect.Effect<JsonObject, Failure<"PUBLIC_CLI_CONFIG_WRITE_FAILED">> =>
  Effect.gen(function* () {
    const { host, settings } = session
    const savedAt = DateTime.formatIso(yield* DateTime.now)
    const previous = yield* writeConfig(settings.configPath, {
      ...(settings.baseUrl === null ? {} : { api_base_url: settings.baseUrl.href.replace(/\/+$/, "") }),
      token,
      saved_at: savedAt,
      ...(actor === null ? {} : { actor })
    })
    if (previous !== null) yield* session.warn(`Another token was saved before; it is kept in ${previous}`)
    const { IMAGE_SKILL_HOSTED_TOKEN, IMAGE_SKILL_TOKEN } = host.environment
    if ((IMAGE_SKILL_TOKEN ?? "") + (IMAGE_SKILL_HOSTED_TOKEN ?? "") !== "") yield* session.warn(shadowed)
    return {
      config_path: settings.configPath,
      api_base_url: settings.baseUrl?.origin ?? null,
      saved_at: savedAt,
      ...(previous === null ? {} : { previous_config_path: previous })
    }
  })
