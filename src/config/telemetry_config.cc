#include "config/telemetry_config.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::size_t kHeadersMax = 20, kAttributesMax = 50;
constexpr std::string_view kTracesPath = "/v1/traces";

std::optional<LogLevel> level_named(std::string_view text) {
  for (const auto& [level, name] : EnumNames<LogLevel>::names)
    if (name == text) return level;
  return {};
}

bool is_http(std::string_view url) { return url.starts_with("http://") || url.starts_with("https://"); }

/// Where the collector takes traces: the signal's path behind the address of all signals.
std::string traces_url(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint.ends_with(kTracesPath) ? endpoint : endpoint + std::string(kTracesPath);
}

std::string decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const bool escape = text[n] == '%' && n + 2 < text.size() && digit(text[n + 1]) >= 0 && digit(text[n + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[n + 1]) * 16 + digit(text[n + 2])) : text[n];
    if (escape) n += 2;
  }
  return out;
}

/// "key=value,key=value", percent-encoded, as OpenTelemetry's variables have it.
std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view text, std::size_t most) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string_view pair : split(text, ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || out.size() >= most) continue;
    out.emplace_back(decoded(trim(pair.substr(0, equals))), decoded(trim(pair.substr(equals + 1))));
  }
  return out;
}

Result<> read_keys(const ConfigSource& source, const YamlNode& node, TelemetryConfig& out) {
  TRY_VOID(known_keys(source, node, "telemetry", {"log", "level", "traces", "headers", "service"}));
  if (const YamlNode* value = node.find("log")) {
    TRY(out.log, text_at(source, *value, "log"));
    if (out.log != "stderr") out.log = out.log == "off" ? "" : absolute(source, out.log);
  }
  if (const YamlNode* value = node.find("level")) {
    TRY(const std::string text, text_at(source, *value, "level"));
    const auto level = level_named(text);
    if (!level) return wrong_type(source, *value, "level", "debug, info, warning or error");
    out.level = *level;
  }
  if (const YamlNode* value = node.find("traces")) {
    TRY(const std::string text, text_at(source, *value, "traces"));
    if (!is_http(text)) return wrong_type(source, *value, "traces", "the address of an OTLP collector such as http://127.0.0.1:4318");
    out.traces = traces_url(text);
  }
  if (const YamlNode* value = node.find("service")) {
    TRY(out.service, text_at(source, *value, "service"));
  }
  if (const YamlNode* value = node.find("headers")) {
    if (value->kind != YamlNode::Kind::map || value->members.size() > kHeadersMax)
      return wrong_type(source, *value, "headers", "a map of names and values, such as {authorization: \"Bearer ${COLLECTOR_TOKEN}\"}");
    for (const auto& [name, text] : value->members) {
      TRY(SecretText secret, secret_at(source, text, "headers." + name));
      out.headers.emplace_back(name, std::move(secret));
    }
  }
  return {};
}

Result<> apply_variables(const Environment& environment, TelemetryConfig& out) {
  const auto variable = [&](const char* name) { return environment(name).value_or(""); };
  if (const std::string log = variable("SLUICE_LOG"); !log.empty())
    out.log = log == "off" ? "" : log == "stderr" ? log : std::filesystem::absolute(log).lexically_normal().string();
  if (const std::string text = variable("SLUICE_LOG_LEVEL"); !text.empty()) {
    const auto level = level_named(text);
    if (!level)
      return Error{ErrorKind::input, "E0708", "the variable SLUICE_LOG_LEVEL has to be debug, info, warning or error", "correct it, or unset it"};
    out.level = *level;
  }
  if (out.traces.empty()) {
    const std::string all = variable("OTEL_EXPORTER_OTLP_ENDPOINT"), traces = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    if (is_http(traces))
      out.traces = traces;
    else if (is_http(all))
      out.traces = traces_url(all);
    if (!out.traces.empty() && out.headers.empty())
      for (auto& [name, value] : pairs_of(variable("OTEL_EXPORTER_OTLP_HEADERS"), kHeadersMax))
        out.headers.emplace_back(std::move(name), SecretText::literal(std::move(value)));
  }
  if (to_lower(variable("OTEL_SDK_DISABLED")) == "true" || variable("OTEL_TRACES_EXPORTER") == "none") out.traces.clear();
  if (const std::string service = variable("OTEL_SERVICE_NAME"); !service.empty()) out.service = service;
  out.attributes = pairs_of(variable("OTEL_RESOURCE_ATTRIBUTES"), kAttributesMax);
  return {};
}

}  // namespace

Result<TelemetryConfig> read_telemetry(const ConfigSource& source, const YamlNode& root) {
  TelemetryConfig out;
  if (const YamlNode* node = root.find("telemetry"); node != nullptr && node->kind != YamlNode::Kind::null) TRY_VOID(read_keys(source, *node, out));
  TRY_VOID(apply_variables(source.environment, out));
  return out;
}

}  // namespace sluice
