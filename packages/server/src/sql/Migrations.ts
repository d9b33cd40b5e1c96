/** A step of the schema. Its number is its place for ever; a step that was released is never changed. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** `{sequence}` stands for the type of a column that counts rows up and never reuses a number. */
  readonly sql: string
}

/**
 * The schema, in SQL that PostgreSQL reads too. Times are epoch milliseconds, JSON is TEXT, flags are 0 or 1.
 * Every list has an index that begins with what it is scoped by and ends with `sequence`.
 */
export const migrations: ReadonlyArray<Migration> = [
  {
    version: 1,
    name: "jobs, ledger, activity, assets, quota, idempotency",
    sql: `
CREATE TABLE migrations (
  version BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  applied_at BIGINT NOT NULL
);

CREATE TABLE jobs (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  command TEXT NOT NULL,
  operation TEXT,
  model_id TEXT,
  provider_id TEXT,
  capability_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'canceled')),
  epoch BIGINT NOT NULL,
  owner TEXT,
  lease_until BIGINT,
  cancel_requested INTEGER NOT NULL,
  work TEXT NOT NULL,
  receipt TEXT NOT NULL,
  idempotency_key TEXT,
  error TEXT NOT NULL,
  answer TEXT NOT NULL,
  warnings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  completed_at BIGINT,
  deadline_at BIGINT NOT NULL
);
CREATE INDEX jobs_of_organization ON jobs (organization_id, sequence);
CREATE INDEX jobs_open ON jobs (sequence) WHERE status IN ('queued', 'running');

CREATE TABLE attempts (
  id TEXT PRIMARY KEY,
  job_id TEXT NOT NULL REFERENCES jobs (id),
  position INTEGER NOT NULL,
  phase TEXT NOT NULL,
  outputs INTEGER NOT NULL,
  handle TEXT NOT NULL,
  held TEXT NOT NULL,
  credits_per_image BIGINT NOT NULL,
  settled BIGINT,
  estimated_cost BIGINT,
  worst_cost BIGINT NOT NULL,
  actual_cost BIGINT,
  asset_ids TEXT NOT NULL,
  error TEXT NOT NULL,
  details TEXT NOT NULL,
  claimed_at BIGINT,
  repair_until BIGINT
);
CREATE UNIQUE INDEX attempts_of_job ON attempts (job_id, position);

CREATE TABLE late_results (
  sequence {sequence},
  attempt_id TEXT NOT NULL,
  event TEXT NOT NULL,
  details TEXT NOT NULL,
  arrived_at BIGINT NOT NULL
);

CREATE TABLE ledger_transactions (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  reference TEXT NOT NULL
);
CREATE TABLE ledger_entries (
  sequence {sequence},
  transaction_id TEXT NOT NULL REFERENCES ledger_transactions (id),
  account TEXT NOT NULL,
  unit TEXT NOT NULL CHECK (unit IN ('credits', 'usd_ticks')),
  amount BIGINT NOT NULL
);
CREATE INDEX ledger_entries_of_transaction ON ledger_entries (transaction_id);
CREATE TABLE ledger_balances (
  account TEXT PRIMARY KEY,
  amount BIGINT NOT NULL
);

CREATE TABLE activity_events (
  sequence {sequence},
  event_id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  event TEXT NOT NULL
);
CREATE INDEX activity_of_organization ON activity_events (organization_id, sequence);
CREATE TABLE activity_references (
  organization_id TEXT NOT NULL,
  reference TEXT NOT NULL,
  sequence BIGINT NOT NULL REFERENCES activity_events (sequence),
  PRIMARY KEY (organization_id, reference, sequence)
);

CREATE TABLE assets (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  media_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  provenance TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX assets_of_organization ON assets (organization_id, sequence);
CREATE INDEX assets_of_job ON assets (organization_id, job_id, sequence);
CREATE INDEX assets_of_kind ON assets (organization_id, kind, sequence);

CREATE TABLE daily_jobs (
  organization_id TEXT NOT NULL,
  day TEXT NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (organization_id, day)
);

CREATE TABLE idempotency_keys (
  organization_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  job_id TEXT NOT NULL,
  PRIMARY KEY (organization_id, endpoint, idempotency_key)
);
`
  },
  {
    version: 2,
    name: "agents, tokens, invites, free credits",
    sql: `
CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL
);
CREATE TABLE agents (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  name TEXT,
  runtime TEXT,
  contact TEXT,
  is_harness INTEGER NOT NULL,
  claim_state TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX agents_of_organization ON agents (organization_id, sequence);

CREATE TABLE agent_tokens (
  hash TEXT PRIMARY KEY,
  agent_id TEXT NOT NULL REFERENCES agents (id),
  class TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX agent_token_in_force ON agent_tokens (agent_id) WHERE revoked_at IS NULL;

CREATE TABLE invites (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  code_hash TEXT NOT NULL UNIQUE,
  note TEXT,
  uses_left INTEGER NOT NULL,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE free_credits (
  day TEXT PRIMARY KEY,
  given BIGINT NOT NULL
);
`
  },
  {
    version: 3,
    name: "quotes, payments, receipts and reversals",
    // What a row is stands in its record; the columns beside it are what it is looked for by.
    sql: `
CREATE TABLE credit_quotes (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE UNIQUE INDEX credit_quotes_of_key ON credit_quotes (organization_id, agent_id, idempotency_key);

CREATE TABLE payment_attempts (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  quote_id TEXT NOT NULL,
  rail TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  session_id TEXT,
  payment_id TEXT,
  look_at BIGINT,
  record TEXT NOT NULL
);
CREATE UNIQUE INDEX payment_attempts_of_key ON payment_attempts (organization_id, rail, idempotency_key);
CREATE INDEX payment_attempts_of_quote ON payment_attempts (organization_id, quote_id, sequence);
CREATE INDEX payment_attempts_of_session ON payment_attempts (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX payment_attempts_of_payment ON payment_attempts (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX payment_attempts_due ON payment_attempts (look_at) WHERE look_at IS NOT NULL;

CREATE TABLE payment_events (
  sequence {sequence},
  rail TEXT NOT NULL,
  event_id TEXT NOT NULL,
  attempt_id TEXT,
  payment_id TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('applied', 'waiting', 'rejected')),
  record TEXT NOT NULL
);
CREATE UNIQUE INDEX payment_events_of_id ON payment_events (rail, event_id);
CREATE INDEX payment_events_of_attempt ON payment_events (attempt_id, sequence);
CREATE INDEX payment_events_of_payment ON payment_events (payment_id, sequence) WHERE outcome = 'waiting';
CREATE INDEX payment_events_open ON payment_events (outcome, sequence) WHERE outcome <> 'applied';

CREATE TABLE payment_receipts (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);

CREATE TABLE payment_reversals (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  attempt_id TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX payment_reversals_of_attempt ON payment_reversals (attempt_id, sequence);
CREATE INDEX payment_reversals_of_organization ON payment_reversals (organization_id, sequence);
`
  },
  {
    version: 4,
    name: "the operator's: budgets, spend, unknown outcomes, acts",
    // `model_id` is empty where all models are meant: a NULL is in no unique key.
    sql: `
CREATE TABLE budgets (
  sequence {sequence},
  organization_id TEXT NOT NULL,
  period TEXT NOT NULL CHECK (period IN ('day', 'month')),
  model_id TEXT NOT NULL,
  limit_ticks BIGINT NOT NULL
);
CREATE UNIQUE INDEX budgets_of_scope ON budgets (organization_id, period, model_id);
CREATE INDEX budgets_of_organization ON budgets (organization_id, sequence);

CREATE TABLE spend (
  organization_id TEXT NOT NULL,
  period TEXT NOT NULL,
  model_id TEXT NOT NULL,
  reserved BIGINT NOT NULL,
  cost BIGINT NOT NULL,
  credits BIGINT NOT NULL,
  images BIGINT NOT NULL,
  PRIMARY KEY (organization_id, period, model_id)
);
CREATE INDEX spend_reserved ON spend (organization_id, period) WHERE reserved <> 0 AND model_id = '';

CREATE TABLE unknown_outcomes (
  sequence {sequence},
  attempt_id TEXT NOT NULL UNIQUE,
  job_id TEXT NOT NULL,
  organization_id TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  model_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  worst_cost BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  claimed_at BIGINT,
  lost_at BIGINT NOT NULL,
  resolution TEXT
);
CREATE INDEX unknown_outcomes_open ON unknown_outcomes (sequence) WHERE resolution IS NULL;
CREATE INDEX unknown_outcomes_resolved ON unknown_outcomes (sequence) WHERE resolution IS NOT NULL;

CREATE TABLE operator_acts (
  sequence {sequence},
  act_key TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
);

CREATE INDEX jobs_of_provider ON jobs (provider_id, sequence);
CREATE INDEX jobs_ended ON jobs (status, sequence) WHERE completed_at IS NOT NULL;
`
  },
  {
    version: 5,
    name: "deleted assets, feedback",
    // A deleted asset is in no list, however many there are.
    sql: `
ALTER TABLE assets ADD COLUMN deleted_at BIGINT;
ALTER TABLE assets ADD COLUMN erased_at BIGINT;
DROP INDEX assets_of_organization;
DROP INDEX assets_of_kind;
CREATE INDEX assets_of_organization ON assets (organization_id, sequence) WHERE deleted_at IS NULL;
CREATE INDEX assets_of_kind ON assets (organization_id, kind, sequence) WHERE deleted_at IS NULL;
CREATE INDEX assets_to_erase ON assets (deleted_at, sequence) WHERE deleted_at IS NOT NULL AND erased_at IS NULL;
CREATE INDEX jobs_open_of_organization ON jobs (organization_id) WHERE status IN ('queued', 'running');

CREATE TABLE feedback (
  sequence {sequence},
  id TEXT NOT NULL UNIQUE,
  organization_id TEXT NOT NULL,
  dedupe_key TEXT,
  idempotency_key TEXT,
  record TEXT NOT NULL,
  outcome TEXT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX feedback_of_dedupe_key ON feedback (organization_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE UNIQUE INDEX feedback_of_idempotency_key ON feedback (organization_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX feedback_to_offer ON feedback (created_at, sequence) WHERE outcome IS NULL;
`
  },
  {
    version: 6,
    name: "refusals that providers bill, by day",
    // Beside the day's jobs: the statement that counts a create looks at both.
    sql: `
ALTER TABLE daily_jobs ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
`
  },
  {
    version: 7,
    name: "grants of agents and invites",
    // JSON: the list, or null for all of them.
    sql: `
ALTER TABLE agents ADD COLUMN grants TEXT NOT NULL DEFAULT 'null';
ALTER TABLE invites ADD COLUMN grants TEXT NOT NULL DEFAULT 'null';
`
  },
  {
    version: 8,
    name: "bytes of uploads that have no row yet",
    sql: `
CREATE TABLE awaited_blobs (
  key TEXT PRIMARY KEY,
  run TEXT NOT NULL
);
`
  }
]

export const latestVersion = migrations.reduce((latest, { version }) => Math.max(latest, version), 0)
