#include "journal/schema.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "journal/storage_errors.h"

namespace sluice::journal_detail {
namespace {

constexpr int kApplicationId = 0x534c4943;  // "SLIC": tells a journal from other programs' databases

// Times are milliseconds. Rows of wf_run and wf_event are found by their key alone, so they live in its index (WITHOUT ROWID).
// Whoever writes a decision or a message raises wake_no first; parking compares it with what the owner has seen.
constexpr const char* kTables = R"sql(
CREATE TABLE wf_node (node_id TEXT PRIMARY KEY, lease_until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE wf_run (
  run_id TEXT PRIMARY KEY, name TEXT NOT NULL, code_version TEXT NOT NULL, dedup_key TEXT, labels TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ready','running','parked','paused','unknown','done','failed','cancelled')),
  reason TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, wake_at INTEGER, deadline_at INTEGER,
  wake_no INTEGER NOT NULL DEFAULT 0, parked_no INTEGER NOT NULL DEFAULT 0, head_seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
  idle_claims INTEGER NOT NULL, owner TEXT) WITHOUT ROWID;
CREATE UNIQUE INDEX wf_run_dedup ON wf_run(dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX wf_run_live ON wf_run(status) WHERE status IN ('ready','running','parked','paused','unknown');
CREATE TABLE wf_event (
  run_id TEXT NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, type INTEGER NOT NULL, path TEXT NOT NULL, try_no INTEGER NOT NULL,
  in_hash TEXT NOT NULL, body TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID;
CREATE TABLE wf_inbox (
  run_id TEXT NOT NULL, msg_id TEXT NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL, sender TEXT NOT NULL, at_ms INTEGER NOT NULL,
  taken_seq INTEGER, PRIMARY KEY (run_id, msg_id)) WITHOUT ROWID;
CREATE INDEX wf_inbox_new ON wf_inbox(topic, run_id) WHERE taken_seq IS NULL;
CREATE TABLE wf_approval (
  approval_no INTEGER PRIMARY KEY, approval_id TEXT NOT NULL UNIQUE, run_id TEXT NOT NULL, path TEXT NOT NULL, subject_hash TEXT NOT NULL,
  subject TEXT NOT NULL, card TEXT NOT NULL, policy TEXT NOT NULL, due_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('open','approved','refined','rejected','expired','void')),
  decided_by TEXT NOT NULL DEFAULT '', feedback TEXT NOT NULL DEFAULT '', edited TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, decided_at INTEGER, spent_seq INTEGER, UNIQUE (run_id, path, subject_hash));
CREATE INDEX wf_approval_open ON wf_approval(approval_no) WHERE status = 'open';
)sql";

// A call is one row: reserved with the most that it can cost, then overwritten with what it did cost. So sums over `usd_nano` and `tokens` count
// what is in flight at its worst. Money is whole billionths of a dollar, so that sums are exact. A day's sums are kept by triggers, in the
// transaction that changes them: to add up 100,000 calls before each call would take 40 ms under the lock that all writers wait for.
constexpr const char* kLedgerTables = R"sql(
CREATE TABLE model_call (
  call_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, workflow TEXT NOT NULL, path TEXT NOT NULL, model TEXT NOT NULL, provider TEXT NOT NULL,
  call_key TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('reserved','paid','failed','cached')), at_ms INTEGER NOT NULL,
  usd_nano INTEGER NOT NULL, tokens INTEGER NOT NULL, input INTEGER NOT NULL DEFAULT 0, cached INTEGER NOT NULL DEFAULT 0,
  cache_written INTEGER NOT NULL DEFAULT 0, output INTEGER NOT NULL DEFAULT 0, latency_ms INTEGER NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '');
CREATE INDEX model_call_run ON model_call(run_id);
CREATE INDEX model_call_time ON model_call(at_ms);
CREATE TABLE model_day (
  day INTEGER PRIMARY KEY, usd_nano INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0, calls INTEGER NOT NULL DEFAULT 0,
  latency_ms INTEGER NOT NULL DEFAULT 0, flight_usd_nano INTEGER NOT NULL DEFAULT 0, flight_tokens INTEGER NOT NULL DEFAULT 0,
  flight_calls INTEGER NOT NULL DEFAULT 0);
CREATE TRIGGER model_call_reserved AFTER INSERT ON model_call WHEN NEW.state = 'reserved' BEGIN
  INSERT INTO model_day (day) VALUES (NEW.at_ms / 86400000) ON CONFLICT DO NOTHING;
  UPDATE model_day SET flight_usd_nano = flight_usd_nano + NEW.usd_nano, flight_tokens = flight_tokens + NEW.tokens,
    flight_calls = flight_calls + 1 WHERE day = NEW.at_ms / 86400000;
END;
CREATE TRIGGER model_call_settled AFTER UPDATE ON model_call WHEN OLD.state = 'reserved' BEGIN
  UPDATE model_day SET flight_usd_nano = flight_usd_nano - OLD.usd_nano, flight_tokens = flight_tokens - OLD.tokens,
    flight_calls = flight_calls - 1, usd_nano = usd_nano + NEW.usd_nano, tokens = tokens + NEW.tokens, calls = calls + 1,
    latency_ms = latency_ms + NEW.latency_ms WHERE day = OLD.at_ms / 86400000;
END;
CREATE TABLE forgotten_example (approval_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// A step's draws are made at once, so the step is waited for as long as the longest draw takes, with all of its attempts: a day's time grows by what
// a settled call adds to that.
constexpr const char* kLedgerDraws = R"sql(
ALTER TABLE model_call ADD COLUMN draw INTEGER NOT NULL DEFAULT 0;
ALTER TABLE model_call ADD COLUMN priced INTEGER NOT NULL DEFAULT 1;
DROP TRIGGER model_call_settled;
CREATE TRIGGER model_call_settled AFTER UPDATE ON model_call WHEN OLD.state = 'reserved' BEGIN
  UPDATE model_day SET flight_usd_nano = flight_usd_nano - OLD.usd_nano, flight_tokens = flight_tokens - OLD.tokens,
    flight_calls = flight_calls - 1, usd_nano = usd_nano + NEW.usd_nano, tokens = tokens + NEW.tokens, calls = calls + 1,
    latency_ms = latency_ms
      + (SELECT max(ms) FROM (SELECT total(latency_ms) AS ms FROM model_call WHERE run_id = NEW.run_id AND path = NEW.path GROUP BY draw))
      - (SELECT max(ms) FROM (SELECT total(latency_ms * (call_id <> NEW.call_id)) AS ms FROM model_call
           WHERE run_id = NEW.run_id AND path = NEW.path GROUP BY draw))
    WHERE day = OLD.at_ms / 86400000;
END;
)sql";

// What several nodes, children, forks and copies need, and the audit chain. `wf_run_ready` and the like answer "what can be claimed" without a look
// at what only waits: with one index over all, 100,000 parked runs made each claim 500 times as slow.
// The chain begins with what is older than itself and therefore not in it: so nobody can add to that later.
constexpr const char* kNodesAndAudit = R"sql(
ALTER TABLE wf_run ADD COLUMN tenant TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN queue TEXT NOT NULL DEFAULT 'default';
ALTER TABLE wf_run ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wf_run ADD COLUMN root_id TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN parent_path TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN forked_from TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN forked_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wf_run ADD COLUMN imported TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN started_at INTEGER;
ALTER TABLE wf_run ADD COLUMN label_connection TEXT NOT NULL DEFAULT '';
ALTER TABLE wf_run ADD COLUMN label_text TEXT NOT NULL DEFAULT '';
UPDATE wf_run SET root_id = run_id, started_at = CASE WHEN epoch > 0 THEN created_at END,
  label_connection = CASE WHEN json_valid(labels) THEN coalesce(json_extract(labels, '$.connection'), '') ELSE '' END,
  label_text = CASE WHEN json_valid(labels) THEN lower(coalesce(json_extract(labels, '$.text'), '')) ELSE '' END;
DROP INDEX wf_run_dedup;
DROP INDEX wf_run_live;
CREATE UNIQUE INDEX wf_run_dedup ON wf_run(tenant, dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX wf_run_ready ON wf_run(queue, priority, created_at, run_id) WHERE status = 'ready';
CREATE INDEX wf_run_due ON wf_run(wake_at) WHERE status IN ('parked','unknown') AND wake_at IS NOT NULL;
CREATE INDEX wf_run_news ON wf_run(queue) WHERE status IN ('parked','unknown','paused') AND wake_no <> parked_no;
CREATE INDEX wf_run_owner ON wf_run(owner) WHERE status = 'running';
CREATE INDEX wf_run_began ON wf_run(queue, started_at) WHERE started_at IS NOT NULL;
CREATE INDEX wf_run_parent ON wf_run(parent_id) WHERE parent_id <> '';
CREATE INDEX wf_run_root ON wf_run(root_id) WHERE parent_id <> '';
CREATE TABLE wf_audit (
  no INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
  before_hash TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX wf_audit_run ON wf_audit(run_id) WHERE run_id <> '';
CREATE TABLE wf_audit_head (no INTEGER NOT NULL, hash TEXT NOT NULL);
INSERT INTO wf_audit_head SELECT 0, CASE WHEN decisions + effects = 0 THEN ''
    ELSE 'not covered: ' || decisions || ' decisions, ' || effects || ' effects' END
  FROM (SELECT (SELECT count(*) FROM wf_approval WHERE status NOT IN ('open', 'void')) AS decisions,
    (SELECT count(*) FROM wf_event WHERE type IN (2, 4) AND try_no > 0) AS effects);
)sql";

// How many refusals were noted lately, so that a flood does not fill the chain, and the tokens of those who come over the network: by the hash of
// what they show, which itself is kept nowhere.
constexpr const char* kAccess = R"sql(
CREATE TABLE wf_refusal (who TEXT NOT NULL, deed TEXT NOT NULL, since_ms INTEGER NOT NULL, noted INTEGER NOT NULL, PRIMARY KEY (who, deed)) WITHOUT ROWID;
CREATE TABLE wf_token (
  token_no INTEGER PRIMARY KEY, name TEXT NOT NULL, hash_begin TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL, expires_at INTEGER, revoked_by TEXT NOT NULL DEFAULT '', revoked_at INTEGER, used_at INTEGER);
CREATE INDEX wf_token_begin ON wf_token(hash_begin);
CREATE UNIQUE INDEX wf_token_name ON wf_token(name) WHERE revoked_at IS NULL;
)sql";

// What chat channels are to be told. `trying` says that an attempt has begun and not been settled: after the lease nobody knows whether it came
// through.
constexpr const char* kOutbox = R"sql(
CREATE TABLE wf_outbox (
  entry_no INTEGER PRIMARY KEY, channel TEXT NOT NULL, entry_key TEXT NOT NULL, kind TEXT NOT NULL, run_id TEXT NOT NULL, about TEXT NOT NULL,
  wanted INTEGER NOT NULL, delivered INTEGER NOT NULL, ref TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
  unclear INTEGER NOT NULL DEFAULT 0, trying INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, next_at INTEGER NOT NULL, gave_up_at INTEGER, holder TEXT NOT NULL DEFAULT '', lease_until INTEGER NOT NULL DEFAULT 0,
  UNIQUE (channel, entry_key));
CREATE INDEX wf_outbox_due ON wf_outbox(channel, next_at) WHERE delivered < wanted;
CREATE INDEX wf_outbox_key ON wf_outbox(entry_key);
)sql";

// By the connection that a run's row names, people may see it. Copies named what whoever made them wanted, and forks of those the same.
constexpr const char* kTrueConnections = R"sql(
UPDATE wf_run SET label_connection = coalesce((SELECT json_extract(body, '$.input.connection') FROM wf_event
    WHERE wf_event.run_id = wf_run.run_id AND seq = 1 AND json_valid(body)), '')
  WHERE name = 'ask' AND (imported <> '' OR forked_from <> '');
)sql";

/// migrations[n] leads from format n to n + 1. Whoever has the journal open in an older format goes on: what is there keeps its name and meaning, a
/// column that is added has a default, so that a row that does not name it is whole, and a trigger that takes another's place keeps the same columns
/// right. By which rule they are kept is the database's matter: from then on it is the new one for all.
constexpr std::array<const char*, kFormat> kMigrations{kTables, kLedgerTables, kLedgerDraws, kNodesAndAudit, kAccess, kOutbox, kTrueConnections};

std::int64_t big_endian(const char* bytes) {
  const auto byte = [bytes](int n) { return std::int64_t{static_cast<unsigned char>(bytes[n])}; };
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
}

std::int64_t size_of_file(const std::string& file) {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? std::int64_t{status.st_size} : -1;
}

}  // namespace

Result<> check_file(const std::string& file, const FileLock& lock) {
  const std::int64_t size = size_of_file(file);
  const std::int64_t wal = size_of_file(file + "-wal");
  if (size <= 0 && wal <= 0) {
    if (lock.is_marked()) return damaged(file, size < 0 ? "it was there before, and is gone" : "it was emptied");
    return {};
  }
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return file_error(EISDIR, file, "opening");
  return {};
}

Result<> check_header(SqliteDb& db) {
  const std::string& file = db.name();
  const std::int64_t size = size_of_file(file);
  if (size <= 0) return {};              // it was just created; its first pages are still in the -wal file, or not yet written
  constexpr std::int64_t kHeader = 100;  // SQLite's database header: https://www.sqlite.org/fileformat.html#the_database_header
  if (size < kHeader) return not_a_journal(file, "it is too short");
  TRY(const std::string header, db.beginning(kHeader));
  if (!header.starts_with("SQLite format 3")) return not_a_journal(file, "it is no SQLite database, or its beginning was overwritten");
  const std::int64_t page = big_endian(&header[14]) & 0xffff;  // bytes 16..17
  const std::int64_t pages = big_endian(&header[28]);
  if (size_of_file(file + "-wal") <= 0 && page > 1 && pages * page > size) return damaged(file, "it is shorter than it should be");
  return {};
}

Result<> prepare_connection(SqliteDb& db) {
  TRY_VOID(db.exec("PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;"));
  return {};
}

Result<> prepare_schema(SqliteDb& db, FileLock& lock) {
  TRY(const std::int64_t application, db.integer("PRAGMA application_id"));
  TRY(const std::int64_t format, db.integer("PRAGMA user_version"));
  if (application == kApplicationId && format > kFormat) return too_new(db.name(), static_cast<int>(format), kFormat);
  if (application != kApplicationId) {
    TRY(const std::int64_t tables, db.integer("SELECT count(*) FROM sqlite_master"));
    if (tables > 0 || application != 0) return not_a_journal(db.name(), "it is the database of another program");
  }
  TRY_VOID(db.exec("PRAGMA journal_mode=WAL"));
  TRY_VOID(prepare_connection(db));
  if (format == kFormat && application == kApplicationId) {
    if (!lock.is_marked()) TRY_VOID(lock.mark());
    return {};
  }
  TRY_VOID(db.exec("BEGIN IMMEDIATE"));
  for (auto step = static_cast<std::size_t>(format); step < kMigrations.size(); ++step) TRY_VOID(db.exec(kMigrations.at(step)));
  const std::string stamp =
      "PRAGMA application_id=" + std::to_string(kApplicationId) + "; PRAGMA user_version=" + std::to_string(kFormat) + "; COMMIT";
  TRY_VOID(db.exec(stamp.c_str()));
  return lock.mark();
}

}  // namespace sluice::journal_detail
