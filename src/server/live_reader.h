#pragma once
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace sluice {

/// A message to readers of live events: JSON, the same text for all of them.
struct LiveMessage {
  std::string id{};    ///< where to go on after it; "" for one that is not to be gone on from
  std::string text{};  ///< one line
};

/// What waits for one reader. It is bounded: who reads too slowly is cut off and, on coming back, catches up. Any thread.
class LiveReader {
 public:
  static constexpr std::size_t kWaitingMax = 1000;
  static constexpr std::size_t kWaitingBytesMax = 1'000'000;

  /// `on_message` hears what the reader says (a WebSocket's text); an error closes the connection. `on_end` when it is gone.
  struct Ears {
    std::function<Result<>(std::string_view text)> on_message{};
    std::function<void()> on_end{};
  };
  explicit LiveReader(Ears ears) : ears_(std::move(ears)) {}

  /// False: there is no room, and the reader is to be cut off; nothing is added any more.
  bool add(std::shared_ptr<const LiveMessage> message);
  /// No more will come: what waits is sent, then the connection is closed.
  void end();
  /// Takes the oldest; null where none waits.
  std::shared_ptr<const LiveMessage> take();
  enum class State : unsigned char { open, ended, too_slow };
  State state() const;
  /// Called, from any thread, whenever there is something new to see here. One at a time; "" to stop.
  void on_news(std::function<void()> news);

  Result<> hear(std::string_view text) { return ears_.on_message ? ears_.on_message(text) : Result<>(); }
  void gone();

 private:
  Ears ears_;
  mutable std::mutex mutex_{};  // guards what follows; held while `news_` is called
  std::deque<std::shared_ptr<const LiveMessage>> waiting_{};
  std::size_t bytes_ = 0;
  State state_ = State::open;
  std::function<void()> news_{};
};

}  // namespace sluice
