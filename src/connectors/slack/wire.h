#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "approvals/ports/channel.h"
#include "base/json.h"
#include "net/http.h"

// Slack's words: JSON of the Web API and of interactions, to and from our own. Pure. Limits are those of https://docs.slack.dev/reference/block-kit
namespace sluice::slack {

constexpr std::size_t kBlocksMax = 50, kSectionMax = 3'000, kHeaderMax = 150, kButtonTextMax = 75, kButtonsMax = 25, kUrlMax = 3'000;
constexpr std::size_t kFallbackMax = 3'000;  ///< of a message's plain text; Slack wants less than 4,000
constexpr std::size_t kModalTitleMax = 24, kInputMax = 3'000, kMetadataMax = 3'000;

/// & < > as Slack wants them: what is text stays text, and names nobody and nothing.
std::string escaped(std::string_view text);
/// As Slack counts: UTF-16 units.
std::size_t length_of(std::string_view text);

/// Blocks and fallback text of a message. Texts are cut at the limits, and a cut says so. Where what decides cannot be shown whole, there are no
/// buttons to decide by.
Json message(const ChatCard& card);
/// Arguments of chat.postMessage, and of chat.update for what `ref` names.
Json post_arguments(const ChatCard& card, const std::string& channel);
Result<Json> update_arguments(const ChatCard& card, const std::string& ref);
/// Arguments of views.open: a form for the words of `refine`.
Json form_arguments(const ChatClick& click, const std::string& title);

/// The reference of what chat.postMessage answered.
std::string ref_of(const Json& answer);
/// The message with this key in an answer of conversations.history.
std::optional<std::string> find_key(const Json& history, const std::string& key, const std::string& channel);

/// What an answer of the Web API means that is no success: by its `error`, or its status.
std::optional<Error> failure_of(const HttpResponse& response);

/// The body of a request to the interactivity URL. E1406.
Result<ChatReceived> read_interaction(std::string_view body);

}  // namespace sluice::slack
