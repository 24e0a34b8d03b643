#include "workflow/ports/audit.h"

#include <charconv>

#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

Json decision_body(const std::string& id, const std::string& subject_hash, ApprovalStatus status, const std::string& by) {
  return Json::object().set("approval_id", id).set("subject_hash", subject_hash).set("status", enum_name(status)).set("by", by);
}

template <class Id>
Json texts_of(const std::vector<Id>& ids) {
  Json::Array texts;
  for (const Id& id : ids) texts.emplace_back(id.text);
  return Json(std::move(texts));
}

/// Takes the number and the words after it off the text; nothing where it begins otherwise.
std::optional<std::int64_t> take_count(std::string_view& text, std::string_view words) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || count < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(words)) return std::nullopt;
  text.remove_prefix(words.size());
  return count;
}

}  // namespace

std::string_view audit_kind(EventType type, int try_no, const Json& body) {
  if (type == EventType::step_completed) return try_no > 0 ? "outcome" : "";
  if (type != EventType::step_started) return "";
  const std::string_view effect = body.text("effect");
  return (effect != "pure" && effect != "read") || !body.text("approval_id").empty() ? "intent" : "";
}

std::vector<AuditDraft> audit_drafts(const Append& append) {
  std::vector<AuditDraft> drafts;
  for (const NewApproval& made : append.approvals)
    if (made.status != ApprovalStatus::open)
      drafts.push_back({"decision", append.run, made.path, decision_body(made.id.text, made.subject_hash, made.status, made.decided_by)});
  std::int64_t seq = append.head_seq;
  for (const NewEvent& event : append.events) {
    ++seq;
    const std::string_view kind = audit_kind(event.type, event.try_no, event.body);
    if (kind.empty()) continue;
    Json body = Json::object().set("seq", seq).set("try", std::int64_t{event.try_no}).set("event_hash", sha256_hex(event.body.dump()));
    for (const char* name : {"effect", "key", "approval_id"})
      if (!event.body.text(name).empty()) body.set(name, std::string(event.body.text(name)));
    if (kind == "outcome") body.set("failed", event.body.find("error") != nullptr);
    drafts.push_back({std::string(kind), append.run, event.path, std::move(body)});
  }
  return drafts;
}

AuditDraft audit_draft(const ApprovalInfo& decided) {
  Json body = decision_body(decided.id.text, decided.subject_hash, decided.status, decided.decided_by);
  for (const auto& [name, text] : {std::pair{"feedback", &decided.feedback}, {"edited", &decided.edited}, {"reason", &decided.reason}})
    if (!text->empty()) body.set(name, *text);
  return {decided.status == ApprovalStatus::expired ? "expiry" : "decision", decided.run_id, decided.path, std::move(body)};
}

NewRefusal kept_refusal(const NewRefusal& refusal) {
  NewRefusal kept = refusal;
  for (std::string* text : {&kept.who, &kept.deed, &kept.connection, &kept.workflow, &kept.run.text, &kept.approval.text, &kept.why}) {
    *text = show_hidden(*text, false);
    if (text->size() <= kRefusalTextMax) continue;
    std::size_t end = kRefusalTextMax;
    while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xC0U) == 0x80U) --end;  // no character is cut in two
    text->resize(end);
  }
  return kept;
}

AuditDraft audit_draft(const NewRefusal& kept, std::optional<TimeMs> last_until) {
  Json body = Json::object().set("who", kept.who).set("deed", kept.deed);
  for (const auto& [name, text] : {std::pair{"connection", &kept.connection}, {"workflow", &kept.workflow}, {"approval_id", &kept.approval.text}})
    if (!text->empty()) body.set(name, *text);
  body.set("why", kept.why);
  if (last_until) body.set("no_more_until", *last_until);
  return {"refused", kept.run, "", std::move(body)};
}

AuditDraft audit_draft(const Pruned& pruned) {
  return {
      "prune", {}, "", Json::object().set("runs", texts_of(pruned.runs)).set("events", pruned.events).set("approvals", texts_of(pruned.approvals))};
}

std::string hash_of(std::span<const EventInfo> events) {
  Sha256 hash;
  for (const EventInfo& event : events) {
    Json row = Json::object().set("seq", event.seq).set("epoch", event.epoch).set("type", static_cast<std::int64_t>(event.type));
    row.set("path", event.path).set("try", std::int64_t{event.try_no}).set("in_hash", event.in_hash).set("body", event.body).set("at", event.at);
    hash.update(row.dump());
    hash.update("\n");
  }
  return hash.finish_hex();
}

std::string hash_of(const ApprovalInfo& approval) {
  Json row = decision_body(approval.id.text, approval.subject_hash, approval.status, approval.decided_by);
  row.set("run", approval.run_id.text).set("path", approval.path).set("subject", approval.subject).set("card", approval.card);
  row.set("policy", approval.policy).set("feedback", approval.feedback).set("edited", approval.edited).set("reason", approval.reason);
  row.set("created_at", approval.created_at);
  for (const auto& [name, number] : {std::pair{"due_at", approval.due_at}, {"decided_at", approval.decided_at}, {"spent_seq", approval.spent_seq}})
    if (number) row.set(name, *number);
  return sha256_hex(row.dump());
}

AuditDraft audit_draft(const NewFork& fork, const std::vector<EventInfo>& kept) {
  Json body = Json::object().set("from", fork.from.text).set("seq", fork.keep_seq).set("by", fork.by).set("hash", hash_of(kept));
  if (fork.last) body.set("set", true);  // the newest of them is not that run's
  return {"fork", fork.id, "", std::move(body)};
}

AuditDraft audit_draft(const RunCopy& stored, const std::string& by) {
  Json::Object approvals;
  for (const ApprovalInfo& approval : stored.approvals) approvals.emplace_back(approval.id.text, hash_of(approval));
  Json body = Json::object().set("by", by).set("events", stored.run.head_seq).set("hash", hash_of(stored.events));
  return {"import", stored.run.id, "", body.set("approvals", Json(std::move(approvals)))};
}

Json audit_json(const AuditEntry& entry) {
  Json all = Json::object().set("no", entry.no).set("at", entry.at).set("kind", entry.kind).set("run", entry.run.text).set("path", entry.path);
  return all.set("body", entry.body).set("before", entry.before_hash);
}

std::string hash_of(const AuditEntry& entry) { return sha256_hex(audit_json(entry).dump()); }

std::optional<NotCovered> read_not_covered(std::string_view beginning) {
  constexpr std::string_view kBegins = "not covered: ";
  if (beginning.empty()) return NotCovered{};
  if (!beginning.starts_with(kBegins)) return std::nullopt;
  beginning.remove_prefix(kBegins.size());
  const auto decisions = take_count(beginning, " decisions, ");
  const auto effects = decisions ? take_count(beginning, " effects") : std::nullopt;
  return effects && beginning.empty() ? std::optional(NotCovered{*decisions, *effects}) : std::nullopt;
}

AuditEntry chained(const AuditHead& head, AuditDraft draft, TimeMs at) {
  AuditEntry entry{.no = head.no + 1, .at = at, .kind = std::move(draft.kind), .run = std::move(draft.run), .path = std::move(draft.path)};
  entry.body = std::move(draft.body);
  entry.before_hash = head.hash;
  entry.hash = hash_of(entry);
  return entry;
}

}  // namespace sluice
