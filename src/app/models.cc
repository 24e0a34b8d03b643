#include "app/models.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "agents/first_of.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::chrono::seconds kTestTimeoutMax{600};
constexpr int kReplyShownMax = 120;

std::optional<ModelFailure> failure_named(const std::string& name) {
  const auto failure = decode<ModelFailure>(Json(name));
  return failure ? std::optional(*failure) : std::nullopt;
}

Json text_schema(const char* type) { return Json::object().set("type", type); }

/// Small enough to cost next to nothing, and in JSON, because that is how agents ask.
ModelRequest small_request() {
  const Json properties = Json::object().set("ok", text_schema("boolean")).set("word", text_schema("string"));
  return {.system = "You are being tested for whether you can be reached and reply in JSON.",
          .messages = {{.text = "Reply with ok set to true and word set to \"sluice\"."}},
          .reply_name = "test",
          .reply_schema = Json::object()
                              .set("type", "object")
                              .set("properties", properties)
                              .set("required", Json::array().push("ok").push("word"))
                              .set("additionalProperties", false)};
}

/// That the reply fits the schema of small_request.
Result<> check_reply(const std::string& name, const ModelReply& reply) {
  if (reply.cut)
    return Error{ErrorKind::input, "E0752", "model \"" + name + "\" was reached, but its reply was cut at its limit of tokens",
                 "raise its `max_tokens` in sluice.yaml: models that think use them for that too"};
  const auto json = Json::parse(reply.text);
  const auto* members = json ? json->as_object() : nullptr;
  if (members != nullptr && members->size() == 2 && (*json)["ok"].as_bool() != nullptr && (*json)["word"].as_string() != nullptr) return {};
  return Error{ErrorKind::input, "E0752",
               "model \"" + name + "\" was reached, but its reply is not what was asked for (JSON of a schema): " +
                   (reply.text.empty() ? "it is empty" : clipped(show_hidden(reply.text, false), kReplyShownMax)),
               "set its `structured:` in sluice.yaml to tool, json or none, or take a model that can reply in JSON"};
}

KeyState key_state(const SecretText& key, const Environment& environment) {
  if (key.empty()) return KeyState::not_needed;
  if (key.has_literal()) return KeyState::written_out;
  const auto revealed = key.reveal(environment);
  return revealed && !trim(*revealed).empty() ? KeyState::set : KeyState::not_set;
}

/// What of the references cannot be looked up.
std::optional<Error> reference_problem(const ModelConfig& config, const Environment& environment) {
  for (const auto& [key, text] :
       {std::pair{"api_key", &config.api_key}, std::pair{"base_url", &config.base_url}, std::pair{"proxy", &config.proxy}}) {
    if (text->empty()) continue;
    auto revealed = text->reveal(environment);
    const std::string where = "model \"" + config.name + "\", " + key + ": ";
    if (!revealed) {
      Error error = std::move(revealed).error();
      error.message = where + error.message;
      return error;
    }
    if (trim(*revealed).empty())
      return Error{ErrorKind::not_found, "E0711", where + text->masked_wholly() + " is empty", "set it and run the command again"};
  }
  return std::nullopt;
}

}  // namespace

ModelInfo model_info(const ModelConfig& config) {
  ModelInfo info{.name = config.name};
  info.temperature = config.temperature.value_or(ModelConfig::kTemperature);
  info.max_tokens = config.max_tokens.value_or(ModelConfig::kMaxTokens);
  info.context_tokens = config.context_tokens.value_or(0);
  if (config.is_chain()) return info;
  info.provider = enum_name(config.provider);
  info.model = config.model;
  info.endpoint = shown_endpoint(config);
  if (const auto& price = config.price)
    info.price = ModelPrice{.input = price->input, .cached = price->cached, .cache_written = price->cache_written, .output = price->output};
  return info;
}

Models::Models(const Config& config, Open open, Environment environment)
    : config_(config), open_(std::move(open)), environment_(std::move(environment)) {}

Result<const ModelConfig*> Models::find(const std::string& name) const {
  std::vector<std::string> names;
  for (const ModelConfig& model : config_.models) {
    if (model.name == name) return &model;
    names.push_back(model.name);
  }
  if (names.empty())
    return Error{ErrorKind::not_found, "E0750", "there are no models in " + config_.path, "add them under `models:`; docs/models.md shows how"};
  const std::string meant = nearest(name, names);
  return Error{ErrorKind::not_found, "E0750",
               "model \"" + show_hidden(name, false) + "\" is not in sluice.yaml" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               "the models are " + join(names, ", ")};
}

Result<std::unique_ptr<Model>> Models::make_locked(const ModelConfig& config) {  // NOLINT(misc-no-recursion): a chain has no chain in it
  if (!open_) return Error::bug("nothing is wired that opens models");
  if (!config.is_chain()) return open_(config);
  std::vector<Model*> models;
  for (const std::string& name : config.first_of) {
    TRY(const ModelConfig* of, find(name));
    TRY(Model * model, open_locked(*of));
    models.push_back(model);
  }
  std::vector<ModelFailure> on;
  for (const std::string& name : config.on)
    if (const auto failure = failure_named(name)) on.push_back(*failure);
  return std::unique_ptr<Model>(std::make_unique<FirstOf>(config.name, std::move(models), std::move(on)));
}

Result<Model*> Models::open_locked(const ModelConfig& config) {  // NOLINT(misc-no-recursion): as make_locked
  if (const auto found = opened_.find(config.name); found != opened_.end()) return found->second.get();
  TRY(auto opened, make_locked(config));
  return opened_.emplace(config.name, std::move(opened)).first->second.get();
}

Result<Model*> Models::open(const std::string& name) {
  TRY(const ModelConfig* config, find(name));
  const std::lock_guard lock(mutex_);
  return open_locked(*config);
}

ModelView Models::view(const ModelConfig& config) {
  ModelView out{.info = model_info(config), .structured = config.structured, .first_of = config.first_of, .on = config.on};
  for (const AgentConfig* agent : config_.agents.all()) {
    const auto asked = find(agent->model);
    if (asked && ((*asked)->name == config.name || std::ranges::find((*asked)->first_of, config.name) != (*asked)->first_of.end()))
      out.agents.push_back(agent->name);
  }
  if (config.is_chain()) return out;
  out.key = key_state(config.api_key, environment_);
  out.key_from = config.api_key.masked_wholly();
  out.problem = reference_problem(config, environment_);
  out.password_written_out = config.base_url.has_literal_password() || config.proxy.has_literal_password();
  if (out.info.price || !open_) return out;
  // The connector knows list prices; where it cannot be opened, the price is not what matters.
  if (const auto opened = open(config.name)) out.info.price = (*opened)->info().price;
  return out;
}

std::vector<ModelView> Models::views() {
  std::vector<ModelView> out;
  out.reserve(config_.models.size());
  for (const ModelConfig& config : config_.models) out.push_back(view(config));
  return out;
}

Result<ModelTest> Models::test(const std::string& name, Ledger& ledger, const Budget& day_budget, Clock& clock, const std::stop_token& stop,
                               const ModelEvents& events) {
  TRY(const ModelConfig* config, find(name));
  TRY(Model * model, open(name));
  std::chrono::seconds time{config->is_chain() ? 0 : config->timeout_seconds};
  for (const std::string& member : config->first_of) {
    TRY(const ModelConfig* of, find(member));
    time += std::chrono::seconds(of->timeout_seconds);
  }
  const std::array requests{small_request()};
  PaidCalls paying({*model, ledger, clock}, {.origin = {.workflow = "models test", .path = name}, .day_budget = day_budget});
  const Call call{clock.steady() + std::min<std::chrono::seconds>(time, kTestTimeoutMax), stop};
  TRY(const std::vector<PaidReply> replies, paying.answer(requests, {}, events, call));
  const PaidReply& paid = replies.front();
  TRY(ModelReply reply, paid.reply);
  TRY_VOID(check_reply(paid.model->name, reply));
  return ModelTest{.reply = std::move(reply), .answered = *paid.model, .latency_ms = paid.latency_ms, .usd = paid.usd};
}

}  // namespace sluice
