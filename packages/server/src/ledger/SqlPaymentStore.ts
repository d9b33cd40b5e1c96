import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { limits } from "@image-skill/core/kernel/Limits"
import { type Page, type PageQuery, pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import {
  CreditQuote,
  PaymentAttempt,
  PaymentReceipt,
  ProviderEvent,
  Reversal
} from "@image-skill/core/ledger/PaymentRecords"
import { PaymentStore } from "@image-skill/core/ledger/PaymentStore"
import { Array, Effect, Layer, Schema } from "effect"
import { json, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

/** Reads and writes the record of a row: what it is, as JSON. */
const recordOf = <A, I>(schema: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknown(Schema.Array(Schema.Struct({ record: json(schema) })))
  const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.Struct({ sequence: Schema.Int, record: json(schema) })))
  const all = (rows: Statement<object>) =>
    orUnavailable(
      Effect.map(
        Effect.flatMap(rows, decode),
        Array.map((row) => row.record)
      )
    )
  return {
    encode: Schema.encode(json(schema)),
    all,
    one: (rows: Statement<object>) => Effect.map(all(rows), Array.head),
    page: (rows: Statement<object>, query: PageQuery) =>
      orUnavailable(
        Effect.map(
          Effect.flatMap(rows, decodeListed),
          (found): Page<A> =>
            pageOf(
              found,
              query,
              (row) => row.record,
              (row) => row.sequence
            )
        )
      )
  }
}

const quotes = recordOf(CreditQuote)
const attempts = recordOf(PaymentAttempt)
const events = recordOf(ProviderEvent)
const receipts = recordOf(PaymentReceipt)
const reversals = recordOf(Reversal)

const before = (query: PageQuery) => sequenceOf(query.cursor) ?? sequenceMax

/** Whether an insert found its place free. */
const hit = (statement: Statement<object>) => Effect.map(statement, (rows) => rows.length > 0)

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction
  const write = <A, E>(effect: Effect.Effect<A, E>) => transaction.run(effect)

  const quoteColumns = Effect.fnUntraced(function* (quote: CreditQuote) {
    return {
      id: quote.id,
      organization_id: quote.organizationId,
      agent_id: quote.agentId,
      idempotency_key: quote.idempotencyKey,
      record: yield* quotes.encode(quote)
    }
  })

  const attemptColumns = Effect.fnUntraced(function* (attempt: PaymentAttempt) {
    return {
      id: attempt.id,
      organization_id: attempt.organizationId,
      quote_id: attempt.quoteId,
      rail: attempt.rail,
      idempotency_key: attempt.idempotencyKey,
      session_id: attempt.sessionId,
      payment_id: attempt.paymentId,
      look_at: attempt.lookAt,
      record: yield* attempts.encode(attempt)
    }
  })

  const eventColumns = Effect.fnUntraced(function* (stored: ProviderEvent) {
    return {
      rail: stored.rail,
      event_id: stored.event.eventId,
      attempt_id: stored.attemptId,
      payment_id: stored.event.paymentId,
      outcome: stored.outcome,
      record: yield* events.encode(stored)
    }
  })

  return PaymentStore.of({
    addQuote: (quote) =>
      write(
        orUnavailable(
          Effect.flatMap(quoteColumns(quote), (row) =>
            hit(sql`INSERT INTO credit_quotes ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`)
          )
        )
      ),
    quoteByKey: (organization, agent, key) =>
      quotes.one(sql`SELECT record FROM credit_quotes
        WHERE organization_id = ${organization} AND agent_id = ${agent} AND idempotency_key = ${key}`),
    quote: (organization, id) =>
      quotes.one(sql`SELECT record FROM credit_quotes WHERE id = ${id} AND organization_id = ${organization}`),
    // An update that changes nothing: the row is ours until the transaction ends, on every engine.
    lockQuote: (organization, id) =>
      quotes.one(sql`UPDATE credit_quotes SET id = id
        WHERE id = ${id} AND organization_id = ${organization} RETURNING record`),
    saveQuote: (quote) =>
      write(
        orUnavailable(
          Effect.flatMap(
            quotes.encode(quote),
            (record) => sql`UPDATE credit_quotes SET record = ${record} WHERE id = ${quote.id}`
          )
        )
      ),

    addAttempt: (attempt) =>
      write(
        orUnavailable(
          Effect.flatMap(attemptColumns(attempt), (row) =>
            hit(sql`INSERT INTO payment_attempts ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING id`)
          )
        )
      ),
    attemptByKey: (organization, rail, key) =>
      attempts.one(sql`SELECT record FROM payment_attempts
        WHERE organization_id = ${organization} AND rail = ${rail} AND idempotency_key = ${key}`),
    attemptsOf: (organization, quote) =>
      attempts.all(sql`SELECT record FROM payment_attempts
        WHERE organization_id = ${organization} AND quote_id = ${quote}
        ORDER BY sequence DESC LIMIT ${limits.pageMax}`),
    ownAttempt: (organization, id) =>
      attempts.one(sql`SELECT record FROM payment_attempts WHERE id = ${id} AND organization_id = ${organization}`),
    ownAttemptBySession: (organization, id) =>
      attempts.one(sql`SELECT record FROM payment_attempts
        WHERE session_id = ${id} AND organization_id = ${organization}`),
    attempt: (id) => attempts.one(sql`SELECT record FROM payment_attempts WHERE id = ${id}`),
    attemptBySession: (rail, id) =>
      attempts.one(sql`SELECT record FROM payment_attempts WHERE session_id = ${id} AND rail = ${rail}`),
    attemptByPayment: (rail, id) =>
      attempts.one(sql`SELECT record FROM payment_attempts WHERE payment_id = ${id} AND rail = ${rail}`),
    lockAttempt: (id) => attempts.one(sql`UPDATE payment_attempts SET id = id WHERE id = ${id} RETURNING record`),
    saveAttempt: (attempt) =>
      write(
        orUnavailable(
          Effect.flatMap(
            attemptColumns(attempt),
            ({ id, look_at, payment_id, record, session_id }) =>
              sql`UPDATE payment_attempts SET ${sql.update({ look_at, payment_id, record, session_id })} WHERE id = ${id}`
          )
        )
      ),
    attemptsToLookAt: (now, limit) =>
      attempts.all(sql`SELECT record FROM payment_attempts WHERE look_at <= ${now} ORDER BY look_at LIMIT ${limit}`),
    listAttempts: (query) =>
      attempts.page(
        sql`SELECT sequence, record FROM payment_attempts WHERE sequence < ${before(query)}
            ORDER BY sequence DESC LIMIT ${query.limit + 1}`,
        query
      ),

    addEvent: (event) =>
      write(
        orUnavailable(
          Effect.flatMap(eventColumns(event), (row) =>
            hit(sql`INSERT INTO payment_events ${sql.insert(row)} ON CONFLICT DO NOTHING RETURNING event_id`)
          )
        )
      ),
    event: (rail, id) => events.one(sql`SELECT record FROM payment_events WHERE rail = ${rail} AND event_id = ${id}`),
    moveEvent: (event, to) =>
      write(
        orUnavailable(
          Effect.flatMap(
            eventColumns({ ...event, ...to }),
            ({ attempt_id, event_id, outcome, rail, record }) =>
              sql`UPDATE payment_events SET ${sql.update({ attempt_id, outcome, record })}
                  WHERE rail = ${rail} AND event_id = ${event_id} AND outcome = ${event.outcome}`
          )
        )
      ),
    eventsOf: (id) => events.all(sql`SELECT record FROM payment_events WHERE attempt_id = ${id} ORDER BY sequence`),
    waitingFor: (rail, id) =>
      events.all(sql`SELECT record FROM payment_events
        WHERE payment_id = ${id} AND outcome = 'waiting' AND rail = ${rail} ORDER BY sequence`),
    waitingFound: (limit) =>
      events.all(sql`SELECT e.record FROM payment_events e
        JOIN payment_attempts a ON a.payment_id = e.payment_id AND a.rail = e.rail
        WHERE e.outcome <> 'applied' AND e.outcome = 'waiting' ORDER BY e.sequence LIMIT ${limit}`),
    waitingLongest: (limit) =>
      events.all(sql`SELECT record FROM payment_events
        WHERE outcome <> 'applied' AND outcome = 'waiting' ORDER BY sequence LIMIT ${limit}`),
    listEvents: (outcome, query) =>
      events.page(
        sql`SELECT sequence, record FROM payment_events
            WHERE outcome <> 'applied' AND outcome = ${outcome} AND sequence < ${before(query)}
            ORDER BY sequence DESC LIMIT ${query.limit + 1}`,
        query
      ),

    addReceipt: (receipt) =>
      write(
        orUnavailable(
          Effect.flatMap(receipts.encode(receipt), (record) => {
            const { attemptId, id, organizationId } = receipt
            const row = { id, organization_id: organizationId, attempt_id: attemptId, record }
            return sql`INSERT INTO payment_receipts ${sql.insert(row)}`
          })
        )
      ),
    receipt: (organization, id) =>
      receipts.one(sql`SELECT record FROM payment_receipts WHERE id = ${id} AND organization_id = ${organization}`),
    receiptOf: (id) => receipts.one(sql`SELECT record FROM payment_receipts WHERE attempt_id = ${id}`),

    saveReversal: (reversal) =>
      write(
        orUnavailable(
          Effect.flatMap(reversals.encode(reversal), (record) => {
            const { attemptId, id, organizationId } = reversal
            const row = { id, organization_id: organizationId, attempt_id: attemptId, record }
            return sql`INSERT INTO payment_reversals ${sql.insert(row)}
                       ON CONFLICT (id) DO UPDATE SET record = excluded.record`
          })
        )
      ),
    reversalsOf: (id) =>
      reversals.all(sql`SELECT record FROM payment_reversals WHERE attempt_id = ${id} ORDER BY sequence`),
    reversalsOfOrganization: (organization) =>
      reversals.all(sql`SELECT record FROM payment_reversals WHERE organization_id = ${organization}
        ORDER BY sequence DESC LIMIT ${limits.pageMax}`)
  })
})

/** Quotes, payments and their events in SQL. */
export const layer = Layer.effect(PaymentStore, make)
