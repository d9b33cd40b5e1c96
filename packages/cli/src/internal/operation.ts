/** What create and edit share: from flags to a body, from a body to an answer, from assets to files. */
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { limits } from "@image-skill/core/kernel/Limits"
import { Effect, Schema } from "effect"
import { Refused, type Reply } from "../Client.ts"
import * as flags from "../commands/request.ts"
import { type Flag, valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { isUnfinished } from "./breadcrumbs.ts"
import { inBrief } from "./brief.ts"
import { type Destination, destinationOf, nowhere, openOutput, writeOutputs } from "./destination.ts"
import { objectIn } from "./fields.ts"
import { absolute, inWords, listingNear, readLimited } from "./files.ts"
import { uploadAll } from "./images.ts"
import { type ImageField, readInputs } from "./inputs.ts"
import { preflight } from "./preflight.ts"
import { type Changes, rerun } from "./rerun.ts"
import { patienceOf, send } from "./sending.ts"

export interface Operation {
  readonly path: "/v1/create" | "/v1/edit"
  readonly aspectRatio: Flag<string>
  /** Fields that are taken as they were typed. */
  readonly fixed: JsonObject
  readonly images: ReadonlyArray<ImageField>
}

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
        recovery: {
          ...(file === "-" ? {} : { suggested_command: listingNear(session.host.workingDirectory, file) }),
          fields: ["--prompt-file"]
        }
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

export const parametersOf = (session: Session) => {
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
export const plainFields = (session: Session, ratio: Flag<string>): JsonObject => {
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
    aspect_ratio: valueOf(session.given, ratio)
  }
}

/** Whether this is a run of before taken up again: a file that it wrote then is no obstacle. */
const isRecovering = (session: Session): boolean => {
  const key = valueOf(session.given, flags.idempotencyKey)
  return key !== undefined && isUnfinished(session.settings, key)
}

const destinationFrom = (session: Session): Effect.Effect<Destination, Failure> => {
  const typed = valueOf(session.given, flags.output)
  if (typed === undefined) return Effect.succeed(nowhere)
  return destinationOf(
    {
      typed,
      workingDirectory: session.host.workingDirectory,
      count: valueOf(session.given, flags.outputCount) ?? 1,
      isOverwriting: valueOf(session.given, flags.overwrite) || isRecovering(session),
      isDryRun: valueOf(session.given, flags.dryRun),
      rerun: (changes) => rerun(session.name, session.given, changes)
    },
    null
  )
}

interface WayOut {
  readonly flag: Flag
  readonly changes: Changes
  /** Names in the command for what only the caller knows. */
  readonly missing: ReadonlyArray<string>
}

const waysOut = (error: JsonObject): WayOut | null => {
  const { acceptUnknownCost, prompt } = flags
  // Consent is the caller's to give.
  if (error.code === "BUDGET_REQUIRES_CONFIRMATION") {
    return { flag: acceptUnknownCost, changes: { [acceptUnknownCost.name]: ["true"] }, missing: [] }
  }
  const words = prompt.valueName ?? "TEXT"
  return objectIn(error, "recovery").required_flag === `--${prompt.name}`
    ? { flag: prompt, changes: { [prompt.name]: [words] }, missing: [words] }
    : null
}

/** Where a flag is all that is missing: the same command with it. */
const withWayOut = (session: Session, repeatable: Changes, { reply }: Refused): Refused => {
  const { error } = reply.envelope
  const way = error === null ? null : waysOut(error)
  if (error === null || way === null) return new Refused({ reply })
  const { missing_inputs: _, ...others } = objectIn(error, "recovery")
  const recovery: JsonObject = {
    ...others,
    required_flag: `--${way.flag.name}`,
    suggested_command: rerun(session.name, session.given, { ...repeatable, ...way.changes }),
    ...(way.missing.length === 0 ? {} : { missing_inputs: [...way.missing] })
  }
  return new Refused({ reply: { ...reply, envelope: { ...reply.envelope, error: { ...error, recovery } } } })
}

/** A request as the flags say it, before anything is uploaded. */
export const compose = (session: Session, operation: Operation) =>
  Effect.gen(function* () {
    const prompt = yield* promptOf(session)
    const parameters = yield* parametersOf(session)
    const destination = yield* destinationFrom(session)
    const inputs = yield* readInputs(session, operation.images)
    const request: JsonObject = {
      ...(prompt === undefined ? {} : { prompt }),
      ...plainFields(session, operation.aspectRatio),
      ...operation.fixed,
      ...(parameters === undefined ? {} : { model_parameters: parameters })
    }
    // What came through stdin cannot be read again.
    const repeatable: Changes =
      valueOf(session.given, flags.promptFile) === "-" && prompt !== undefined
        ? { "prompt-file": [], prompt: [prompt] }
        : {}
    const described = inputs.images.flatMap(({ pending }) => (pending === null ? [] : [pending.described]))
    const planned: JsonObject = {
      ...request,
      ...inputs.body(({ id }) => id),
      ...(described.length === 0 ? {} : { described_images: described })
    }
    return { destination, inputs, request, repeatable, planned, isUploading: described.length > 0 }
  })

/**
 * A whole create or edit. Files are checked before anything is sent, so that nothing is paid for and then lost, and the
 * request is planned before anything is uploaded, so that a refused one leaves nothing behind.
 */
export const performOperation = (session: Session, operation: Operation): Effect.Effect<Reply, Failure | Refused> =>
  Effect.gen(function* () {
    const patience = yield* patienceOf(session)
    const { destination, inputs, isUploading, planned, repeatable, request } = yield* compose(session, operation)
    const live = Effect.gen(function* () {
      // A person who watches sees what it costs while it is made.
      const isWatched = session.style === "readable"
      const looking = preflight(session, operation.path, planned)
      const price = isUploading ? yield* looking : isWatched ? yield* Effect.orElseSucceed(looking, () => "") : ""
      const ids = yield* uploadAll(inputs.images)
      const idOf = ({ id }: { readonly id: string }) => ids.get(id) ?? id
      const key = valueOf(session.given, flags.idempotencyKey) ?? `cli_${crypto.randomUUID()}`
      const changes: Changes = { ...inputs.changes(idOf), "idempotency-key": [key], ...repeatable }
      const recoverCommand = rerun(session.name, session.given, changes)
      const body = { ...request, ...inputs.body(idOf), idempotency_key: key }
      const sending = { path: operation.path, body, idempotencyKey: key, recoverCommand }
      const priced = { ...session, report: (activity: string) => session.report(`${activity}${price}`) }
      const reply = yield* send(priced, sending, patience)
      return yield* writeOutputs(session, reply, destination)
    })
    const plan = Effect.zipRight(
      session.report("planning"),
      session.client.ask({ method: "POST", path: operation.path, body: planned })
    )
    const reply = yield* Effect.mapError(valueOf(session.given, flags.dryRun) ? plan : live, (error) =>
      error._tag === "Refused" ? withWayOut(session, repeatable, error) : error
    )
    yield* openOutput(session, reply)
    return valueOf(session.given, flags.brief) && session.style === "json" ? inBrief(reply) : reply
  })
