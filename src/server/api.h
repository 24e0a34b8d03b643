#pragma once
#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/app.h"
#include "app/own_words.h"
#include "server/api_route.h"
#include "server/live_feed.h"

namespace sluice {

inline constexpr const char* kAskWorkflow = "ask";  ///< catalogs and previews are about it, too

/// What operations work with. It outlives the routes made from it; any thread.
struct Api {
  App& app;
  LiveFeed& feed;
  std::string version{};
  std::stop_token stop{};  ///< the server ends: what waits for something gives up
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::function<std::string()> server_figures{};      ///< of the HTTP server in words, for `/api/v1/health`
  std::function<std::vector<GaugeValue>()> gauges{};  ///< of the same, for `/metrics`
};

/// The operations of the API, a function for each group; `all_routes` is all of them.
std::vector<ApiRoute> run_reading_routes(const Api& api);
std::vector<ApiRoute> run_acting_routes(const Api& api);
std::vector<ApiRoute> approval_routes(const Api& api);
std::vector<ApiRoute> catalog_routes(const Api& api);
std::vector<ApiRoute> system_routes(const Api& api);
std::vector<ApiRoute> alive_routes(const Api& api);
std::vector<ApiRoute> metrics_routes(const Api& api);
std::vector<ApiRoute> older_routes(const Api& api);
std::vector<ApiRoute> all_routes(const Api& api);

/// An operation as a route wants it.
inline std::function<ApiAnswer(const ApiCall&)> bound(const Api& api, ApiAnswer (*handle)(const Api&, const ApiCall&)) {
  return [&api, handle](const ApiCall& call) { return handle(api, call); };
}

/// The run in the words that whoever asks may read, if they may do that to it: E0102, E1301. It takes the whole id. Runs that somebody may not even
/// see are not there for them.
Result<RunView> permitted_run(const Api& api, const ApiCall& call, const std::string& id, Deed deed);
/// What who asks may read of a run that they may look at.
Words words_for(const ApiCall& call, const RunView& view);
/// Begins a question or SQL of a body with `question`, `sql`, `connection`, `model`, `approve`.
Result<Enqueued> start_ask(const Api& api, const ApiCall& call, const Json& body);
/// At most so many rows of an answered run, and as many as fit in a document (JsonRows), as {columns, rows, row_count}: the count is that of all.
Result<Json> rows_document(const Api& api, const RunView& view, std::int64_t rows_max);
/// The answer of a run that a client waits for: as it is once it has ended or waits for a person, or when the time is up.
Result<Json> settled(const Api& api, const RunId& run, std::chrono::seconds at_most);

}  // namespace sluice
