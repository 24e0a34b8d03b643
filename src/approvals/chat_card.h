#pragma once
#include <string>

#include "approvals/ports/channel.h"
#include "workflow/ports/journal_types.h"

namespace sluice {

struct ChatStyle {
  std::string public_url{};  ///< "https://sluice.example.org"; "" for none: then messages name the command
  int sample_rows = 0;       ///< of the sample that a card shows: whoever reads the channel sees them
  TimeMs now = 0;
};

/// An approval as a message, made from its card (the parsed proposal and its proof): with buttons while it is open, else with who decided and when.
ChatCard approval_chat_card(const ApprovalInfo& approval, const ChatStyle& style);
/// What became of it: "approved by ada@example.org at 2026-01-31 08:30 UTC, in Slack".
std::string decided_words(const ApprovalInfo& approval);
/// The key of the message about an approval.
std::string approval_chat_key(const ApprovalId& id);

}  // namespace sluice
