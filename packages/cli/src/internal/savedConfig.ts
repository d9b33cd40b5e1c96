/** The config file as it is read: which server, and the token there. */
import { isJsonObject, type JsonObject } from "@image-skill/core/kernel/JsonValue"
import { Redacted } from "effect"
import { done, type Outcome, refused } from "../Envelope.ts"
import { commandLine } from "./quote.ts"
import { isRecord, readJson } from "./readJson.ts"
import { inWords, readWhole } from "./wholeFile.ts"

export interface SavedConfig {
  readonly api_base_url?: string
  readonly token?: Redacted.Redacted<string>
  readonly saved_at?: string
  readonly actor?: JsonObject
}

/** Far above any config of ours. */
const configBytesMax = 64 * 1024

const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || typeof value === "string"

/** Fields that we do not know are left out. */
const decoded = (text: string): SavedConfig | undefined => {
  const found = readJson(text)
  if (!isRecord(found)) return undefined
  const { actor, api_base_url, saved_at, token } = found
  if (!isTextOrAbsent(api_base_url) || !isTextOrAbsent(token) || !isTextOrAbsent(saved_at)) return undefined
  if (actor !== undefined && !isJsonObject(actor)) return undefined
  return {
    ...(api_base_url === undefined ? {} : { api_base_url }),
    ...(token === undefined ? {} : { token: Redacted.make(token) }),
    ...(saved_at === undefined ? {} : { saved_at }),
    ...(actor === undefined ? {} : { actor })
  }
}

const unusable = (path: string, reason: string) =>
  refused("FILE_READ_FAILED", `The config file ${path} cannot be used: ${reason}`, {
    details: { config_path: path },
    recovery: { suggested_command: commandLine(["mv", path, `${path}.broken`]) }
  })

/** What is saved, and null where no file is; a file that cannot be understood is refused: it may name a server. */
export const readConfig = async (path: string): Promise<Outcome<SavedConfig | null>> => {
  const bytes = await readWhole(path, configBytesMax)
  if (bytes instanceof Uint8Array) {
    const config = decoded(new TextDecoder().decode(bytes))
    return config === undefined
      ? unusable(path, "it is no JSON object with text in api_base_url, token and saved_at")
      : done(config)
  }
  if (bytes.kind === "too_large") return unusable(path, `${bytes.bytes} bytes`)
  return bytes.reason === "ENOENT" || bytes.reason === "ENOTDIR" ? done(null) : unusable(path, inWords(bytes.reason))
}
