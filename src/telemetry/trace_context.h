#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Where in a trace something happens: W3C Trace Context (https://www.w3.org/TR/trace-context/), ids in lower-case hex, never all zeros.
struct TraceContext {
  std::string trace_id{};  ///< 32 digits
  std::string span_id{};   ///< 16 digits
  bool sampled = true;

  bool operator==(const TraceContext&) const = default;
};

/// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", also of a later version; nothing for what is none.
std::optional<TraceContext> parse_traceparent(std::string_view text);
std::string traceparent_of(const TraceContext& context);
/// X-Amzn-Trace-Id, as AWS's load balancers and services write it: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1".
/// A header without Parent has a span id made from its root. Nothing for what is none.
std::optional<TraceContext> parse_amazon_trace(std::string_view text);
std::string amazon_trace_of(const TraceContext& context);

/// Ids that any process finds again, so that a run which is executed in pieces, by several processes, over days, is one trace.
std::string trace_id_of(std::string_view what);
std::string span_id_of(std::string_view what);
TraceContext random_trace();

/// A run's place in traces: below the caller that it was started for, else a trace of its own. `root` is the run at the top of its family.
TraceContext trace_of_run(std::string_view root, std::string_view run, std::string_view caller);
TraceContext trace_of_step(const TraceContext& run, std::string_view run_id, std::string_view path);

/// What this thread is working on, for lines of the log, spans of what it calls, and headers of its requests.
struct Doing {
  std::string run{}, step{};
  TraceContext trace{};
  bool pass_on = false;  ///< the trace is somebody's who looks at it: services that are called are told of it
};
const Doing& doing();

/// Sets it for as long as this object lives. One thread.
class NowDoing {
 public:
  explicit NowDoing(Doing doing);
  ~NowDoing();
  NowDoing(const NowDoing&) = delete;
  NowDoing& operator=(const NowDoing&) = delete;

 private:
  Doing before_;
};

/// Whether this process writes traces, so that every run's is looked at. Any thread.
void set_tracing(bool on);
bool is_tracing();

}  // namespace sluice
