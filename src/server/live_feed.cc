#include "server/live_feed.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "app/changes.h"
#include "app/documents.h"
#include "app/own_words.h"

namespace sluice {
namespace {

constexpr std::size_t kViewingMax = 100;  // bytes of an approval's id
constexpr std::chrono::milliseconds kAfterFailure{1'000};

/// Names this process: a number that another one goes on from would mean other messages.
std::string boot_name() {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  char name[24];
  std::snprintf(name, sizeof name, "%llx", static_cast<unsigned long long>(now));
  return name;
}

}  // namespace

LiveFeed::LiveFeed(App& app, Options options) : app_(app), options_(std::move(options)), boot_(boot_name()) {
  look({});  // before anybody listens: what happens from now on is news
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

LiveFeed::~LiveFeed() {
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  for (auto& [id, reader] : readers_) reader.out->end();
}

std::shared_ptr<LiveReader> LiveFeed::open(LiveWish wish) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_reader_++;
  auto out = std::make_shared<LiveReader>(LiveReader::Ears{.on_message = [this, id](std::string_view text) { return hear(id, text); },
                                                           .on_end =
                                                               [this, id] {
                                                                 const std::lock_guard ended(mutex_);
                                                                 const auto found = readers_.find(id);
                                                                 if (found == readers_.end()) return;
                                                                 const std::string viewing = found->second.viewing;
                                                                 readers_.erase(found);
                                                                 if (!viewing.empty()) tell_viewers(viewing);
                                                               }});
  Reader& reader = readers_.emplace(id, Reader{.wish = std::move(wish), .out = out}).first->second;
  say(reader, Json::object().set("seq", seq_of(no_)).set("type", "hello").set("version", options_.version));
  if (!reader.wish.since.empty()) catch_up(reader);
  wanted_.notify_all();
  return out;
}

/// What it missed, or that this is not known here any more.
void LiveFeed::catch_up(Reader& reader) {
  const std::string& since = reader.wish.since;
  std::uint64_t no = 0;
  const std::string prefix = boot_ + "-";
  const char* end = since.data() + since.size();
  const bool ours = since.starts_with(prefix) && std::from_chars(since.data() + prefix.size(), end, no).ptr == end && no <= no_;
  const std::uint64_t oldest = kept_.empty() ? no_ + 1 : kept_.front().no;
  if (!ours || no + 1 < oldest) return say(reader, Json::object().set("seq", seq_of(no_)).set("type", "reset"));
  for (const Kept& kept : kept_)
    if (kept.no > no && concerns(reader, kept)) reader.out->add(kept.message);
}

std::vector<std::string> LiveFeed::viewers(const std::string& approval, const std::string& but) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> people = viewers_of(approval);
  std::erase(people, but);
  return people;
}

std::vector<std::string> LiveFeed::viewers_of(const std::string& approval) const {
  std::set<std::string> people;
  for (const auto& [id, reader] : readers_)
    if (reader.viewing == approval) people.insert(reader.wish.person);
  return {people.begin(), people.end()};
}

void LiveFeed::tell_viewers(const std::string& approval) {
  Json people = Json::array();
  for (const std::string& person : viewers_of(approval)) people.push(person);
  say_to([&](const Reader& reader) { return reader.viewing == approval; },
         Json::object().set("seq", seq_of(no_)).set("type", "viewers").set("approval_id", approval).set("viewers", std::move(people)));
}

/// {"viewing": "ap-…"} or {"viewing": null}: which approval a person has before them. One that they may not see is none, and nobody hears which those
/// are.
Result<> LiveFeed::hear(std::uint64_t id, std::string_view text) {
  const auto wrong = [](const char* what) {
    return Error{ErrorKind::input, "E1210", what, R"(say {"viewing": "<approval id>"} or {"viewing": null})", 0};
  };
  constexpr int kDepthMax = 4;
  const auto said = Json::parse(text, kDepthMax);
  if (!said || said->as_object() == nullptr || said->size() != 1 || said->find("viewing") == nullptr) return wrong("this is not understood here");
  const Json& viewing = (*said)["viewing"];
  if (!viewing.is_null() && (viewing.as_string() == nullptr || viewing.as_string()->size() > kViewingMax)) return wrong("this is no approval's id");
  std::string now = viewing.is_null() ? std::string() : *viewing.as_string();
  std::function<bool(const std::string&)> may_view;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = readers_.find(id); found != readers_.end()) may_view = found->second.wish.may_view;
  }
  if (!now.empty() && may_view && !may_view(now)) now.clear();  // asked without the lock: the journal may take its time
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find(id);
  if (found == readers_.end()) return {};
  const std::string before = std::exchange(found->second.viewing, now);
  if (before == now) return {};
  if (!before.empty()) tell_viewers(before);
  if (!now.empty()) tell_viewers(now);
  return {};
}

std::string LiveFeed::seq_of(std::uint64_t no) const { return boot_ + "-" + std::to_string(no); }

void LiveFeed::say(Reader& reader, Json message) const {
  reader.out->add(std::make_shared<const LiveMessage>(LiveMessage{.id = "", .text = message.dump_text()}));
}

/// Under the lock.
void LiveFeed::say_to(const std::function<bool(const Reader&)>& whom, Json message) {
  const auto said = std::make_shared<const LiveMessage>(LiveMessage{.id = "", .text = message.dump_text()});
  for (auto& [id, reader] : readers_)
    if (whom(reader)) reader.out->add(said);
}

bool LiveFeed::concerns(const Reader& reader, const Kept& kept) {
  const LiveWish& wish = reader.wish;
  switch (kept.topic) {
    case Kept::Topic::run:
      if (!wish.runs) return false;
      break;
    case Kept::Topic::approval:
      if (!wish.approvals) return false;
      break;
  }
  if (!wish.run.empty() && wish.run != kept.run) return false;
  return !wish.may || wish.may(kept.connection, kept.workflow);
}

/// Under the lock.
void LiveFeed::tell(Kept kept, Json message) {
  kept.no = ++no_;
  Json numbered = Json::object().set("seq", seq_of(kept.no));
  for (auto& [name, value] : *message.as_object()) numbered.set(name, std::move(value));
  kept.message = std::make_shared<const LiveMessage>(LiveMessage{.id = seq_of(kept.no), .text = numbered.dump_text()});
  for (auto& [id, reader] : readers_)
    if (concerns(reader, kept)) reader.out->add(kept.message);
  kept_.push_back(std::move(kept));
  if (kept_.size() > kKeptMax) kept_.pop_front();
}

void LiveFeed::tell_changes(const Changes& changes) {
  const std::lock_guard lock(mutex_);
  for (const RunSummary& run : changes.runs)
    tell({.topic = Kept::Topic::run, .run = run.run.id.text, .connection = std::string(run.run.labels.text("connection")), .workflow = run.run.name},
         Json::object().set("type", "run").set("run", run_json(run)));
  for (const ApprovalInfo& approval : changes.approvals)
    tell({.topic = Kept::Topic::approval, .run = approval.run_id.text, .connection = std::string(approval.card.text("connection"))},
         Json::object().set("type", "approval").set("approval", approval_json(told(approval, Words::ours))));
}

std::set<std::string> LiveFeed::wait_for_readers(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wanted_.wait(lock, stop, [this] { return !readers_.empty(); });
  std::set<std::string> looked_at;
  for (const auto& [id, reader] : readers_)
    if (!reader.wish.run.empty()) looked_at.insert(reader.wish.run);
  return looked_at;
}

/// Whether a reader is still welcome is asked without the lock: the journal may take its time, and network threads wait for the lock.
void LiveFeed::ping() {
  std::map<std::uint64_t, std::function<bool()>> welcome;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, reader] : readers_) {
      say(reader, Json::object().set("seq", seq_of(no_)).set("type", "ping"));
      if (reader.wish.is_welcome) welcome.emplace(id, reader.wish.is_welcome);
    }
  }
  std::erase_if(welcome, [](const auto& of) { return of.second(); });
  const std::lock_guard lock(mutex_);
  for (const auto& [id, is_welcome] : welcome)
    if (const auto found = readers_.find(id); found != readers_.end()) found->second.out->end();
}

/// For those who want them. Where the journal cannot be read now, the next ones will say.
void LiveFeed::tell_metrics() {
  {
    const std::lock_guard lock(mutex_);
    if (std::ranges::none_of(readers_, [](const auto& of) { return of.second.wish.metrics; })) return;
  }
  const auto census = app_.run_counts();
  const auto open = app_.approvals({.limit = kListMax});
  if (!census || !open) return;
  std::map<std::string, std::int64_t> by_status;
  for (const RunCount& count : *census) by_status[std::string(enum_name(count.status))] += count.runs;
  Json runs = Json::object();
  for (const auto& [status, count] : by_status) runs.set(status, count);
  const std::lock_guard lock(mutex_);
  say_to([](const Reader& reader) { return reader.wish.metrics; }, Json::object()
                                                                       .set("seq", seq_of(no_))
                                                                       .set("type", "metrics")
                                                                       .set("runs", std::move(runs))
                                                                       .set("approvals_open", std::int64_t{std::ssize(*open)}));
}

/// Looks while somebody listens. The journal says at once when it changed; looks are never closer together than what they cost, so that a journal
/// that changes all the time is not kept busy by being watched.
void LiveFeed::watch(const std::stop_token& stop) {
  constexpr int kCostFactor = 4;
  auto ping_at = std::chrono::steady_clock::now(), metrics_at = ping_at;
  while (!stop.stop_requested()) {
    const std::set<std::string> looked_at = wait_for_readers(stop);
    if (stop.stop_requested()) return;
    const auto begun = std::chrono::steady_clock::now();
    if (begun >= ping_at) {
      ping();
      ping_at = begun + options_.ping_every;
    }
    if (begun >= metrics_at) {
      tell_metrics();
      metrics_at = begun + options_.metrics_every;
    }
    if (!look(looked_at)) {
      pause(kAfterFailure, stop);
      continue;
    }
    const auto cost = std::chrono::ceil<std::chrono::milliseconds>((std::chrono::steady_clock::now() - begun) * kCostFactor);
    changes_->wait(std::max(options_.between_looks, cost), std::chrono::seconds(1), stop);
  }
}

/// False: the journal cannot be read now. The pages see that from their own requests.
bool LiveFeed::look(const std::set<std::string>& looked_at) {
  const bool first = !changes_;
  if (first) {
    auto opened = app_.watch_changes();
    if (!opened) return false;
    changes_ = *std::move(opened);
  }
  const auto news = changes_->look(looked_at);
  if (!news && first) changes_.reset();
  if (!news) return false;
  if (first) {
    reset();
    return true;
  }
  if (!news->empty()) tell_changes(*news);
  return true;
}

/// What happened until now is not known here.
void LiveFeed::reset() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, reader] : readers_) say(reader, Json::object().set("seq", seq_of(no_)).set("type", "reset"));
}

void LiveFeed::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  wanted_.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace sluice
