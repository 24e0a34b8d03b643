#include "connectors/anthropic/client.h"

#include "connectors/model_http/model_contract.h"

namespace sluice {
namespace {

std::string event(const Json& data) { return "event: " + std::string(data.text("type")) + "\ndata: " + data.dump() + "\n\n"; }

std::string body(const std::string& text, const std::string& stop = "end_turn") {
  return Json::object()
      .set("type", "message")
      .set("model", "m-1-dated")
      .set("content", Json::array().push(Json::object().set("type", "text").set("text", text)))
      .set("stop_reason", stop)
      .set("usage", Json::object().set("input_tokens", 15).set("cache_read_input_tokens", 5).set("output_tokens", 5))
      .dump();
}

std::string events(const std::string& text) {
  const auto piece = [](const std::string& more) {
    return event(
        Json::object().set("type", "content_block_delta").set("index", 0).set("delta", Json::object().set("type", "text_delta").set("text", more)));
  };
  return event(*Json::parse(R"({"type":"message_start","message":{"model":"m-1-dated","usage":{"input_tokens":15,"cache_read_input_tokens":5}}})")) +
         event(*Json::parse(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})")) +
         event(*Json::parse(R"({"type":"ping"})")) + piece(text.substr(0, text.size() / 2)) + piece(text.substr(text.size() / 2)) +
         event(*Json::parse(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}})")) +
         event(*Json::parse(R"({"type":"message_stop"})"));
}

std::string error(const std::string& text, const std::string& type = "other_error") {
  return Json::object().set("type", "error").set("error", Json::object().set("type", type).set("message", text)).dump();
}

ModelContract contract() {
  return {.provider = "anthropic",
          .make = make_anthropic,
          .key_header = "x-api-key",
          .body = [](const std::string& text) { return body(text); },
          .events = events,
          .cut = body("{\"sql", "max_tokens"),
          .refused = body("", "refusal"),
          .error = [](const std::string& text) { return error(text); },
          .no_structure = error("tool_choice: type \"tool\" and \"any\" are not supported for this model.", "invalid_request_error"),
          .no_temperature = error("`temperature` is deprecated for this model.", "invalid_request_error"),
          .no_quota = error("Your credit balance is too low", "invalid_request_error"),
          .too_long = error("prompt is too long: 20 tokens > 10 maximum", "invalid_request_error"),
          .first_way = [](const Json& sent) { return sent["tool_choice"].text("type") == "tool"; },
          .has_temperature = [](const Json& sent) { return !sent["temperature"].is_null(); }};
}
INSTANTIATE_TEST_SUITE_P(Anthropic, ModelContractTest, testing::Values(contract()), [](const auto& each) { return each.param.provider; });

TEST(Anthropic, NamesTheVersionOfTheProtocol) {
  ScriptedServer server([](const SeenRequest&) { return ScriptedAnswer{.body = body("hello")}; });
  HttpClient http;
  const auto model = make_anthropic({.info = {.model = "m"}, .base_url = server.url()}, http);
  ASSERT_TRUE(ask_plainly(*model));
  EXPECT_EQ(server.seen().front().header("anthropic-version"), "2023-06-01");
  EXPECT_EQ(server.seen().front().path(), "/v1/messages");
}

}  // namespace
}  // namespace sluice
