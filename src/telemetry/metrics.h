#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

using MetricLabels = std::map<std::string, std::string>;

/// What is counted. Names, helps and units are in metrics.cc, as Prometheus wants them.
enum class Counter : std::uint8_t { runs_ended, step_failures, model_calls, model_tokens, model_cost, approvals_decided, http_requests };
enum class Timing : std::uint8_t { step, model_call, approval_wait, database_call, http_request };
/// What is read off when somebody asks.
enum class Gauge : std::uint8_t {
  runs,
  queue_depth,
  approvals_open,
  approval_oldest_age,
  breaker_open,
  spent_today,
  http_connections,
  http_refused,
  live_readers,
  spans_dropped,
  resident_memory,
  started_at,
  build
};
struct GaugeValue {
  Gauge gauge{};
  MetricLabels labels{};
  double value = 0;
};

/// What this process did, since it began, for Prometheus (text format 0.0.4). A family has at most kSeriesMax series: further labels are counted in
/// the series whose labels are all "other". Any thread.
class Metrics {
 public:
  static constexpr std::size_t kSeriesMax = 500;
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void add(Counter counter, const MetricLabels& labels, double by = 1);
  void observe(Timing timing, const MetricLabels& labels, double seconds);
  /// All of it, with these.
  std::string text(const std::vector<GaugeValue>& gauges) const;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
