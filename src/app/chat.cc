#include "app/chat.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <set>

#include "app/app_inner.h"
#include "app/own_words.h"
#include "base/text.h"
#include "base/time.h"

namespace sluice {
namespace {

constexpr const char *kApproval = "approval", *kResult = "result", *kFailure = "failure", *kMessage = "message", *kBegin = "begin";
constexpr std::int64_t kAsked = 1, kDecided = 2;
constexpr int kTitleMax = 140, kWordsMax = 1'000;
constexpr const char* kDeed = "decide in chat";

/// A name that nobody else in the world has, also after a restart.
std::string new_name() {
  std::array<unsigned char, 8> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return "chat-" + std::to_string(wall_clock_ms());
  std::string out = "chat-";
  for (const unsigned char byte : bytes) out += std::string(1, "0123456789abcdef"[byte / 16U]) + "0123456789abcdef"[byte % 16U];
  return out;
}

std::optional<ChatEvent> event_of(AskStatus status) {
  switch (status) {
    case AskStatus::answered: return ChatEvent::results;
    case AskStatus::failed:
    case AskStatus::unanswerable:
    case AskStatus::unknown: return ChatEvent::failures;
    case AskStatus::rejected:
    case AskStatus::timeout:
    case AskStatus::waiting:
    case AskStatus::cancelled:
    case AskStatus::paused: break;
  }
  return std::nullopt;
}

/// Whether it may have come through although it failed here.
bool is_unclear(const Error& error) {
  static constexpr std::array<std::string_view, 5> kUnclear{"E1101", "E1105", "E1106", "E1108", "E1411"};
  if (error.retry_after_ms > 0) return false;  // who names a time has not done it
  return error.kind == ErrorKind::cancelled || std::ranges::find(kUnclear, error.code) != kUnclear.end();
}

std::string in_words(const Error& error) { return error.message + (error.hint.empty() ? "" : " (" + error.hint + ")") + " [" + error.code + "]"; }

}  // namespace

Result<std::unique_ptr<Chat>> Chat::open(App& app, std::vector<std::unique_ptr<Channel>> channels) {
  TRY(Outbox * outbox, app.outbox());
  TRY(auto watch, app.watch_changes());
  return std::unique_ptr<Chat>(new Chat(app, *outbox, std::move(watch), std::move(channels)));
}

Chat::Chat(App& app, Outbox& outbox, std::unique_ptr<ChangeWatch> watch, std::vector<std::unique_ptr<Channel>> channels)
    : app_(app), outbox_(outbox), holder_(new_name()), watch_(std::move(watch)), channels_(std::move(channels)) {
  threads_.emplace_back([this](const std::stop_token& stop) { watch_until(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { send_until(stop); });
  for (int n = 0; n < kThreads; ++n) threads_.emplace_back([this] { act_until_ended(); });
}

Chat::~Chat() { stop(); }

void Chat::stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  news_.notify_all();
  for (std::jthread& thread : threads_) thread.request_stop();
  {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, kDrainTime, [this] { return acting_ == 0; });
  }
  hurry_.request_stop();
  threads_.clear();  // joins them
}

Channel* Chat::channel_at(std::string_view path) const {
  const auto found = std::ranges::find_if(channels_, [&](const auto& channel) { return channel->path() == path; });
  return found == channels_.end() ? nullptr : found->get();
}

// What is to be told.

void Chat::watch_until(const std::stop_token& stop) {
  auto whole_at = std::chrono::steady_clock::time_point::min();
  while (!stop.stop_requested()) {
    const bool whole = std::chrono::steady_clock::now() >= whole_at;
    const auto looked = look(whole);
    if (looked && whole) whole_at = std::chrono::steady_clock::now() + kWholeLook;
    if (!looked) whole_at = std::chrono::steady_clock::time_point::min();  // what it missed, the next one finds
    watch_->wait(kLookPause, kLookLatest, stop);
  }
}

Result<> Chat::look(bool whole) {
  TRY(const Changes changes, watch_->look({}));
  for (const ApprovalInfo& approval : changes.approvals) TRY_VOID(announce(approval));
  for (const RunSummary& run : changes.runs) TRY_VOID(announce(run));
  return whole ? look_at_everything() : Result<>();
}

Result<> Chat::look_at_everything() {
  for (const auto& channel : channels_) {
    TRY(const OutboxEntry begin, outbox_.outbox_add({.channel = channel->name(), .key = kBegin, .kind = kBegin, .wanted = 0}));
    began_at_[channel->name()] = begin.created_at;
  }
  TRY(const std::vector<ApprovalInfo> open, app_.approvals({.limit = kListMax}));
  std::set<std::string> still_open;
  for (const ApprovalInfo& approval : open) {
    if (approval.status == ApprovalStatus::open) still_open.insert(approval.id.text);
    TRY_VOID(announce(approval));
  }
  TRY(const std::vector<OutboxEntry> asked, outbox_.outbox_wanting(kApproval, kAsked));
  for (const OutboxEntry& entry : asked) {
    if (still_open.contains(entry.about)) continue;
    const auto approval = app_.approval({entry.about});
    const bool gone = !approval && approval.error().kind == ErrorKind::not_found;
    if (!approval && !gone) return approval.error();
    if (gone || approval->status != ApprovalStatus::open) TRY_VOID(outbox_.outbox_raise(entry.key, kDecided));
  }
  TRY(const RunList runs, app_.runs({.limit = kRunsLooked}));
  for (const RunSummary& run : runs.runs) TRY_VOID(announce(run));
  TRY_VOID(outbox_.outbox_forget());
  return {};
}

Result<> Chat::announce(const ApprovalInfo& approval) {
  if (!app_.config().chat.sends(ChatEvent::approvals)) return {};
  const std::string key = approval_chat_key(approval.id);
  if (approval.status != ApprovalStatus::open) {
    TRY_VOID(outbox_.outbox_raise(key, kDecided));
  } else {
    for (const auto& channel : channels_) {
      if (!channel->sends()) continue;
      TRY_VOID(outbox_.outbox_add(
          {.channel = channel->name(), .key = key, .kind = kApproval, .run = approval.run_id.text, .about = approval.id.text, .wanted = kAsked}));
    }
  }
  tell_sender();
  return {};
}

Result<> Chat::announce(const RunSummary& run) {
  const auto event = event_of(run.status);
  if (!event || !app_.config().chat.sends(*event) || !run.run.imported.empty() || !run.run.parent.empty()) return {};
  const TimeMs news_from = outbox_.now() - std::chrono::milliseconds(kRunNews).count();
  for (const auto& channel : channels_) {
    const auto began = began_at_.find(channel->name());
    if (!channel->sends() || began == began_at_.end() || run.run.updated_at < std::max(began->second, news_from)) continue;
    const char* kind = *event == ChatEvent::results ? kResult : kFailure;
    TRY_VOID(
        outbox_.outbox_add({.channel = channel->name(), .key = std::string(kind) + ":" + run.run.id.text, .kind = kind, .run = run.run.id.text}));
  }
  tell_sender();
  return {};
}

// Telling it.

void Chat::tell_sender() {
  const std::lock_guard lock(mutex_);
  has_news_ = true;
  news_.notify_all();
}

void Chat::send_until(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool sent = false;
    for (const auto& channel : channels_) {
      if (const auto paused = paused_until_.find(channel->name()); paused != paused_until_.end()) {
        if (std::chrono::steady_clock::now() < paused->second) continue;
        paused_until_.erase(paused);
      }
      const auto one = send_one(*channel, stop);  // a journal that cannot be read is looked at again after a while
      sent = sent || (one && *one);
    }
    if (sent) continue;
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, stop, kSendPause, [this] { return has_news_; });
    has_news_ = false;
  }
}

Result<bool> Chat::send_one(Channel& channel, const std::stop_token& stop) {
  TRY(const std::optional<OutboxEntry> entry, outbox_.outbox_take(channel.name(), holder_, kLeaseMs));
  if (!entry) return false;
  const OutboxOutcome outcome = deliver(channel, *entry, Call{std::chrono::steady_clock::now() + kAttemptTime, stop});
  TRY_VOID(outbox_.outbox_settle(entry->no, holder_, outcome));
  return true;
}

ChatStyle Chat::style() const {
  return {.public_url = app_.config().server.public_url, .sample_rows = static_cast<int>(app_.config().chat.sample_rows), .now = outbox_.now()};
}

ChatCard Chat::card_of(ApprovalInfo approval) const {
  if (style().sample_rows == 0) {
    const Json whole = told_card(approval.card, Words::all);
    approval.card = told_card(approval.card, Words::ours);
    if (approval.card.as_object() != nullptr)
      for (const char* asked : {"act", "asks", "choices"}) approval.card.set(asked, whole[asked]);
  }
  return approval_chat_card(approval, style());
}

OutboxOutcome Chat::deliver(Channel& channel, const OutboxEntry& entry, const Call& call) {
  OutboxOutcome nothing_to_tell{.delivered = std::max(entry.wanted, kDecided), .ref = entry.ref};
  if (entry.kind == kApproval) {
    const auto approval = app_.approval({entry.about});
    if (!approval && approval.error().kind == ErrorKind::not_found) return nothing_to_tell;
    if (!approval) return failed(channel, entry, entry.ref, approval.error());
    const std::int64_t step = approval->status == ApprovalStatus::open ? kAsked : kDecided;
    return deliver_card(channel, entry, card_of(*approval), step, call);
  }
  ChatCard card{.key = entry.key, .title = entry.about};
  if (entry.kind == kResult || entry.kind == kFailure) {
    auto made = run_card(entry);
    if (!made && made.error().kind == ErrorKind::not_found) return nothing_to_tell;
    if (!made) return failed(channel, entry, entry.ref, made.error());
    card = *std::move(made);
    if (card.title.empty()) return nothing_to_tell;
  }
  return deliver_card(channel, entry, card, entry.wanted, call);
}

OutboxOutcome Chat::deliver_card(Channel& channel, const OutboxEntry& entry, const ChatCard& card, std::int64_t step, const Call& call) {
  std::string ref = entry.ref;
  if (ref.empty() && entry.unclear) {
    const auto found = channel.find(entry.key, card.connection, entry.created_at, call);
    const bool later = !found && (found.error().kind == ErrorKind::transient || found.error().kind == ErrorKind::timeout ||
                                  found.error().kind == ErrorKind::cancelled);
    if (later) return failed(channel, entry, ref, found.error());
    if (found && *found) ref = **found;  // where the service does not let us look, it is told once more rather than never
  }
  // What was decided before anybody was asked is not asked any more.
  if (ref.empty() && entry.kind == kApproval && step == kDecided) return {.delivered = step};
  const auto told = ref.empty() ? channel.send(card, call) : channel.update(ref, card, call);
  if (!told) return failed(channel, entry, ref, told.error());
  return {.delivered = step, .ref = *told};
}

OutboxOutcome Chat::failed(Channel& channel, const OutboxEntry& entry, const std::string& ref, const Error& error) {
  OutboxOutcome out{.delivered = entry.delivered, .ref = ref, .unclear = ref.empty() && (entry.unclear || is_unclear(error))};
  out.error = error.code + ": " + error.message;
  const auto doublings = static_cast<int>(std::clamp<std::int64_t>(entry.attempts - 1, 0, 16));
  const std::int64_t delay = std::min(kFirstDelay.count() << doublings, kDelayMax.count());
  if (error.retry_after_ms > 0)
    paused_until_[channel.name()] =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(std::min<std::int64_t>(error.retry_after_ms, kDelayMax.count()));
  out.wait_ms = std::max<std::int64_t>(delay, error.retry_after_ms);
  if (error.kind == ErrorKind::cancelled) out.wait_ms = 0;  // this server ends: the next one goes on
  out.gives_up = error.kind == ErrorKind::input || entry.attempts >= kAttemptsMax;
  return out;
}

Result<ChatCard> Chat::run_card(const OutboxEntry& entry) {
  TRY(const RunView view, app_.run({entry.run}));
  ChatCard out{.key = entry.key, .connection = view.input.connection};
  if (view.answer.decided_by == "policy: eval") return out;  // one of very many, and nobody's question
  const std::string asked = clipped(show_hidden(view.input.question.empty() ? view.answer.proposal.sql : view.input.question, false), kTitleMax);
  if (const std::string& url = app_.config().server.public_url; !url.empty()) out.link = url + "/runs/" + entry.run;
  if (entry.kind == kResult) {
    out.title = clipped("Answered: " + asked, kTitleMax);
    const std::string by = view.answer.decided_by.empty() ? "" : "; approved by " + show_hidden(view.answer.decided_by, false);
    out.parts.push_back({.heading = "Result", .text = counted(view.answer.execution.stats.rows, "row") + by + "."});
  } else {
    out.title = clipped("Not answered: " + asked, kTitleMax);
    auto error = view.answer.error ? view.answer.error : view.state.error;
    if (error && style().sample_rows == 0) error = told(*std::move(error), Words::ours);  // engines quote data
    if (error) out.parts.push_back({.heading = "Why", .text = clipped(show_hidden(error->message, false), kWordsMax) + " [" + error->code + "]"});
    if (error && !error->hint.empty()) out.parts.push_back({.heading = "Next", .text = clipped(show_hidden(error->hint, false), kWordsMax)});
  }
  out.parts.push_back(
      {.heading = "", .text = (out.connection.empty() ? "" : "On " + show_hidden(out.connection, false) + ". ") + "Run " + entry.run});
  return out;
}

// What people press.

Result<std::string> Chat::receive(std::string_view path, const ChatRequest& request) {
  Channel* channel = channel_at(path);
  if (channel == nullptr)
    return Error{ErrorKind::not_found, "E1408", "no chat of that name is set up here", "docs/chat.md says how: `chat:` in sluice.yaml", 0};
  // Room is looked for first: what is taken counts as seen, and would be taken for done when it comes again.
  const auto full = [this] { return ending_ || clicks_.size() + arriving_ >= kClicksMax; };
  const bool waits = !channel->answers_at_once();
  if (waits) {
    const std::lock_guard lock(mutex_);
    if (full())
      return Error{ErrorKind::transient, "E1409", "too much comes from the chat at once, or the server is about to end", "press again in a moment",
                   1'000};
    ++arriving_;
  }
  const std::shared_ptr<void> arrived(nullptr, [this, waits](void*) {
    const std::lock_guard lock(mutex_);
    if (waits) --arriving_;
  });
  auto received = channel->receive(request);
  if (!received) {
    const Error& error = received.error();
    // A request whose answer was lost comes again, and says so.
    if (error.code == "E1403" && !request.header("x-slack-retry-num").empty()) return std::string();
    if (error.kind == ErrorKind::forbidden) app_.note_refusal("", kDeed, {}, channel->name() + ": " + error.message);
    return error;
  }
  if (!received->click) return std::move(received->answer);
  if (channel->answers_at_once()) return channel->answer(*received->click, act(*channel, *received->click));
  const std::lock_guard lock(mutex_);
  clicks_.push_back({channel, *std::move(received->click)});
  news_.notify_all();
  return std::move(received->answer);
}

void Chat::act_until_ended() {
  for (;;) {
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      news_.wait(lock, [this] { return ending_ || !clicks_.empty(); });
      if (clicks_.empty()) {
        --acting_;
        news_.notify_all();
        return;
      }
      next = std::move(clicks_.front());
      clicks_.pop_front();
    }
    const ChatOutcome outcome = act(*next.channel, next.click);
    if (outcome.words.empty()) continue;
    const Call call{std::chrono::steady_clock::now() + kActTime, hurry_.get_token()};
    [[maybe_unused]] const auto told = next.channel->tell(next.click, outcome.words, call);  // the decision stands, and the card shows it
  }
}

ChatOutcome Chat::act(Channel& channel, const ChatClick& click) {
  auto acted = try_to_act(channel, click, Call{std::chrono::steady_clock::now() + kActTime, hurry_.get_token()});
  if (acted) return *std::move(acted);
  ChatOutcome out{.words = in_words(acted.error())};
  // Who comes too late is shown how it stands.
  if (acted.error().kind == ErrorKind::conflict)
    if (const auto approval = app_.approval({click.approval})) out.cards.push_back(card_of(*approval));
  return out;
}

Result<ChatOutcome> Chat::try_to_act(Channel& channel, const ChatClick& click, const Call& call) {
  const auto name = channel.principal(click, call);
  if (!name) {
    if (name.error().kind == ErrorKind::forbidden) app_.note_refusal(click.person, kDeed, {.approval = {click.approval}}, name.error().message);
    return name.error();
  }
  TRY(const Principal who, chat_principal(app_.config().server, *name));
  if (click.act == ChatAct::list) return list_open(who);
  TRY(const ApprovalInfo approval, app_.approval({click.approval}));
  TRY_VOID(app_.check(who, Deed::decide, approval));
  if (approval.status != ApprovalStatus::open)
    return Error{ErrorKind::conflict, "E0107", "Nothing was changed: this was already " + decided_words(approval), "", 0};
  if (click.act == ChatAct::refine && !click.words) {
    TRY_VOID(channel.ask_for_words(click, card_of(approval).title, call));
    return ChatOutcome{};
  }
  return decide(click, who, approval);
}

Result<ChatOutcome> Chat::decide(const ChatClick& click, const Principal& who, const ApprovalInfo& shown) {
  DecisionInput decision{.decided_by = who.name, .expected_subject_hash = click.subject_hash};
  Result<ApprovalInfo> decided = Error::bug("a button of no known kind");
  switch (click.act) {
    case ChatAct::approve: decision.action = DecisionAction::approve; break;
    case ChatAct::reject: decision.action = DecisionAction::reject; break;
    case ChatAct::refine:
      decision.action = DecisionAction::refine;
      decision.feedback = click.words.value_or("");
      break;
    case ChatAct::choose: {
      ApprovalInfo as_shown = shown;
      as_shown.subject_hash = click.subject_hash;
      decided = app_.choose(as_shown, click.number, who.name);
      break;
    }
    case ChatAct::list: return ChatOutcome{};
  }
  if (click.act != ChatAct::choose) decided = app_.decide(shown.id, std::move(decision));
  if (!decided && decided.error().code == "E0107") {  // somebody was quicker
    TRY(const ApprovalInfo now, app_.approval(shown.id));
    return Error{ErrorKind::conflict, "E0107", "Nothing was changed: this was already " + decided_words(now), "", 0};
  }
  if (!decided) return std::move(decided).error();
  return ChatOutcome{.cards = {card_of(*decided)}};
}

Result<ChatOutcome> Chat::list_open(const Principal& who) {
  TRY(const std::vector<ApprovalInfo> open, app_.approvals({.limit = kListMax}));
  ChatOutcome out;
  std::int64_t more = 0;
  for (const ApprovalInfo& approval : open) {
    const std::string connection(approval.card.text("connection"));
    if (approval.status != ApprovalStatus::open || !may(who, Deed::decide, connection, kAsk)) continue;
    if (out.cards.size() < kListedMax)
      out.cards.push_back(card_of(approval));
    else
      ++more;
  }
  if (out.cards.empty()) out.words = "Nothing waits for a decision of yours, " + who.name + ".";
  if (more > 0) out.words = "and " + counted(more, "more approval") + " on the page";
  return out;
}

namespace {

/// Why a channel could not even begin.
Result<> secrets_are_there(const ChatConfig& chat, const std::string& channel) {
  if (channel == "slack") {
    TRY_VOID(chat.slack->bot_token.reveal());
    TRY_VOID(chat.slack->signing_secret.reveal());
  }
  if (channel == "google_chat" && !chat.google->webhook.empty()) TRY_VOID(chat.google->webhook.reveal());
  return {};
}

Result<std::string> how_it_is(const ChatConfig& chat, const std::string& channel, const Result<std::vector<OutboxCount>>& counts) {
  TRY_VOID(secrets_are_there(chat, channel));
  if (!counts) return counts.error();
  const auto count = std::ranges::find(*counts, channel, &OutboxCount::channel);
  if (count == counts->end()) return std::string("nothing waits to be sent");
  std::string waiting = counted(count->waiting, "message") + " to be sent";
  if (count->given_up == 0 && count->error.empty()) return waiting;
  const std::string why = count->error.empty() ? "" : "; the last attempt: " + show_hidden(count->error, false);
  return Error{ErrorKind::transient, "E1413", waiting + (count->given_up > 0 ? ", " + std::to_string(count->given_up) + " given up" : "") + why,
               "no run waits for this; `sluice serve` goes on trying. Decide on the page or in a terminal: sluice approvals list", 0};
}

}  // namespace

Result<std::vector<std::string>> tell_chats(App& app, const std::string& words) {
  const ChatConfig& chat = app.config().chat;
  std::vector<std::string> channels;
  if (chat.slack) channels.emplace_back("slack");
  if (chat.google && !chat.google->webhook.empty()) channels.emplace_back("google_chat");
  if (channels.empty())
    return Error{ErrorKind::not_found, "E1408", "no chat is set up that could be told anything", "docs/chat.md says how: `chat:` in sluice.yaml", 0};
  TRY(Outbox * outbox, app.outbox());
  const std::string key = "message:" + new_name();
  const std::string text = clipped(show_hidden(words, false), kTitleMax);
  for (const std::string& channel : channels) {
    TRY_VOID(secrets_are_there(chat, channel));
    TRY_VOID(outbox->outbox_add({.channel = channel, .key = key, .kind = kMessage, .about = text}));
  }
  return channels;
}

std::vector<ChatState> chat_states(App& app) {
  const ChatConfig& chat = app.config().chat;
  std::vector<ChatState> states;
  if (chat.slack) states.push_back({.channel = "slack"});
  if (chat.google) states.push_back({.channel = "google_chat"});
  if (states.empty()) return states;
  auto outbox = app.outbox();
  const auto counts = outbox ? (*outbox)->outbox_counts() : Result<std::vector<OutboxCount>>(outbox.error());
  for (ChatState& state : states) state.how = how_it_is(chat, state.channel, counts);
  return states;
}

}  // namespace sluice
