/** A suggested command acts where the run that suggests it acted: on its data folder, its server, with its token. */
import type { Json, JsonObject } from "@image-skill/core/kernel/JsonValue"
import type { Answer } from "../Envelope.ts"
import { quote } from "./quote.ts"

/** Flags of every command that decide where it acts. What comes from the environment is there for the next run too. */
export const contextFlags = ["data-dir", "api-base-url", "token-stdin"] as const

/** A context flag as typed; `value` is undefined for one that takes none. */
export interface ContextFlag {
  readonly name: string
  readonly value: string | undefined
}

const program = "image-skill "

const withFlags = (command: string, context: ReadonlyArray<ContextFlag>): string => {
  if (!command.startsWith(program)) return command
  // A signup is what gives a token: with the one that was refused it would be refused too.
  const missing = context
    .filter(({ name }) => name !== "token-stdin" || !/\ssignup(?!\S)/.test(command))
    .filter(({ name }) => !new RegExp(`\\s--${name}(?![\\w-])`).test(command))
    .map(({ name, value }) => (value === undefined ? `--${name}` : `--${name}=${quote(value)}`))
  // In front, where no `--` can turn them into arguments.
  return missing.length === 0 ? command : `${program}${missing.join(" ")} ${command.slice(program.length)}`
}

/** Fields whose texts are commands. */
const commandFields: ReadonlySet<string> = new Set([
  "suggested_command",
  "suggested_commands",
  "recover_command",
  "next_command",
  "command",
  "show_command",
  "find_command",
  "top_up",
  "examples"
])

const adapt = (value: Json, field: string, context: ReadonlyArray<ContextFlag>): Json => {
  if (typeof value === "string") return commandFields.has(field) ? withFlags(value, context) : value
  if (typeof value !== "object" || value === null) return value
  if (!isList(value)) return adaptFields(value, context)
  const adapted = value.map((one) => adapt(one, field, context))
  return adapted.some((one, index) => one !== value[index]) ? adapted : value
}

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

// The same object where nothing changes: to copy all of a catalogue took as long as to start Node.
const adaptFields = (object: JsonObject, context: ReadonlyArray<ContextFlag>): JsonObject => {
  const changed: Array<readonly [string, Json]> = []
  for (const name of Object.keys(object)) {
    const value = object[name]
    if (value === undefined) continue
    const adapted = adapt(value, name, context)
    if (adapted !== value) changed.push([name, adapted])
  }
  return changed.length === 0 ? object : { ...object, ...Object.fromEntries(changed) }
}

const withToken = (error: JsonObject): JsonObject => {
  const { recovery } = error
  if (typeof recovery !== "object" || recovery === null || isList(recovery)) return error
  const commands = [recovery.suggested_command, recovery.suggested_commands].flat()
  if (!commands.some((command) => typeof command === "string" && command.includes("--token-stdin"))) return error
  const missing = isList(recovery.missing_inputs) ? recovery.missing_inputs : []
  return { ...error, recovery: { ...recovery, missing_inputs: [...missing, "the token, on stdin"] } }
}

/** The answer with its commands made to act in the same place. */
export const inContext = (answer: Answer, context: ReadonlyArray<ContextFlag>): Answer => {
  if (context.length === 0) return answer
  const { data, error } = answer.envelope
  const adapted = error === null ? null : adaptFields(error, context)
  const isWithToken = context.some(({ name }) => name === "token-stdin")
  return {
    ...answer,
    envelope: {
      ...answer.envelope,
      data: data === null ? null : adaptFields(data, context),
      error: adapted !== null && isWithToken ? withToken(adapted) : adapted
    }
  }
}
