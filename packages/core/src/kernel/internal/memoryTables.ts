import { Effect, Effectable, FiberRef, Readable, Ref } from "effect"

/** A transaction, as the fibers inside it and those they have forked know it. */
interface Running {
  open: boolean
}

const isInside = (running: Running | null) => running?.open === true

/** What is committed, and what the open transaction makes of it: only its own fibers see the latter. */
class MemoryTable<A> extends Effectable.Class<A> implements Ref.Ref<A> {
  readonly [Ref.RefTypeId] = { _A: (value: A) => value }
  readonly [Readable.TypeId]: Readable.TypeId = Readable.TypeId
  readonly inside: FiberRef.FiberRef<Running | null>
  committed: A
  working: A

  constructor(inside: FiberRef.FiberRef<Running | null>, initial: A) {
    super()
    this.inside = inside
    this.committed = initial
    this.working = initial
  }

  get get(): Effect.Effect<A> {
    return Effect.map(FiberRef.get(this.inside), (running) => (isInside(running) ? this.working : this.committed))
  }

  commit(): Effect.Effect<A> {
    return this.get
  }

  modify<B>(change: (value: A) => readonly [B, A]): Effect.Effect<B> {
    return Effect.map(FiberRef.get(this.inside), (running) => {
      const [answer, next] = change(this.working)
      this.working = next
      if (!isInside(running)) this.committed = change(this.committed)[1]
      return answer
    })
  }
}

export const makeMemoryTables = () => {
  const turn = Effect.unsafeMakeSemaphore(1)
  const inside = FiberRef.unsafeMake<Running | null>(null)
  const ends: Array<(succeeded: boolean) => void> = []

  const table = <A>(initial: A): Effect.Effect<Ref.Ref<A>> =>
    Effect.sync(() => {
      const made = new MemoryTable(inside, initial)
      ends.push((succeeded) => {
        if (succeeded) made.committed = made.working
        else made.working = made.committed
      })
      return made
    })

  const transact = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(FiberRef.get(inside), (outer) =>
      isInside(outer)
        ? effect
        : turn.withPermits(1)(
            Effect.acquireUseRelease(
              Effect.sync((): Running => ({ open: true })),
              (running) => Effect.locally(effect, inside, running),
              (running, exit) =>
                Effect.sync(() => {
                  // A fiber that was forked inside and lives on is outside from now on.
                  running.open = false
                  for (const end of ends) end(exit._tag === "Success")
                })
            )
          )
    )
  return { table, transact }
}
