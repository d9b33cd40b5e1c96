import { steps } from "@image-skill/core/kernel/Checkpoint"
import { JsonObject } from "@image-skill/core/kernel/Json"
import { Schema } from "effect"

/** Where a victim may die: between two steps of core, or inside the provider call. */
export const points = [...steps, "answered", "half"] as const
export const Point = Schema.Literal(...points, "deleted", "received")
export type Point = typeof Point.Type

/** What one victim is told to do. */
export const Plan = Schema.Struct({
  dataDirectory: Schema.String,
  /** Base URL of the upstream; null for the embedded provider alone, as the local owner. */
  upstream: Schema.NullOr(Schema.String),
  /** Each create and edit first takes up what dead processes left, as in embedded mode. */
  resume: Schema.Boolean,
  /** Kills itself, without a farewell, when it passes the point for the nth time. */
  killAt: Schema.NullOr(Schema.Struct({ point: Point, nth: Schema.Int })),
  /** Its calls come one after the other, each when a line of input says so; else all at once. */
  isStepwise: Schema.Boolean,
  calls: Schema.Array(Schema.Struct({ path: Schema.String, body: JsonObject, key: Schema.NullOr(Schema.String) }))
})
export type Plan = typeof Plan.Type
export type PlannedCall = Plan["calls"][number]

/** One line of a victim's output. */
export const Answered = Schema.Struct({
  key: Schema.NullOr(Schema.String),
  exit: Schema.Int,
  millis: Schema.Int,
  envelope: Schema.Struct({
    ok: Schema.Boolean,
    command: Schema.String,
    data: Schema.NullOr(JsonObject),
    error: Schema.NullOr(
      Schema.Struct({ code: Schema.String, message: Schema.String, details: Schema.optional(JsonObject) })
    )
  })
})
export type Answered = typeof Answered.Type

/** Credits that the organization of the victims is granted, once. */
export const startCredits = 100_000
export const organization = "org_crash"
/** What a victim says right before its calls. */
export const begun = "begun"
