#include <algorithm>

#include "app/app_inner.h"
#include "base/time.h"

// How the work stands, as figures: of all processes, because it is read off what they share.
namespace sluice {
namespace {

constexpr double kMsPerSecond = 1'000;
constexpr std::int64_t kMsPerDay = 24LL * 3'600 * 1'000;

}  // namespace

Telemetry* App::telemetry() const { return inner_->ports.telemetry; }

Result<std::vector<GaugeValue>> App::gauges() {
  std::vector<GaugeValue> out;
  TRY(const std::vector<RunCount> census, run_counts());
  for (const RunCount& of : census) {
    out.push_back({Gauge::runs, {{"queue", of.queue}, {"status", std::string(enum_name(of.status))}}, static_cast<double>(of.runs)});
    if (of.status == RunStatus::ready) out.push_back({Gauge::queue_depth, {{"queue", of.queue}}, static_cast<double>(of.runs)});
  }
  TRY(const std::vector<ApprovalInfo> open, approvals({.limit = kListMax}));
  out.push_back({Gauge::approvals_open, {}, static_cast<double>(open.size())});
  const TimeMs now = inner_->journal->now();
  const auto oldest = std::ranges::min_element(open, {}, &ApprovalInfo::created_at);
  out.push_back(
      {Gauge::approval_oldest_age, {}, oldest == open.end() ? 0 : static_cast<double>(std::max<TimeMs>(0, now - oldest->created_at)) / kMsPerSecond});
  if (!inner_->config.models.empty()) {
    TRY(const std::vector<CostLine> lines, costs(std::chrono::milliseconds(wall_clock_ms() % kMsPerDay), CostsBy::model));
    for (const CostLine& line : lines) out.push_back({Gauge::spent_today, {{"model", line.group}}, line.usd});
  }
  if (inner_->ports.kept_from)
    for (const std::string& origin : inner_->ports.kept_from()) out.push_back({Gauge::breaker_open, {{"origin", origin}}, 1});
  return out;
}

}  // namespace sluice
