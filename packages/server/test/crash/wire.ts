import { Schema } from "effect"

/** The models of the crash provider, and what it charges for one image, in ticks. */
export const ticksPerImage = {
  sync: 500_000_000,
  queue: 700_000_000,
  find: 300_000_000,
  batch: 200_000_000,
  free: 0
} as const

export const Shape = Schema.Literal("sync", "queue", "find", "batch", "free")
export type Shape = typeof Shape.Type

/** What the plugin asks for. */
export const Order = Schema.Struct({
  attempt: Schema.String,
  model: Shape,
  outputs: Schema.Int,
  /** How long the answer, or the queued work, takes. */
  slowMillis: Schema.Int,
  /** Pictures of four megabytes, whose reply is small all the same. */
  isLarge: Schema.Boolean
})

export const Job = Schema.Struct({
  handle: Schema.NullOr(Schema.String),
  state: Schema.Literal("running", "done", "canceled")
})
export type Job = typeof Job.Type

/** What the upstream knows of one attempt: how often it took it, what it charges in all, whole answers sent. */
export const Seen = Schema.Struct({
  house: Schema.String,
  attempt: Schema.String,
  model: Shape,
  outputs: Schema.Int,
  accepted: Schema.Int,
  charged: Schema.Int,
  answered: Schema.Int
})
export type Seen = typeof Seen.Type

export const Answer = Schema.Struct({ images: Schema.Array(Schema.String), cost: Schema.Int })
