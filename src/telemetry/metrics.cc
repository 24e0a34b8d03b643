#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <set>
#include <utility>

namespace sluice {
namespace {

struct Named {
  const char *name, *help;
};
// In the enumerations' order. Every metric is in docs/telemetry.md, the dashboard and the alert rules under these names.
constexpr std::array<Named, 7> kCounters{{
    {"sluice_runs_ended_total", "Runs that this process brought to an end, by workflow and status"},
    {"sluice_step_failures_total", "Attempts of steps that failed in this process, by workflow, step and error code"},
    {"sluice_model_calls_total", "Calls of language models by this process, by model, workflow and outcome (ok, cached, or the error's code)"},
    {"sluice_model_tokens_total", "Tokens as the providers counted them, by model and type (input, cached, cache_written, output)"},
    {"sluice_model_cost_usd_total", "US dollars that calls of models cost, by model and workflow"},
    {"sluice_approvals_decided_total", "Approvals decided or expired through this process, by status and whether a policy or a person decided"},
    {"sluice_http_requests_total", "Requests answered, by route, method and status"},
}};
constexpr std::array<Named, 5> kTimings{{
    {"sluice_step_duration_seconds", "From the beginning of a step's last attempt until it was recorded, by workflow, step and outcome"},
    {"sluice_model_call_duration_seconds", "An attempt to get a reply of a language model, by model and outcome"},
    {"sluice_approval_wait_seconds", "From asking for an approval until it was decided or expired, by status"},
    {"sluice_database_call_duration_seconds", "A call of a connection's engine, by connection, system, operation and outcome"},
    {"sluice_http_request_duration_seconds", "From a whole request until its answer was ready to be sent, by route and method"},
}};
constexpr std::array<Named, 13> kGauges{{
    {"sluice_runs", "Runs that have not ended, by queue and status, of all processes"},
    {"sluice_queue_depth", "Runs that wait for a worker, by queue"},
    {"sluice_approvals_open", "Approvals that wait for a person, counted as far as 1,000"},
    {"sluice_approval_oldest_age_seconds", "How long the longest of them has been waiting"},
    {"sluice_breaker_open", "1 for a service that calls are kept from because it kept failing, by origin"},
    {"sluice_spent_today_usd", "US dollars spent on models since midnight UTC, by model, of all processes"},
    {"sluice_http_connections", "Connections that are open"},
    {"sluice_http_refused", "Requests refused for a limit since this process began, before they reached an operation"},
    {"sluice_live_readers", "WebSockets and server-sent events that are open"},
    {"sluice_spans_dropped", "Spans that did not reach the collector since this process began"},
    {"process_resident_memory_bytes", "Memory that this process holds"},
    {"process_start_time_seconds", "When this process began, in seconds since 1970"},
    {"sluice_build_info", "1, by version"},
}};

// Seconds: quick steps take milliseconds, models and people longer.
const prometheus::Histogram::BucketBoundaries kBuckets{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
const prometheus::Histogram::BucketBoundaries kLongBuckets{1, 5, 15, 30, 60, 300, 900, 3'600, 4 * 3'600, 24 * 3'600, 7 * 24 * 3'600};

/// Keeps a family from growing without end, whatever labels come.
class Bounded {
 public:
  MetricLabels let_in(const MetricLabels& labels) {
    const std::scoped_lock lock(mutex_);
    if (known_.contains(labels)) return labels;
    if (known_.size() < Metrics::kSeriesMax) {
      known_.insert(labels);
      return labels;
    }
    MetricLabels other;
    for (const auto& [name, value] : labels) other[name] = "other";
    return other;
  }

 private:
  std::mutex mutex_{};
  std::set<MetricLabels> known_{};
};

template <class Family>
struct Kept {
  Family* family = nullptr;
  Bounded series{};
};

}  // namespace

struct Metrics::Inner {
  prometheus::Registry registry{};
  std::array<Kept<prometheus::Family<prometheus::Counter>>, kCounters.size()> counters{};
  std::array<Kept<prometheus::Family<prometheus::Histogram>>, kTimings.size()> timings{};
};

Metrics::Metrics() : inner_(std::make_unique<Inner>()) {
  for (std::size_t n = 0; n < kCounters.size(); ++n)
    inner_->counters.at(n).family = &prometheus::BuildCounter().Name(kCounters.at(n).name).Help(kCounters.at(n).help).Register(inner_->registry);
  for (std::size_t n = 0; n < kTimings.size(); ++n)
    inner_->timings.at(n).family = &prometheus::BuildHistogram().Name(kTimings.at(n).name).Help(kTimings.at(n).help).Register(inner_->registry);
}
Metrics::~Metrics() = default;

void Metrics::add(Counter counter, const MetricLabels& labels, double by) {
  auto& kept = inner_->counters.at(static_cast<std::size_t>(counter));
  kept.family->Add(kept.series.let_in(labels)).Increment(by);
}

void Metrics::observe(Timing timing, const MetricLabels& labels, double seconds) {
  auto& kept = inner_->timings.at(static_cast<std::size_t>(timing));
  kept.family->Add(kept.series.let_in(labels), timing == Timing::approval_wait ? kLongBuckets : kBuckets).Observe(seconds);
}

std::string Metrics::text(const std::vector<GaugeValue>& gauges) const {
  std::vector<prometheus::MetricFamily> families = inner_->registry.Collect();
  for (std::size_t n = 0; n < kGauges.size(); ++n) {
    prometheus::MetricFamily family{kGauges.at(n).name, kGauges.at(n).help, prometheus::MetricType::Gauge, {}};
    for (const GaugeValue& value : gauges) {
      if (static_cast<std::size_t>(value.gauge) != n) continue;
      prometheus::ClientMetric& metric = family.metric.emplace_back();
      for (const auto& [label, text] : value.labels) metric.label.push_back({label, text});
      metric.gauge.value = value.value;
    }
    if (!family.metric.empty()) families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sluice
