#include "connectors/anthropic/wire.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "connectors/model_http/failure.h"
#include "connectors/model_http/json_reply.h"

namespace sluice::anthropic {
namespace {

using model_http::Phrasing;
using model_http::Provided;
using model_http::ProviderFailure;
using model_http::Rephrasing;
using model_http::says;

/// The service requires a limit.
constexpr std::int64_t kTokensDefault = 4096;

Json block(const std::string& text, bool cached) {
  Json out = Json::object().set("type", "text").set("text", text);
  // What stands before the mark is kept for a few minutes: https://platform.claude.com/docs/en/build-with-claude/prompt-caching
  if (cached) out.set("cache_control", Json::object().set("type", "ephemeral"));
  return out;
}

void ask_for_schema(Json& body, const ModelRequest& request, Structured structured) {
  const std::string name = model_http::reply_name(request);
  switch (structured) {
    case Structured::automatic:
    case Structured::tool:
      body.set("tools",
               Json::array().push(Json::object().set("name", name).set("description", "Gives the reply.").set("input_schema", request.reply_schema)));
      body.set("tool_choice", Json::object().set("type", "tool").set("name", name).set("disable_parallel_tool_use", true));
      return;
    case Structured::schema:
      body.set("output_config",
               Json::object().set("format", Json::object().set("type", "json_schema").set("schema", output_schema(request.reply_schema))));
      return;
    case Structured::json:
    case Structured::none: return;
  }
}

constexpr std::array<std::string_view, 18> kBounds{
    "$schema",   "$id",       "$comment", "examples", "minimum",     "maximum",       "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",    "pattern",          "format"};

Json closed(const Json& schema, int depth) {
  const auto* members = schema.as_object();
  if (members == nullptr || depth > model_http::kSchemaDepthMax) return schema;
  Json out = Json::object();
  for (const auto& [name, value] : *members) {
    if (std::ranges::find(kBounds, std::string_view(name)) != kBounds.end()) continue;
    Json kept = value;
    const bool named = name == "properties" || name == "$defs";
    if (auto* schemas = kept.as_object(); schemas != nullptr && named)
      for (auto& member : *schemas) member.second = closed(member.second, depth + 1);
    if (auto* schemas = kept.as_array(); schemas != nullptr && (name == "anyOf" || name == "allOf"))
      for (Json& choice : *schemas) choice = closed(choice, depth + 1);
    if (name == "items") kept = closed(value, depth + 1);
    out.set(name, std::move(kept));
  }
  if (schema.text("type") == "object") out.set("additionalProperties", false);
  return out;
}

struct Kind {
  std::string_view type;
  ModelFailure failure;
};
constexpr std::array<Kind, 9> kKinds{{{"overloaded_error", ModelFailure::overloaded},
                                      {"rate_limit_error", ModelFailure::overloaded},
                                      {"api_error", ModelFailure::overloaded},
                                      {"timeout_error", ModelFailure::timeout},
                                      {"authentication_error", ModelFailure::unauthorized},
                                      {"permission_error", ModelFailure::unauthorized},
                                      {"not_found_error", ModelFailure::not_found},
                                      {"request_too_large", ModelFailure::too_long},
                                      {"billing_error", ModelFailure::quota}}};

void classify(ProviderFailure& failure, const Json& body) {
  failure.about = body["error"].text("type");
  if (const auto* kind = std::ranges::find(kKinds, std::string_view(failure.about), &Kind::type); kind != kKinds.end())
    failure.failure = kind->failure;
  if (says(failure.text, {"credit balance", "API usage limits"})) failure.failure = ModelFailure::quota;
  if (failure.failure != ModelFailure::rejected) return;
  // Proxies that speak this protocol have words of their own.
  if (const auto said = model_http::failure_said(failure.status, failure.text)) failure.failure = *said;
  if (says(failure.text, {"prompt is too long", "exceed context limit", "context window"})) failure.failure = ModelFailure::too_long;
  if (says(failure.text, {"content filtering policy"})) failure.failure = ModelFailure::refused;
}

ProviderFailure failure_in(const Json& body) {
  ProviderFailure failure{.failure = ModelFailure::overloaded, .text = model_http::error_text(body)};
  if (body["error"].text("type") == "invalid_request_error") failure.failure = ModelFailure::rejected;
  classify(failure, body);
  return failure;
}

std::optional<Structured> rung_below(Structured rung) {
  switch (rung) {
    case Structured::automatic:
    case Structured::tool: return Structured::schema;
    case Structured::schema: return Structured::none;
    case Structured::json:
    case Structured::none: return std::nullopt;
  }
  return std::nullopt;
}

bool names_rung(std::string_view text, Structured rung) {
  if (rung == Structured::tool) return says(text, {"tool"});
  return says(text, {"output_config", "output_format", "structured output", "schema"});
}

}  // namespace

std::string endpoint(std::string_view base_url) {
  const std::size_t query = std::min(base_url.find('?'), base_url.size());
  std::string_view path = base_url.substr(0, query);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string out(path);
  if (!path.ends_with("/v1/messages")) out += path.ends_with("/v1") ? "/messages" : "/v1/messages";
  return out + std::string(base_url.substr(query));
}

Json output_schema(const Json& schema) { return closed(schema, 0); }

Json request_body(const ModelRequest& request, const ModelInfo& info, const Phrasing& phrasing) {
  const bool structured = !request.reply_schema.is_null();
  const bool tell = structured && (phrasing.structured == Structured::json || phrasing.structured == Structured::none);
  const std::int64_t limit = model_http::token_limit(request, info);
  Json body = Json::object().set("model", info.model).set("max_tokens", limit > 0 ? limit : kTokensDefault);
  if (const std::string system = model_http::system_text(request, tell); !system.empty())
    body.set("system", Json::array().push(block(system, phrasing.cache_marks)));

  Json messages = Json::array();
  bool marked = !phrasing.cache_marks;
  for (const ModelMessage& said : request.messages) {
    const bool mark = !marked && said.role == ModelMessage::Role::user;
    marked = marked || mark;
    messages.push(Json::object().set("role", enum_name(said.role)).set("content", Json::array().push(block(said.text, mark))));
  }
  body.set("messages", std::move(messages));
  if (phrasing.temperature) body.set("temperature", std::min(1.0, model_http::temperature(request, info)));
  if (structured) ask_for_schema(body, request, phrasing.structured);
  if (phrasing.stream) body.set("stream", true);
  return body;
}

void ReplyReader::read_usage(const Json& usage) {
  // The counts of message_start are repeated, and grow, in message_delta.
  fresh_ = std::max(fresh_, usage.integer("input_tokens"));
  cache_read_ = std::max(cache_read_, usage.integer("cache_read_input_tokens"));
  cache_written_ = std::max(cache_written_, usage.integer("cache_creation_input_tokens"));
  output_ = std::max(output_, usage.integer("output_tokens"));
}

ModelUsage ReplyReader::usage() const {
  return {.input = fresh_ + cache_read_ + cache_written_, .cached = cache_read_, .cache_written = cache_written_, .output = output_};
}

std::string ReplyReader::read_block(const Json& content) {
  if (content.text("type") == "text") {
    text_ += content.text("text");
    return std::string(content.text("text"));
  }
  if (content.text("type") != "tool_use") return "";  // thinking
  called_ = true;
  // A stream begins with an empty input, and sends it piece by piece.
  if (content["input"].size() == 0) return "";
  input_ += content["input"].dump_text();
  return input_;
}

std::string ReplyReader::read_delta(const Json& delta) {
  if (delta.text("type") == "text_delta") {
    text_ += delta.text("text");
    return std::string(delta.text("text"));
  }
  if (delta.text("type") != "input_json_delta") return "";
  input_ += delta.text("partial_json");
  return std::string(delta.text("partial_json"));
}

Provided<std::string> ReplyReader::read_event(std::string_view name, std::string_view data) {
  if (trim(data) == "[DONE]") return std::string();  // some proxies add it
  const auto event = Json::parse(data);
  if (!event) return std::unexpected(ProviderFailure{.what = "sent an event that is no JSON", .text = std::string(data)});
  const std::string_view type = event->text("type").empty() ? name : event->text("type");
  if (type == "error" || !(*event)["error"].is_null()) return std::unexpected(failure_in(*event));
  if (type == "message_start") {
    model_ = (*event)["message"].text("model");
    read_usage((*event)["message"]["usage"]);
  }
  if (type == "content_block_start") return read_block((*event)["content_block"]);
  if (type == "content_block_delta") return read_delta((*event)["delta"]);
  if (type == "message_delta") {
    if (const auto why = (*event)["delta"].text("stop_reason"); !why.empty()) stop_ = why;
    read_usage((*event)["usage"]);
  }
  if (type == "message_stop") ended_ = true;
  return std::string();
}

Provided<std::string> ReplyReader::read_body(const Json& body) {
  if (!body["error"].is_null()) return std::unexpected(failure_in(body));
  const auto* blocks = body["content"].as_array();
  if (blocks == nullptr) return std::unexpected(ProviderFailure{.what = "sent JSON that is no message", .text = body.dump_text()});
  std::string text;
  for (const Json& content : *blocks) text += read_block(content);
  stop_ = body.text("stop_reason");
  model_ = body.text("model");
  read_usage(body["usage"]);
  ended_ = true;
  return text;
}

Provided<ModelReply> ReplyReader::finish() {
  if (stop_ == "refusal") return std::unexpected(ProviderFailure{.failure = ModelFailure::refused, .text = text_, .usage = usage()});
  if (!ended_ || stop_.empty()) return std::unexpected(ProviderFailure{.what = "ended its reply before it was whole"});
  const bool cut = stop_ == "max_tokens" || stop_ == "model_context_window_exceeded";
  if (called_ && input_.empty() && !cut) input_ = "{}";
  return ModelReply{.text = called_ ? input_ : text_, .cut = cut, .usage = usage(), .answered_by = model_};
}

ProviderFailure read_failure(const HttpResponse& response) {
  const Json body = model_http::error_body(response);
  ProviderFailure failure = model_http::plain_failure(response, body);
  classify(failure, body);
  return failure;
}

std::optional<Rephrasing> rephrased(Structured configured, const ModelRequest& request, const Phrasing& sent, const ProviderFailure& failure) {
  if (failure.failure != ModelFailure::rejected) return std::nullopt;
  Phrasing other = sent;
  if (sent.temperature && says(failure.text, {"temperature"})) {
    other.temperature = false;
    return Rephrasing{other};
  }
  if (sent.cache_marks && says(failure.text, {"cache_control"})) {
    other.cache_marks = false;
    return Rephrasing{other};
  }
  if (request.reply_schema.is_null() || configured != Structured::automatic) return std::nullopt;
  const auto below = rung_below(sent.structured);
  if (!below || !names_rung(failure.text, sent.structured)) return std::nullopt;
  other.structured = *below;
  // A schema that is found wrong says nothing of the next one.
  const bool schema_only = says(failure.text, {"schema"}) && !says(failure.text, {"support"});
  return Rephrasing{other, !schema_only};
}

}  // namespace sluice::anthropic
