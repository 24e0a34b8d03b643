#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "approvals/ports/channel.h"
#include "base/json.h"

// Google Chat's words: messages with cards (https://developers.google.com/workspace/chat/api/reference/rest/v1/cards) and interaction events. Pure.
namespace sluice::google_chat {

constexpr std::size_t kMessageMax = 32'000;  ///< bytes of a message, cards included: https://developers.google.com/workspace/chat/create-messages
constexpr std::size_t kTextMax = 4'000, kTitleMax = 200, kButtonTextMax = 75;

/// & < > as cards want them: text stays text.
std::string escaped(std::string_view text);
/// Whether what presses a button reaches us: on the app's own messages alone.
enum class Buttons : unsigned char { links, all };
/// A card of `cardsV2`. Texts are cut at the limits, and a cut says so; where what decides cannot be shown whole, nothing decides.
Json card(const ChatCard& of, Buttons buttons);
/// What a webhook takes: the card, in the thread of its key.
Json webhook_message(const ChatCard& of);
/// What a request for an answer is answered with.
Json answer(const ChatClick& click, const ChatOutcome& outcome);

/// An event: who did what, and when it was (seconds since 1970). E1406.
struct Event {
  ChatReceived received{};
  std::int64_t at = 0;
};
Result<Event> read_event(std::string_view body);

}  // namespace sluice::google_chat
