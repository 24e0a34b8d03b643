#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sluice {

/// Reads server-sent events (WHATWG HTML, §9.2.6 "Interpreting an event stream") from bytes as they arrive, cut anywhere. `id` and `retry` are for
/// clients that connect again and are passed over. An event that its empty line does not end was cut off, and is never given. One thread.
class SseParser {
 public:
  /// The event's name ("message" where none was given) and its data; an error ends the reading with it.
  using OnEvent = std::function<Result<>(std::string_view event, std::string_view data)>;
  static constexpr std::size_t kEventBytesMax = 4 * 1024 * 1024;

  explicit SseParser(OnEvent on_event, std::size_t event_bytes_max = kEventBytesMax) : on_event_(std::move(on_event)), bytes_max_(event_bytes_max) {}

  /// E1108 where one event is larger than it may be, or the first error of `on_event`. After an error nothing more is read.
  Result<> feed(std::string_view bytes);

 private:
  Result<> line_ended();
  Result<> dispatch();
  Result<> too_large();

  OnEvent on_event_;
  std::size_t bytes_max_;
  std::string line_{}, event_{}, data_{};
  bool first_line_ = true, after_cr_ = false, has_data_ = false, broken_ = false;
};

}  // namespace sluice
