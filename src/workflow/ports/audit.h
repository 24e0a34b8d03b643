#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/ports/journal_types.h"

// What every journal writes into its audit chain, in the transaction that it speaks of.
namespace sluice {

/// An entry before it has its place in the chain.
struct AuditDraft {
  std::string kind{};
  RunId run{};
  std::string path{};
  Json body{};
};

/// What the chain calls an event: "intent", "outcome", or "" for what it does not speak of.
std::string_view audit_kind(EventType type, int try_no, const Json& body);

/// The decisions that a policy made, intents and outcomes of effects in an append; most appends have none. An event goes in as the hash of its body.
std::vector<AuditDraft> audit_drafts(const Append& append);
/// A person's decision, or an expiry.
AuditDraft audit_draft(const ApprovalInfo& decided);
/// The refusal as it is kept: in bounds, and readable.
NewRefusal kept_refusal(const NewRefusal& refusal);
/// Of a refusal in that form; `last`: what comes on top of it before that time leaves no entry.
AuditDraft audit_draft(const NewRefusal& kept, std::optional<TimeMs> last_until);
/// What was deleted.
AuditDraft audit_draft(const Pruned& pruned);

/// What a fork began with, as the journal holds it: all that a later change of it would show in.
AuditDraft audit_draft(const NewFork& fork, const std::vector<EventInfo>& kept);
/// What an import brought, as the journal holds it. Each approval has a hash of its own: they may outlive the run, and one another.
AuditDraft audit_draft(const RunCopy& stored, const std::string& by);
/// SHA-256 over the events, each with all that its row says.
std::string hash_of(std::span<const EventInfo> events);
/// SHA-256 over all that the approval's row says.
std::string hash_of(const ApprovalInfo& approval);

/// The draft as the next entry after `head`, with its hash.
AuditEntry chained(const AuditHead& head, AuditDraft draft, TimeMs at);
/// The entry with the hash of the one before, without its own.
Json audit_json(const AuditEntry& entry);
/// SHA-256 of the canonical bytes of `audit_json`.
std::string hash_of(const AuditEntry& entry);

/// Decisions and effects that are older than the chain and have no entry in it. A journal that had some when its chain began says so where the first
/// entry has the hash of the one before: "not covered: 3 decisions, 5 effects". Else that is "".
struct NotCovered {
  std::int64_t decisions = 0, effects = 0;  ///< at most so many
};
/// Nothing where the text says something else.
std::optional<NotCovered> read_not_covered(std::string_view beginning);

}  // namespace sluice
