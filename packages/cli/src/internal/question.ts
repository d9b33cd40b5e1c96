/** Questions to a server, made of what was typed. */

import type { Call } from "../Connection.ts"
import { pageFlags } from "../commands/page.ts"
import { done, type Outcome, refused } from "../Envelope.ts"
import { type Arguments, positionalOf, valueOf } from "../Flags.ts"
import type { Question } from "../Session.ts"
import { pathSegment } from "./pathSegment.ts"

export type Query = NonNullable<Call["query"]>

export const get = (path: string, queryOf: (given: Arguments) => Query = () => ({})): Question => ({
  callOf: (given) => done({ method: "GET", path, query: queryOf(given) })
})

export const pageOf = (given: Arguments) => ({
  limit: valueOf(given, pageFlags.limit),
  cursor: valueOf(given, pageFlags.cursor)
})

/** The path with the id that was typed in place of the star. */
export const pathOf = (given: Arguments, pattern: string, what: string): Outcome<string> => {
  const id = positionalOf(given, 0)
  const segment = pathSegment(id)
  return segment === null
    ? refused("INVALID_ARGUMENTS", `${JSON.stringify(id)} is no ${what}`)
    : done(pattern.replace("*", () => segment))
}

/** A question about the one thing whose id was typed; `pattern` has a star in its place. */
export const about = (pattern: string, call: (path: string) => Call, what = "id"): Question => ({
  callOf: (given) => {
    const path = pathOf(given, pattern, what)
    return path.ok ? done(call(path.value)) : path
  }
})

export const show = (pattern: string, what?: string): Question =>
  about(pattern, (path) => ({ method: "GET", path }), what)
