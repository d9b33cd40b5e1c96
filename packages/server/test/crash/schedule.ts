import type { Kill } from "./history.ts"
import { type Point, points } from "./plan.ts"
import type { Shape } from "./wire.ts"

const shapes = ["sync", "queue", "find", "batch", "free"] as const

/** A handle is recorded only where the provider gives one. */
const passes = (shape: Shape, point: Point): boolean => point !== "submitted" || shape === "queue" || shape === "find"

/** Passed once for a job, however many calls it has. */
const ofJob: ReadonlyArray<Point> = ["planned", "accepted", "leased", "ended"]

const at = (shape: Shape, point: Point): Kill => ({
  shape,
  // Of a batch the later call: what the other one had is left as it was.
  at: { point, nth: shape === "batch" && !ofJob.includes(point) ? 2 : 1 },
  resumes: false
})

/** Every point of every shape once, in one history for each shape. */
export const everyPoint: ReadonlyArray<ReadonlyArray<Kill>> = shapes.map((shape) =>
  points.filter((point) => passes(shape, point)).map((point) => at(shape, point))
)

const strike = (shape: Shape, from: "start" | "begun", afterMillis: number, resumes = false): Kill => ({
  shape,
  at: { from, afterMillis },
  resumes
})

const some = (shape: Shape, ...chosen: ReadonlyArray<Point>) => chosen.map((point) => at(shape, point))

/** For every test run: each point of a job once. */
export const atEveryStep: Readonly<Record<string, ReadonlyArray<Kill>>> = {
  "a call whose answer comes at once": some("sync", ...points.filter((point) => point !== "submitted"))
}

/**
 * For every check: the call itself in every shape, and deaths at odd times, also of processes that had taken up the work
 * of the dead.
 */
export const inEveryShape: Readonly<Record<string, ReadonlyArray<Kill>>> = {
  "queued work that its handle finds again": some(
    "queue",
    "claimed",
    "answered",
    "submitted",
    "half",
    "spooled",
    "replied",
    "settled"
  ),
  "a lost answer that can be asked for, and work that may be repeated": [
    ...some("find", "claimed", "answered", "half"),
    ...some("free", "claimed", "collected", "stored")
  ],
  "several calls for one job": some("batch", "claimed", "collected", "spooled", "stored", "settled"),
  "deaths at odd times, of those who resume too": [
    strike("queue", "start", 350),
    strike("find", "begun", 60),
    strike("batch", "begun", 150, true),
    strike("sync", "begun", 220, true),
    { ...at("queue", "submitted"), resumes: true },
    { ...at("free", "stored"), resumes: true }
  ]
}

/** The same numbers for the same seed. */
export const randomOf = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A few kills anywhere: at points, at odd times, in the first second of a fresh folder, of those who resume. */
export const anyHistory = (random: () => number): ReadonlyArray<Kill> => {
  const pick = <A>(all: readonly [A, ...ReadonlyArray<A>]): A => all[Math.floor(random() * all.length)] ?? all[0]
  return Array.from({ length: 4 + Math.floor(random() * 5) }, () => {
    const shape = pick(shapes)
    const resumes = random() < 0.5
    const kind = random()
    if (kind < 0.1) return strike(shape, "start", random() * 1_000, resumes)
    if (kind < 0.4) return strike(shape, "begun", random() * 1_000, resumes)
    const passed = points.filter((point) => passes(shape, point))
    const point = passed[Math.floor(random() * passed.length)] ?? "claimed"
    // One who resumes passes it for others too: there a later passing is another's.
    return { shape, at: { point, nth: resumes && random() < 0.3 ? 2 : 1 }, resumes }
  })
}
