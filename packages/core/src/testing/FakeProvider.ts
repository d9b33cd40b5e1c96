import { Clock, Config, Context, Effect, Encoding, Layer, Ref, Schema } from "effect"
import type { AttemptId, ModelId } from "../kernel/Ids.ts"
import type { Json } from "../kernel/Json.ts"
import { UsdTicks, zeroTicks } from "../kernel/Money.ts"
import { estimate, expectedSize } from "../pricing/Pricing.ts"
import {
  type Adapter,
  define,
  type Outcome,
  type Plugin,
  type ProviderCall,
  ProviderError,
  type ProviderOutput,
  type ProviderReason,
  type Reply
} from "../provider/Provider.ts"
import { SafeFetch } from "../provider/SafeFetch.ts"
import type { FakeAct, FakeAnswer } from "./FakeProviderActs.ts"
import { fakeModels, fakeProviderId } from "./FakeProviderModels.ts"
import { fakePng, hugePng } from "./FakeProviderPng.ts"

/** What the provider itself knows of a call that reached it. It outlives every process of the house. */
export interface FakeRecord {
  readonly attemptId: AttemptId
  readonly modelId: ModelId
  readonly at: number
  readonly isAccepted: boolean
  /** What it will write on the bill. */
  readonly charged: UsdTicks
  /** Usable images that it made. */
  readonly images: number
  /** How often a whole answer went over the wire. */
  readonly answers: number
  readonly act: FakeAct
  readonly readyAt: number
  readonly isCanceled: boolean
  /** Polls that it still fails. */
  readonly failures: number
  /** Polls that it leaves without an answer, after those. */
  readonly silences: number
  readonly body: string
}

export interface FakeOptions {
  /** What it does with the nth call that reaches it, counted from 0. */
  readonly script: (call: ProviderCall, nth: number) => FakeAct
  /** Whether a call whose answer was lost can be asked for. */
  readonly canFind: boolean
  /** How long after it took a call it still denies it. */
  readonly findLagMillis?: number
  /** Questions for a call that it fails before it answers one. */
  readonly findFailures?: number
  readonly canCancel: boolean
}

export interface FakeProvider {
  readonly plugin: Plugin
  readonly records: Effect.Effect<ReadonlyArray<FakeRecord>>
  /** The result URLs of its answers, and nothing else. */
  readonly fetch: Context.Tag.Service<SafeFetch>
  readonly layerFetch: Layer.Layer<SafeFetch>
}

const Body = Schema.parseJson(
  Schema.Struct({
    images: Schema.Array(Schema.Struct({ kind: Schema.Literal("bytes", "url", "refused"), value: Schema.String })),
    cost: Schema.NullOr(UsdTicks)
  })
)
const encodeBody = Schema.encodeSync(Body)
const decodeBody = Schema.decodeUnknown(Body)

const origin = "https://fake.example/"

/** What one call costs: its table, and $0.08 an image where that knows nothing. */
const chargeOf = (call: ProviderCall, images: number): UsdTicks => {
  const cost = estimate(call.model.price, {
    parameters: call.parameters,
    outputs: call.outputs,
    inputImages: call.references.length + (call.image === null ? 0 : 1),
    size: expectedSize(call.model, call.parameters)
  })
  return UsdTicks.make((cost.confidence === "unknown" ? 800_000_000 : cost.perImage) * images)
}

const countOf = (answer: FakeAnswer, outputs: number): { readonly sent: number; readonly usable: number } => {
  switch (answer.kind) {
    case "images":
    case "urls":
      return { sent: outputs, usable: outputs }
    case "too_many":
      return { sent: outputs + 2, usable: outputs }
    case "too_few":
      return { sent: outputs - 1, usable: outputs - 1 }
    case "withheld":
      return { sent: outputs, usable: outputs - 1 }
    case "none":
      return { sent: 0, usable: 0 }
    case "text":
    case "huge":
    case "torn":
    case "garbage":
      return { sent: outputs, usable: 0 }
  }
}

const imageOf = (call: ProviderCall, answer: FakeAnswer, index: number) => {
  const name = `${call.attemptId}#${index}`
  const bytes = (content: Uint8Array) => ({ kind: "bytes" as const, value: Encoding.encodeBase64(content) })
  switch (answer.kind) {
    case "urls":
      return { kind: "url" as const, value: `${origin}${name}` }
    case "withheld":
      return index === 0 ? { kind: "refused" as const, value: "" } : bytes(fakePng(32, 32, name))
    case "text":
      return bytes(new TextEncoder().encode("<html>out of memory</html>"))
    case "huge":
      return bytes(hugePng())
    case "torn":
      return bytes(fakePng(32, 32, name).slice(0, 60))
    case "images":
    case "too_many":
    case "too_few":
    case "none":
    case "garbage":
      return bytes(fakePng(32, 32, name))
  }
}

const bodyOf = (call: ProviderCall, answer: FakeAnswer): string => {
  if (answer.kind === "garbage") return "{ this is no answer"
  const { sent } = countOf(answer, call.outputs)
  const charged = chargeOf(call, call.outputs)
  return encodeBody({
    images: Array.from({ length: sent }, (_, index) => imageOf(call, answer, index)),
    cost: answer.reports === "nothing" ? null : answer.reports === "too_much" ? UsdTicks.make(charged * 9) : charged
  })
}

const problem = (reason: ProviderReason, message: string, billed: ProviderError["billed"]) =>
  new ProviderError({ reason, message, billed, ...(reason === "rate_limited" ? { retryAfterSeconds: 7 } : {}) })

const refusal = (reason: ProviderReason, billed: ProviderError["billed"]) =>
  problem(reason, `the fake provider says ${reason}`, billed)

const cutLine = problem("outcome_unknown", "the connection to the fake provider ended", "unknown")

/** A provider that does what its script says, and remembers what it accepted and what it charges for it. */
export const makeFakeProvider = (options: FakeOptions): Effect.Effect<FakeProvider> =>
  Effect.gen(function* () {
    const records = yield* Ref.make<ReadonlyArray<FakeRecord>>([])
    const findFailures = yield* Ref.make(options.findFailures ?? 0)
    const fetches = yield* Ref.make<ReadonlyMap<string, number>>(new Map())

    const change = (id: AttemptId, patch: (record: FakeRecord) => Partial<FakeRecord>) =>
      Ref.update(records, (all) =>
        all.map((record) => (record.attemptId === id && record.isAccepted ? { ...record, ...patch(record) } : record))
      )

    const receive = (call: ProviderCall) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        return yield* Ref.modify(records, (all): readonly [FakeRecord, ReadonlyArray<FakeRecord>] => {
          const act = options.script(call, all.length)
          const record = recordOf(call, act, at)
          return [record, [...all, record]]
        })
      })

    const replyOf = (record: FakeRecord, isCut: boolean): Reply => ({
      contentType: "application/json",
      facts: {},
      body: isCut
        ? Effect.fail(cutLine)
        : Effect.as(
            change(record.attemptId, ({ answers }) => ({ answers: answers + 1 })),
            new TextEncoder().encode(record.body)
          )
    })

    const submit: Adapter["submit"] = (call) =>
      Effect.gen(function* () {
        const record = yield* receive(call)
        const act = record.act
        switch (act._tag) {
          case "Refuse":
            return yield* refusal(act.reason, act.billed)
          case "Throw":
            return yield* Effect.dieMessage("the fake plugin has a bug")
          case "LoseAnswer":
            yield* Effect.sleep(act.afterMillis)
            return yield* cutLine
          case "Hang":
            return yield* Effect.never
          case "Answer":
            if (isQueued(call)) return { _tag: "Accepted", handle: { fake: call.attemptId } }
            yield* Effect.sleep(act.afterMillis)
            return { _tag: "Replied", reply: replyOf(record, act.isCut) }
        }
      })

    const find = (handle: Json) =>
      Effect.map(Ref.get(records), (all) => all.find((record) => record.isAccepted && isHandle(handle, record)))

    const poll = (handle: Json) =>
      Effect.gen(function* () {
        const record = yield* find(handle)
        if (record === undefined) return yield* refusal("invalid_request", "no")
        if (record.failures > 0) {
          yield* change(record.attemptId, ({ failures }) => ({ failures: failures - 1 }))
          return yield* refusal(record.failures % 2 === 0 ? "unavailable" : "authentication", "no")
        }
        if (record.silences > 0) {
          yield* change(record.attemptId, ({ silences }) => ({ silences: silences - 1 }))
          return yield* Effect.never
        }
        if (record.isCanceled) return { _tag: "Canceled" as const }
        const act = record.act
        if (act._tag === "Hang" || (yield* Clock.currentTimeMillis) < record.readyAt) {
          return { _tag: "Running" as const }
        }
        if (act._tag === "Answer" && act.fails !== null) {
          return yield* refusal(act.fails, record.charged > 0 ? "yes" : "no")
        }
        const isCut = act._tag === "Answer" && act.isCut && record.answers === 0
        if (isCut) yield* change(record.attemptId, () => ({ answers: 1 }))
        return { _tag: "Replied" as const, reply: replyOf(record, isCut) }
      })

    /** A work that has ended, or whose act says so, goes on in spite of it. */
    const cancel = (handle: Json) =>
      Effect.gen(function* () {
        const record = yield* find(handle)
        const now = yield* Clock.currentTimeMillis
        if (record === undefined || now >= record.readyAt) return
        if (record.act._tag === "Answer" && record.act.ignoresCancel) return
        yield* change(record.attemptId, () => ({ isCanceled: true, charged: zeroTicks, images: 0 }))
      })

    const adapter: Adapter = {
      submit,
      poll,
      pollEvery: "5 seconds",
      decode: (call, reply) => decodeReply(call.attemptId, reply.bytes),
      ...(options.canCancel ? { cancel } : {}),
      ...(options.canFind
        ? {
            find: (id: AttemptId) =>
              Effect.gen(function* () {
                const now = yield* Clock.currentTimeMillis
                if (yield* Ref.modify(findFailures, (left) => [left > 0, left - 1])) {
                  return yield* refusal("unavailable", "no")
                }
                const all = yield* Ref.get(records)
                const record = all.find((one) => one.attemptId === id && one.isAccepted)
                return record === undefined || now < record.at + (options.findLagMillis ?? 0) ? null : { fake: id }
              })
          }
        : {})
    }

    const fetch: Context.Tag.Service<SafeFetch> = {
      bytes: (url) =>
        Effect.gen(function* () {
          const times = yield* Ref.modify(fetches, (all) => {
            const next = (all.get(url) ?? 0) + 1
            return [next, new Map(all).set(url, next)]
          })
          const name = url.slice(origin.length)
          const act = (yield* Ref.get(records)).find((record) => name.startsWith(record.attemptId))?.act
          const failures = act?._tag === "Answer" ? act.fetchFailures : 0
          if (times <= failures) return yield* refusal("unavailable", "yes")
          return fakePng(32, 32, name)
        })
    }

    return {
      plugin: define({
        id: fakeProviderId,
        displayName: "Fake",
        models: fakeModels,
        config: Config.succeed(null),
        make: () => Effect.succeed(adapter),
        concurrency: 3
      }),
      records: Ref.get(records),
      fetch,
      layerFetch: Layer.succeed(SafeFetch, fetch)
    }
  })

const isQueued = (call: Pick<ProviderCall, "model">): boolean => call.model.id === "fake.queue"

const isHandle = (handle: Json, record: FakeRecord): boolean =>
  typeof handle === "object" && handle !== null && "fake" in handle && handle["fake"] === record.attemptId

const recordOf = (call: ProviderCall, act: FakeAct, at: number): FakeRecord => {
  const base = {
    attemptId: call.attemptId,
    modelId: call.model.id,
    at,
    act,
    answers: 0,
    isCanceled: false,
    readyAt: at,
    failures: 0,
    silences: 0,
    body: ""
  }
  switch (act._tag) {
    case "Refuse": {
      const charged = act.billed === "yes" ? chargeOf(call, call.outputs) : zeroTicks
      return { ...base, isAccepted: false, charged, images: 0 }
    }
    case "Throw":
      return { ...base, isAccepted: false, charged: zeroTicks, images: 0 }
    case "LoseAnswer":
    case "Hang": {
      const answer: FakeAnswer = { kind: "images", reports: "cost" }
      const body = bodyOf(call, answer)
      return { ...base, isAccepted: true, charged: chargeOf(call, call.outputs), images: call.outputs, body }
    }
    case "Answer": {
      const images = act.fails === null ? countOf(act.answer, call.outputs).usable : 0
      const isWithheld = act.answer.kind === "withheld" && !call.model.safety.refusalBilled
      const billed = isWithheld ? images : call.outputs
      const isFree = act.fails !== null && act.fails !== "content_policy"
      return {
        ...base,
        isAccepted: true,
        charged: isFree ? zeroTicks : chargeOf(call, billed),
        images,
        readyAt: at + act.afterMillis,
        failures: act.pollFailures,
        silences: act.pollSilences,
        body: bodyOf(call, act.answer)
      }
    }
  }
}

const decodeReply = (attemptId: AttemptId, bytes: Uint8Array): Effect.Effect<Outcome, ProviderError> =>
  decodeBody(new TextDecoder().decode(bytes)).pipe(
    Effect.mapError(() => problem("bad_output", "the fake provider's answer cannot be read", "yes")),
    Effect.flatMap(({ images, cost }) =>
      Effect.map(
        Effect.forEach(images, ({ kind, value }): Effect.Effect<ProviderOutput, ProviderError> => {
          if (kind === "refused") return Effect.succeed({ _tag: "Refused" })
          if (kind === "url") return Effect.succeed({ _tag: "Url", url: value })
          return Effect.mapBoth(Encoding.decodeBase64(value), {
            onFailure: () => problem("bad_output", "an image of the fake provider cannot be read", "yes"),
            onSuccess: (content): ProviderOutput => ({ _tag: "Bytes", bytes: content })
          })
        }),
        (outputs) => ({ outputs, cost, warnings: [], details: { fake_seed: attemptId.length } })
      )
    )
  )
