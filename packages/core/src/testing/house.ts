import { Context, Effect, Ref } from "effect"
import { organizationOf } from "../identity/Identity.ts"
import { JobStore } from "../jobs/JobStore.ts"
import type { AssetId, RunId } from "../kernel/Ids.ts"
import { NotConfigured, type Plugin } from "../provider/Provider.ts"
import { JobRunner } from "../studio/JobRunner.ts"
import type { Delivery, ImageRequest } from "../studio/Request.ts"
import { type FakeOptions, type FakeProvider, makeFakeProvider } from "./FakeProvider.ts"
import { collectFacts, type Facts, type Rehearsal } from "./LawsFacts.ts"
import { makeChance } from "./SimulatorChance.ts"
import { answerOf, asked, type ClientCall, finished } from "./SimulatorClients.ts"
import { furnish } from "./SimulatorFurniture.ts"
import { digestOfSimulator, type Ground, type Lasting, makeGround } from "./SimulatorGround.ts"
import { type Life, startLife } from "./SimulatorLife.ts"
import { type Payer, payers, plainRequest } from "./SimulatorRequests.ts"
import { makeVirtualTime } from "./SimulatorTime.ts"

/** A fault that is put in on purpose, to see that the laws notice it. */
export interface Sabotage {
  readonly lasting?: (lasting: Context.Context<Lasting>) => Context.Context<Lasting>
  readonly plugin?: (plugin: Plugin) => Plugin
  /** A registry that takes every other run for dead. */
  readonly guessesDeath?: boolean
}

/** The house with a fake provider, memory stores that outlive its processes, and a clock that jumps. */
export interface House {
  readonly ground: Ground
  readonly provider: FakeProvider
  readonly now: () => number
  /** Images that each payer can edit: a large one and one that is too small for a reference. */
  readonly images: ReadonlyMap<Payer, ReadonlyArray<AssetId>>
  readonly calls: ReadonlyArray<ClientCall>
  /** A new process on the same database and disks. */
  readonly start: Effect.Effect<Life>
  /** A new process that lacks the provider's key. */
  readonly startKeyless: Effect.Effect<Life>
  /** Sends a request and does not wait for its answer. */
  readonly ask: (
    life: Life,
    request: ImageRequest,
    delivery?: Partial<Delivery>,
    payer?: Payer
  ) => Effect.Effect<ClientCall>
  /** Asks for a job to be canceled, as an endpoint would. */
  readonly cancel: (life: Life, payer: Payer, jobs: number) => Effect.Effect<void>
  /** What a process does when it starts: takes up what others left. */
  readonly resume: (life: Life) => Effect.Effect<void>
  readonly facts: (rest?: {
    readonly rehearsals?: ReadonlyArray<Rehearsal>
    readonly deaths?: number
  }) => Effect.Effect<Facts>
}

const plainDelivery: Delivery = { dryRun: false, idempotencyKey: null, waitMillis: 55_000 }

export const makeHouse = (
  options: FakeOptions & { readonly seed: number; readonly now: () => number; readonly sabotage: Sabotage },
  real: Ground
): Effect.Effect<House> =>
  Effect.gen(function* () {
    const transitions = new Set<string>()
    const watched = watching(real.lasting, transitions)
    const ground = { ...real, lasting: options.sabotage.lasting?.(watched) ?? watched }
    const made = yield* makeFakeProvider(options)
    const provider = { ...made, plugin: options.sabotage.plugin?.(made.plugin) ?? made.plugin }
    const dead = yield* Ref.make<ReadonlySet<RunId>>(new Set())
    const calls: Array<ClientCall> = []
    const images = yield* furnish.pipe(Effect.provide(real.lasting), Effect.provide(digestOfSimulator))

    const born = (own: FakeProvider) =>
      startLife({
        ground,
        provider: own,
        dead,
        now: options.now,
        guessesDeath: options.sabotage.guessesDeath ?? false
      })
    const keyless = { ...provider.plugin, load: Effect.fail(new NotConfigured({ message: "no key" })) }

    return {
      ground,
      provider,
      now: options.now,
      images,
      calls,
      start: born(provider),
      startKeyless: born({ ...provider, plugin: keyless }),
      ask: (life, request, own = {}, payer = payers.rich) =>
        Effect.gen(function* () {
          const delivery = { ...plainDelivery, ...own }
          const call: ClientCall = {
            payer,
            request,
            delivery,
            answer: { _tag: "None" },
            mayHaveLostCommit: () => life.faults.hasLostCommit,
            fiber: null
          }
          calls.push(call)
          const fiber = yield* life.call(asked(payer, request, delivery))
          call.fiber = fiber
          fiber.addObserver((exit) => {
            call.answer = answerOf(exit)
          })
          return call
        }),
      cancel: (life, payer, most) =>
        inBackground(
          life,
          Effect.gen(function* () {
            const jobs = yield* JobStore
            const page = yield* jobs.list(organizationOf(payer.actor), { limit: most, cursor: null })
            for (const job of page.items) {
              yield* jobs.requestCancel(job.organizationId, job.id)
              yield* (yield* JobRunner).start(job.id)
            }
          })
        ),
      resume: (life) =>
        inBackground(
          life,
          Effect.flatMap(JobRunner, (runner) => runner.resume(1_000))
        ),
      facts: (rest = {}) =>
        collectFacts({
          ground: real,
          provider,
          calls,
          rehearsals: [],
          deaths: 0,
          ...rest,
          transitions,
          seed: options.seed
        })
    }
  })

const inBackground = <A, E>(life: Life, effect: Parameters<typeof life.call<A, E>>[0]): Effect.Effect<void> =>
  Effect.asVoid(life.call(Effect.ignore(effect)))

/** Notes every step that an attempt takes. */
const watching = (lasting: Context.Context<Lasting>, transitions: Set<string>) => {
  const jobs = Context.get(lasting, JobStore)
  return Context.add(lasting, JobStore, {
    ...jobs,
    advance: (lease, attempt, from, to, patch) =>
      Effect.tap(jobs.advance(lease, attempt, from, to, patch), (moved) =>
        Effect.sync(() => moved && transitions.add(`${from} to ${to}`))
      )
  })
}

export interface HouseOptions extends Partial<Omit<FakeOptions, "script">> {
  readonly sabotage?: Sabotage
}

/**
 * Runs a story in a house of its own, in virtual time and to its end, and gives what it gives. Dies of what breaks in
 * it. The order of the fibers is always the same.
 */
export const inHouse = <A>(
  script: FakeOptions["script"],
  story: (house: House) => Effect.Effect<A>,
  own: HouseOptions = {}
): Effect.Effect<A> =>
  Effect.suspend(() => {
    const time = makeVirtualTime(makeChance(0, 0))
    const options = { canFind: false, canCancel: true, sabotage: {}, ...own, script, seed: 0, now: time.now }
    const whole = Effect.flatMap(makeGround, (ground) =>
      Effect.provide(Effect.flatMap(makeHouse(options, ground), story), ground.layerLogs)
    )
    return Effect.flatMap(time.run(whole), (end) =>
      end._tag === "Ended" ? end.exit : Effect.dieMessage(`the story is ${end._tag.toLowerCase()}`)
    )
  })

/** Sends a plain request and waits for its answer. */
export const askAndWait = (
  house: House,
  life: Life,
  own: Partial<ImageRequest> = {},
  delivery: Partial<Delivery> = {},
  payer: Payer = payers.rich
) => Effect.map(Effect.flatMap(house.ask(life, plainRequest(own), delivery, payer), finished), ({ answer }) => answer)
