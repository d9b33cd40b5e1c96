/** `--guide`: what stands between this machine and the image, found out without spending anything. */
import type { Failure } from "@image-skill/core/kernel/Errors"
import { isObject, type Json, type JsonObject } from "@image-skill/core/kernel/JsonValue"
import { Effect, Either } from "effect"
import type { Refused, Reply } from "../Client.ts"
import * as flags from "../commands/request.ts"
import { type Answer, success } from "../Envelope.ts"
import { valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"
import { compose, type Operation } from "./operation.ts"
import { commandLine } from "./quote.ts"
import { type Changes, rerun } from "./rerun.ts"

type Step = { readonly name: string; readonly state: "ok" | "missing"; readonly message: string }

interface Next {
  readonly command: string
  readonly does: string
  readonly credits: number | null
  readonly usd: number | null
}

const free = (command: string, does: string): Next => ({ command, does, credits: 0, usd: 0 })

const answer = (session: Session, steps: ReadonlyArray<Step>, next: Next): Answer =>
  success(session.name, {
    ready: steps.every(({ state }) => state === "ok"),
    steps: steps.map((step) => ({ ...step })),
    next_command: next.command,
    // What was on stdin cannot be read again.
    ...(session.given.flags.has("token-stdin") ? { missing_inputs: ["the token, on stdin"] } : {}),
    next_does: next.does,
    next_costs: { credits: next.credits, estimated_usd: next.usd }
  })

const isText = (value: Json | undefined): value is string => typeof value === "string"

/** The first command that a refusal suggests. */
const suggestionOf = (session: Session, error: JsonObject): string => {
  const recovery = objectIn(error, "recovery")
  const several = Array.isArray(recovery.suggested_commands) ? recovery.suggested_commands.filter(isText) : []
  return textIn(recovery, "suggested_command") ?? several[0] ?? commandLine(["image-skill", "help", session.name])
}

/** What each refusal is about, and what its way out does. */
const subjects: ReadonlyMap<string, readonly [name: string, does: string]> = new Map([
  [
    "PROVIDER_UNAVAILABLE",
    ["provider", "shows models that can run here now; a provider's key in the environment adds its own"]
  ],
  ["QUOTA_EXCEEDED", ["credits", "shows how more credits or jobs come"]],
  ["BUDGET_REQUIRES_CONFIRMATION", ["price", "agrees to a price that is known only afterwards, up to its ceiling"]],
  ["BUDGET_EXCEEDED", ["price", "shows a model that costs less"]],
  ["OUTPUT_EXISTS", ["output", "replaces the file"]],
  ["OUTPUT_WRITE_FAILED", ["output", "writes where it can be written"]]
])

const refused = (session: Session, steps: ReadonlyArray<Step>, error: JsonObject): Answer => {
  const [name, does] = subjects.get(textIn(error, "code") ?? "") ?? ["request", "says what is allowed"]
  const missing: Step = { name, state: "missing", message: textIn(error, "message") ?? "it is refused" }
  return answer(session, [...steps, missing], free(suggestionOf(session, error), does))
}

const failureJson = (error: Failure): JsonObject => ({
  code: error.code,
  message: error.message,
  ...(error.recovery === undefined ? {} : { recovery: { ...error.recovery } })
})

const signup = [
  "image-skill",
  "signup",
  "--agent",
  "--agent-name",
  "image-agent",
  "--runtime",
  "cli",
  "--save",
  "--json"
]

const checkAuth = (session: Session): Effect.Effect<Step, Failure> =>
  session.client.mode === "embedded"
    ? Effect.succeed({ name: "auth", state: "ok", message: "the work is done in this process: no account is needed" })
    : Effect.map(session.client.send({ method: "GET", path: "/v1/whoami" }), ({ envelope }): Step => {
        const name = textIn(envelope.actor ?? {}, "actor_id") ?? "an agent"
        return envelope.ok
          ? { name: "auth", state: "ok", message: `signed up as ${name}` }
          : { name: "auth", state: "missing", message: textIn(envelope.error ?? {}, "message") ?? "no token" }
      })

/** Runs as pasted where nothing was said: any words do. */
const sample = { create: "a lighthouse in a storm", edit: "at night, in the rain" } as const

const withSample = (session: Session, planned: JsonObject): JsonObject => {
  const isNeeded = planned.prompt === undefined && (session.name === "create" || planned.model === undefined)
  return isNeeded ? { ...planned, prompt: session.name === "edit" ? sample.edit : sample.create } : planned
}

/** The command itself, without --guide, with a file to write. */
const liveCommand = (session: Session, body: JsonObject, changes: Changes): string => {
  const hasPrompt = valueOf(session.given, flags.prompt) !== undefined || session.given.flags.has("prompt-file")
  const prompt = textIn(body, "prompt")
  return rerun(session.name, session.given, {
    guide: [],
    "dry-run": [],
    ...(hasPrompt || prompt === null ? {} : { prompt: [prompt] }),
    ...(valueOf(session.given, flags.output) === undefined ? { output: ["{job}-{index}.{ext}"] } : {}),
    ...changes,
    brief: ["true"],
    json: ["true"]
  })
}

const numberIn = (object: JsonObject, name: string): number | null => {
  const value = object[name]
  return typeof value === "number" ? value : null
}

const ready = (session: Session, steps: ReadonlyArray<Step>, reply: Reply, command: string): Answer => {
  const { data } = reply.envelope
  const cost = objectIn(data, "cost")
  const pricing = objectIn(cost, "credit_pricing")
  const quota = objectIn(data, "quota")
  const most = pricing.credits_required === null
  const credits = numberIn(pricing, most ? "max_credits" : "credits_required")
  const usd = numberIn(cost, "estimated_usd")
  const model = textIn(objectIn(objectIn(data, "request"), "selection"), "model_id") ?? "the model"
  const left =
    quota.unlimited === true
      ? "nothing is metered here"
      : `${numberIn(quota, "available_credits") ?? "?"} credits are left`
  const all: ReadonlyArray<Step> = [
    ...steps,
    { name: "provider", state: "ok", message: `${model} can run here` },
    {
      name: "price",
      state: "ok",
      message: `${most ? "at most " : ""}${credits ?? "?"} credits; its provider's price is ${usd === null ? "known only afterwards" : `$${usd}`}`
    },
    { name: "credits", state: "ok", message: left }
  ]
  const does = `${session.name === "edit" ? "edits the image" : "makes the image"} with ${model} and writes it here`
  return answer(session, all, { command, does, credits, usd })
}

/** Answers with the steps that are done, the one that is missing, and one command that runs as pasted. */
export const guideTo = (session: Session, operation: Operation): Effect.Effect<Answer, Failure | Refused> =>
  Effect.gen(function* () {
    const auth = yield* checkAuth(session)
    if (auth.state === "missing") {
      return answer(
        session,
        [auth],
        free(commandLine(signup), "makes an agent with its own credits and keeps its token")
      )
    }
    const composed = yield* Effect.either(compose(session, operation))
    if (Either.isLeft(composed)) {
      if (composed.left._tag === "Refused") return yield* composed.left
      return refused(session, [auth], failureJson(composed.left))
    }
    const { planned, repeatable } = composed.right
    const body = withSample(session, planned)
    const reply = yield* session.client.send({
      method: "POST",
      path: operation.path,
      body: { ...body, dry_run: true }
    })
    const command = liveCommand(session, body, repeatable)
    const { error } = reply.envelope
    if (error?.code === "BUDGET_REQUIRES_CONFIRMATION") {
      const consenting = liveCommand(session, body, { ...repeatable, "accept-unknown-cost": ["true"] })
      return refused(session, [auth], { ...error, recovery: { suggested_command: consenting } })
    }
    if (error !== null) return refused(session, [auth], error)
    const blocker = objectsIn(reply.envelope.data, "blockers").find(isObject)
    return blocker === undefined ? ready(session, [auth], reply, command) : refused(session, [auth], blocker)
  })

/** An edit that names no image: the first thing to have is a picture. */
export const guideToInput = (session: Session): Answer =>
  answer(
    session,
    [{ name: "input", state: "missing", message: "edit takes --input IMAGE: a path, a URL or an asset id" }],
    free(
      commandLine(["image-skill", "create", "--prompt", sample.create, "--guide", "--json"]),
      "guides to a picture that can be edited; with one at hand, say --input"
    )
  )
