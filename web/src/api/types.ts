/** The documents of the API, as `/openapi.json` describes them. Times are RFC 3339 text in UTC; money is in dollars; sizes are in bytes. */

export type RunStatus =
  | "answered" | "rejected" | "timeout" | "failed" | "unanswerable" | "waiting" | "cancelled" | "paused" | "unknown";
export type ApprovalStatus = "open" | "approved" | "refined" | "rejected" | "expired" | "void";
export type Outcome = "passed" | "warning" | "failed" | "skipped";
export type Role = "viewer" | "analyst" | "approver" | "operator" | "admin";

/** RFC 9457. `type` is the page of the error's code. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  hint?: string;
  request_id?: string;
}

/** A failure that a run recorded. */
export interface RunError { kind: string; code: string; message: string; hint: string }

/** GET /api/v1/session */
export interface Session {
  version: string;
  person: string;
  /** "off" where nobody has to log in (loopback), else how this session was opened. */
  login: "off" | "token" | "oidc";
  roles: { role: Role; connections: string[]; workflows: string[] }[];
  /** To be sent back as `X-CSRF-Token` with every request that changes something; "" where no cookie carries the session. */
  csrf_token: string;
  environment: string;
  workflows: string[];
  default_connection: string;
  approvals: { four_eyes: boolean };
}

/** GET /api/v1/login: how people log in. */
export interface LoginWays {
  login: "off" | "tokens" | "oidc";
  /** Whom they log in at, by /login/start; "" where there is nobody. */
  provider: string;
}

/** An item of GET /api/v1/runs */
export interface RunSummary {
  run_id: string;
  workflow: string;
  status: RunStatus;
  connection: string;
  queue: string;
  text: string;
  asked_by: string;
  created_at: string;
  updated_at: string;
  reason: string;
  head_seq: number;
  forked_from: string | null;
  imported: string | null;
}
export interface RunPage { runs: RunSummary[]; damaged: RunError[]; next: string | null }

export interface Check { check: string; outcome: Outcome; detail: string; hint: string }
export interface Column { name: string; type: string }
export type Cell = null | boolean | number | string;
/** SQL for reading, made by the server from the parsed text: lines of tokens, a kind and a text each, hidden characters made visible. Never sent back. */
export type SqlLines = [kind: string, text: string][][];
export interface Word { word: string; meaning: string }
export interface Estimate { rows: number | null; bytes: number | null; cost_usd: number }
export interface Choice { label: string; feedback: string }

/** GET /api/v1/runs/{run_id}: docs/schemas/answer.schema.json without its rows, and the run's own facts under `run`. */
export interface Run {
  run: RunSummary & { code_version: string; deadline_at: string | null; wake_at: string | null };
  run_id: string;
  status: RunStatus;
  connection: string;
  question: string;
  sql: string | null;
  sql_lines: SqlLines | null;
  explanation: string[];
  understood: Word[];
  confidence: number | null;
  tables_used: { table: string; columns: string[] }[];
  proof: Check[];
  estimate: Estimate;
  approval: { approval_id: string; status: ApprovalStatus; decided_by: string | null; decided_at: string | null; due_at: string | null; reason: string | null } | null;
  columns: Column[];
  row_count: number | null;
  result_bytes: number | null;
  bytes_scanned: number | null;
  elapsed_ms: number | null;
  cost_usd: number;
  answered_by: string | null;
  model_says: string | null;
  made_from: string[];
  models: { calls: number; tokens: number; usd: number; unpriced_calls: number; elapsed_ms: number };
  asks: string | null;
  choices: Choice[];
  notice: string | null;
  forked_from: string | null;
  imported: string | null;
  error?: RunError;
}

/** An item of GET /api/v1/runs/{run_id}/events?after=SEQ. `type` as `sluice runs events` says it: "run started", "step started", "step attempt
 * failed", "step completed", "approval requested", "approval decided", "timer set", "value recorded", "version marked", "signal received", "child
 * started", "child ended", "branches opened", "branches joined", "drift", "paused", "cancelled", "finished", "failed". Only a step with an effect has
 * "step started"; a completed one has `body.started_at` (milliseconds since 1970), `body.attempts`, `body.effect`, and `body.value`, `body.error` or
 * `body.artifact` (a large value's hash). Paths look like "round[0]/prove". */
export interface RunEvent {
  seq: number;
  at: string;
  type: string;
  path: string;
  try: number;
  epoch: number;
  in_hash: string;
  body: Record<string, unknown>;
}
export interface EventPage { events: RunEvent[]; head_seq: number }

/** GET /api/v1/runs/{run_id}/rows?limit=N (format=json; csv and jsonl and parquet are downloads) */
export interface Rows { columns: Column[]; rows: Cell[][]; row_count: number }

/** An item of GET /api/v1/runs/{run_id}/prompts */
export interface ModelCall {
  step: string;
  state: "paid" | "failed" | "cached" | "in flight";
  model: string;
  provider: string;
  request: { messages?: { role: string; text: string }[]; [key: string]: unknown } | null;
  reply: string | null;
  error: RunError | null;
  tokens_in: number;
  tokens_cached: number;
  tokens_out: number;
  usd: number | null;
  latency_ms: number;
  cache_hit: boolean;
  notes: string[];
}

/** An item of GET /api/v1/approvals?all=&run=&before=&limit= */
export interface ApprovalSummary {
  approval_id: string;
  run_id: string;
  status: ApprovalStatus;
  /** What a yes does: "Run on shop (reads 3 tables, about 12 MB)". */
  act: string;
  connection: string;
  question: string;
  /** The question, or the beginning of one's own SQL. */
  text: string;
  subject_hash: string;
  created_at: string;
  due_at: string | null;
  decided_by: string;
  decided_at: string | null;
  feedback: string;
  reason: string;
}
export interface ApprovalPage { approvals: ApprovalSummary[]; open: number; next: string | null }

/** What Sluice rendered from the parsed proposal (approvals/card.h). */
export interface Card {
  act: string;
  connection: string;
  question: string;
  sql: string;
  notice: string;
  unproven_edit: string;
  understood: Word[];
  reading: string[];
  tables: { table: { schema: string; name: string }; display: string; columns: string[] }[];
  estimate: Estimate;
  ceiling: { rows: number | null; bytes: number | null; cost_usd: number | null };
  result_rows_max: number;
  checks: Check[];
  sample: { columns: { name: string; type: { kind: string; native: string } }[]; rows: Cell[][]; whole_tables: boolean };
  confidence: number;
  score: number;
  answered_by: string;
  model_says: string;
  made_from: string[];
  /** A question back, which a choice answers: there is no SQL yet. */
  asks: string;
  choices: Choice[];
}
/** GET /api/v1/approvals/{approval_id} */
export interface Approval extends ApprovalSummary {
  card: Card;
  sql_lines: SqlLines;
  /** The same of the version that a person refined or refused last in this run; null for a first one. */
  last_version: { approval_id: string; sql_lines: SqlLines; feedback: string; decided_by: string } | null;
  /** Whether whoever asks may decide, and if not, why, as a sentence. */
  may_decide: boolean;
  why_not: string;
  /** People who have this approval open at the moment, the one who asks left out. */
  viewers: string[];
}
/** POST /api/v1/approvals/{approval_id}/decision answers with an ApprovalSummary; 409 with the problem E0107 where another was quicker. */
export interface Decision {
  action: "approve" | "refine" | "reject";
  /** Of what was shown: refused (E0110) where the approval is about something else. */
  subject_hash: string;
  /** refine: what should be different */
  feedback?: string;
  /** refine: a person's own SQL in place of the proposed one */
  edited?: string;
  reason?: string;
}

/** POST /api/v1/ask, with the header Idempotency-Key. 202 and { run_id }. Exactly one of `question` and `sql`. */
export interface Ask {
  question?: string;
  sql?: string;
  connection?: string;
  model?: string;
  approve?: "ask" | "policy";
}
export interface Started { run_id: string; existed: boolean }

/** An item of GET /api/v1/connections */
export interface Connection { name: string; kind: string; is_default: boolean }

export interface CatalogColumn { name: string; type: { kind: string; native: string }; nullable: boolean; partition: boolean; comment: string }
export interface CatalogKey { columns: string[]; origin: "declared" | "inferred" }
export interface CatalogTable {
  name: { schema: string; name: string };
  display: string;
  kind: "table" | "view" | "materialized view" | "foreign table" | "file";
  comment: string;
  columns: CatalogColumn[];
  primary_key: CatalogKey | null;
  unique_keys: CatalogKey[];
  foreign_keys: { columns: string[]; target: { schema: string; name: string }; target_columns: string[]; origin: "declared" | "inferred" }[];
  row_count: number | null;
  row_count_exact: boolean;
  bytes: number | null;
  definition: string;
  user_code: string;
}
/** GET /api/v1/catalog?connection= */
export interface Catalog { connection: string; source: string; dialect: "duckdb" | "postgres"; tables: CatalogTable[] }
/** POST /api/v1/preview { connection, schema, table, limit } */
export type Preview = Rows;
/** POST /api/v1/profile { connection, schema, table } */
export interface Profile {
  /** How many were read, from the first on; `whole`: these are all. */
  rows: number;
  whole: boolean;
  columns: { name: string; filled: number; distinct: number | null; least: string | null; greatest: string | null }[];
  columns_left_out: number;
}

/** An item of GET /api/v1/costs?since=30d&by=day|model|workflow|run */
export interface CostLine {
  group: string;
  calls: number;
  cached: number;
  failed: number;
  in_flight: number;
  tokens_in: number;
  tokens_cached: number;
  tokens_out: number;
  usd: number;
  unpriced_calls: number;
  latency_ms: number;
}

/** GET /api/v1/health */
export interface Health {
  status: "ok" | "degraded";
  version: string;
  uptime_s: number;
  parts: { name: string; kind: "journal" | "worker" | "connection" | "model" | "server"; status: "ok" | "warning" | "failed" | "unknown"; detail: string; hint: string }[];
  queues: { queue: string; ready: number; running: number; waiting: number }[];
  approvals: { open: number; oldest_at: string | null };
}

/** What `GET /api/v1/events` tells, by WebSocket (as text frames) or as server-sent events (the whole object as `data:`, `id:` is its `seq`). After a
 * gap the same address with `?since=SEQ` (or the header Last-Event-ID) goes on; where that is too long ago, or the server is another one, the first
 * message is a `reset`: read everything again. A `ping` comes every 15 seconds. Which ones are wanted: `?topics=runs,approvals,metrics`, and
 * `?run=RUN_ID` for one run's alone.
 *
 * The messages say that something is new, not what: whoever shows it reads it, by `after=SEQ` where it is a run's events. */
export type Live =
  | { seq: string; type: "hello"; version: string }
  | { seq: string; type: "reset" }
  | { seq: string; type: "ping" }
  | { seq: string; type: "run"; run: RunSummary }
  | { seq: string; type: "approval"; approval: ApprovalSummary }
  | { seq: string; type: "viewers"; approval_id: string; viewers: string[] }
  | { seq: string; type: "metrics"; runs: Record<string, number>; approvals_open: number };
