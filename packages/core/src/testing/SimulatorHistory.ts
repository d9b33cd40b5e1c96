import { Context, Effect, Fiber } from "effect"
import { JobStore } from "../jobs/JobStore.ts"
import { steps } from "../kernel/Checkpoint.ts"
import type { Delivery } from "../studio/Request.ts"
import { answers } from "./FakeProviderActs.ts"
import { type House, makeHouse, type Sabotage } from "./house.ts"
import type { Facts, Rehearsal } from "./LawsFacts.ts"
import { type Chance, makeChance } from "./SimulatorChance.ts"
import { type ClientCall, finished } from "./SimulatorClients.ts"
import { type Faults, noFaults } from "./SimulatorFaults.ts"
import { type Ground, makeGround } from "./SimulatorGround.ts"
import type { Life } from "./SimulatorLife.ts"
import { allPayers, requestByChance } from "./SimulatorRequests.ts"
import { actByChance } from "./SimulatorScript.ts"

const second = 1_000
const minute = 60 * second
const pauses = [0, 0, 1, 20, 400, 2 * second, 10 * second, 50 * second, 4 * minute, 61 * minute] as const

/** What a history is mostly about: how often each thing happens, beside the others. */
interface Theme {
  readonly clients: number
  readonly cancels: number
  readonly faults: number
  readonly deaths: number
}

const themes: readonly [Theme, ...ReadonlyArray<Theme>] = [
  { clients: 0.5, cancels: 0.1, faults: 0.1, deaths: 0.15 },
  { clients: 0.35, cancels: 0.3, faults: 0.1, deaths: 0.1 },
  { clients: 0.3, cancels: 0.05, faults: 0.35, deaths: 0.1 },
  { clients: 0.3, cancels: 0.1, faults: 0.1, deaths: 0.4 }
]

/** What is broken for every process, also for one that starts while it is. */
type Weather = Pick<Faults, "blobsUntil" | "spoolUntil" | "tellsRoom">

/** Everything that happens from a seed, and what is left of it when it has come to rest. */
export const history = (seed: number, now: () => number, sabotage: Sabotage): Effect.Effect<Facts> =>
  Effect.flatMap(makeGround, (ground) => Effect.provide(onGround(ground, seed, now, sabotage), ground.layerLogs))

const onGround = (real: Ground, seed: number, now: () => number, sabotage: Sabotage): Effect.Effect<Facts> =>
  Effect.gen(function* () {
    const chance = makeChance(seed, 1)
    const script = actByChance(makeChance(seed, 2))
    const mood = { isGood: false }
    const provider = {
      script: (call: Parameters<typeof script>[0]) => (mood.isGood ? answers() : script(call)),
      canFind: chance.happens(0.5),
      findLagMillis: chance.pick([0, 0, 500, 20_000]),
      findFailures: chance.happens(0.2) ? chance.below(4) : 0,
      canCancel: chance.happens(0.8)
    }
    const house = yield* makeHouse({ ...provider, seed, now, sabotage }, real)
    const theme = chance.pick(themes)
    const weather = { blobsUntil: 0, spoolUntil: 0, tellsRoom: chance.happens(0.5) }
    const { bear, bury, anyLife, lives, deaths } = population(house, chance, mood, weather)
    const request = requests(house, chance, seed)
    yield* bear
    if (chance.happens(0.5)) yield* bear
    const most = 4 + chance.below(9)
    for (let event = 0; event < most; event += 1) {
      yield* chosen(chance, [
        [theme.clients, newCall(house, chance, anyLife, request)],
        [theme.clients / 4, again(house, chance, anyLife)],
        [theme.cancels, Effect.flatMap(anyLife, (life) => house.cancel(life, chance.pick(allPayers), 2))],
        [theme.faults, Effect.flatMap(anyLife, (life) => breakSomething(house, chance, weather, lives, life))],
        [theme.deaths, Effect.flatMap(anyLife, (life) => die(house, chance, life, bury, bear))],
        [0.04, hangUp(house, chance)],
        [0.05 + theme.faults / 2, Effect.flatMap(anyLife, house.resume)],
        [0.03, bear]
      ])
      yield* Effect.sleep(chance.pick(pauses))
    }
    mood.isGood = true
    if (chance.happens(0.5)) yield* Effect.forEach([...lives], bury)
    yield* heal(house, lives, bear)
    yield* Effect.forEach([...lives], bury)
    const life = yield* bear
    yield* Effect.forEach(repeatable(house.calls), (call) =>
      Effect.flatMap(house.ask(life, call.request, call.delivery, call.payer), finished)
    )
    yield* Effect.sleep(10 * minute)
    const rehearsals = [yield* rehearse(house, real, life, request)]
    yield* Effect.sleep(10 * minute)
    return yield* house.facts({ rehearsals, deaths: deaths() })
  })

/** The processes that live at a time, and those that are born when one dies. */
const population = (house: House, chance: Chance, mood: { readonly isGood: boolean }, weather: Weather) => {
  const lives = new Set<Life>()
  let count = 0
  const bury = (life: Life) =>
    Effect.suspend(() => {
      if (!lives.delete(life)) return Effect.void
      count += 1
      return life.kill
    })
  const bear: Effect.Effect<Life> = Effect.gen(function* () {
    const life = yield* house.start
    lives.add(life)
    if (!mood.isGood) Object.assign(life.faults, weather)
    const afterDeath = Effect.gen(function* () {
      yield* life.dying
      yield* bury(life)
      yield* Effect.sleep(chance.pick([0, second, 30 * second]))
      if (!mood.isGood) yield* Effect.flatMap(bear, house.resume)
    })
    yield* Effect.forkDaemon(afterDeath)
    return life
  })
  const anyLife = Effect.suspend(() => {
    const life = chance.pickAny([...lives])
    return life === undefined ? bear : Effect.succeed(life)
  })
  return { lives, bury, bear, anyLife, deaths: () => count }
}

/** Requests with a prompt of their own each, so that it can be looked for. */
const requests = (house: House, chance: Chance, seed: number) => {
  let count = 0
  return () => {
    const payer = chance.pick(allPayers)
    count += 1
    const images = house.images.get(payer) ?? []
    return { payer, count, request: requestByChance(chance, `secret-prompt-${seed}-${count}-end`, images) }
  }
}

const newCall = (house: House, chance: Chance, anyLife: Effect.Effect<Life>, next: ReturnType<typeof requests>) =>
  Effect.gen(function* () {
    const { payer, request, count } = next()
    const delivery: Delivery = {
      dryRun: chance.happens(0.12),
      idempotencyKey: chance.happens(0.6) ? `key-${count}` : null,
      waitMillis: chance.pick([0, 900, 900, 9 * second])
    }
    return yield* house.ask(yield* anyLife, request, delivery, payer)
  })

/** A client that tries again, or that uses a key for another thing. */
const again = (house: House, chance: Chance, anyLife: Effect.Effect<Life>) =>
  Effect.gen(function* () {
    const earlier = chance.pickAny(house.calls.filter((call) => call.delivery.idempotencyKey !== null))
    if (earlier === undefined) return
    const request = chance.happens(0.25) ? { ...earlier.request, intent: "another" } : earlier.request
    yield* house.ask(yield* anyLife, request, { ...earlier.delivery, dryRun: false }, earlier.payer)
  })

const breakSomething = (house: House, chance: Chance, weather: Weather, lives: ReadonlySet<Life>, { faults }: Life) =>
  Effect.sync(() => {
    const until = house.now() + chance.pick([100, 5 * second, 50 * second, 10 * minute, 90 * minute])
    const which = chance.below(6)
    if (which === 0) faults.databaseUntil = until
    else if (which === 1) faults.spoolUntil = until
    else if (which === 2) faults.hiccupIn = 1 + chance.below(40)
    else if (which === 3) faults.losesCommit = true
    else {
      weather.blobsUntil = until
      if (which === 4) weather.spoolUntil = until
      for (const life of lives) Object.assign(life.faults, weather)
    }
  })

const die = (
  house: House,
  chance: Chance,
  life: Life,
  bury: (life: Life) => Effect.Effect<void>,
  bear: Effect.Effect<Life>
) =>
  Effect.suspend(() => {
    if (chance.happens(0.7)) return Effect.sync(() => life.dieAt(chance.pick(steps), 1 + chance.below(3)))
    const after = chance.happens(0.7) ? Effect.flatMap(bear, house.resume) : Effect.void
    return Effect.zipRight(bury(life), after)
  })

const hangUp = (house: House, chance: Chance) =>
  Effect.suspend(() => {
    const fiber = chance.pickAny(house.calls.filter((call) => call.answer._tag === "None"))?.fiber
    return fiber ? Effect.asVoid(Fiber.interruptFork(fiber)) : Effect.void
  })

/** Everything works again: looks at the jobs until none is open, for some hours. */
const heal = (house: House, lives: ReadonlySet<Life>, bear: Effect.Effect<Life>) =>
  Effect.gen(function* () {
    for (const { faults } of lives) Object.assign(faults, { ...noFaults(), hasLostCommit: faults.hasLostCommit })
    const jobs = Context.get(house.ground.lasting, JobStore)
    for (let round = 0; round < 100; round += 1) {
      if (lives.size === 0) yield* bear
      yield* Effect.forEach([...lives], house.resume)
      yield* Effect.sleep(2 * minute)
      if ((yield* Effect.orDie(jobs.open(1))).length === 0) break
    }
    yield* Effect.sleep(2 * minute)
  })

/** Some of the calls that a key protects: they are made once more at the end. */
const repeatable = (calls: ReadonlyArray<ClientCall>) =>
  calls.filter((call) => call.delivery.idempotencyKey !== null && !call.delivery.dryRun).slice(0, 4)

/** A dry run and the same request live, while nothing else goes on. */
const rehearse = (house: House, real: Ground, life: Life, next: ReturnType<typeof requests>) =>
  Effect.gen(function* () {
    const { payer, request } = next()
    const call = (dryRun: boolean) =>
      Effect.flatMap(house.ask(life, request, { dryRun, waitMillis: 55 * second }, payer), finished)
    const before = yield* real.dump
    const dry = yield* call(true)
    const isUntouched = before === (yield* real.dump)
    const live = yield* call(false)
    return { dry: dry.answer, live: live.answer, isUntouched } satisfies Rehearsal
  })

/** One of a list, each as likely as its number says beside the others. */
const chosen = (chance: Chance, list: ReadonlyArray<readonly [number, Effect.Effect<unknown>]>) => {
  let at = chance.fraction() * list.reduce((sum, [share]) => sum + share, 0)
  for (const [share, effect] of list) {
    at -= share
    if (at < 0) return effect
  }
  return Effect.void
}
