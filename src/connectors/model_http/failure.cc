#include "connectors/model_http/failure.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::model_http {
namespace {

std::string who(const ModelInfo& info) {
  std::string out = "model \"" + info.name + "\" (" + info.provider + ", " + info.model;
  if (!info.endpoint.empty()) out += ", " + info.endpoint;
  return out + ")";
}

std::string_view words_of(ModelFailure failure) {
  switch (failure) {
    case ModelFailure::overloaded: return "is overloaded or has a fault";
    case ModelFailure::timeout: return "took too long";
    case ModelFailure::unreachable: return "can't be reached";
    case ModelFailure::unauthorized: return "does not let us in";
    case ModelFailure::not_found: return "is not there";
    case ModelFailure::rejected: return "finds the request wrong";
    case ModelFailure::refused: return "declined to answer";
    case ModelFailure::too_long: return "has no room for the prompt and its reply";
    case ModelFailure::quota: return "has no money or quota left";
    case ModelFailure::garbled: return "sent what is no reply";
  }
  return "failed";
}

std::string hint_for(ModelFailure failure, const ModelInfo& info) {
  const std::string settings = "models." + info.name + " in sluice.yaml";
  switch (failure) {
    case ModelFailure::overloaded: return "try again in a moment; a chain (first_of) in sluice.yaml goes on with another model by itself";
    case ModelFailure::timeout: return "try again, raise timeout of " + settings + ", or ask a faster model";
    case ModelFailure::unreachable: return "check base_url and proxy of " + settings + "; `sluice models test " + info.name + "` tries again";
    case ModelFailure::unauthorized: return "check api_key of " + settings + ", and that this key may use the model";
    case ModelFailure::not_found: return "check model and base_url of " + settings;
    case ModelFailure::rejected:
      return "check the settings of " + settings + "; `sluice models test " + info.name + "` shows whether it answers at all";
    case ModelFailure::refused: return "say it in other words, or ask another model";
    case ModelFailure::too_long: return "lower max_tokens or context_tokens of " + settings + ", or ask a model with a larger window";
    case ModelFailure::quota: return "look at the account's billing and limits at the provider, or ask another model";
    case ModelFailure::garbled: return "check that base_url of " + settings + " leads to this provider's API; if it does, try again";
  }
  return "";
}

std::string clipped_characters(std::string_view text) {
  std::size_t end = 0;
  for (int count = 0; end < text.size() && count < kTextMax; ++count) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  }
  return std::string(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

/// Secrets go first: of a key that was cut at the end of a text, the beginning would be left.
std::string shown(std::string_view text, const KeyMask& mask) {
  std::string clean = mask.masked_message(replace_invalid_utf8(text));
  std::ranges::replace_if(clean, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return clipped_characters(show_hidden(trim(clean), false));
}

constexpr auto kTooLong = std::to_array<std::string_view>({"context_length_exceeded", "maximum context length", "exceed_context_size", "context size",
                                                           "ContextWindowExceeded", "context window", "prompt is too long", "string_above_max_length",
                                                           "Request too large for", "input is too long", "maximum number of tokens allowed"});
constexpr auto kQuota =
    std::to_array<std::string_view>({"insufficient_quota", "exceeded your current quota", "billing_hard_limit_reached", "billing_not_active",
                                     "insufficient credits", "budget_exceeded", "budget has been exceeded", "credit balance is too low"});
constexpr auto kNotFound = std::to_array<std::string_view>({"model_not_found", "Invalid model name", "DeploymentNotFound"});
constexpr auto kRefused = std::to_array<std::string_view>(
    {"content_filter", "content management policy", "content_policy_violation", "requires moderation", "ContentPolicyViolation"});
// "No connected db" is LiteLLM's answer to a key that is not its master key.
constexpr auto kUnauthorized = std::to_array<std::string_view>({"No connected db", "invalid_api_key", "Incorrect API key", "API key not valid"});

struct Transport {
  std::string_view code;
  ModelFailure failure;
};
constexpr std::array<Transport, 9> kTransport{{{"E1101", ModelFailure::overloaded},
                                               {"E1102", ModelFailure::unauthorized},
                                               {"E1103", ModelFailure::not_found},
                                               {"E1104", ModelFailure::rejected},
                                               {"E1106", ModelFailure::timeout},
                                               {"E1107", ModelFailure::unreachable},
                                               {"E1108", ModelFailure::garbled},
                                               {"E1109", ModelFailure::unreachable},
                                               {"E1110", ModelFailure::rejected}}};

}  // namespace

ModelFailure failure_of_status(int status) {
  constexpr int kServerFault = 500;
  switch (status) {
    case 401:
    case 403: return ModelFailure::unauthorized;
    case 402: return ModelFailure::quota;
    case 404:
    case 405: return ModelFailure::not_found;
    case 408: return ModelFailure::timeout;
    case 413: return ModelFailure::too_long;
    case 425:
    case 429: return ModelFailure::overloaded;
    default: return status >= kServerFault ? ModelFailure::overloaded : ModelFailure::rejected;
  }
}

bool is_lost(int status) {
  constexpr std::array kLost{502, 504, 524};  // 524: Cloudflare's "a timeout occurred"
  return std::ranges::find(kLost, status) != kLost.end();
}

std::optional<ModelFailure> failure_said(int status, std::string_view text) {
  constexpr int kBusy = 429, kServerFault = 500;
  if (says(text, kQuota)) return ModelFailure::quota;
  if (status >= kServerFault) return std::nullopt;
  if (says(text, kTooLong)) return ModelFailure::too_long;
  if (status == kBusy) return std::nullopt;
  if (says(text, kRefused)) return ModelFailure::refused;
  if (says(text, kUnauthorized)) return ModelFailure::unauthorized;
  if (says(text, kNotFound)) return ModelFailure::not_found;
  return std::nullopt;
}

Json error_body(const HttpResponse& response) {
  auto body = Json::parse(response.body);
  if (!body) return {};
  // Gemini answers a stream that it does not begin with an array of one error.
  if (const auto* list = body->as_array()) return list->empty() ? Json() : list->front();
  return body->as_object() == nullptr ? Json() : *std::move(body);
}

std::string error_text(const Json& body) {
  const Json& error = body["error"];
  if (const auto* text = error.as_string()) return *text;
  for (const Json* place : {&error, &body})
    for (const char* name : {"message", "detail", "error_description"})
      if (const auto* text = (*place)[name].as_string()) return *text;
  if (!body["detail"].is_null()) return body["detail"].dump_text();
  return "";
}

ProviderFailure plain_failure(const HttpResponse& response, const Json& body) {
  constexpr int kRedirect = 300;
  constexpr int kClientFault = 400;
  ProviderFailure failure{.failure = failure_of_status(response.status),
                          .status = response.status,
                          .lost = is_lost(response.status),
                          .retry_after_ms = retry_after_ms(response)};
  failure.text = error_text(body);
  const bool page = says(response.header("content-type"), {"text/html"});
  // A page is for browsers: its beginning says nothing.
  if (failure.text.empty() && body.is_null() && !page) failure.text = response.body;
  if (response.status >= kRedirect && response.status < kClientFault) {
    failure.what = "answered with a redirect (HTTP " + std::to_string(response.status) + "), which is not followed";
    failure.text.clear();
  }
  return failure;
}

bool says(std::string_view text, std::span<const std::string_view> phrases) {
  const std::string lower = to_lower(text);
  return std::ranges::any_of(phrases, [&](std::string_view phrase) { return lower.find(to_lower(phrase)) != std::string::npos; });
}

bool says(std::string_view text, std::initializer_list<std::string_view> phrases) { return says(text, std::span(phrases.begin(), phrases.size())); }

Error failure_error(const ModelInfo& info, const ProviderFailure& failure, const KeyMask& mask) {
  std::string message = who(info) + " " + (failure.what.empty() ? std::string(words_of(failure.failure)) : failure.what);
  if (failure.what.empty() && failure.status != 0) message += " (HTTP " + std::to_string(failure.status) + ")";
  if (const std::string text = shown(failure.text, mask); !text.empty()) message += ": " + text;
  return model_error(failure.failure, std::move(message), hint_for(failure.failure, info), failure.retry_after_ms);
}

Error transport_error(const ModelInfo& info, const Error& error, const KeyMask& mask) {
  if (error.kind == ErrorKind::cancelled || failure_of(error)) return error;
  const auto* known = std::ranges::find(kTransport, std::string_view(error.code), &Transport::code);
  const ModelFailure failure = known == kTransport.end() ? ModelFailure::unreachable : known->failure;
  Error out = model_error(failure, who(info) + " " + std::string(words_of(failure)) + ": " + shown(error.message, mask), hint_for(failure, info),
                          error.retry_after_ms);
  if (!error.hint.empty()) out.hint = shown(error.hint, mask) + "; " + out.hint;
  const bool repeatable = error.kind == ErrorKind::transient || error.kind == ErrorKind::timeout;
  if (!repeatable) out.kind = error.kind;
  return out;
}

}  // namespace sluice::model_http
