import type { Reversal } from "./PaymentRecords.ts"
import type { DisputeEvent, RailEvent, RefundEvent } from "./RailEvents.ts"

const grouped = <A>(items: ReadonlyArray<A>, keyOf: (item: A) => string): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? []
    groups.set(keyOf(item), group)
    group.push(item)
  }
  return groups
}

/** What a payment's events say all together. Their order and their repetition do not matter. */
export interface Standing {
  /** Refunded and not come back. */
  readonly refundedCents: number
  readonly refundReference: string
  /** By the rail's id of the dispute. `goneCents` is what of it is out of the house now. */
  readonly disputes: ReadonlyMap<string, { readonly amountCents: number; readonly goneCents: number }>
}

const isRefund = (event: RailEvent): event is RefundEvent => event.kind === "refund"
const isTotal = (event: RailEvent) => event.kind === "refunded_total"
const isDispute = (event: RailEvent): event is DisputeEvent => event.kind === "dispute"

/** The latest by the rail's clock; on a tie `wins` decides. */
const latest = <A extends { readonly at: number }>(items: ReadonlyArray<A>, wins: (a: A, b: A) => boolean) =>
  items.reduce<A | undefined>(
    (best, item) =>
      best === undefined || item.at > best.at || (item.at === best.at && wins(item, best)) ? item : best,
    undefined
  )

/**
 * Totals and parts tell the same story twice. The last total, less what of it has died since and with what was made
 * since, is one account of it; the living parts are the other. Either may lack what the other knows: the greater counts.
 */
const refunded = (events: ReadonlyArray<RailEvent>) => {
  const total = latest(events.filter(isTotal), (a, b) => a.amountCents > b.amountCents)
  const byId = grouped(events.filter(isRefund), (event) => event.refundId)
  const parts = [...byId.values()].flatMap((all) => {
    // Death is final, whatever else is heard of it.
    const deaths = all.filter((part) => part.isDead)
    const last = latest(deaths.length === 0 ? all : deaths, (a, b) =>
      a.amountCents === b.amountCents ? a.madeAt > b.madeAt : a.amountCents > b.amountCents
    )
    return last === undefined ? [] : [last]
  })
  const living = parts.filter((part) => !part.isDead)
  const at = total?.at ?? 0
  const diedSince = parts.filter((part) => part.isDead && part.madeAt <= at && at <= part.at)
  const madeSince = living.filter((part) => part.madeAt > at)
  const fromTotal = (total?.amountCents ?? 0) - sum(diedSince) + sum(madeSince)
  return {
    refundedCents: Math.max(0, fromTotal, sum(living)),
    refundReference: living.at(-1)?.refundId ?? total?.reference ?? ""
  }
}

/**
 * A dispute's last word is its end. Until then the money is gone from its withdrawal to its return, which may be of a part
 * only: what came back is told as a sum, so the greatest counts.
 */
const disputed = (events: ReadonlyArray<DisputeEvent>) => {
  const amountCents = latest(events, (a, b) => a.amountCents > b.amountCents)?.amountCents ?? 0
  const changes = new Set(events.map(({ change }) => change))
  const told = Math.min(amountCents, Math.max(0, ...events.map(({ reinstatedCents = 0 }) => reinstatedCents)))
  if (changes.has("lost")) return { amountCents, goneCents: amountCents - told }
  if (!changes.has("withdrawn")) return { amountCents, goneCents: 0 }
  const isBack = changes.has("reinstated") || changes.has("won")
  return { amountCents, goneCents: amountCents - (isBack && told === 0 ? amountCents : told) }
}

export const standingOf = (events: ReadonlyArray<RailEvent>): Standing => ({
  ...refunded(events),
  disputes: new Map(
    [...grouped(events.filter(isDispute), (event) => event.disputeId)].map(([id, all]) => [id, disputed(all)])
  )
})

const sum = (items: ReadonlyArray<{ readonly amountCents: number }>) =>
  items.reduce((total, item) => total + item.amountCents, 0)

/** What of a reversal is out of the house now. */
export const outCents = (reversal: Pick<Reversal, "amountCents" | "reinstatedCents">): number =>
  reversal.amountCents - reversal.reinstatedCents

/** Above what was paid: the books cannot reverse it. */
export const rejectedCents = (reversal: Reversal): number => outCents(reversal) - reversal.countedCents

export type Draft = Pick<Reversal, "kind" | "reference" | "amountCents" | "reinstatedCents" | "countedCents">

/** Brings the refunds on record to what is refunded now: one more for what is new, the newest given back first. */
const reckonRefunds = <A extends Draft>(records: ReadonlyArray<A | Draft>, standing: Standing) => {
  const known = records.reduce((total, one) => total + (one.kind === "refund" ? outCents(one) : 0), 0)
  const more = standing.refundedCents - known
  if (more > 0) {
    return [...records, draft("refund", standing.refundReference, more)]
  }
  let back = -more
  return records
    .toReversed()
    .map((one) => {
      if (one.kind !== "refund" || back === 0) return one
      const now = Math.min(back, outCents(one))
      back -= now
      return { ...one, reinstatedCents: one.reinstatedCents + now }
    })
    .toReversed()
}

const reckonDisputes = <A extends Draft>(records: ReadonlyArray<A | Draft>, standing: Standing) => {
  const known = new Set(records.filter((one) => one.kind === "dispute").map((one) => one.reference))
  const news = [...standing.disputes].filter(([id, { goneCents }]) => goneCents > 0 && !known.has(id))
  return [
    ...records.map((one) => {
      const dispute = one.kind === "dispute" ? standing.disputes.get(one.reference) : undefined
      if (dispute === undefined) return one
      const { amountCents, goneCents } = dispute
      return { ...one, amountCents, reinstatedCents: amountCents - goneCents }
    }),
    ...news.map(([id, { amountCents, goneCents }]) => ({
      ...draft("dispute", id, amountCents),
      reinstatedCents: amountCents - goneCents
    }))
  ]
}

const draft = (kind: Draft["kind"], reference: string, amountCents: number): Draft => ({
  kind,
  reference,
  amountCents,
  reinstatedCents: 0,
  countedCents: 0
})

/**
 * The reversals of a payment after what its events say, oldest first: those on record, changed, and then new ones.
 * Together they never count more than was paid.
 */
export const reckon = <A extends Draft>(
  paidCents: number,
  records: ReadonlyArray<A>,
  standing: Standing
): ReadonlyArray<A | Draft> => {
  let left = paidCents
  return reckonDisputes<A>(reckonRefunds<A>(records, standing), standing).map((one) => {
    const countedCents = Math.min(left, outCents(one))
    left -= countedCents
    return { ...one, countedCents }
  })
}

export const countedCents = (records: ReadonlyArray<Draft>): number =>
  records.reduce((total, one) => total + one.countedCents, 0)

/**
 * What of each reversal is still to be taken from the organization. Credits are taken for the oldest first, so what is
 * owed stands against the newest. `newestFirst` begins with the organization's last reversal.
 */
export const pendingCents = (newestFirst: ReadonlyArray<Reversal>, owed: number): ReadonlyMap<string, number> => {
  let left = owed
  return new Map(
    newestFirst.map((reversal) => {
      const pending = Math.min(left, reversal.countedCents)
      left -= pending
      return [reversal.id, pending]
    })
  )
}
