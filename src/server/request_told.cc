#include "server/request_told.h"

#include <utility>

#include "base/text.h"

namespace sluice {
namespace {

constexpr int kServerError = 500;
constexpr double kNsPerSecond = 1e9;
constexpr std::int64_t kNsPerMs = 1'000'000;

std::optional<TraceContext> caller_of(const WebRequest& request) {
  if (auto caller = parse_traceparent(request.header("traceparent"))) return caller;
  return parse_amazon_trace(request.header("x-amzn-trace-id"));
}

/// Methods that HTTP knows; another one is no label.
std::string method_of(const WebRequest& request) {
  for (const char* known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    if (request.method == known) return known;
  return "_OTHER";
}

}  // namespace

RequestTold::RequestTold(Telemetry* telemetry, const WebRequest& request, std::string id)
    : telemetry_(telemetry), request_(request), id_(std::move(id)), begin_ns_(now_ns()), doing_([&] {
        const auto caller = caller_of(request);
        if (!caller && !is_tracing()) return Doing{};
        at_ = random_trace();
        if (caller) {
          at_.trace_id = caller->trace_id;
          at_.sampled = caller->sampled;
          parent_ = caller->span_id;
          // Where this process writes no span of its own, what it does hangs on the caller's.
          if (!is_tracing()) at_.span_id = caller->span_id;
        }
        return Doing{.trace = at_, .pass_on = true};
      }()) {}

void RequestTold::answered(int status) {
  if (telemetry_ == nullptr) return;
  const std::int64_t end = now_ns();
  const std::string method = method_of(request_);
  telemetry_->metrics().add(Counter::http_requests, {{"route", route_}, {"method", method}, {"status", std::to_string(status)}});
  telemetry_->metrics().observe(Timing::http_request, {{"route", route_}, {"method", method}}, static_cast<double>(end - begin_ns_) / kNsPerSecond);
  const bool reads = method == "GET" || method == "HEAD" || method == "OPTIONS";
  const LogLevel level = status >= kServerError ? LogLevel::error : reads ? LogLevel::debug : LogLevel::info;
  if (telemetry_->logs(level))
    telemetry_->log(level, "request",
                    Json::object()
                        .set("request", id_)
                        .set("method", method)
                        .set("route", route_)
                        .set("status", status)
                        .set("ms", (end - begin_ns_) / kNsPerMs)
                        .set("client", request_.client));
  if (telemetry_->traces()) tell_span(status, end);
}

void RequestTold::tell_span(int status, std::int64_t end_ns) const {
  telemetry_->span({.at = at_,
                    .parent = parent_,
                    .name = method_of(request_) + " " + route_,
                    .kind = Span::Kind::server,
                    .begin_ns = begin_ns_,
                    .end_ns = end_ns,
                    .attributes = Json::object()
                                      .set("http.request.method", method_of(request_))
                                      .set("http.route", route_)
                                      .set("http.response.status_code", status)
                                      .set("url.path", request_.path)
                                      .set("client.address", request_.client)
                                      .set("sluice.request.id", id_),
                    .error = status >= kServerError ? std::to_string(status) : ""});
}

}  // namespace sluice
