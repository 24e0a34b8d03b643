#include "telemetry/telemetry.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "telemetry/redaction.h"

namespace sluice {
namespace {

Json cleaned(const Json& value) {
  const auto* text = value.as_string();
  return text == nullptr ? value : Json(show_hidden(clipped(redacted(*text), Telemetry::kTextMax), false));
}

}  // namespace

Telemetry::Telemetry(TelemetryOptions options) : options_(std::move(options)) {
  set_tracing(traces());
  if (traces()) thread_ = std::jthread([this](const std::stop_token& stop) { deliver(stop); });
}

Telemetry::~Telemetry() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wanted_.notify_all();
  std::unique_lock lock(mutex_);
  wanted_.wait_for(lock, options_.flush_time, [&] { return waiting_.empty() && !ending_; });
  lock.unlock();
  hurry_.request_stop();
  thread_.request_stop();
  thread_.join();
}

void Telemetry::log(LogLevel level, std::string_view event, const Json& fields) {
  if (!logs(level)) return;
  Json line = Json::object().set("time", iso_time(wall_clock_ms())).set("level", enum_name(level)).set("event", event);
  const Doing& now = doing();
  if (!now.run.empty()) line.set("run", now.run);
  if (!now.step.empty()) line.set("step", now.step);
  if (!now.trace.trace_id.empty()) line.set("trace_id", now.trace.trace_id).set("span_id", now.trace.span_id);
  if (const auto* members = fields.as_object())
    for (const auto& [key, value] : *members) line.set(key, cleaned(value));
  const std::string text = line.dump_text() + "\n";
  const std::scoped_lock lock(writing_);
  if (lines_dropped_ > 0) {
    const Json gap = Json::object().set("time", iso_time(wall_clock_ms())).set("level", "warning").set("event", "log lines dropped");
    if (options_.write(Json(gap).set("lines", lines_dropped_).dump_text() + "\n")) lines_dropped_ = 0;
  }
  if (lines_dropped_ > 0 || !options_.write(text)) ++lines_dropped_;
}

void Telemetry::span(Span span) {
  if (!traces() || !span.at.sampled) return;
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= kSpansMax) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(span));
  if (waiting_.size() >= kBatchMax) wanted_.notify_all();
}

std::int64_t Telemetry::spans_dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

/// False: nothing waits.
bool Telemetry::send_one_batch(const std::stop_token& stop) {
  std::vector<Span> batch;
  {
    const std::scoped_lock lock(mutex_);
    const auto some = std::min(waiting_.size(), kBatchMax);
    batch.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + static_cast<std::ptrdiff_t>(some)));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(some));
  }
  if (batch.empty()) return false;
  const auto sent = options_.send(otlp_json(batch, options_.source), stop);
  const bool was_away = std::exchange(collector_away_, !sent);
  if (!sent) {
    {
      const std::scoped_lock lock(mutex_);
      dropped_ += std::ssize(batch);
    }
    if (!was_away) log(LogLevel::warning, "collector away", Json::object().set("code", sent.error().code).set("why", sent.error().message));
  } else if (was_away) {
    log(LogLevel::info, "collector back");
  }
  return true;
}

void Telemetry::deliver(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wanted_.wait_for(lock, stop, options_.send_every, [&] { return ending_ || waiting_.size() >= kBatchMax; });
    }
    while (!stop.stop_requested() && send_one_batch(hurry_.get_token())) {
    }
    const std::scoped_lock lock(mutex_);
    if (stop.stop_requested() || (ending_ && waiting_.empty())) {
      ending_ = false;
      wanted_.notify_all();
      return;
    }
  }
}

}  // namespace sluice
