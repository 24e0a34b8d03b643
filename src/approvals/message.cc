#include "approvals/message.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kMessageBytesMax = 64 * 1024;

Error malformed(std::string why) {
  return {ErrorKind::input, "E0501", "this is not a decision: " + std::move(why),
          R"(write {"thread_id": "<run id>", "action": "approve|refine|reject", "feedback": null}; nothing was sent)", 0};
}

/// The string under `key`; null and a missing member give "".
Result<std::string> optional_text(const Json& message, std::string_view key) {
  const Json& member = message[key];
  if (member.is_null()) return std::string();
  if (const auto* text = member.as_string()) return *text;
  return malformed("\"" + std::string(key) + "\" has to be a string or null");
}

}  // namespace

Result<DecisionMessage> parse_decision_message(std::string_view text) {
  if (text.size() > kMessageBytesMax) return malformed("it is larger than " + human_bytes(kMessageBytesMax));
  auto json = Json::parse(text);
  if (!json) return malformed(json.error().message);
  if (json->as_object() == nullptr) return malformed("it has to be a JSON object");
  static const std::vector<std::string> kMembers{"thread_id", "action", "feedback", "approval_id", "subject_hash"};
  std::vector<std::string> seen;
  for (const auto& [name, value] : *json->as_object()) {
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end()) {
      const std::string meant = nearest(name, kMembers);
      return malformed("unknown member \"" + show_hidden(name, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return malformed("\"" + name + "\" is there twice");
    seen.push_back(name);
  }
  DecisionMessage message;
  TRY(message.thread_id, optional_text(*json, "thread_id"));
  TRY(message.feedback, optional_text(*json, "feedback"));
  TRY(message.approval_id, optional_text(*json, "approval_id"));
  TRY(message.subject_hash, optional_text(*json, "subject_hash"));
  if (trim(message.thread_id).empty()) return malformed("\"thread_id\" is missing; it is the run's id, see `sluice approvals list`");
  auto action = decode<DecisionAction>((*json)["action"]);
  if (!action) return malformed("\"action\" has to be approve, refine or reject");
  message.action = *action;
  if (message.action == DecisionAction::refine && trim(message.feedback).empty())
    return malformed("a refinement needs \"feedback\" that says what to change");
  return message;
}

}  // namespace sluice
