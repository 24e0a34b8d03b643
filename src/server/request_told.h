#pragma once
#include <string>

#include "server/http.h"
#include "telemetry/telemetry.h"

namespace sluice {

/// A request on its way through the server, for metrics, the log and traces. While it lives, what the thread does belongs to it: the trace of whoever
/// asks (`traceparent`, else `X-Amzn-Trace-Id`), or a new one. One thread.
class RequestTold {
 public:
  /// `telemetry` may be null: then nobody hears of it.
  RequestTold(Telemetry* telemetry, const WebRequest& request, std::string id);
  /// The route that it belongs to, as the description has it. Else it is "other": paths that strangers think of are no labels.
  void is_for(std::string route) { route_ = std::move(route); }
  void answered(int status);

 private:
  void tell_span(int status, std::int64_t end_ns) const;

  Telemetry* telemetry_;
  const WebRequest& request_;
  std::string id_, route_{"other"}, parent_{};
  TraceContext at_{};
  std::int64_t begin_ns_;
  NowDoing doing_;
};

}  // namespace sluice
