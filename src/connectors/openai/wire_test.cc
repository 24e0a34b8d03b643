#include "connectors/openai/wire.h"

#include <gtest/gtest.h>

#include "connectors/model_http/json_reply.h"
#include "connectors/model_http/wire_for_test.h"

namespace sluice::openai {
namespace {

using model_http::Phrasing;
using model_http::read_stream;
using model_http::schema_for_test;

const ModelInfo kInfo = model_http::info_for_test("openai", "gpt-4o");

ModelRequest asked(Json reply_schema = schema_for_test()) { return model_http::request_for_test(std::move(reply_schema)); }

TEST(OpenAiEndpoint, FollowsTheBase) {
  EXPECT_EQ(endpoint("https://api.openai.com/v1"), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(endpoint("http://localhost:11434/v1/"), "http://localhost:11434/v1/chat/completions");
  EXPECT_EQ(endpoint("https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21"),
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(endpoint("https://x/v1/chat/completions"), "https://x/v1/chat/completions");
}

TEST(OpenAiRequest, AsksForASchema) {
  const Json body = request_body(asked(), kInfo, {});
  EXPECT_EQ(body.dump(),
            R"({"model":"gpt-4o","messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"},)"
            R"({"role":"user","content":"Q2"}],"max_tokens":1000,"temperature":0.5,"response_format":{"type":"json_schema","json_schema":)"
            R"({"name":"answer","strict":true,"schema":{"type":"object","properties":{"sql":{"type":"string"}},"required":["sql"],)"
            R"("additionalProperties":false}}},"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(OpenAiRequest, IsStrictOnlyWhereTheSchemaIs) {
  const Json open = *Json::parse(R"({"type":"object","properties":{"sql":{"type":"string","maxLength":5}}})");
  const Json body = request_body(asked(open), kInfo, {});
  EXPECT_FALSE(body["response_format"]["json_schema"].flag("strict"));
  EXPECT_EQ(body["response_format"]["json_schema"]["schema"], open);
  EXPECT_FALSE(request_body(asked(), kInfo, {.strict = false})["response_format"]["json_schema"].flag("strict"));
}

TEST(OpenAiRequest, AsksInEachWay) {
  const Json tool = request_body(asked(), kInfo, {.structured = Structured::tool});
  EXPECT_EQ(tool["tool_choice"].dump(), R"({"type":"function","function":{"name":"answer"}})");
  EXPECT_EQ(tool["tools"].as_array()->front()["function"]["parameters"], schema_for_test());
  EXPECT_TRUE(tool["response_format"].is_null());

  const Json json = request_body(asked(), kInfo, {.structured = Structured::json});
  EXPECT_EQ(json["response_format"].dump(), R"({"type":"json_object"})");
  EXPECT_EQ(json["messages"].as_array()->front().text("content"), "S\n\n" + model_http::schema_instruction(schema_for_test()));

  const Json none = request_body(asked(), kInfo, {.structured = Structured::none});
  EXPECT_TRUE(none["response_format"].is_null());
  EXPECT_EQ(none["messages"].as_array()->front().text("content"), "S\n\n" + model_http::schema_instruction(schema_for_test()));
}

TEST(OpenAiRequest, AsksForFreeTextWithoutASchema) {
  const Json body = request_body(asked(Json()), kInfo, {.structured = Structured::none, .stream = false});
  EXPECT_TRUE(body["response_format"].is_null());
  EXPECT_TRUE(body["stream"].is_null());
  EXPECT_EQ(body["messages"].as_array()->front().text("content"), "S");
}

TEST(OpenAiRequest, LeavesOutWhatIsNotTaken) {
  ModelRequest request = asked();
  request.max_tokens = 7;
  request.temperature = 0.0;
  const Json body = request_body(request, kInfo, {.temperature = false, .completion_tokens = true, .stream_usage = false});
  EXPECT_TRUE(body["temperature"].is_null());
  EXPECT_TRUE(body["max_tokens"].is_null());
  EXPECT_EQ(body.integer("max_completion_tokens"), 7);
  EXPECT_TRUE(body["stream_options"].is_null());
}

TEST(OpenAiReply, ReadsAStream) {
  std::string text;
  const auto reply = read_stream<ReplyReader>(
      {R"({"choices":[],"prompt_filter_results":[]})", R"({"model":"gpt-4o-x","choices":[{"delta":{"role":"assistant","content":""}}]})",
       R"({"choices":[{"delta":{"content":"{\"a\""}}]})", R"({"choices":[{"delta":{"content":": 1}"},"finish_reason":null}]})",
       R"({"choices":[{"delta":{},"finish_reason":"stop"}]})",
       R"({"choices":[],"usage":{"prompt_tokens":20,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":16}}})", "[DONE]"},
      &text);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, R"({"a": 1})");
  EXPECT_EQ(text, reply->text);
  EXPECT_EQ(reply->answered_by, "gpt-4o-x");
  EXPECT_EQ(encode(reply->usage).dump(), R"({"input":20,"cached":16,"output":5})");
  EXPECT_FALSE(reply->cut);
}

TEST(OpenAiReply, ReadsAToolCallInPieces) {
  const auto reply =
      read_stream<ReplyReader>({R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"answer","arguments":""}}]}}]})",
                                R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"sql\":"}}]}}]})",
                                R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"x\"}"}}]}}]})",
                                R"({"choices":[{"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"sql\":\"y\"}"}}]}}]})",
                                R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})", "[DONE]"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, R"({"sql":"x"})");
}

TEST(OpenAiReply, IsGarbledWithoutItsEnd) {
  const std::string piece = R"({"choices":[{"delta":{"content":"half"}}]})", stop = R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
  for (const auto& events : std::vector<std::vector<std::string>>{{}, {piece}, {piece, stop}, {piece, "[DONE]"}, {"not JSON"}}) {
    const auto reply = read_stream<ReplyReader>(events);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().failure, ModelFailure::garbled);
  }
  EXPECT_TRUE(read_stream<ReplyReader>({piece, stop, "[DONE]"}));
}

TEST(OpenAiReply, ReadsABody) {
  struct Case {
    std::string body, text;
    bool cut;
  };
  const std::vector<Case> cases{
      {R"({"choices":[{"message":{"content":"hello"},"finish_reason":"stop"}]})", "hello", false},
      {R"({"choices":[{"message":{"content":"hel"},"finish_reason":"length"}]})", "hel", true},
      {R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},"finish_reason":"stop"}]})", "ab", false},
      {R"({"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]})",
       R"({"a":1})", false},
      {R"({"choices":[{"message":{"content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"finish_reason":"stop"}]})",
       R"({"a":1})", false}};
  for (const Case& c : cases) {
    const auto reply = model_http::read_body<ReplyReader>(c.body);
    ASSERT_TRUE(reply) << c.body;
    EXPECT_EQ(reply->text, c.text);
    EXPECT_EQ(reply->cut, c.cut);
  }
}

TEST(OpenAiReply, TellsRefusalsAndErrorsApart) {
  struct Case {
    std::string body;
    ModelFailure failure;
  };
  const std::vector<Case> cases{
      {R"({"choices":[{"message":{"refusal":"I won't."},"finish_reason":"stop"}]})", ModelFailure::refused},
      {R"({"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]})", ModelFailure::refused},
      {R"({"choices":[{"message":{"content":"x"},"finish_reason":"error"}]})", ModelFailure::overloaded},
      {R"({"choices":[{"message":{"content":"x"}}]})", ModelFailure::garbled},
      {R"({"error":{"message":"Provider returned error","code":429}})", ModelFailure::overloaded},
      {R"({"error":{"message":"no","code":400}})", ModelFailure::rejected},
      {R"({"error":{"message":"no","code":"401"}})", ModelFailure::unauthorized},
      {R"({"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}})", ModelFailure::too_long},
      {R"({"error":{"message":"something broke","code":"server_error"}})", ModelFailure::overloaded},
      {R"({"hello":"world"})", ModelFailure::garbled}};
  for (const Case& c : cases) {
    const auto reply = model_http::read_body<ReplyReader>(c.body);
    ASSERT_FALSE(reply) << c.body;
    EXPECT_EQ(reply.error().failure, c.failure) << c.body;
  }
}

TEST(OpenAiFailure, IsReadFromEachServersWords) {
  const std::vector<model_http::FailureCase> cases{
      {429, R"({"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}})", ModelFailure::overloaded},
      {429,
       R"({"error":{"message":"You exceeded your current quota, please check your plan","type":"insufficient_quota","code":"insufficient_quota"}})",
       ModelFailure::quota},
      {429, R"({"error":{"message":"Request too large for gpt-4o in organization o on tokens per min","code":"rate_limit_exceeded"}})",
       ModelFailure::too_long},
      {402, R"({"error":{"message":"Insufficient credits","code":402}})", ModelFailure::quota},
      {400, R"({"error":{"message":"Budget has been exceeded! Current cost: 2","type":"budget_exceeded","code":"400"}})", ModelFailure::quota},
      {400, R"({"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}})",
       ModelFailure::too_long},
      {400, R"({"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}})",
       ModelFailure::too_long},
      {400, R"({"error":{"message":"The response was filtered due to Azure OpenAI's content management policy","code":"content_filter"}})",
       ModelFailure::refused},
      {400, R"({"error":{"message":"litellm.BadRequestError: Invalid model name passed in model=x","code":"400"}})", ModelFailure::not_found},
      {400, R"({"error":{"message":"No connected db.","type":"no_db_connection","code":"400"}})", ModelFailure::unauthorized},
      {401, R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})", ModelFailure::unauthorized},
      {404, R"({"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error"}})", ModelFailure::not_found},
      {404, R"({"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist"}})", ModelFailure::not_found},
      {400, R"({"error":{"message":"Unrecognized request argument","type":"invalid_request_error"}})", ModelFailure::rejected},
      {500, R"({"error":{"message":"The server had an error"}})", ModelFailure::overloaded},
      {503, "upstream connect error", ModelFailure::overloaded}};
  model_http::expect_failures(cases, read_failure);
}

Phrasing after(const std::string& body, const Phrasing& sent, bool lasting = true, int status = 400, Structured configured = Structured::automatic) {
  const auto other = rephrased(configured, asked(), sent, read_failure({.status = status, .body = body}));
  if (!other) return sent;
  EXPECT_EQ(other->lasting, lasting) << body;
  return other->phrasing;
}

TEST(OpenAiRephrasing, FindsWhatAModelTakes) {
  EXPECT_TRUE(after(R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use )"
                    R"('max_completion_tokens' instead.","param":"max_tokens","code":"unsupported_parameter"}})",
                    {})
                  .completion_tokens);
  EXPECT_FALSE(after(R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.2 with this model.","param":"temperature",)"
                     R"("code":"unsupported_value"}})",
                     {})
                   .temperature);
  EXPECT_FALSE(after(R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})", {}).stream_usage);
  EXPECT_FALSE(
      after(R"({"error":{"message":"Your organization must be verified to stream this model.","param":"stream","code":"unsupported_value"}})", {})
          .stream);
}

TEST(OpenAiRephrasing, FallsDownTheLadder) {
  EXPECT_EQ(after(R"({"error":{"message":"'response_format' of type 'json_schema' is not supported with this model"}})", {}).structured,
            Structured::tool);
  EXPECT_EQ(after(R"({"error":{"message":"litellm.UnsupportedParamsError: x does not support parameters: ['response_format']"}})", {}).structured,
            Structured::tool);
  EXPECT_EQ(after(R"({"error":"registry.ollama.ai/library/x does not support tools"})", {.structured = Structured::tool}).structured,
            Structured::json);
  EXPECT_EQ(
      after(R"({"error":{"message":"No endpoints found that support tool use","code":404}})", {.structured = Structured::tool}, true, 404).structured,
      Structured::json);
  EXPECT_EQ(after(R"({"error":{"message":"response_format json_object unsupported"}})", {.structured = Structured::json}, true, 422).structured,
            Structured::none);
}

TEST(OpenAiRephrasing, RemembersNothingOfOneSchema) {
  const std::string invalid = R"({"error":{"message":"Invalid schema for response_format 'answer': In context=(), ...","code":null}})";
  EXPECT_FALSE(after(invalid, {}, false).strict);
  EXPECT_EQ(after(invalid, {.strict = false}, false).structured, Structured::tool);
}

TEST(OpenAiRephrasing, LeavesOtherFailuresAndWhatAPersonChose) {
  const Phrasing sent;
  EXPECT_EQ(after(R"({"error":{"message":"max_tokens is too large: 100000","param":"max_tokens","code":"invalid_value"}})", sent), sent);
  EXPECT_EQ(after(R"({"error":{"message":"messages must not be empty"}})", sent), sent);
  EXPECT_EQ(after(R"({"error":{"message":"The model `x` does not exist"}})", sent, true, 404), sent);
  EXPECT_EQ(after(R"({"error":{"message":"json_schema is not supported"}})", sent, true, 400, Structured::schema), sent);
  const Phrasing lowest{.structured = Structured::none};
  EXPECT_EQ(after(R"({"error":{"message":"response_format is not supported"}})", lowest), lowest);
}

}  // namespace
}  // namespace sluice::openai
