#include <unistd.h>

#include <fstream>

#include "base/time.h"
#include "server/api.h"
#include "server/recent.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kFresh{5};  // counting runs reads all that have not ended

using RecentGauges = Recent<std::vector<GaugeValue>>;

/// None where the journal is away: a scrape without them tells that.
std::vector<GaugeValue> journal_gauges(App& app) {
  auto read = app.gauges();
  return read ? *std::move(read) : std::vector<GaugeValue>();
}

/// Of /proc/self/statm, as proc(5) describes it; 0 where there is none.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

ApiAnswer show_metrics(const Api& api, RecentGauges& recent, const ApiCall& call) {
  TRY_VOID(api.app.check(call.who, Deed::look, AccessTo{}));
  Telemetry* telemetry = api.app.telemetry();
  if (telemetry == nullptr) return Error::bug("nobody counts here");
  static const double kStarted = static_cast<double>(wall_clock_ms()) / 1'000;
  std::vector<GaugeValue> gauges = recent.of([&api] { return journal_gauges(api.app); }).value_or(std::vector<GaugeValue>());
  if (api.gauges)
    for (GaugeValue& value : api.gauges()) gauges.push_back(std::move(value));
  gauges.push_back({Gauge::spans_dropped, {}, static_cast<double>(telemetry->spans_dropped())});
  gauges.push_back({Gauge::resident_memory, {}, resident_bytes()});
  gauges.push_back({Gauge::started_at, {}, kStarted});
  gauges.push_back({Gauge::build, {{"version", api.version}}, 1});
  WebResponse response{.type = "text/plain; version=0.0.4; charset=utf-8", .body = telemetry->metrics().text(gauges)};
  response.with("Cache-Control", "no-store");
  return response;
}

}  // namespace

std::vector<ApiRoute> metrics_routes(const Api& api) {
  return {{.method = "GET",
           .path = "/metrics",
           .id = "metrics",
           .tag = "system",
           .about = "What this process did and how the work of all stands, for Prometheus",
           .types = {"text/plain"},
           .handle = [&api, recent = std::make_shared<RecentGauges>(kFresh)](const ApiCall& call) { return show_metrics(api, *recent, call); }}};
}

}  // namespace sluice
