#include "connectors/openai/client.h"

#include "connectors/model_http/model_contract.h"

namespace sluice {
namespace {

std::string chunk(const Json& delta, const Json& finish) {
  return "data: " +
         Json::object()
             .set("model", "m-1-dated")
             .set("choices", Json::array().push(Json::object().set("delta", delta).set("finish_reason", finish)))
             .dump() +
         "\n\n";
}

std::string body(const std::string& text, const std::string& finish = "stop") {
  const Json choice = Json::object().set("message", Json::object().set("content", text)).set("finish_reason", finish);
  return Json::object()
      .set("model", "m-1-dated")
      .set("choices", Json::array().push(choice))
      .set("usage", Json::object().set("prompt_tokens", 20).set("completion_tokens", 5))
      .dump();
}

std::string events(const std::string& text) {
  const auto piece = [](const std::string& more) { return Json::object().set("content", more); };
  return chunk(piece(text.substr(0, text.size() / 2)), {}) + chunk(piece(text.substr(text.size() / 2)), {}) + chunk(Json::object(), "stop") +
         R"(data: {"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":5}})" + "\n\ndata: [DONE]\n\n";
}

std::string error(const std::string& text, const std::string& code = "") {
  return Json::object().set("error", Json::object().set("message", text).set("code", code)).dump();
}

ModelContract contract() {
  return {.provider = "openai",
          .make = make_openai,
          .key_header = "authorization",
          .key_prefix = "Bearer ",
          .body = [](const std::string& text) { return body(text); },
          .events = events,
          .cut = body("{\"sql", "length"),
          .refused = R"({"choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}],"usage":{"prompt_tokens":20}})",
          .error = [](const std::string& text) { return error(text); },
          .no_structure = error("response_format of type json_schema is not supported with this model"),
          .no_temperature = error("Unsupported value: 'temperature'", "unsupported_value"),
          .no_quota = error("You exceeded your current quota", "insufficient_quota"),
          .too_long = error("This model's maximum context length is 10 tokens", "context_length_exceeded"),
          .first_way = [](const Json& sent) { return sent["response_format"].text("type") == "json_schema"; },
          .has_temperature = [](const Json& sent) { return !sent["temperature"].is_null(); }};
}
INSTANTIATE_TEST_SUITE_P(OpenAi, ModelContractTest, testing::Values(contract()), [](const auto& each) { return each.param.provider; });

}  // namespace
}  // namespace sluice
