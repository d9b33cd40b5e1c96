/** What create and edit share: from flags to a body, from a body to an answer, from assets to files. */
import { existsSync } from "node:fs"
import type { ReferenceRole } from "@image-skill/core/catalog/References"
import { Failure, fail } from "@image-skill/core/kernel/Errors"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { Clock, Effect, Schema } from "effect"
import { declaredFlags } from "../Cli.ts"
import { type Refused, type Reply, waitingMillisMax } from "../Client.ts"
import * as flags from "../commands/request.ts"
import { label } from "../Envelope.ts"
import { type Flag, valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { assetsIn, deliver, withOutputs } from "./delivery.ts"
import { textIn } from "./fields.ts"
import { absolute, inWords, readLimited } from "./files.ts"
import { makeImageResolver } from "./images.ts"
import { checkOutput, type Target } from "./outputs.ts"
import { readReferences } from "./references.ts"
import { type Changes, rerun } from "./rerun.ts"

/** An image flag, the body's field for it, and what was typed. */
export interface ImageField {
  readonly flag: string
  readonly field: string
  readonly typed: string | undefined
}

interface Operation {
  readonly path: "/v1/create" | "/v1/edit"
  readonly aspectRatio: Flag<string>
  /** Fields that are taken as they were typed. */
  readonly fixed: JsonObject
  readonly images: ReadonlyArray<ImageField>
}

const booleans = new Set([...declaredFlags.values()].filter(({ kind }) => kind === "boolean").map(({ name }) => name))

/** UTF-8 takes at most four bytes a character. */
const promptBytesMax = limits.promptCharactersMax * 4

const promptFrom = (session: Session, file: string) =>
  (file === "-"
    ? Effect.tryPromise({
        try: () => session.host.readStdin(promptBytesMax),
        catch: (error) => (error instanceof Error ? error.message : String(error))
      })
    : readLimited(absolute(session.host.workingDirectory, file), promptBytesMax).pipe(
        Effect.mapError((problem) =>
          problem.kind === "too_large"
            ? `it is ${problem.bytes} bytes; allowed: ${promptBytesMax}`
            : inWords(problem.reason)
        )
      )
  ).pipe(
    Effect.map((bytes) => new TextDecoder().decode(bytes).replace(/\r?\n$/, "")),
    Effect.catchAll((reason) =>
      fail("FILE_READ_FAILED", `--prompt-file ${JSON.stringify(file)} cannot be read: ${reason}`, {
        recovery: { fields: ["--prompt-file"] }
      })
    )
  )

const promptOf = (session: Session) => {
  const [typed, file] = [valueOf(session.given, flags.prompt), valueOf(session.given, flags.promptFile)]
  if (file === undefined) return Effect.succeed(typed)
  const other =
    typed !== undefined ? "--prompt" : file === "-" && session.given.flags.has("token-stdin") ? "--token-stdin" : null
  return other === null
    ? promptFrom(session, file)
    : fail("INVALID_ARGUMENTS", `--prompt-file ${file} and ${other} cannot be used together`, {
        recovery: { fields: ["--prompt-file", other] }
      })
}

const parametersOf = (session: Session) => {
  const text = valueOf(session.given, flags.modelParameters)
  if (text === undefined) return Effect.succeed(undefined)
  return Schema.decodeUnknown(Schema.parseJson(JsonObject))(text).pipe(
    Effect.catchAll(() => {
      const message = `--model-parameters-json is ${JSON.stringify(text.slice(0, 200))}; allowed: a JSON object such as '{"seed":7}'`
      return fail("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "--model-parameters-json", message }] },
        recovery: { fields: ["--model-parameters-json"] }
      })
    })
  )
}

/** The body's fields that come from flags alone. */
const plainFields = (session: Session, operation: Operation): JsonObject => {
  const given = <A extends string | number | boolean>(field: string, flag: Flag<A | undefined>) => {
    const value = valueOf(session.given, flag)
    return value === undefined || value === false ? {} : { [field]: value }
  }
  return {
    ...given("model", flags.model),
    ...given("provider", flags.provider),
    ...given("intent", flags.intent),
    ...given("output_count", flags.outputCount),
    ...given("max_estimated_usd_per_image", flags.maxPerImage),
    ...given("max_usd", flags.maxUsd),
    ...given("accept_unknown_cost", flags.acceptUnknownCost),
    ...given("dry_run", flags.dryRun),
    aspect_ratio: valueOf(session.given, operation.aspectRatio)
  }
}

const targetsOf = (session: Session): Effect.Effect<ReadonlyArray<Target>, Failure> => {
  const typed = valueOf(session.given, flags.output)
  if (typed === undefined) return Effect.succeed([])
  return checkOutput({
    typed,
    workingDirectory: session.host.workingDirectory,
    count: valueOf(session.given, flags.outputCount) ?? 1,
    isOverwriting: valueOf(session.given, flags.overwrite),
    isDryRun: valueOf(session.given, flags.dryRun),
    overwriteCommand: rerun(session.name, session.given, { overwrite: ["true"] }, booleans)
  })
}

const flagOf = (role: ReferenceRole) => `--${role.replace("_", "-")}`

/** Image fields and references as assets, and the flags that name those assets instead of the files. */
const resolveImages = (session: Session, operation: Operation) =>
  Effect.gen(function* () {
    const resolver = makeImageResolver(session, valueOf(session.given, flags.dryRun))
    const read = readReferences(
      {
        images: valueOf(session.given, flags.referenceImage),
        frontals: valueOf(session.given, flags.elementFrontal),
        elements: valueOf(session.given, flags.elementReference)
      },
      (path) => existsSync(absolute(session.host.workingDirectory, path))
    )
    if (!read.ok) {
      return yield* fail("INVALID_ARGUMENTS", read.message, {
        details: { issues: [{ path: read.flag, message: read.message }] },
        recovery: { fields: [read.flag] }
      })
    }
    for (const { flag, typed } of operation.images) if (typed !== undefined) yield* resolver.check(`--${flag}`, typed)
    for (const { role, source } of read.references) yield* resolver.check(flagOf(role), source)
    const fields: Record<string, string> = {}
    const changes: Record<string, ReadonlyArray<string>> = {}
    for (const { flag, field, typed } of operation.images) {
      if (typed === undefined) continue
      fields[field] = yield* resolver.idOf(`--${flag}`, typed)
      changes[flag] = [fields[field]]
    }
    const references: Array<JsonObject> = []
    for (const { source, ...reference } of read.references) {
      const flag = reference.role.replace("_", "-")
      const id = yield* resolver.idOf(flagOf(reference.role), source)
      references.push({ asset_id: id, ...reference })
      const rest = reference.reference_task ?? reference.reference_index
      const suffix = `@${reference.index}${rest === undefined ? "" : `:${rest}`}`
      changes[flag] = [...(changes[flag] ?? []), `${id}${suffix}`]
    }
    const body: JsonObject = { ...fields, ...(references.length === 0 ? {} : { references }) }
    return { body, changes }
  })

/** An agent's own process may well be shorter than this; the job is not tied to it. */
const followMillisMax = 10 * 60 * 1000

/**
 * Sends the request, and follows a job that outlasts the server's waiting window by sending it again under its key,
 * which pays nothing twice. To a server without --output, the running job is the answer: it goes on without us.
 */
const sendAndFollow = (session: Session, path: string, body: JsonObject, isFollowing: boolean) =>
  Effect.gen(function* () {
    const call = { method: "POST", path, body, timeoutMillis: waitingMillisMax } as const
    const until = (yield* Clock.currentTimeMillis) + followMillisMax
    let reply = yield* session.client.ask(call)
    if (!isFollowing) return reply
    while (reply.status === 202 && (yield* Clock.currentTimeMillis) < until) {
      const { idempotency_key: key } = body
      yield* session.report(`${session.name}: still running`)
      if (typeof key === "string") {
        yield* session.setInFlight({
          idempotencyKey: key,
          recoverCommand: `image-skill jobs wait ${textIn(reply.envelope.data ?? {}, "job_id") ?? ""} --json`,
          jobId: textIn(reply.envelope.data ?? {}, "job_id")
        })
      }
      reply = yield* session.client.ask(call)
    }
    return reply
  })

/** Says on stderr how to take the request up again, before it is sent: whoever kills us has then seen it. */
const announce = (session: Session, idempotencyKey: string, recoverCommand: string) =>
  Effect.gen(function* () {
    yield* session.setInFlight({ idempotencyKey, recoverCommand, jobId: null })
    if (session.style === "readable") return
    const line = {
      in_flight: { command: label(session.name), idempotency_key: idempotencyKey, recover_command: recoverCommand }
    }
    yield* Effect.promise(() => session.host.stderr.write(`${JSON.stringify(line)}\n`))
  })

/** Out of reach after sending is not the same as not done: the same key asks what became of it. */
const withRecovery = (error: Failure, idempotencyKey: string, recoverCommand: string): Failure =>
  error.code === "HOSTED_API_REQUEST_FAILED"
    ? new Failure({
        code: error.code,
        message: `${error.message}. The request may have been accepted: the same command with its key finds out and pays nothing twice`,
        ...(error.details === undefined ? {} : { details: error.details }),
        recovery: { suggested_command: recoverCommand, idempotency_key: idempotencyKey }
      })
    : error

const writeOutputs = (session: Session, reply: Reply, targets: ReadonlyArray<Target>) =>
  Effect.gen(function* () {
    if (targets.length === 0) return reply
    const data = reply.envelope.data ?? {}
    if (data.dry_run === true) return reply
    const assets = assetsIn(data.assets)
    if (assets.length < targets.length) {
      yield* session.warn(`${assets.length} of ${targets.length} images exist: only they are written`)
    }
    const written: Array<JsonObject> = []
    for (const [index, asset] of assets.slice(0, targets.length).entries()) {
      const target = targets[index]
      if (target === undefined) break
      const known = { job_id: textIn(data, "job_id"), output_files: written }
      written.push(yield* deliver(session, asset, target, valueOf(session.given, flags.overwrite), known))
    }
    return withOutputs(reply, written)
  })

/** A whole create or edit. Files are checked before anything is sent, so that nothing is paid for and then lost. */
export const performOperation = (session: Session, operation: Operation): Effect.Effect<Reply, Failure | Refused> =>
  Effect.gen(function* () {
    const prompt = yield* promptOf(session)
    const parameters = yield* parametersOf(session)
    const targets = yield* targetsOf(session)
    const images = yield* resolveImages(session, operation)
    const isDryRun = valueOf(session.given, flags.dryRun)
    const request: JsonObject = {
      ...(prompt === undefined ? {} : { prompt }),
      ...plainFields(session, operation),
      ...operation.fixed,
      ...images.body,
      ...(parameters === undefined ? {} : { model_parameters: parameters })
    }
    yield* session.report(isDryRun ? "planning" : session.name)
    if (isDryRun) return yield* session.client.ask({ method: "POST", path: operation.path, body: request })

    const key = valueOf(session.given, flags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
    const changes: Changes = {
      ...images.changes,
      "idempotency-key": [key],
      // What came through stdin cannot be read again.
      ...(valueOf(session.given, flags.promptFile) === "-" && prompt !== undefined
        ? { "prompt-file": [], prompt: [prompt] }
        : {})
    }
    const recoverCommand = rerun(session.name, session.given, changes, booleans)
    yield* announce(session, key, recoverCommand)
    const isFollowing = targets.length > 0 || session.client.mode === "embedded"
    const reply = yield* sendAndFollow(session, operation.path, { ...request, idempotency_key: key }, isFollowing).pipe(
      Effect.mapError((error) => (error._tag === "Failure" ? withRecovery(error, key, recoverCommand) : error))
    )
    return yield* writeOutputs(session, reply, targets)
  })
