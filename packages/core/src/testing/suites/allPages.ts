import { Effect } from "effect"
import type { Page, PageQuery } from "../../kernel/Page.ts"

/** Follows a list to its end, with something to do between two pages. Fails the test when it does not end. */
export const allPages = <A, E, R, E2 = never, R2 = never>(
  limit: number,
  list: (query: PageQuery) => Effect.Effect<Page<A>, E, R>,
  between: Effect.Effect<unknown, E2, R2> = Effect.void
): Effect.Effect<ReadonlyArray<A>, E | E2, R | R2> => {
  const from = (cursor: string | null, pages: number): Effect.Effect<ReadonlyArray<A>, E | E2, R | R2> =>
    Effect.flatMap(list({ limit, cursor }), ({ items, nextCursor }) => {
      if (items.length > limit || pages > 100) return Effect.dieMessage("the list does not keep its limit, or no end")
      return nextCursor === null
        ? Effect.succeed(items)
        : Effect.map(Effect.zipRight(between, from(nextCursor, pages + 1)), (rest) => [...items, ...rest])
    })
  return from(null, 0)
}
