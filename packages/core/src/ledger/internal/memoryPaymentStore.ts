import { Effect, Option, Ref } from "effect"
import { limits } from "../../kernel/Limits.ts"
import { type PageQuery, pageOf } from "../../kernel/Page.ts"
import { MemoryTables } from "../../kernel/Transaction.ts"
import type { CreditQuote, PaymentAttempt, PaymentReceipt, ProviderEvent, Reversal } from "../PaymentRecords.ts"
import type { PaymentRecordsPort } from "../PaymentStore.ts"

type Rows<A> = ReadonlyMap<string, A>

const pageOfRows = <A>(rows: ReadonlyArray<A>, query: PageQuery, keep: (row: A) => boolean) =>
  pageOf(
    rows
      .map((row, sequence) => ({ row, sequence }))
      .filter(({ row }) => keep(row))
      .toReversed(),
    query,
    ({ row }) => row,
    ({ sequence }) => sequence
  )

const isWaiting = (row: ProviderEvent) => row.outcome === "waiting"

const eventKey = (rail: string, eventId: string) => `${rail} ${eventId}`

export const makeMemoryPaymentStore: Effect.Effect<PaymentRecordsPort, never, MemoryTables> = Effect.gen(function* () {
  const tables = yield* MemoryTables
  const quotes = yield* tables.table<Rows<CreditQuote>>(new Map())
  const attempts = yield* tables.table<Rows<PaymentAttempt>>(new Map())
  const events = yield* tables.table<Rows<ProviderEvent>>(new Map())
  const receipts = yield* tables.table<Rows<PaymentReceipt>>(new Map())
  const reversals = yield* tables.table<Rows<Reversal>>(new Map())

  const rows = <A>(table: Ref.Ref<Rows<A>>, keep: (row: A) => boolean) =>
    Effect.map(Ref.get(table), (all) => [...all.values()].filter(keep))
  const first = <A>(table: Ref.Ref<Rows<A>>, keep: (row: A) => boolean) =>
    Effect.map(rows(table, keep), (found) => Option.fromNullable(found[0]))
  const save = <A>(table: Ref.Ref<Rows<A>>, key: string, row: A) =>
    tables.transact(Ref.update(table, (all) => new Map(all).set(key, row)))
  /** False, and nothing is changed, where a row is in the way. */
  const add = <A>(table: Ref.Ref<Rows<A>>, key: string, row: A, inTheWay: (other: A) => boolean = () => false) =>
    tables.transact(
      Ref.modify(table, (all) =>
        all.has(key) || [...all.values()].some(inTheWay) ? [false, all] : [true, new Map(all).set(key, row)]
      )
    )

  const quote: PaymentRecordsPort["quote"] = (organization, id) =>
    first(quotes, (row) => row.organizationId === organization && row.id === id)
  const attempt: PaymentRecordsPort["attempt"] = (id) => first(attempts, (row) => row.id === id)

  return {
    addQuote: (row) =>
      add(
        quotes,
        row.id,
        row,
        (other) =>
          other.organizationId === row.organizationId &&
          other.agentId === row.agentId &&
          other.idempotencyKey === row.idempotencyKey
      ),
    quoteByKey: (organization, agent, key) =>
      first(
        quotes,
        (row) => row.organizationId === organization && row.agentId === agent && row.idempotencyKey === key
      ),
    quote,
    lockQuote: quote,
    saveQuote: (row) => save(quotes, row.id, row),

    addAttempt: (row) =>
      add(
        attempts,
        row.id,
        row,
        (other) =>
          other.organizationId === row.organizationId &&
          other.rail === row.rail &&
          other.idempotencyKey === row.idempotencyKey
      ),
    attemptByKey: (organization, rail, key) =>
      first(attempts, (row) => row.organizationId === organization && row.rail === rail && row.idempotencyKey === key),
    attemptsOf: (organization, id) =>
      Effect.map(
        rows(attempts, (row) => row.organizationId === organization && row.quoteId === id),
        (found) => found.toReversed().slice(0, limits.pageMax)
      ),
    ownAttempt: (organization, id) => first(attempts, (row) => row.organizationId === organization && row.id === id),
    ownAttemptBySession: (organization, id) =>
      first(attempts, (row) => row.organizationId === organization && row.sessionId === id),
    attempt,
    attemptBySession: (rail, id) => first(attempts, (row) => row.rail === rail && row.sessionId === id),
    attemptByPayment: (rail, id) => first(attempts, (row) => row.rail === rail && row.paymentId === id),
    lockAttempt: attempt,
    saveAttempt: (row) => save(attempts, row.id, row),
    attemptsToLookAt: (now, limit) =>
      Effect.map(
        rows(attempts, (row) => row.lookAt !== null && row.lookAt <= now),
        (found) => found.toSorted((a, b) => (a.lookAt ?? 0) - (b.lookAt ?? 0)).slice(0, limit)
      ),
    listAttempts: (query) => Effect.map(Ref.get(attempts), (all) => pageOfRows([...all.values()], query, () => true)),

    addEvent: (row) => add(events, eventKey(row.rail, row.event.eventId), row),
    event: (rail, id) => first(events, (row) => row.rail === rail && row.event.eventId === id),
    moveEvent: (row, to) =>
      tables.transact(
        Ref.update(events, (all) => {
          const key = eventKey(row.rail, row.event.eventId)
          return all.get(key)?.outcome === row.outcome ? new Map(all).set(key, { ...row, ...to }) : all
        })
      ),
    eventsOf: (id) => rows(events, (row) => row.attemptId === id),
    waitingFor: (rail, id) =>
      rows(events, (row) => row.outcome === "waiting" && row.rail === rail && row.event.paymentId === id),
    waitingFound: (limit) =>
      Effect.map(Effect.zip(rows(events, isWaiting), Ref.get(attempts)), ([waiting, all]) =>
        waiting
          .filter(({ event, rail }) =>
            [...all.values()].some((row) => row.rail === rail && row.paymentId === event.paymentId)
          )
          .slice(0, limit)
      ),
    waitingLongest: (limit) => Effect.map(rows(events, isWaiting), (found) => found.slice(0, limit)),
    listEvents: (outcome, query) =>
      Effect.map(Ref.get(events), (all) => pageOfRows([...all.values()], query, (row) => row.outcome === outcome)),

    addReceipt: (row) => save(receipts, row.id, row),
    receipt: (organization, id) => first(receipts, (row) => row.organizationId === organization && row.id === id),
    receiptOf: (id) => first(receipts, (row) => row.attemptId === id),

    saveReversal: (row) => save(reversals, row.id, row),
    reversalsOf: (id) => rows(reversals, (row) => row.attemptId === id),
    reversalsOfOrganization: (organization) =>
      Effect.map(
        rows(reversals, (row) => row.organizationId === organization),
        (found) => found.toReversed().slice(0, limits.pageMax)
      )
  }
})
