#include "journal/audit_rows.h"

#include <algorithm>

#include "base/text.h"
#include "journal/rows.h"

namespace sluice::journal_detail {
namespace {

constexpr TimeMs kRefusalsKeptMs = 24 * 3'600'000;  // counts of those who did not come again

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

Result<bool> refusals_are_full(Db& db, const NewRefusal& kept) {
  Query noted(db, "SELECT 1 FROM wf_refusal WHERE who = ?1 AND deed = ?2 AND since_ms > ?3 AND noted >= ?4");
  return noted.bind(kept.who).bind(kept.deed).bind(db.now() - kRefusalsPerMs).bind(std::int64_t{kRefusalsNoted}).next();
}

namespace {

/// Counts one more of this who and deed; nothing where as many are noted as may be, else until when no more are, where this is the last one.
Result<std::optional<std::optional<TimeMs>>> count_one(Db& db, const std::string& who, const std::string& deed) {
  const TimeMs at = db.now();
  Query count(db,
              "INSERT INTO wf_refusal (who, deed, since_ms, noted) VALUES (?1, ?2, ?3, 1) ON CONFLICT (who, deed) DO UPDATE SET"
              " noted = CASE WHEN wf_refusal.since_ms > ?4 THEN wf_refusal.noted + 1 ELSE 1 END,"
              " since_ms = CASE WHEN wf_refusal.since_ms > ?4 THEN wf_refusal.since_ms ELSE excluded.since_ms END");
  TRY_VOID(count.bind(who).bind(deed).bind(at).bind(at - kRefusalsPerMs).run());
  Query now(db, "SELECT since_ms, noted FROM wf_refusal WHERE who = ?1 AND deed = ?2");
  TRY_VOID(now.bind(who).bind(deed).next());
  const std::int64_t since = now.integer(0), noted = now.integer(1);
  if (noted > kRefusalsNoted) return std::optional<std::optional<TimeMs>>();  // others came at the same moment
  if (noted == 1) {
    Query forget(db, "DELETE FROM wf_refusal WHERE since_ms < ?1");
    TRY_VOID(forget.bind(at - kRefusalsKeptMs).run());
  }
  return std::optional(noted == kRefusalsNoted ? std::optional(since + kRefusalsPerMs) : std::nullopt);
}

}  // namespace

Result<bool> write_refusal(Db& db, const NewRefusal& kept) {
  TRY(const auto counted, count_one(db, kept.who, kept.deed));
  if (!counted) return false;
  db.audit(audit_draft(kept, *counted));
  return true;
}

Result<> write_login(Db& db, const std::string& who, const std::vector<std::string>& groups) {
  constexpr const char* kDeed = "logged in";  // no deed that can be refused: these are counted apart
  const NewRefusal kept = kept_refusal({.who = who, .deed = kDeed, .why = join(groups, ", ")});
  TRY(const bool full, refusals_are_full(db, kept));
  if (full) return {};
  TRY(const auto counted, count_one(db, kept.who, kept.deed));
  if (!counted) return {};
  Json body = Json::object().set("who", kept.who);
  if (!kept.why.empty()) body.set("groups", kept.why);
  if (*counted) body.set("no_more_until", **counted);
  db.audit({"login", {}, "", std::move(body)});
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
