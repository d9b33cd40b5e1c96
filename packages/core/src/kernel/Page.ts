/** A page of a list, newest first. `cursor` is what the page before gave as `nextCursor`. */
export interface PageQuery {
  readonly limit: number
  readonly cursor: string | null
}

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  /** Null on the last page. */
  readonly nextCursor: string | null
}

const cursorPattern = /^c(\d{1,15})$/

/** Whether a list of ours gave it. */
export const isCursor = (text: string): boolean => cursorPattern.test(text)

/** The sequence number below which the page starts; null without a cursor, and for one that is not ours. */
export const sequenceOf = (cursor: string | null): number | null => {
  const match = cursor === null ? null : cursorPattern.exec(cursor)
  return match === null ? null : Number(match[1])
}

export const cursorOf = (sequence: number): string => `c${sequence}`

/** Pages rows that are sorted newest first. Stores ask for one row more than the limit, to know whether more follow. */
export const pageOf = <Row, A>(
  rows: ReadonlyArray<Row>,
  query: PageQuery,
  itemOf: (row: Row) => A,
  sequence: (row: Row) => number
): Page<A> => {
  const before = sequenceOf(query.cursor)
  const from = before === null ? rows : rows.filter((row) => sequence(row) < before)
  const taken = from.slice(0, query.limit)
  const last = taken.at(-1)
  return {
    items: taken.map(itemOf),
    nextCursor: from.length > taken.length && last !== undefined ? cursorOf(sequence(last)) : null
  }
}
