#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "telemetry/trace_context.h"

namespace sluice {

/// Something that took time, once it has ended. Times are nanoseconds since 1970. Attributes have OpenTelemetry's names where it has one.
struct Span {
  enum class Kind : std::uint8_t { internal = 1, server = 2, client = 3 };  ///< the numbers of OTLP
  TraceContext at{};
  std::string parent{};  ///< span id; "": the trace begins with it
  std::string name{};
  Kind kind = Kind::internal;
  std::int64_t begin_ns = 0, end_ns = 0;
  Json attributes = Json::object();
  std::string error{};  ///< what went wrong; "" where nothing did
};

/// Who writes the spans: `service.name` and the like.
struct TraceSource {
  std::string service{"sluice"}, version{}, instance{}, environment{};
  std::vector<std::pair<std::string, std::string>> attributes{};  ///< of OTEL_RESOURCE_ATTRIBUTES
};

/// An ExportTraceServiceRequest of OTLP 1 in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hex, 64-bit integers as
/// text. Texts are redacted and clipped.
std::string otlp_json(const std::vector<Span>& spans, const TraceSource& source);
constexpr int kSpanTextMax = 2'000;  ///< characters of an attribute

std::int64_t now_ns();

}  // namespace sluice
