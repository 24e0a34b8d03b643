#include "connectors/gemini/wire.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "connectors/gemini/schema.h"
#include "connectors/model_http/failure.h"
#include "connectors/model_http/json_reply.h"

namespace sluice::gemini {
namespace {

using model_http::Phrasing;
using model_http::Provided;
using model_http::ProviderFailure;
using model_http::Rephrasing;
using model_http::says;

Json content(std::string_view role, const std::string& text) {
  Json out = Json::object();
  if (!role.empty()) out.set("role", role);
  return std::move(out.set("parts", Json::array().push(Json::object().set("text", text))));
}

/// The way in which the reply is asked for: a schema that Gemini has no words for goes into the prompt.
Structured way_for(const ModelRequest& request, Structured wanted) {
  const bool in_words = wanted == Structured::schema || wanted == Structured::tool || wanted == Structured::automatic;
  return in_words && !response_schema(request.reply_schema) ? Structured::json : wanted;
}

void ask_for_schema(Json& body, Json& config, const ModelRequest& request, Structured way) {
  constexpr std::string_view kJson = "application/json";
  switch (way) {
    case Structured::automatic:
    case Structured::schema: config.set("responseMimeType", kJson).set("responseSchema", *response_schema(request.reply_schema)); return;
    case Structured::tool: {
      const std::string name = model_http::reply_name(request);
      Json function =
          Json::object().set("name", name).set("description", "Gives the reply.").set("parameters", *response_schema(request.reply_schema));
      body.set("tools", Json::array().push(Json::object().set("functionDeclarations", Json::array().push(std::move(function)))));
      body.set("toolConfig",
               Json::object().set("functionCallingConfig", Json::object().set("mode", "ANY").set("allowedFunctionNames", Json::array().push(name))));
      return;
    }
    case Structured::json: config.set("responseMimeType", kJson); return;
    case Structured::none: return;
  }
}

struct Kind {
  std::string_view status;
  ModelFailure failure;
};
constexpr std::array<Kind, 7> kKinds{{{"UNAUTHENTICATED", ModelFailure::unauthorized},
                                      {"PERMISSION_DENIED", ModelFailure::unauthorized},
                                      {"NOT_FOUND", ModelFailure::not_found},
                                      {"RESOURCE_EXHAUSTED", ModelFailure::overloaded},
                                      {"UNAVAILABLE", ModelFailure::overloaded},
                                      {"INTERNAL", ModelFailure::overloaded},
                                      {"DEADLINE_EXCEEDED", ModelFailure::timeout}}};

/// "34s", "34.074824224s"
long milliseconds(std::string_view seconds) {
  constexpr double kThousand = 1000, kMax = 86'400;
  double value = 0;
  const auto [end, failed] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  if (failed != std::errc() || end == seconds.data() || value < 0) return 0;
  return static_cast<long>(std::min(value, kMax) * kThousand);
}

/// google.rpc details: how long to wait, and whether it is a day's quota that is used up. https://ai.google.dev/gemini-api/docs/rate-limits
void read_details(ProviderFailure& failure, const Json& details) {
  const auto* listed = details.as_array();
  if (listed == nullptr) return;
  for (const Json& detail : *listed) {
    const auto type = detail.text("@type");
    if (type.ends_with("RetryInfo")) failure.retry_after_ms = std::max(failure.retry_after_ms, milliseconds(detail.text("retryDelay")));
    failure.about += " " + std::string(detail.text("reason"));
    if (const auto* violations = detail["violations"].as_array(); violations != nullptr && type.ends_with("QuotaFailure"))
      for (const Json& violation : *violations)
        if (says(violation.text("quotaId"), {"PerDay"}) || says(violation.text("quotaMetric"), {"per_day"})) failure.failure = ModelFailure::quota;
  }
}

void classify(ProviderFailure& failure, const Json& body) {
  const Json& error = body["error"];
  failure.about = error.text("status");
  if (const auto* kind = std::ranges::find(kKinds, std::string_view(failure.about), &Kind::status); kind != kKinds.end())
    failure.failure = kind->failure;
  read_details(failure, error["details"]);
  if (failure.failure == ModelFailure::quota) failure.retry_after_ms = 0;
  if (failure.failure != ModelFailure::rejected) return;
  // Proxies that speak this protocol have words of their own.
  if (const auto said = model_http::failure_said(failure.status, failure.text)) failure.failure = *said;
  if (says(failure.about, {"API_KEY_INVALID"}) || says(failure.text, {"API key not valid", "API key expired", "location is not supported"}))
    failure.failure = ModelFailure::unauthorized;
  else if (says(failure.text, {"exceeds the maximum number of tokens", "token count"}))
    failure.failure = ModelFailure::too_long;
  else if (says(failure.text, {"billing", "prepayment"}))
    failure.failure = ModelFailure::quota;
}

ProviderFailure failure_in(const Json& body) {
  const auto status = static_cast<int>(body["error"].integer("code", 503));
  ProviderFailure failure{
      .failure = model_http::failure_of_status(status), .text = model_http::error_text(body), .lost = model_http::is_lost(status)};
  classify(failure, body);
  return failure;
}

std::string escaped(std::string_view name) {
  constexpr std::string_view kHex = "0123456789ABCDEF", kPlain = "-._~/";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kPlain.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0x0FU];
    }
  }
  return out;
}

}  // namespace

std::string endpoint(std::string_view base_url, std::string_view model, bool stream) {
  const std::size_t query = std::min(base_url.find('?'), base_url.size());
  std::string_view path = base_url.substr(0, query);
  std::string parameters(base_url.substr(query));
  while (path.ends_with('/')) path.remove_suffix(1);
  constexpr std::string_view kModels = "models/";
  if (model.starts_with(kModels)) model.remove_prefix(kModels.size());
  const bool versioned = path.ends_with("/v1beta") || path.ends_with("/v1");
  if (stream) parameters += parameters.empty() ? "?alt=sse" : "&alt=sse";
  return std::string(path) + (versioned ? "" : "/v1beta") + "/models/" + escaped(model) + (stream ? ":streamGenerateContent" : ":generateContent") +
         parameters;
}

Json request_body(const ModelRequest& request, const ModelInfo& info, const Phrasing& phrasing) {
  const bool structured = !request.reply_schema.is_null();
  const Structured way = structured ? way_for(request, phrasing.structured) : Structured::none;
  const bool tell = structured && (way == Structured::json || way == Structured::none);
  Json body = Json::object();
  if (const std::string system = model_http::system_text(request, tell); !system.empty()) body.set("systemInstruction", content("", system));
  Json contents = Json::array();
  for (const ModelMessage& said : request.messages) contents.push(content(said.role == ModelMessage::Role::user ? "user" : "model", said.text));
  body.set("contents", std::move(contents));

  Json config = Json::object();
  if (phrasing.temperature) config.set("temperature", model_http::temperature(request, info));
  if (const std::int64_t limit = model_http::token_limit(request, info); limit > 0) config.set("maxOutputTokens", limit);
  if (structured) ask_for_schema(body, config, request, way);
  body.set("generationConfig", std::move(config));
  return body;
}

std::string ReplyReader::read_parts(const Json& parts) {
  std::string text;
  const auto* listed = parts.as_array();
  if (listed == nullptr) return text;
  for (const Json& part : *listed) {
    if (part.flag("thought")) continue;
    text += part.text("text");
    if (const Json& call = part["functionCall"]; !call.is_null()) {
      arguments_ = call["args"].is_null() ? "{}" : call["args"].dump_text();
      text += arguments_;
    } else {
      text_ += part.text("text");
    }
  }
  return text;
}

void ReplyReader::read_usage(const Json& usage) {
  if (usage.as_object() == nullptr) return;
  usage_.input = usage.integer("promptTokenCount");
  usage_.cached = usage.integer("cachedContentTokenCount");
  usage_.output = usage.integer("candidatesTokenCount") + usage.integer("thoughtsTokenCount");
}

Provided<std::string> ReplyReader::read(const Json& body) {
  if (!body["error"].is_null()) return std::unexpected(failure_in(body));
  if (const auto name = body.text("modelVersion"); !name.empty()) model_ = name;
  if (const auto why = body["promptFeedback"].text("blockReason"); !why.empty()) blocked_ = why;
  read_usage(body["usageMetadata"]);
  const auto* candidates = body["candidates"].as_array();
  if (candidates == nullptr || candidates->empty()) return std::string();
  const Json& candidate = candidates->front();
  if (const auto why = candidate.text("finishReason"); !why.empty()) finish_ = why;
  if (const auto why = candidate.text("finishMessage"); !why.empty()) finish_message_ = why;
  return read_parts(candidate["content"]["parts"]);
}

Provided<std::string> ReplyReader::read_event(std::string_view /*name*/, std::string_view data) {
  if (trim(data) == "[DONE]") return std::string();  // some proxies add it
  const auto body = Json::parse(data);
  if (!body) return std::unexpected(ProviderFailure{.what = "sent an event that is no JSON", .text = std::string(data)});
  return read(*body);
}

Provided<std::string> ReplyReader::read_body(const Json& body) {
  // A stream that was not asked for as events is an array of its parts.
  if (const auto* parts = body.as_array()) {
    std::string text;
    for (const Json& part : *parts) {
      auto more = read(part);
      if (!more) return more;
      text += *more;
    }
    return text;
  }
  if (body["candidates"].is_null() && body["promptFeedback"].is_null() && body["error"].is_null())
    return std::unexpected(ProviderFailure{.what = "sent JSON that is no generated content", .text = body.dump_text()});
  return read(body);
}

Provided<ModelReply> ReplyReader::finish() {
  constexpr std::array<std::string_view, 8> kRefused{"SAFETY", "RECITATION", "BLOCKLIST",    "PROHIBITED_CONTENT",
                                                     "SPII",   "LANGUAGE",   "IMAGE_SAFETY", "MODEL_ARMOR"};
  if (!blocked_.empty())
    return std::unexpected(ProviderFailure{.failure = ModelFailure::refused, .what = "does not take the prompt", .text = blocked_, .usage = usage_});
  if (std::ranges::find(kRefused, std::string_view(finish_)) != kRefused.end())
    return std::unexpected(ProviderFailure{.failure = ModelFailure::refused, .text = finish_ + " " + finish_message_, .usage = usage_});
  if (finish_.empty()) return std::unexpected(ProviderFailure{.what = "ended its reply before it was whole"});
  const bool cut = finish_ == "MAX_TOKENS";
  if (!cut && finish_ != "STOP") return std::unexpected(ProviderFailure{.what = "broke its reply off", .text = finish_ + " " + finish_message_});
  return ModelReply{.text = arguments_.empty() ? text_ : arguments_, .cut = cut, .usage = usage_, .answered_by = model_};
}

ProviderFailure read_failure(const HttpResponse& response) {
  const Json body = model_http::error_body(response);
  ProviderFailure failure = model_http::plain_failure(response, body);
  classify(failure, body);
  return failure;
}

std::optional<Rephrasing> rephrased(Structured configured, const ModelRequest& request, const Phrasing& sent, const ProviderFailure& failure) {
  Phrasing other = sent;
  // Some servers that speak this protocol have the one path and not the other.
  if (sent.stream && failure.failure == ModelFailure::not_found && says(failure.text, {"streamGenerateContent"})) {
    other.stream = false;
    return Rephrasing{other};
  }
  if (failure.failure != ModelFailure::rejected) return std::nullopt;
  if (sent.temperature && says(failure.text, {"temperature"})) {
    other.temperature = false;
    return Rephrasing{other};
  }
  if (request.reply_schema.is_null() || configured != Structured::automatic) return std::nullopt;
  const Structured way = way_for(request, sent.structured);
  if (way == Structured::schema && says(failure.text, {"schema"})) {
    other.structured = Structured::json;
    // "The specified schema produces a constraint that has too many states": this schema, not the model.
    return Rephrasing{other, says(failure.text, {"unknown name", "support", "not enabled"})};
  }
  if (way != Structured::none && says(failure.text, {"mime", "json mode"})) {
    other.structured = Structured::none;
    return Rephrasing{other};
  }
  return std::nullopt;
}

}  // namespace sluice::gemini
