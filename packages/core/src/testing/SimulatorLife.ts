import { Context, Deferred, Effect, Exit, Fiber, Layer, Ref, Scope } from "effect"
import { RunRegistry } from "../jobs/RunRegistry.ts"
import { Checkpoint, type Step } from "../kernel/Checkpoint.ts"
import { Ids, type RunId } from "../kernel/Ids.ts"
import { Ledger } from "../ledger/Ledger.ts"
import { ProviderRegistry } from "../provider/ProviderRegistry.ts"
import { SafeFetch } from "../provider/SafeFetch.ts"
import { JobRunner } from "../studio/JobRunner.ts"
import { Studio } from "../studio/Studio.ts"
import type { FakeProvider } from "./FakeProvider.ts"
import { type Faults, noFaults, throughFaults } from "./SimulatorFaults.ts"
import { digestOfSimulator, type Ground, type Lasting } from "./SimulatorGround.ts"

type Living = Lasting | Studio | JobRunner | Ledger | ProviderRegistry | RunRegistry

/** One life of a process: what it has in memory dies with it. */
export interface Life {
  readonly id: RunId
  readonly faults: Faults
  readonly context: Context.Context<Living>
  /** Runs a call of a client in this life, beside the others. */
  readonly call: <A, E>(effect: Effect.Effect<A, E, Living>) => Effect.Effect<Fiber.RuntimeFiber<A, E>>
  /** Let it die when it passes this step for the nth time. */
  readonly dieAt: (step: Step, times: number) => void
  /** Ends when a step has killed it. */
  readonly dying: Effect.Effect<Step>
  /** All that runs in it stops where it is; then its death is known. */
  readonly kill: Effect.Effect<void>
}

export interface LifeOptions {
  readonly ground: Ground
  readonly provider: FakeProvider
  readonly dead: Ref.Ref<ReadonlySet<RunId>>
  readonly now: () => number
  readonly guessesDeath: boolean
}

const layerHouse = Studio.Default.pipe(Layer.provideMerge(JobRunner.Default), Layer.provideMerge(Ledger.Default))

export const startLife = (options: LifeOptions): Effect.Effect<Life> =>
  Effect.gen(function* () {
    const { ground, provider, dead, now } = options
    const id = yield* Context.get(ground.lasting, Ids).run
    const faults = noFaults()
    const scope = yield* Scope.make()
    const death = yield* Deferred.make<Step>()
    let trap: { readonly step: Step; left: number } | null = null
    const checkpoint = {
      at: (step: Step) =>
        Effect.suspend(() => {
          if (trap === null || trap.step !== step) return Effect.void
          trap.left -= 1
          return trap.left > 0 ? Effect.void : Effect.zipRight(Deferred.succeed(death, step), Effect.never)
        })
    }
    const registry = options.guessesDeath
      ? { self: id, isDead: (run: RunId) => Effect.succeed(run !== id) }
      : { self: id, isDead: (run: RunId) => Effect.map(Ref.get(dead), (all) => all.has(run)) }
    const around = throughFaults(ground.lasting, faults, now).pipe(
      Context.add(SafeFetch, provider.fetch),
      Context.add(RunRegistry, registry)
    )
    const house = Layer.provideMerge(layerHouse, ProviderRegistry.layer([provider.plugin]))
    const built = yield* Effect.provide(Layer.buildWithScope(house, scope), around)
    const context = around.pipe(
      Context.merge(built),
      Context.merge(digestOfSimulator),
      Context.add(Checkpoint, checkpoint)
    )
    const clients = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
    return {
      id,
      faults,
      context,
      call: (effect) =>
        Effect.tap(Effect.forkDaemon(Effect.provide(effect, context)), (fiber) =>
          Effect.sync(() => {
            clients.add(fiber)
            fiber.addObserver(() => clients.delete(fiber))
          })
        ),
      dieAt: (step, times) => {
        trap = { step, left: times }
      },
      dying: Deferred.await(death),
      kill: Effect.gen(function* () {
        yield* Scope.close(scope, Exit.void)
        yield* Fiber.interruptAll(clients)
        yield* Ref.update(dead, (all) => new Set(all).add(id))
      })
    }
  })
