#pragma once
#include <string>
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

/// The decisions that a policy made, intents and outcomes of effects in an append; most appends have none. An event goes in as the hash of its body.
std::vector<AuditDraft> audit_drafts(const Append& append);
/// A person's decision, or an expiry.
AuditDraft audit_draft(const ApprovalInfo& decided);

/// The draft as the next entry after `head`, with its hash.
AuditEntry chained(const AuditHead& head, AuditDraft draft, TimeMs at);
/// SHA-256 of the entry's canonical bytes without its own hash; the hash of the entry before is one of its members.
std::string hash_of(const AuditEntry& entry);

}  // namespace sluice
