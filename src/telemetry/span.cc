#include "telemetry/span.h"

#include <chrono>

#include "base/text.h"
#include "telemetry/redaction.h"

namespace sluice {
namespace {

constexpr int kStatusError = 2;  // of OTLP

Json text_value(std::string_view text) { return Json::object().set("stringValue", clipped(redacted(text), kSpanTextMax)); }

Json value_of(const Json& value) {
  if (const auto* flag = value.as_bool()) return Json::object().set("boolValue", *flag);
  if (const auto* number = value.as_int()) return Json::object().set("intValue", std::to_string(*number));
  if (const auto* number = value.as_double()) return Json::object().set("doubleValue", *number);
  if (const auto* text = value.as_string()) return text_value(*text);
  if (const auto* array = value.as_array()) {
    Json values = Json::array();
    for (const Json& each : *array) values.push(text_value(each.as_string() != nullptr ? *each.as_string() : each.dump_text()));
    return Json::object().set("arrayValue", Json::object().set("values", std::move(values)));
  }
  return text_value(value.dump_text());
}

Json attribute(std::string_view key, const Json& value) { return Json::object().set("key", key).set("value", value_of(value)); }

Json attributes_of(const Json& object) {
  Json out = Json::array();
  if (const auto* members = object.as_object())
    for (const auto& [key, value] : *members)
      if (!value.is_null()) out.push(attribute(key, value));
  return out;
}

Json span_json(const Span& span) {
  Json out = Json::object().set("traceId", span.at.trace_id).set("spanId", span.at.span_id);
  if (!span.parent.empty()) out.set("parentSpanId", span.parent);
  out.set("name", clipped(redacted(span.name), kSpanTextMax)).set("kind", static_cast<int>(span.kind));
  out.set("startTimeUnixNano", std::to_string(span.begin_ns)).set("endTimeUnixNano", std::to_string(span.end_ns));
  out.set("attributes", attributes_of(span.attributes));
  if (!span.error.empty()) out.set("status", Json::object().set("code", kStatusError).set("message", clipped(redacted(span.error), kSpanTextMax)));
  return out;
}

}  // namespace

std::string otlp_json(const std::vector<Span>& spans, const TraceSource& source) {
  Json resource = Json::object().set("service.name", source.service).set("service.version", source.version);
  if (!source.instance.empty()) resource.set("service.instance.id", source.instance);
  if (!source.environment.empty()) resource.set("deployment.environment.name", source.environment);
  for (const auto& [key, value] : source.attributes) resource.set(key, value);
  Json list = Json::array();
  for (const Span& span : spans) list.push(span_json(span));
  Json scope = Json::object().set("scope", Json::object().set("name", "sluice").set("version", source.version)).set("spans", std::move(list));
  Json all = Json::object()
                 .set("resource", Json::object().set("attributes", attributes_of(resource)))
                 .set("scopeSpans", Json::array().push(std::move(scope)));
  return Json::object().set("resourceSpans", Json::array().push(std::move(all))).dump_text();
}

std::int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace sluice
