import { Deferred, Effect, FiberId } from "effect"
import { type Failure, failure } from "../kernel/Errors.ts"
import type { JobId, OrganizationId, ProviderId } from "../kernel/Ids.ts"

/** What a job waits with for its provider. */
export interface Waiting {
  readonly jobId: JobId
  readonly providerId: ProviderId
  readonly organizationId: OrganizationId
}

export interface TurnLimits {
  /** Jobs of one provider that run at one time. */
  readonly runningMax: (provider: ProviderId) => number
  /** Jobs that wait for one provider; further ones are refused. */
  readonly waitingMax: (provider: ProviderId) => number
  /** The same, of one organization. */
  readonly waitingOfOrganizationMax: (provider: ProviderId) => number
}

/**
 * Who runs next, by provider: a slow one fills its own turns and no others. Among those who wait, the organization with
 * the fewest running jobs goes first, then who came first: one that sends a thousand delays its own.
 */
export interface JobTurns {
  /** Runs the effect in a turn of the provider; false, without running it, when the house closes before. */
  readonly inTurn: <E, R>(waiting: Waiting, effect: Effect.Effect<void, E, R>) => Effect.Effect<boolean, E, R>
  /** Runs the effect at once, counted as a turn: for work that a provider has already, and may have been paid for. */
  readonly beyond: <E, R>(waiting: Waiting, effect: Effect.Effect<void, E, R>) => Effect.Effect<boolean, E, R>
  /** Keeps a place while the effect writes a new job down; fails when the queue has no place left. */
  readonly arriving: <A, E, R>(
    provider: ProviderId,
    organization: OrganizationId,
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | Failure<"RATE_LIMITED" | "PROVIDER_UNAVAILABLE">, R>
  /** A waiting job goes on now, whatever runs: it was asked to stop. */
  readonly hurry: (jobId: JobId) => Effect.Effect<void>
  /** Of every provider that had work so far. */
  readonly lanes: () => ReadonlyArray<{
    readonly provider: ProviderId
    readonly running: number
    readonly waiting: number
  }>
  /** Nobody gets a turn any more; who waits is told so. */
  readonly close: Effect.Effect<void>
}

interface Waiter extends Waiting {
  hasTurn: boolean
  readonly turn: Deferred.Deferred<boolean>
}

interface Lane {
  running: number
  readonly runningOf: Map<OrganizationId, number>
  readonly arrivingOf: Map<OrganizationId, number>
  readonly waiters: Array<Waiter>
}

const add = (counts: Map<OrganizationId, number>, organization: OrganizationId, by: number) => {
  const count = (counts.get(organization) ?? 0) + by
  if (count === 0) counts.delete(organization)
  else counts.set(organization, count)
}

const sumOf = (counts: ReadonlyMap<OrganizationId, number>): number => [...counts.values()].reduce((a, b) => a + b, 0)

/** The waiter whose organization runs the fewest; of equals the one who came first. */
const nextOf = ({ runningOf, waiters }: Lane): Waiter | undefined => {
  const runs = (waiter: Waiter) => runningOf.get(waiter.organizationId) ?? 0
  return waiters.reduce<Waiter | undefined>(
    (best, waiter) => (best === undefined || runs(waiter) < runs(best) ? waiter : best),
    undefined
  )
}

export const makeJobTurns = (limits: TurnLimits): JobTurns => {
  const lanes = new Map<ProviderId, Lane>()
  let isClosed = false

  const laneOf = (provider: ProviderId): Lane => {
    const known = lanes.get(provider)
    if (known !== undefined) return known
    const lane: Lane = { running: 0, runningOf: new Map(), arrivingOf: new Map(), waiters: [] }
    lanes.set(provider, lane)
    return lane
  }

  const enter = (lane: Lane, { organizationId }: Waiting) => {
    lane.running += 1
    add(lane.runningOf, organizationId, 1)
  }

  const admit = (lane: Lane, waiter: Waiter) => {
    lane.waiters.splice(lane.waiters.indexOf(waiter), 1)
    enter(lane, waiter)
    waiter.hasTurn = true
    Deferred.unsafeDone(waiter.turn, Effect.succeed(true))
  }

  const fill = (lane: Lane, provider: ProviderId) => {
    while (lane.running < limits.runningMax(provider)) {
      const next = nextOf(lane)
      if (next === undefined) return
      admit(lane, next)
    }
  }

  const leave = ({ organizationId, providerId }: Waiting) => {
    const lane = laneOf(providerId)
    lane.running -= 1
    add(lane.runningOf, organizationId, -1)
    fill(lane, providerId)
  }

  /** False when the house closes before there is a turn. A waiter who is interrupted leaves no trace. */
  const take = (waiting: Waiting): Effect.Effect<boolean> =>
    Effect.suspend(() => {
      if (isClosed) return Effect.succeed(false)
      const lane = laneOf(waiting.providerId)
      const waiter: Waiter = { ...waiting, turn: Deferred.unsafeMake<boolean>(FiberId.none), hasTurn: false }
      lane.waiters.push(waiter)
      fill(lane, waiting.providerId)
      return Effect.onInterrupt(Effect.interruptible(Deferred.await(waiter.turn)), () =>
        Effect.sync(() => {
          const at = lane.waiters.indexOf(waiter)
          if (at !== -1) lane.waiters.splice(at, 1)
          if (waiter.hasTurn) leave(waiting)
        })
      )
    })

  const using =
    (taking: (waiting: Waiting) => Effect.Effect<boolean>): JobTurns["inTurn"] =>
    (waiting, effect) =>
      Effect.acquireUseRelease(
        taking(waiting),
        (hasTurn) => (hasTurn ? Effect.as(effect, true) : Effect.succeed(false)),
        (hasTurn) => Effect.sync(() => hasTurn && leave(waiting))
      )

  return {
    inTurn: using(take),
    beyond: using((waiting) =>
      Effect.sync(() => {
        enter(laneOf(waiting.providerId), waiting)
        return true
      })
    ),
    arriving: (provider, organization, effect) => {
      const lane = laneOf(provider)
      return Effect.acquireUseRelease(
        Effect.suspend(() => {
          const refusal = refusalOf(lane, provider, organization, limits)
          if (refusal === null) add(lane.arrivingOf, organization, 1)
          return refusal === null ? Effect.void : Effect.fail(refusal)
        }),
        () => effect,
        () => Effect.sync(() => add(lane.arrivingOf, organization, -1))
      )
    },
    hurry: (jobId) =>
      Effect.sync(() => {
        for (const lane of lanes.values()) {
          const waiter = lane.waiters.find((one) => one.jobId === jobId)
          if (waiter !== undefined) admit(lane, waiter)
        }
      }),
    lanes: () => [...lanes].map(([provider, { running, waiters }]) => ({ provider, running, waiting: waiters.length })),
    close: Effect.sync(() => {
      isClosed = true
      for (const lane of lanes.values()) {
        for (const { turn } of lane.waiters.splice(0)) Deferred.unsafeDone(turn, Effect.succeed(false))
      }
    })
  }
}

/** Turns run in tens of seconds: a queue that is full now has places a little later. */
const retryAfterSeconds = 10

/** Whether there is a place for one more, counting those that are being written down. Those get a turn or a place. */
const refusalOf = (lane: Lane, provider: ProviderId, organization: OrganizationId, limits: TurnLimits) => {
  const free = Math.max(0, limits.runningMax(provider) - lane.running)
  const own = lane.waiters.filter((waiter) => waiter.organizationId === organization).length
  const ownArriving = lane.arrivingOf.get(organization) ?? 0
  const ownMax = limits.waitingOfOrganizationMax(provider)
  if (own + ownArriving >= ownMax + free) {
    return failure("RATE_LIMITED", `${own + ownArriving} jobs of yours wait for ${provider}, the most that may`, {
      details: { provider_id: provider, waiting: own + ownArriving, waiting_max: ownMax },
      recovery: { retry_after_seconds: retryAfterSeconds }
    })
  }
  const all = lane.waiters.length + sumOf(lane.arrivingOf)
  const allMax = limits.waitingMax(provider)
  return all >= allMax + free
    ? failure("PROVIDER_UNAVAILABLE", `${all} jobs wait for ${provider}, the most that may; nothing was sent`, {
        details: { provider_id: provider, waiting: all, waiting_max: allMax },
        recovery: {
          retry_after_seconds: retryAfterSeconds,
          suggested_command: "image-skill models list --available --json"
        }
      })
    : null
}
