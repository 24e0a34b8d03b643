#include "journal/audit_rows.h"

#include <algorithm>

#include "journal/rows.h"

namespace sluice::journal_detail {
namespace {

Result<AuditHead> lock_head(Db& db) {
  Query head(db, db.locks_rows() ? "SELECT no, hash FROM wf_audit_head FOR UPDATE" : "SELECT no, hash FROM wf_audit_head");
  TRY(const bool found, head.next());
  if (!found) return damaged_row(db, "the audit chain has lost its head");
  return AuditHead{head.integer(0), head.text(1)};
}

}  // namespace

Result<> write_audit(Db& db, std::vector<AuditDraft> drafts) {
  if (drafts.empty()) return {};
  TRY(AuditHead head, lock_head(db));
  for (AuditDraft& draft : drafts) {
    const AuditEntry entry = chained(head, std::move(draft), db.now());
    const std::string body = entry.body.dump();
    Query insert(db, "INSERT INTO wf_audit (no, at_ms, kind, run_id, path, body, before_hash, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    insert.bind(entry.no).bind(entry.at).bind(entry.kind).bind(entry.run.text).bind(entry.path).bind(body);
    TRY_VOID(insert.bind(entry.before_hash).bind(entry.hash).run());
    head = {entry.no, entry.hash};
  }
  Query set(db, "UPDATE wf_audit_head SET no = ?1, hash = ?2");
  TRY_VOID(set.bind(head.no).bind(head.hash).run());
  return {};
}

Result<std::vector<AuditEntry>> read_audit(Db& db, std::int64_t from, int limit, const RunId& of) {
  Query all(db, "SELECT no, at_ms, kind, run_id, path, body, before_hash, hash FROM wf_audit WHERE no >= ?1 ORDER BY no LIMIT ?2");
  Query of_run(db,
               "SELECT no, at_ms, kind, run_id, path, body, before_hash, hash FROM wf_audit WHERE run_id = ?3 AND run_id <> '' AND no >= ?1"
               " ORDER BY no LIMIT ?2");
  Query& query = of.empty() ? all : of_run;
  query.bind(from).bind(std::clamp<std::int64_t>(limit, 0, kEventsMax));
  if (!of.empty()) query.bind(of.text);
  std::vector<AuditEntry> found;
  for (;;) {  // bounded by LIMIT
    TRY(const bool more, query.next());
    if (!more) return found;
    AuditEntry entry{.no = query.integer(0), .at = query.integer(1), .kind = query.text(2), .run = {query.text(3)}, .path = query.text(4)};
    TRY(entry.body, json_column(db, query, 5, "the audit chain"));
    entry.before_hash = query.text(6);
    entry.hash = query.text(7);
    found.push_back(std::move(entry));
  }
}

Result<AuditHead> read_audit_head(Db& db) {
  Query head(db, "SELECT no, hash FROM wf_audit_head");
  TRY(const bool found, head.next());
  if (!found) return damaged_row(db, "the audit chain has lost its head");
  return AuditHead{head.integer(0), head.text(1)};
}

}  // namespace sluice::journal_detail
