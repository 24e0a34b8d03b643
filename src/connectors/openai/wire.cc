#include "connectors/openai/wire.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "connectors/model_http/failure.h"
#include "connectors/model_http/json_reply.h"

namespace sluice::openai {
namespace {

using model_http::failure_said;
using model_http::Phrasing;
using model_http::Provided;
using model_http::ProviderFailure;
using model_http::Rephrasing;
using model_http::says;

Json message(std::string_view role, const std::string& text) { return Json::object().set("role", role).set("content", text); }

void ask_for_schema(Json& body, const ModelRequest& request, const Phrasing& phrasing) {
  const std::string name = model_http::reply_name(request);
  const auto strict = phrasing.strict ? model_http::strict_schema(request.reply_schema) : std::nullopt;
  const Json& schema = strict ? *strict : request.reply_schema;
  switch (phrasing.structured) {
    case Structured::automatic:
    case Structured::schema:
      body.set("response_format", Json::object()
                                      .set("type", "json_schema")
                                      .set("json_schema", Json::object().set("name", name).set("strict", strict.has_value()).set("schema", schema)));
      return;
    case Structured::tool: {
      Json function = Json::object().set("name", name).set("description", "Gives the reply.").set("parameters", schema);
      if (strict) function.set("strict", true);
      body.set("tools", Json::array().push(Json::object().set("type", "function").set("function", std::move(function))));
      body.set("tool_choice", Json::object().set("type", "function").set("function", Json::object().set("name", name)));
      return;
    }
    case Structured::json: body.set("response_format", Json::object().set("type", "json_object")); return;
    case Structured::none: return;
  }
}

/// A text, or a list of parts with text (Mistral).
std::string content_text(const Json& content) {
  if (const auto* text = content.as_string()) return *text;
  std::string out;
  if (const auto* parts = content.as_array())
    for (const Json& part : *parts) out += part.text("text");
  return out;
}

ProviderFailure failure_in(const Json& body) {
  const Json& error = body["error"];
  constexpr int kStatusMin = 400, kUnspoken = 422;
  auto status = static_cast<int>(error.integer("code"));
  const std::string_view code = error.text("code");  // a status as text, or a word
  if (status == 0) std::from_chars(code.data(), code.data() + code.size(), status);
  // What names its own cause is judged by that; a word that nobody knows leaves it a fault of the service.
  if (status == 0 && failure_said(0, body.dump_text())) status = kUnspoken;
  // An error within an answer that began well is one of the service, unless it says otherwise.
  HttpResponse response{.status = status >= kStatusMin ? status : 503, .body = body.dump_text()};
  ProviderFailure failure = read_failure(response);
  failure.status = 0;
  return failure;
}

std::optional<Structured> rung_below(Structured rung) {
  switch (rung) {
    case Structured::automatic:
    case Structured::schema: return Structured::tool;
    case Structured::tool: return Structured::json;
    case Structured::json: return Structured::none;
    case Structured::none: return std::nullopt;
  }
  return std::nullopt;
}

bool names_rung(std::string_view text, Structured rung) {
  if (rung == Structured::tool) return says(text, {"tool", "function"});
  return says(text, {"response_format", "response format", "json_schema", "json_object", "structured output", "json mode", "guided"});
}

}  // namespace

std::string endpoint(std::string_view base_url) {
  constexpr std::string_view kPath = "/chat/completions";
  const std::size_t query = std::min(base_url.find('?'), base_url.size());
  std::string_view path = base_url.substr(0, query);
  while (path.ends_with('/')) path.remove_suffix(1);
  std::string out(path);
  if (!path.ends_with(kPath)) out += kPath;
  return out + std::string(base_url.substr(query));
}

Json request_body(const ModelRequest& request, const ModelInfo& info, const Phrasing& phrasing) {
  const bool structured = !request.reply_schema.is_null();
  const bool tell = structured && (phrasing.structured == Structured::json || phrasing.structured == Structured::none);
  Json messages = Json::array();
  if (const std::string system = model_http::system_text(request, tell); !system.empty()) messages.push(message("system", system));
  for (const ModelMessage& said : request.messages) messages.push(message(enum_name(said.role), said.text));

  Json body = Json::object().set("model", info.model).set("messages", std::move(messages));
  if (const std::int64_t limit = model_http::token_limit(request, info); limit > 0)
    body.set(phrasing.completion_tokens ? "max_completion_tokens" : "max_tokens", limit);
  if (phrasing.temperature) body.set("temperature", model_http::temperature(request, info));
  if (structured) ask_for_schema(body, request, phrasing);
  if (phrasing.stream) {
    body.set("stream", true);
    if (phrasing.stream_usage) body.set("stream_options", Json::object().set("include_usage", true));
  }
  return body;
}

void ReplyReader::read_usage(const Json& usage) {
  if (usage.as_object() == nullptr) return;
  usage_.input = usage.integer("prompt_tokens");
  usage_.output = usage.integer("completion_tokens");
  usage_.cached = usage["prompt_tokens_details"].integer("cached_tokens");
  usage_.cache_written = usage["prompt_tokens_details"].integer("cache_write_tokens");
}

Provided<std::string> ReplyReader::read(const Json& body, std::string_view message) {
  if (!body["error"].is_null()) return std::unexpected(failure_in(body));
  if (const auto name = body.text("model"); !name.empty()) model_ = name;
  read_usage(body["usage"]);
  const auto* choices = body["choices"].as_array();
  if (choices == nullptr || choices->empty()) return std::string();

  const Json& choice = choices->front();
  const Json& said = choice[message];
  if (const auto why = choice.text("finish_reason"); !why.empty()) finish_ = why;
  std::string text = content_text(said["content"]);
  text_ += text;
  refusal_ += said.text("refusal");
  // One tool is offered, and one call of it is the reply: a second one beside it is not glued on.
  if (const auto* calls = said["tool_calls"].as_array(); calls != nullptr && !calls->empty() && calls->front().integer("index") == 0) {
    const Json& arguments = calls->front()["function"]["arguments"];
    const std::string more = arguments.as_object() != nullptr ? arguments.dump_text() : std::string(calls->front()["function"].text("arguments"));
    arguments_ += more;
    text += more;
  }
  return text;
}

Provided<std::string> ReplyReader::read_event(std::string_view /*name*/, std::string_view data) {
  if (trim(data) == "[DONE]") {
    ended_ = true;
    return std::string();
  }
  const auto body = Json::parse(data);
  if (!body) return std::unexpected(ProviderFailure{.what = "sent an event that is no JSON", .text = std::string(data)});
  return read(*body, "delta");
}

Provided<std::string> ReplyReader::read_body(const Json& body) {
  ended_ = true;
  if (body["error"].is_null() && body["choices"].as_array() == nullptr)
    return std::unexpected(ProviderFailure{.what = "sent JSON that is no chat completion", .text = body.dump_text()});
  return read(body, "message");
}

Provided<ModelReply> ReplyReader::finish() {
  if (!refusal_.empty()) return std::unexpected(ProviderFailure{.failure = ModelFailure::refused, .text = refusal_, .usage = usage_});
  if (finish_ == "content_filter")
    return std::unexpected(
        ProviderFailure{.failure = ModelFailure::refused, .what = "stopped its reply: the provider's content filter", .usage = usage_});
  if (!ended_ || finish_.empty()) return std::unexpected(ProviderFailure{.what = "ended its reply before it was whole"});
  if (finish_ == "error")
    return std::unexpected(ProviderFailure{.failure = ModelFailure::overloaded, .what = "broke its reply off", .usage = usage_});
  return ModelReply{.text = arguments_.empty() ? text_ : arguments_, .cut = finish_ == "length", .usage = usage_, .answered_by = model_};
}

ProviderFailure read_failure(const HttpResponse& response) {
  const Json body = model_http::error_body(response);
  ProviderFailure failure = model_http::plain_failure(response, body);
  const Json& error = body["error"].is_null() ? body : body["error"];
  failure.about = std::string(error.text("code")) + " " + std::string(error.text("type")) + " " + std::string(error.text("param"));
  if (const auto said = model_http::failure_said(response.status, failure.about + " " + failure.text)) failure.failure = *said;
  return failure;
}

std::optional<Rephrasing> rephrased(Structured configured, const ModelRequest& request, const Phrasing& sent, const ProviderFailure& failure) {
  const std::string said = failure.about + " " + failure.text;
  Phrasing other = sent;
  if (failure.failure == ModelFailure::not_found && !says(said, {"support"})) return std::nullopt;
  if (!sent.completion_tokens &&
      (says(said, {"max_completion_tokens"}) || (says(failure.about, {"unsupported_parameter"}) && says(failure.about, {"max_tokens"})))) {
    other.completion_tokens = true;
    return Rephrasing{other};
  }
  if (sent.temperature && says(said, {"temperature"})) {
    other.temperature = false;
    return Rephrasing{other};
  }
  if (sent.stream && sent.stream_usage && says(said, {"stream_options", "include_usage"})) {
    other.stream_usage = false;
    return Rephrasing{other};
  }
  if (sent.stream && (says(said, {"to stream", "streaming"}) || failure.about.ends_with(" stream"))) {
    other.stream = false;
    return Rephrasing{other};
  }
  if (request.reply_schema.is_null()) return std::nullopt;
  // This schema is not taken, others may be.
  if (sent.strict && says(said, {"Invalid schema", "strict"})) {
    other.strict = false;
    return Rephrasing{other, says(said, {"strict"}) && !says(said, {"Invalid schema"})};
  }
  const auto below = rung_below(sent.structured);
  if (configured != Structured::automatic || !below || !names_rung(said, sent.structured)) return std::nullopt;
  other.structured = *below;
  return Rephrasing{other, !says(said, {"Invalid schema"})};
}

}  // namespace sluice::openai
