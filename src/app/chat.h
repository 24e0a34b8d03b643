#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/app.h"
#include "app/ports/outbox.h"
#include "approvals/chat_card.h"
#include "approvals/ports/channel.h"

namespace sluice {

/// Approvals in chat: tells channels what waits for a decision and what became of it, and takes what people press there. What is to be told goes into
/// the outbox first, beside the runs, and is told from there: after a restart, by one of several servers, again and again while a channel is down. No
/// run waits for any of it. Any thread; `app` outlives it.
class Chat {
 public:
  static constexpr std::chrono::milliseconds kLookPause{200}, kLookLatest{1'000};  ///< between two looks at the journal
  static constexpr std::chrono::seconds kWholeLook{60};                            ///< then what the looks between may have missed
  static constexpr int kRunsLooked = 100;                                          ///< newest runs, at a whole look
  static constexpr std::chrono::hours kRunNews{24 * 7};                            ///< what ended before that is no news
  static constexpr std::chrono::milliseconds kSendPause{1'000};                    ///< between two looks for what is due
  static constexpr std::int64_t kLeaseMs = 60'000;                                 ///< longer than an attempt may take
  static constexpr std::chrono::seconds kAttemptTime{30};
  static constexpr std::chrono::seconds kActTime{10};   ///< for what a click leads to; a decision itself takes milliseconds
  static constexpr std::chrono::seconds kDrainTime{5};  ///< for clicks that were taken, where the server ends
  static constexpr std::chrono::milliseconds kFirstDelay{1'000}, kDelayMax{600'000};
  static constexpr std::int64_t kAttemptsMax = 200;  ///< more than a day
  static constexpr std::size_t kClicksMax = 256;     ///< that wait for one of…
  static constexpr int kThreads = 4;
  static constexpr int kListedMax = 5;  ///< approvals that somebody who asks is shown

  /// The outbox is the journal's: errors are those of opening it.
  static Result<std::unique_ptr<Chat>> open(App& app, std::vector<std::unique_ptr<Channel>> channels);
  ~Chat();
  Chat(const Chat&) = delete;
  Chat& operator=(const Chat&) = delete;

  /// A request to `/chat/PATH`, and what is answered; at once, whatever it leads to. E1401 to E1406 and E1409 (noted as refusals), E1216.
  Result<std::string> receive(std::string_view path, const ChatRequest& request);
  /// Takes nothing more, does what was taken, and ends.
  void stop();

 private:
  struct Waiting {
    Channel* channel = nullptr;
    ChatClick click{};
  };
  Chat(App& app, Outbox& outbox, std::unique_ptr<ChangeWatch> watch, std::vector<std::unique_ptr<Channel>> channels);

  void watch_until(const std::stop_token& stop);
  Result<> look(bool whole);
  Result<> announce(const ApprovalInfo& approval);
  Result<> announce(const RunSummary& run);
  Result<> look_at_everything();

  void tell_sender();
  void send_until(const std::stop_token& stop);
  /// Whether there was something to send.
  Result<bool> send_one(Channel& channel, const std::stop_token& stop);
  OutboxOutcome deliver(Channel& channel, const OutboxEntry& entry, const Call& call);
  OutboxOutcome deliver_card(Channel& channel, const OutboxEntry& entry, const ChatCard& card, std::int64_t step, const Call& call);
  OutboxOutcome failed(Channel& channel, const OutboxEntry& entry, const std::string& ref, const Error& error);
  Result<ChatCard> run_card(const OutboxEntry& entry);
  /// Whoever reads the channel sees it: without `sample_rows` nothing in it may quote rows, but for what a model asks back, which is answered there.
  ChatCard card_of(ApprovalInfo approval) const;
  ChatStyle style() const;

  void act_until_ended();
  ChatOutcome act(Channel& channel, const ChatClick& click);
  Result<ChatOutcome> try_to_act(Channel& channel, const ChatClick& click, const Call& call);
  Result<ChatOutcome> decide(const ChatClick& click, const Principal& who, const ApprovalInfo& shown);
  Result<ChatOutcome> list_open(const Principal& who);
  Channel* channel_at(std::string_view path) const;

  App& app_;
  Outbox& outbox_;
  const std::string holder_;
  std::unique_ptr<ChangeWatch> watch_;
  const std::vector<std::unique_ptr<Channel>> channels_;
  std::map<std::string, std::int64_t> began_at_{};                               ///< of each channel: the watching thread's
  std::map<std::string, std::chrono::steady_clock::time_point> paused_until_{};  ///< channels that said so: the sending thread's

  std::mutex mutex_{};  // guards what follows
  std::condition_variable_any news_{};
  bool has_news_ = false, ending_ = false;
  int acting_ = kThreads;  ///< threads that still act
  std::deque<Waiting> clicks_{};
  std::size_t arriving_ = 0;  ///< clicks with a place that are being looked into

  std::stop_source hurry_{};             ///< gives up what clicks lead to
  std::vector<std::jthread> threads_{};  // last: they use the rest
};

/// How a channel that sluice.yaml sets up is getting on, for `sluice doctor` and health. Sends nothing.
struct ChatState {
  std::string channel{};
  Result<std::string> how{std::string()};  ///< a sentence; E1413 where messages wait or were given up, E0711 and E0712 where a secret is not there
};
std::vector<ChatState> chat_states(App& app);
/// Puts some words into the outbox of every channel that is set up to be told things; a server tells them. The channels; E1408 where there is none.
Result<std::vector<std::string>> tell_chats(App& app, const std::string& words);

}  // namespace sluice
