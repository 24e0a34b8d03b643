#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/codec.h"
#include "base/json.h"
#include "base/result.h"
#include "telemetry/metrics.h"
#include "telemetry/span.h"

namespace sluice {

enum class LogLevel : std::uint8_t { debug, info, warning, error };
template <>
struct EnumNames<LogLevel> {
  static constexpr std::array<std::pair<LogLevel, std::string_view>, 4> names{
      {{LogLevel::debug, "debug"}, {LogLevel::info, "info"}, {LogLevel::warning, "warning"}, {LogLevel::error, "error"}}};
};

struct TelemetryOptions {
  LogLevel level = LogLevel::info;
  /// Takes a line of the log with its newline, whole; false where that would have to wait. Empty: there is no log. From any thread, one at a time;
  /// must not block or throw.
  std::function<bool(const std::string& line)> write{};
  /// Takes an OTLP request in JSON to the collector, within `export_time`; empty: there are no traces. From one thread.
  std::function<Result<>(const std::string& body, std::stop_token stop)> send{};
  TraceSource source{};
  std::chrono::milliseconds send_every{5'000};
  std::chrono::milliseconds flush_time{2'000};  ///< that the end of the process waits for the collector at most
};

/// What a process says of its work: a log in lines of JSON, metrics, traces. It never stops or slows the work: what cannot be told in time is dropped
/// and counted. Any thread.
class Telemetry {
 public:
  static constexpr std::size_t kSpansMax = 4'096;  ///< that wait for the collector; more are dropped
  static constexpr std::size_t kBatchMax = 512;    ///< in one request
  static constexpr int kTextMax = 500;             ///< characters of a text in the log

  explicit Telemetry(TelemetryOptions options = {});
  /// Gives waiting spans to the collector, for `flush_time` at most.
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  bool logs(LogLevel level) const { return options_.write && level >= options_.level; }
  /// One line: time, level, event, then what this thread is doing (run, step, trace, span), then `fields`. Texts are redacted and clipped.
  void log(LogLevel level, std::string_view event, const Json& fields = Json::object());

  bool traces() const { return bool(options_.send); }
  /// One that is not sampled is left out.
  void span(Span span);
  std::int64_t spans_dropped() const;

  Metrics& metrics() { return metrics_; }

 private:
  void deliver(const std::stop_token& stop);
  bool send_one_batch(const std::stop_token& stop);

  const TelemetryOptions options_;
  Metrics metrics_{};
  std::mutex writing_{};            // guards the next
  std::int64_t lines_dropped_ = 0;  ///< since the last that could be written
  mutable std::mutex mutex_{};      // guards what follows
  std::condition_variable_any wanted_{};
  std::deque<Span> waiting_{};
  std::int64_t dropped_ = 0;
  bool ending_ = false, collector_away_ = false;
  std::stop_source hurry_{};
  std::jthread thread_{};  // last: uses all of it
};

}  // namespace sluice
