#include "workflow/ports/audit.h"

#include "base/hash.h"

namespace sluice {
namespace {

bool is_effect_intent(const NewEvent& event) {
  if (event.type != EventType::step_started) return false;
  const std::string_view effect = event.body.text("effect");
  return (effect != "pure" && effect != "read") || !event.body.text("approval_id").empty();
}

Json decision_body(const std::string& id, const std::string& subject_hash, ApprovalStatus status, const std::string& by) {
  return Json::object().set("approval_id", id).set("subject_hash", subject_hash).set("status", enum_name(status)).set("by", by);
}

}  // namespace

std::vector<AuditDraft> audit_drafts(const Append& append) {
  std::vector<AuditDraft> drafts;
  for (const NewApproval& made : append.approvals)
    if (made.status != ApprovalStatus::open)
      drafts.push_back({"decision", append.run, made.path, decision_body(made.id.text, made.subject_hash, made.status, made.decided_by)});
  std::int64_t seq = append.head_seq;
  for (const NewEvent& event : append.events) {
    ++seq;
    const bool intent = is_effect_intent(event);
    const bool outcome = event.type == EventType::step_completed && event.try_no > 0;
    if (!intent && !outcome) continue;
    Json body = Json::object().set("seq", seq).set("try", std::int64_t{event.try_no}).set("event_hash", sha256_hex(event.body.dump()));
    for (const char* name : {"effect", "key", "approval_id"})
      if (!event.body.text(name).empty()) body.set(name, std::string(event.body.text(name)));
    if (outcome) body.set("failed", event.body.find("error") != nullptr);
    drafts.push_back({intent ? "intent" : "outcome", append.run, event.path, std::move(body)});
  }
  return drafts;
}

AuditDraft audit_draft(const ApprovalInfo& decided) {
  Json body = decision_body(decided.id.text, decided.subject_hash, decided.status, decided.decided_by);
  for (const auto& [name, text] : {std::pair{"feedback", &decided.feedback}, {"edited", &decided.edited}, {"reason", &decided.reason}})
    if (!text->empty()) body.set(name, *text);
  return {decided.status == ApprovalStatus::expired ? "expiry" : "decision", decided.run_id, decided.path, std::move(body)};
}

std::string hash_of(const AuditEntry& entry) {
  Json all = Json::object().set("no", entry.no).set("at", entry.at).set("kind", entry.kind).set("run", entry.run.text).set("path", entry.path);
  all.set("body", entry.body).set("before", entry.before_hash);
  return sha256_hex(all.dump());
}

AuditEntry chained(const AuditHead& head, AuditDraft draft, TimeMs at) {
  AuditEntry entry{.no = head.no + 1, .at = at, .kind = std::move(draft.kind), .run = std::move(draft.run), .path = std::move(draft.path)};
  entry.body = std::move(draft.body);
  entry.before_hash = head.hash;
  entry.hash = hash_of(entry);
  return entry;
}

}  // namespace sluice
