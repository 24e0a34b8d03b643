#include "connectors/anthropic/wire.h"

#include <gtest/gtest.h>

#include "connectors/model_http/json_reply.h"
#include "connectors/model_http/wire_for_test.h"

namespace sluice::anthropic {
namespace {

using model_http::Phrasing;
using model_http::read_stream;

const ModelInfo kInfo = model_http::info_for_test("anthropic", "claude-sonnet-4-5");
const Phrasing kTool{.structured = Structured::tool};

Json schema() { return *Json::parse(R"({"type":"object","properties":{"sql":{"type":"string","maxLength":99}},"required":["sql"]})"); }
ModelRequest asked(Json reply_schema = schema()) { return model_http::request_for_test(std::move(reply_schema)); }

TEST(AnthropicEndpoint, FollowsTheBase) {
  EXPECT_EQ(endpoint("https://api.anthropic.com"), "https://api.anthropic.com/v1/messages");
  EXPECT_EQ(endpoint("https://api.anthropic.com/"), "https://api.anthropic.com/v1/messages");
  EXPECT_EQ(endpoint("http://localhost:4000/v1"), "http://localhost:4000/v1/messages");
  EXPECT_EQ(endpoint("http://x/v1/messages?a=b"), "http://x/v1/messages?a=b");
}

TEST(AnthropicRequest, ForcesAToolAndMarksWhatIsWorthCaching) {
  EXPECT_EQ(
      request_body(asked(), kInfo, kTool).dump(),
      R"({"model":"claude-sonnet-4-5","max_tokens":1000,"system":[{"type":"text","text":"S","cache_control":{"type":"ephemeral"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"Q","cache_control":{"type":"ephemeral"}}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"A"}]},{"role":"user","content":[{"type":"text","text":"Q2"}]}],"temperature":0.5,)"
      R"("tools":[{"name":"answer","description":"Gives the reply.","input_schema":{"type":"object",)"
      R"("properties":{"sql":{"type":"string","maxLength":99}},)"
      R"("required":["sql"]}}],"tool_choice":{"type":"tool","name":"answer","disable_parallel_tool_use":true},"stream":true})");
}

TEST(AnthropicRequest, AsksInTheOtherWays) {
  const Json held = request_body(asked(), kInfo, {.structured = Structured::schema});
  EXPECT_EQ(
      held["output_config"]["format"].dump(),
      R"({"type":"json_schema","schema":{"type":"object","properties":{"sql":{"type":"string"}},"required":["sql"],"additionalProperties":false}})");
  EXPECT_TRUE(held["tools"].is_null());
  const Json told = request_body(asked(), kInfo, {.structured = Structured::none});
  EXPECT_EQ(told["system"].as_array()->front().text("text"), "S\n\n" + model_http::schema_instruction(schema()));
  EXPECT_TRUE(told["tools"].is_null());
  const Json free = request_body(asked(Json()), kInfo, kTool);
  EXPECT_TRUE(free["tools"].is_null());
  EXPECT_EQ(free["system"].as_array()->front().text("text"), "S");
}

TEST(AnthropicRequest, LeavesOutWhatIsNotTaken) {
  const ModelInfo hot{.model = "m", .temperature = 1.7, .max_tokens = 0};
  const Json body = request_body({.messages = {{.text = "Q"}}}, hot, {.stream = false, .cache_marks = false});
  EXPECT_EQ(body.dump(), R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"Q"}]}],"temperature":1.0})");
  EXPECT_TRUE(request_body(asked(), kInfo, {.temperature = false})["temperature"].is_null());
}

const std::string kStart = R"({"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":10,"cache_creation_input_tokens":100,)"
                           R"("cache_read_input_tokens":1000,"output_tokens":1}}})";
const std::string kStop = R"({"type":"message_stop"})";

TEST(AnthropicReply, ReadsAToolCallFromAStream) {
  std::string text;
  const auto reply =
      read_stream<ReplyReader>({kStart, R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}})",
                                R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}})", R"({"type":"ping"})",
                                R"({"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"answer","input":{}}})",
                                R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}})",
                                R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"sql\":"}})",
                                R"({"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"x\"}"}})",
                                R"({"type":"content_block_stop","index":1})",
                                R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":15}})", kStop},
                               &text);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, R"({"sql":"x"})");
  EXPECT_EQ(text, reply->text);
  EXPECT_EQ(reply->answered_by, "claude-x");
  EXPECT_EQ(encode(reply->usage).dump(), R"({"input":1110,"cached":1000,"cache_written":100,"output":15})");
}

TEST(AnthropicReply, IsGarbledWithoutItsEnd) {
  const std::string piece = R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half"}})";
  const std::string why = R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}})";
  for (const auto& events : std::vector<std::vector<std::string>>{{}, {kStart, piece}, {kStart, piece, why}, {kStart, piece, kStop}, {"nothing"}}) {
    const auto reply = read_stream<ReplyReader>(events);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().failure, ModelFailure::garbled);
  }
  const auto whole = read_stream<ReplyReader>({kStart, piece, why, kStop});
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->text, "half");
}

TEST(AnthropicReply, EndsWithAnErrorEvent) {
  const auto busy = read_stream<ReplyReader>({kStart, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().failure, ModelFailure::overloaded);
  EXPECT_EQ(busy.error().text, "Overloaded");
  const auto wrong =
      read_stream<ReplyReader>({R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"}})"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().failure, ModelFailure::too_long);
}

TEST(AnthropicReply, ReadsABody) {
  struct Case {
    std::string content, stop, text;
    bool cut;
  };
  const std::vector<Case> cases{
      {R"([{"type":"text","text":"a"},{"type":"text","text":"b"}])", "end_turn", "ab", false},
      {R"([{"type":"thinking","thinking":"t"},{"type":"tool_use","name":"answer","input":{"sql":"x"}}])", "tool_use", R"({"sql":"x"})", false},
      {R"([{"type":"text","text":"so"},{"type":"tool_use","name":"answer","input":{}}])", "tool_use", "{}", false},
      {R"([{"type":"text","text":"a"}])", "max_tokens", "a", true},
      {R"([{"type":"text","text":"a"}])", "model_context_window_exceeded", "a", true}};
  for (const Case& c : cases) {
    const Json body = Json::object().set("model", "m").set("content", *Json::parse(c.content)).set("stop_reason", c.stop);
    const auto reply = model_http::read_body<ReplyReader>(body.dump());
    ASSERT_TRUE(reply) << c.content;
    EXPECT_EQ(reply->text, c.text);
    EXPECT_EQ(reply->cut, c.cut);
  }
}

TEST(AnthropicReply, KnowsARefusal) {
  const auto reply = model_http::read_body<ReplyReader>(R"({"content":[],"stop_reason":"refusal"})");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().failure, ModelFailure::refused);
}

std::string error_of(std::string_view type, std::string_view message) {
  return Json::object().set("type", "error").set("error", Json::object().set("type", type).set("message", message)).dump();
}

TEST(AnthropicFailure, IsReadFromItsTypeAndWords) {
  const std::vector<model_http::FailureCase> cases{
      {529, error_of("overloaded_error", "Overloaded"), ModelFailure::overloaded},
      {429, error_of("rate_limit_error", "This request would exceed your organization's rate limit"), ModelFailure::overloaded},
      {500, error_of("api_error", "Internal server error"), ModelFailure::overloaded},
      {504, error_of("timeout_error", "timed out"), ModelFailure::timeout},
      {401, error_of("authentication_error", "invalid x-api-key"), ModelFailure::unauthorized},
      {403, error_of("permission_error", "no"), ModelFailure::unauthorized},
      {404, error_of("not_found_error", "model: claude-x"), ModelFailure::not_found},
      {413, error_of("request_too_large", "Request exceeds the maximum size"), ModelFailure::too_long},
      {402, error_of("billing_error", "billing"), ModelFailure::quota},
      {400, error_of("invalid_request_error", "Your credit balance is too low to access the Anthropic API"), ModelFailure::quota},
      {400, error_of("invalid_request_error", "You have reached your specified API usage limits"), ModelFailure::quota},
      {400, error_of("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), ModelFailure::too_long},
      {400, error_of("invalid_request_error", "input length and `max_tokens` exceed context limit: 9 + 9 > 10"), ModelFailure::too_long},
      {400, error_of("invalid_request_error", "Output blocked by content filtering policy"), ModelFailure::refused},
      {400, error_of("no_db_connection", "No connected db."), ModelFailure::unauthorized},
      {400, error_of("400", "anthropic_messages: Invalid model name passed in model=x"), ModelFailure::not_found},
      {400, error_of("invalid_request_error", "messages: roles must alternate"), ModelFailure::rejected}};
  model_http::expect_failures(cases, read_failure);
}

Phrasing after(std::string_view message, const Phrasing& sent, bool lasting = true, Structured configured = Structured::automatic) {
  const auto other = rephrased(configured, asked(), sent, read_failure({.status = 400, .body = error_of("invalid_request_error", message)}));
  if (!other) return sent;
  EXPECT_EQ(other->lasting, lasting) << message;
  return other->phrasing;
}

TEST(AnthropicRephrasing, FindsWhatAModelTakes) {
  EXPECT_FALSE(after("`temperature` is deprecated for this model.", kTool).temperature);
  EXPECT_EQ(after("tool_choice: type \"tool\" and \"any\" are not supported for this model.", kTool).structured, Structured::schema);
  EXPECT_EQ(after("Thinking may not be enabled when tool_choice forces tool use.", kTool).structured, Structured::schema);
  EXPECT_EQ(after("output_config: Extra inputs are not permitted", {.structured = Structured::schema}).structured, Structured::none);
  EXPECT_EQ(after("Schema is too complex", {.structured = Structured::schema}, false).structured, Structured::none);
  EXPECT_FALSE(after("cache_control: Extra inputs are not permitted", kTool).cache_marks);
}

TEST(AnthropicRephrasing, LeavesOtherFailuresAndWhatAPersonChose) {
  EXPECT_EQ(after("messages: roles must alternate", kTool), kTool);
  EXPECT_EQ(after("prompt is too long: 9 tool tokens > 8 maximum", kTool), kTool);
  EXPECT_EQ(after("tool_choice: not supported", kTool, true, Structured::tool), kTool);
}

}  // namespace
}  // namespace sluice::anthropic
