#include "agents/ports/model.h"

#include "agents/ports/reply_store.h"
#include "base/hash.h"

namespace sluice {
namespace {

struct Known {
  ModelFailure failure;
  const char* code;
  ErrorKind kind;
};
constexpr std::array<Known, 10> kFailures{{{ModelFailure::overloaded, "E1001", ErrorKind::transient},
                                           {ModelFailure::timeout, "E1002", ErrorKind::timeout},
                                           {ModelFailure::unreachable, "E1003", ErrorKind::transient},
                                           {ModelFailure::unauthorized, "E1004", ErrorKind::refused},
                                           {ModelFailure::not_found, "E1005", ErrorKind::not_found},
                                           {ModelFailure::rejected, "E1006", ErrorKind::input},
                                           {ModelFailure::refused, "E1007", ErrorKind::refused},
                                           {ModelFailure::too_long, "E1008", ErrorKind::exhausted},
                                           {ModelFailure::quota, "E1009", ErrorKind::exhausted},
                                           {ModelFailure::garbled, "E1010", ErrorKind::transient}}};
constexpr double kMillion = 1e6;

}  // namespace

Error model_error(ModelFailure failure, std::string message, std::string hint, long retry_after_ms) {
  const Known& known = kFailures.at(static_cast<std::size_t>(failure));
  return {known.kind, known.code, std::move(message), std::move(hint), retry_after_ms};
}

std::optional<ModelFailure> failure_of(const Error& error) {
  for (const Known& known : kFailures)
    if (error.code == known.code) return known.failure;
  return std::nullopt;
}

ModelRequest asked_of(const ModelInfo& info, ModelRequest request) {
  if (!request.temperature) request.temperature = info.temperature;
  if (request.max_tokens == 0) request.max_tokens = info.max_tokens;
  return request;
}

double ModelPrice::of(const ModelUsage& usage) const {
  const auto fresh = static_cast<double>(usage.input - usage.cached - usage.cache_written);
  return (fresh * input + static_cast<double>(usage.cached) * cached + static_cast<double>(usage.cache_written) * cache_written +
          static_cast<double>(usage.output) * output) /
         kMillion;
}

RecordedCall recording_of(const ModelInfo& info, const ModelRequest& request) {
  return {.request = asked_of(info, request), .provider = info.provider, .model = info.model};
}

std::string call_key(const RecordedCall& call) {
  Json asked = Json::object().set("provider", call.provider).set("model", call.model).set("request", encode(call.request));
  if (!call.endpoint.empty()) asked.set("endpoint", call.endpoint);
  if (!call.run.empty()) asked.set("run", call.run);
  return sha256_hex(asked.dump());
}

}  // namespace sluice
