#include "journal/pg_schema.h"

#include <array>

#include "journal/pg_errors.h"

namespace sluice::journal_detail {
namespace {

// The tables of schema.cc in PostgreSQL's words. Ids are compared by their bytes, as SQLite does. A run's row is written with every step: room on its
// page keeps those writes out of the indexes (HOT).
constexpr const char* kTables = R"sql(
CREATE TABLE wf_node (node_id TEXT PRIMARY KEY, lease_until BIGINT NOT NULL);
CREATE TABLE wf_committer (committer_id TEXT PRIMARY KEY, batch_no BIGINT NOT NULL, at_ms BIGINT NOT NULL) WITH (fillfactor = 20);
CREATE TABLE wf_run (
  run_id TEXT COLLATE "C" PRIMARY KEY, name TEXT NOT NULL, code_version TEXT NOT NULL, dedup_key TEXT, labels TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ready','running','parked','paused','unknown','done','failed','cancelled')),
  reason TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, wake_at BIGINT, deadline_at BIGINT,
  wake_no BIGINT NOT NULL DEFAULT 0, parked_no BIGINT NOT NULL DEFAULT 0, head_seq BIGINT NOT NULL, epoch BIGINT NOT NULL,
  idle_claims INTEGER NOT NULL, owner TEXT, tenant TEXT NOT NULL DEFAULT '', queue TEXT NOT NULL DEFAULT 'default',
  priority INTEGER NOT NULL DEFAULT 0, root_id TEXT COLLATE "C" NOT NULL, parent_id TEXT COLLATE "C" NOT NULL DEFAULT '',
  parent_path TEXT NOT NULL DEFAULT '', forked_from TEXT NOT NULL DEFAULT '', forked_seq BIGINT NOT NULL DEFAULT 0,
  imported TEXT NOT NULL DEFAULT '', started_at BIGINT, label_connection TEXT NOT NULL DEFAULT '', label_text TEXT NOT NULL DEFAULT ''
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX wf_run_dedup ON wf_run(tenant, dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX wf_run_ready ON wf_run(queue, priority, created_at, run_id) WHERE status = 'ready';
CREATE INDEX wf_run_due ON wf_run(wake_at) WHERE status IN ('parked','unknown') AND wake_at IS NOT NULL;
CREATE INDEX wf_run_news ON wf_run(queue) WHERE status IN ('parked','unknown','paused') AND wake_no <> parked_no;
CREATE INDEX wf_run_owner ON wf_run(owner) WHERE status = 'running';
CREATE INDEX wf_run_began ON wf_run(queue, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX wf_run_parent ON wf_run(parent_id) WHERE parent_id <> '';
CREATE INDEX wf_run_root ON wf_run(root_id) WHERE parent_id <> '';
CREATE TABLE wf_event (
  run_id TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, epoch BIGINT NOT NULL, type SMALLINT NOT NULL, path TEXT NOT NULL,
  try_no INTEGER NOT NULL, in_hash TEXT NOT NULL, body TEXT NOT NULL, at_ms BIGINT NOT NULL, PRIMARY KEY (run_id, seq));
CREATE TABLE wf_inbox (
  run_id TEXT COLLATE "C" NOT NULL, msg_id TEXT COLLATE "C" NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL, sender TEXT NOT NULL,
  at_ms BIGINT NOT NULL, taken_seq BIGINT, PRIMARY KEY (run_id, msg_id));
CREATE INDEX wf_inbox_new ON wf_inbox(topic, run_id) WHERE taken_seq IS NULL;
CREATE TABLE wf_approval (
  approval_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, approval_id TEXT NOT NULL UNIQUE, run_id TEXT COLLATE "C" NOT NULL,
  path TEXT NOT NULL, subject_hash TEXT NOT NULL, subject TEXT NOT NULL, card TEXT NOT NULL, policy TEXT NOT NULL, due_at BIGINT,
  status TEXT NOT NULL CHECK (status IN ('open','approved','refined','rejected','expired','void')),
  decided_by TEXT NOT NULL DEFAULT '', feedback TEXT NOT NULL DEFAULT '', edited TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL, decided_at BIGINT, spent_seq BIGINT, UNIQUE (run_id, path, subject_hash));
CREATE INDEX wf_approval_open ON wf_approval(approval_no) WHERE status = 'open';
CREATE TABLE wf_blob (hash TEXT PRIMARY KEY, codec SMALLINT NOT NULL, data BYTEA NOT NULL, at_ms BIGINT NOT NULL);
CREATE TABLE wf_audit (
  no BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
  before_hash TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX wf_audit_run ON wf_audit(run_id) WHERE run_id <> '';
CREATE TABLE wf_audit_head (no BIGINT NOT NULL, hash TEXT NOT NULL);
INSERT INTO wf_audit_head VALUES (0, '');
CREATE TABLE wf_format (format INTEGER NOT NULL);
INSERT INTO wf_format VALUES (0);
)sql";

// How many refusals were noted lately, so that a flood does not fill the chain, and the tokens of those who come over the network: by the hash of
// what they show, which itself is kept nowhere.
constexpr const char* kAccess = R"sql(
CREATE TABLE wf_refusal (who TEXT NOT NULL, deed TEXT NOT NULL, since_ms BIGINT NOT NULL, noted INTEGER NOT NULL, PRIMARY KEY (who, deed));
CREATE TABLE wf_token (
  token_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT COLLATE "C" NOT NULL, hash_begin TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT, revoked_by TEXT NOT NULL DEFAULT '', revoked_at BIGINT, used_at BIGINT);
CREATE INDEX wf_token_begin ON wf_token(hash_begin);
CREATE UNIQUE INDEX wf_token_name ON wf_token(name) WHERE revoked_at IS NULL;
)sql";

// What chat channels are to be told. `trying` says that an attempt has begun and not been settled: after the lease nobody knows whether it came
// through.
constexpr const char* kOutbox = R"sql(
CREATE TABLE wf_outbox (
  entry_no BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, channel TEXT NOT NULL, entry_key TEXT NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL, about TEXT NOT NULL,
  wanted BIGINT NOT NULL, delivered BIGINT NOT NULL, ref TEXT NOT NULL DEFAULT '', attempts BIGINT NOT NULL DEFAULT 0,
  unclear BIGINT NOT NULL DEFAULT 0, trying BIGINT NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL, next_at BIGINT NOT NULL, gave_up_at BIGINT, holder TEXT NOT NULL DEFAULT '', lease_until BIGINT NOT NULL DEFAULT 0,
  UNIQUE (channel, entry_key));
CREATE INDEX wf_outbox_due ON wf_outbox(channel, next_at) WHERE delivered < wanted;
CREATE INDEX wf_outbox_key ON wf_outbox(entry_key);
)sql";

// By the connection that a run's row names, people may see it. Copies named what whoever made them wanted, and forks of those the same. (The value as
// it is written in the JSON: a name with an escape in it is found by nobody but those who see all.)
constexpr const char* kTrueConnections = R"sql(
UPDATE wf_run SET label_connection = coalesce((SELECT btrim((body::json #> '{input,connection}')::text, '"') FROM wf_event
    WHERE wf_event.run_id = wf_run.run_id AND seq = 1), '')
  WHERE name = 'ask' AND (imported <> '' OR forked_from <> '');
)sql";

/// migrations[n] leads from format n to n + 1.
constexpr std::array<const char*, kPgFormat> kMigrations{kTables, kAccess, kOutbox, kTrueConnections};

/// Without the right to use the schema, its tables look as if they were not there.
Result<> check_usage(PgDb& db, const PgTarget& target) {
  Query usable(db, "SELECT CASE WHEN has_schema_privilege(oid, 'USAGE') THEN 1 ELSE 0 END FROM pg_namespace WHERE nspname = ?1");
  TRY(const bool there, usable.bind(target.schema).next());
  if (there && usable.integer(0) == 0) return pg_error("42501", target.shown);
  return {};
}

/// 0 where there are no tables yet.
Result<int> format_of(PgDb& db, const std::string& schema) {
  {
    Query there(db, "SELECT 1 FROM pg_tables WHERE schemaname = ?1 AND tablename = 'wf_format'");
    TRY(const bool found, there.bind(schema).next());
    if (!found) return 0;
  }
  TRY(const std::int64_t format, integer_of(db, "SELECT format FROM wf_format"));
  return static_cast<int>(format);
}

Result<> migrate(PgDb& db, const PgTarget& target, int from) {
  if (from == 0) TRY_VOID(db.exec(("CREATE SCHEMA IF NOT EXISTS \"" + target.schema + "\"").c_str()));
  for (auto step = static_cast<std::size_t>(from); step < kMigrations.size(); ++step) TRY_VOID(db.exec(kMigrations.at(step)));
  return db.exec(("UPDATE wf_format SET format = " + std::to_string(kPgFormat)).c_str());
}

}  // namespace

Result<> prepare_pg_schema(PgTarget target) {
  PgDb db(target, "", [] { return TimeMs{0}; });
  TRY_VOID(db.connect());
  TRY_VOID(check_usage(db, target));
  TRY(int format, format_of(db, target.schema));
  if (format > kPgFormat) return pg_too_new(target.shown, format, kPgFormat);
  if (format == kPgFormat) return {};
  // Held until the end of the transaction. Whoever waited for it finds the work done.
  TRY_VOID(db.exec("BEGIN"));
  Query lock(db, "SELECT pg_advisory_xact_lock(hashtextextended('sluice schema ' || ?1, 0))");
  auto done = lock.bind(target.schema).next();
  Result<int> now = format;
  if (done) now = format_of(db, target.schema);
  if (!now) return now.error();
  Result<> outcome{};
  if (*now < kPgFormat) outcome = migrate(db, target, *now);
  if (!outcome) {
    [[maybe_unused]] const auto undone = db.exec("ROLLBACK");
    return outcome;
  }
  return db.exec("COMMIT");
}

}  // namespace sluice::journal_detail
