#pragma once

// Journals as programs of older formats made them. These texts stay as they are, whatever becomes of schema.cc.
namespace sluice {

/// Format 1 knew runs only; their tables were the same up to format 3.
constexpr const char* kRunTables1 = R"sql(
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
constexpr const char* kStamp1 = "PRAGMA application_id=1397508419; PRAGMA user_version=1";

constexpr const char* kLedgerTables2 = R"sql(
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
constexpr const char* kStamp2 = "PRAGMA application_id=1397508419; PRAGMA user_version=2";

/// The statements with which programs up to format 3 wrote about runs.
constexpr const char* kCreateRun1 =
    "INSERT INTO wf_run (run_id, name, code_version, dedup_key, labels, status, created_at, updated_at, deadline_at, head_seq,"
    " epoch, idle_claims, owner) VALUES (?1, 'ask', '1', ?2, ?3, 'ready', ?4, ?4, NULL, 1, 0, 0, NULL)";
constexpr const char* kInsertEvent1 = "INSERT INTO wf_event VALUES (?1, ?2, 0, ?3, '', 0, '', ?4, ?5)";

}  // namespace sluice
