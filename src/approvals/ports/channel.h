#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/codec.h"
#include "base/result.h"

namespace sluice {

/// What somebody in a chat can do about an approval.
enum class ChatAct : std::uint8_t {
  approve,
  refine,
  reject,
  choose,  ///< the answer with a number, to what was asked back
  list,    ///< what waits for a decision
};
template <>
struct EnumNames<ChatAct> {
  static constexpr std::array<std::pair<ChatAct, std::string_view>, 5> names{{{ChatAct::approve, "approve"},
                                                                              {ChatAct::refine, "refine"},
                                                                              {ChatAct::reject, "reject"},
                                                                              {ChatAct::choose, "choose"},
                                                                              {ChatAct::list, "list"}}};
};

struct ChatButton {
  ChatAct act{};
  std::int64_t number = 0;  ///< choose: from 1
  std::string label{};
};

/// A piece of a message. Texts are what a person is to read, with nothing hidden in them; a channel escapes them as it needs.
struct ChatPart {
  std::string heading{}, text{};
  bool code = false;     ///< in a fixed font, lines as they are
  bool decides = false;  ///< what a decision is about: where a channel cannot show all of it, the message has to say so and offers no decision
};

/// A message, in no channel's words: a request for an approval, what became of it, a result, or a few words.
struct ChatCard {
  std::string key{};    ///< the same for every attempt to send it
  std::string title{};  ///< one line, also for notifications
  std::vector<ChatPart> parts{};
  std::string approval{}, subject_hash{};
  std::vector<ChatButton> buttons{};  ///< none: there is nothing to decide (any more)
  std::string link{};                 ///< the page about it; "" where nobody said how people reach the server
  std::string connection{};           ///< that it is about; "" for none: a channel may have a place for each
};

/// A request that came in, as HTTP brought it.
struct ChatRequest {
  std::function<std::string_view(std::string_view name)> header{};  ///< by its name in lower case; "" where there is none
  std::string_view body{};
};

/// What somebody did in the chat. Who it was, the service says, whose signature was checked.
struct ChatClick {
  ChatAct act{};
  std::string approval{}, subject_hash{};
  std::int64_t number = 0;
  std::optional<std::string> words{};  ///< refine: what should be different; nothing where it is still to be asked for
  std::string person{};                ///< "slack:T123/U456"
  std::string address{};               ///< an e-mail address that the service itself vouches for; "" where it has to be asked for it
  std::string reply_to{};              ///< the channel's: where the person is answered
};

/// A request that was understood.
struct ChatReceived {
  std::optional<ChatClick> click{};
  std::string answer{};  ///< body of what is answered at once, where there is no click or what it leads to is told later
};

/// How a click ended: some words for who clicked, and, where the channel can put them in the message's place, cards.
struct ChatOutcome {
  std::string words{};
  std::vector<ChatCard> cards{};
};

/// A way to people in a chat. Any thread. Errors of what it sends: kind `transient` and `timeout` may go well later, with retry_after_ms; others are
/// about this message or the set-up. E1410 to E1413 and E1101 to E1110.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  /// "google_chat": as sluice.yaml calls it, and the last part of the path where what comes in is taken: "google".
  virtual std::string name() const = 0;
  virtual std::string path() const = 0;

  /// Whether there is a way to send by; else people have to ask.
  virtual bool sends() const = 0;
  /// Sends it; how it is found again.
  virtual Result<std::string> send(const ChatCard& card, const Call& call) = 0;
  /// Puts the card in the place of what was sent; where the service cannot change a message, a new one beside it.
  virtual Result<std::string> update(const std::string& ref, const ChatCard& card, const Call& call) = 0;
  /// Where nobody knows whether an attempt came through: the message with this key, if it is there.
  virtual Result<std::optional<std::string>> find(const std::string& key, const std::string& connection, std::int64_t since_ms, const Call& call) = 0;

  /// Whether it is the service that sent this, lately, and not a second time: E1401 to E1405. Then what it says: E1406.
  virtual Result<ChatReceived> receive(const ChatRequest& request) = 0;
  /// Whether who clicked is answered by the answer to their request; else by `tell`, after it.
  virtual bool answers_at_once() const = 0;
  virtual std::string answer(const ChatClick& click, const ChatOutcome& outcome) = 0;
  /// Tells who clicked, and nobody else.
  virtual Result<> tell(const ChatClick& click, const std::string& words, const Call& call) = 0;
  /// Asks who clicked for the words that `refine` needs; they come as another click.
  virtual Result<> ask_for_words(const ChatClick& click, const std::string& title, const Call& call) = 0;
  /// Who somebody is in `server.access`: their id in the service, or, where sluice.yaml wants that, their e-mail address. E1407.
  virtual Result<std::string> principal(const ChatClick& click, const Call& call) = 0;
};

}  // namespace sluice
