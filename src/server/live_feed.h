#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "app/app.h"
#include "app/changes.h"
#include "base/json.h"
#include "server/live_reader.h"

namespace sluice {

/// What a reader wants to hear, and may.
struct LiveWish {
  bool runs = true, approvals = true, metrics = false;
  std::string run{};    ///< "": of all runs
  std::string since{};  ///< the `seq` of the last message it has; "": from now on
  std::string person{};
  /// Whether it may hear of what concerns this connection and workflow.
  std::function<bool(std::string_view connection, std::string_view workflow)> may{};
  /// Whether it may see this approval. Asks the journal.
  std::function<bool(const std::string& approval)> may_view{};
  std::function<bool()> is_welcome{};  ///< asked now and then: false where its token was revoked meanwhile
};

/// Tells every reader what happens in the journal, by whichever process, and who looks at what. A message's `seq` is "BOOT-NUMBER": who comes back
/// within `kKeptMax` messages to the same process goes on where it was; else it hears `reset` first and reads everything anew. Nothing is lost either
/// way: messages only say that something is new, the journal says what. Who looks at what, and metrics, are of the moment: they are not kept. Any
/// thread.
class LiveFeed {
 public:
  static constexpr std::size_t kKeptMax = 4'096;
  struct Options {
    std::chrono::milliseconds between_looks{20};
    std::chrono::milliseconds ping_every{15'000};
    std::chrono::milliseconds metrics_every{5'000};  ///< counting reads every run that has not ended
    std::string version{};
  };
  LiveFeed(App& app, Options options);
  /// Ends all readers.
  ~LiveFeed();
  LiveFeed(const LiveFeed&) = delete;
  LiveFeed& operator=(const LiveFeed&) = delete;

  std::shared_ptr<LiveReader> open(LiveWish wish);
  /// People who look at the approval, the one named left out.
  std::vector<std::string> viewers(const std::string& approval, const std::string& but) const;

 private:
  struct Reader {
    LiveWish wish{};
    std::string viewing{};  ///< an approval
    std::shared_ptr<LiveReader> out{};
  };
  /// A message, and whom it concerns.
  struct Kept {
    std::uint64_t no = 0;
    std::shared_ptr<const LiveMessage> message{};
    enum class Topic : std::uint8_t { run, approval } topic{};
    std::string run{}, connection{}, workflow{};
  };
  void watch(const std::stop_token& stop);
  bool look(const std::set<std::string>& looked_at);
  void reset();
  std::set<std::string> wait_for_readers(const std::stop_token& stop);
  void pause(std::chrono::milliseconds time, const std::stop_token& stop);
  void ping();
  void tell_metrics();
  void tell_changes(const Changes& changes);
  void tell(Kept kept, Json message);
  void say(Reader& reader, Json message) const;
  void say_to(const std::function<bool(const Reader&)>& whom, Json message);
  static bool concerns(const Reader& reader, const Kept& kept);
  void catch_up(Reader& reader);
  Result<> hear(std::uint64_t reader, std::string_view text);
  void tell_viewers(const std::string& approval);
  std::vector<std::string> viewers_of(const std::string& approval) const;
  std::string seq_of(std::uint64_t no) const;

  App& app_;
  const Options options_;
  const std::string boot_;
  mutable std::mutex mutex_{};  // guards what follows
  std::map<std::uint64_t, Reader> readers_{};
  std::uint64_t next_reader_ = 1, no_ = 0;
  std::deque<Kept> kept_{};
  std::condition_variable_any wanted_{};
  std::unique_ptr<ChangeWatch> changes_{};  // the thread's, but for the first look
  std::jthread thread_{};                   // last: uses all of it
};

}  // namespace sluice
