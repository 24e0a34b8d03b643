#include "connectors/gemini/wire.h"

#include <gtest/gtest.h>

#include "connectors/gemini/schema.h"
#include "connectors/model_http/json_reply.h"
#include "connectors/model_http/wire_for_test.h"

namespace sluice::gemini {
namespace {

using model_http::Phrasing;
using model_http::read_stream;
using model_http::schema_for_test;

const ModelInfo kInfo = model_http::info_for_test("gemini", "gemini-2.5-flash");

ModelRequest asked(Json reply_schema = schema_for_test()) { return model_http::request_for_test(std::move(reply_schema)); }

TEST(GeminiEndpoint, FollowsTheBase) {
  EXPECT_EQ(endpoint("https://g.example", "gemini-2.5-flash", false), "https://g.example/v1beta/models/gemini-2.5-flash:generateContent");
  EXPECT_EQ(endpoint("https://g.example/v1beta/", "models/m", true), "https://g.example/v1beta/models/m:streamGenerateContent?alt=sse");
  EXPECT_EQ(endpoint("https://g.example/v1?a=b", "m n?", true), "https://g.example/v1/models/m%20n%3F:streamGenerateContent?a=b&alt=sse");
}

TEST(GeminiRequest, AsksForASchema) {
  EXPECT_EQ(
      request_body(asked(), kInfo, {}).dump(),
      R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"Q"}]},{"role":"model","parts":[{"text":"A"}]},)"
      R"({"role":"user","parts":[{"text":"Q2"}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":1000,)"
      R"("responseMimeType":"application/json",)"
      R"("responseSchema":{"type":"OBJECT","properties":{"sql":{"type":"STRING"}},"required":["sql"],"propertyOrdering":["sql"]}}})");
}

TEST(GeminiRequest, AsksInTheOtherWays) {
  const Json json = request_body(asked(), kInfo, {.structured = Structured::json});
  EXPECT_EQ(json["generationConfig"].text("responseMimeType"), "application/json");
  EXPECT_TRUE(json["generationConfig"]["responseSchema"].is_null());
  const std::string told = "S\n\n" + model_http::schema_instruction(schema_for_test());
  EXPECT_EQ(json["systemInstruction"]["parts"].as_array()->front().text("text"), told);

  const Json none = request_body(asked(), kInfo, {.structured = Structured::none});
  EXPECT_TRUE(none["generationConfig"]["responseMimeType"].is_null());
  EXPECT_EQ(none["systemInstruction"]["parts"].as_array()->front().text("text"), told);

  const Json tool = request_body(asked(), kInfo, {.structured = Structured::tool});
  EXPECT_EQ(tool["toolConfig"].dump(), R"({"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["answer"]}})");
  EXPECT_EQ(tool["tools"].as_array()->front()["functionDeclarations"].as_array()->front()["parameters"].text("type"), "OBJECT");
}

TEST(GeminiRequest, PutsASchemaThatItLacksWordsForIntoThePrompt) {
  const Json map = *Json::parse(R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}}}})");
  const Json body = request_body(asked(map), kInfo, {});
  EXPECT_TRUE(body["generationConfig"]["responseSchema"].is_null());
  EXPECT_EQ(body["generationConfig"].text("responseMimeType"), "application/json");
  EXPECT_NE(body["systemInstruction"].dump().find("JSON Schema"), std::string::npos);
}

TEST(GeminiRequest, AsksForFreeText) {
  EXPECT_EQ(request_body({.messages = {{.text = "Q"}}}, kInfo, {.temperature = false}).dump(),
            R"({"contents":[{"role":"user","parts":[{"text":"Q"}]}],"generationConfig":{"maxOutputTokens":1000}})");
}

std::string converted(const std::string& text) {
  const auto out = response_schema(*Json::parse(text));
  return out ? out->dump() : "";
}

TEST(GeminiSchema, SaysItInItsWords) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"type":"string","maxLength":5,"pattern":"x","format":"uri","description":"d"})", R"({"description":"d","type":"STRING"})"},
      {R"({"type":"string","format":"date-time"})", R"({"type":"STRING","format":"date-time"})"},
      {R"({"type":["string","null"],"description":"d"})", R"({"description":"d","type":"STRING","nullable":true})"},
      {R"({"type":["string","integer"]})", R"({"anyOf":[{"type":"STRING"},{"type":"INTEGER"}]})"},
      {R"({"anyOf":[{"type":"number"},{"type":"null"}]})", R"({"type":"NUMBER","nullable":true})"},
      {R"({"enum":["a","b"]})", R"({"type":"STRING","format":"enum","enum":["a","b"]})"},
      {R"({"const":"a"})", R"({"type":"STRING","format":"enum","enum":["a"]})"},
      {R"({"type":["string","null"],"enum":["a",null]})", R"({"type":"STRING","format":"enum","enum":["a"],"nullable":true})"},
      {R"({"type":"integer","enum":[1,2],"minimum":1})", R"({"minimum":1,"type":"INTEGER"})"},
      {R"({"type":"array","items":{"type":"boolean"},"maxItems":3})", R"({"maxItems":3,"type":"ARRAY","items":{"type":"BOOLEAN"}})"},
      {R"({"type":"object","properties":{"b":{"$ref":"#/$defs/X"},"a":{"type":"string"}},"required":["b"],)"
       R"("additionalProperties":false,"$defs":{"X":{"type":"number"}}})",
       R"({"type":"OBJECT","properties":{"b":{"type":"NUMBER"},"a":{"type":"STRING"}},"required":["b"],"propertyOrdering":["b","a"]})"},
      {R"({"type":"object"})", ""},
      {R"({"type":"object","properties":{}})", ""},
      {R"({"type":"array"})", ""},
      {R"({"type":"object","properties":{"a":{"$ref":"#"}}})", ""},
      {R"({"$ref":"#/$defs/X","$defs":{"X":{"type":"array","items":{"$ref":"#/$defs/X"}}}})", ""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(converted(text), expected) << text;
}

TEST(GeminiReply, ReadsAStreamWithoutThoughts) {
  std::string text;
  const auto reply = read_stream<ReplyReader>(
      {R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"{\"a\""}],"role":"model"}}],)"
       R"("usageMetadata":{"promptTokenCount":7},"modelVersion":"gemini-x"})",
       R"({"candidates":[{"content":{"parts":[{"text":":1}"}]},"finishReason":"STOP"}],)"
       R"("usageMetadata":{"promptTokenCount":7,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":11}})"},
      &text);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, R"({"a":1})");
  EXPECT_EQ(text, reply->text);
  EXPECT_EQ(reply->answered_by, "gemini-x");
  EXPECT_EQ(encode(reply->usage).dump(), R"({"input":7,"cached":4,"output":16})");
}

TEST(GeminiReply, TellsEndsApart) {
  struct Case {
    std::string body;
    std::optional<ModelFailure> failure;
    bool cut = false;
  };
  const std::vector<Case> cases{{R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]})", std::nullopt},
                                {R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"MAX_TOKENS"}]})", std::nullopt, true},
                                {R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}]})", ModelFailure::garbled},
                                {R"({"candidates":[{"finishReason":"SAFETY"}]})", ModelFailure::refused},
                                {R"({"candidates":[{"finishReason":"RECITATION"}]})", ModelFailure::refused},
                                {R"({"candidates":[{"finishReason":"BLOCKLIST"}]})", ModelFailure::refused},
                                {R"({"candidates":[{"finishReason":"PROHIBITED_CONTENT"}]})", ModelFailure::refused},
                                {R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"m"}]})", ModelFailure::garbled},
                                {R"({"promptFeedback":{"blockReason":"SAFETY"}})", ModelFailure::refused},
                                {R"({"error":{"code":503,"status":"UNAVAILABLE","message":"busy"}})", ModelFailure::overloaded},
                                {R"({"hello":1})", ModelFailure::garbled}};
  for (const Case& c : cases) {
    const auto reply = model_http::read_body<ReplyReader>(c.body);
    ASSERT_EQ(reply.has_value(), !c.failure) << c.body;
    if (reply) {
      EXPECT_EQ(reply->text, "x");
      EXPECT_EQ(reply->cut, c.cut) << c.body;
    } else {
      EXPECT_EQ(reply.error().failure, *c.failure) << c.body;
    }
  }
}

TEST(GeminiReply, ReadsAFunctionCallAndAnArrayOfParts) {
  const auto reply = model_http::read_body<ReplyReader>(
      R"([{"candidates":[{"content":{"parts":[{"functionCall":{"name":"answer","args":{"sql":"x"}}}]}}]},{"candidates":[{"finishReason":"STOP"}]}])");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, R"({"sql":"x"})");
}

TEST(GeminiFailure, IsReadFromStatusAndDetails) {
  const std::string quota = R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota","details":[)"
                            R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPer)";
  const std::string wait = R"(PerProjectPerModel"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}})";
  const std::vector<model_http::FailureCase> cases{
      {429, quota + "Minute" + wait, ModelFailure::overloaded, 34'500},
      {429, quota + "Day" + wait, ModelFailure::quota, 0},
      {429, R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Resource has been exhausted"}})", ModelFailure::overloaded},
      {503, R"({"error":{"code":503,"status":"UNAVAILABLE","message":"overloaded"}})", ModelFailure::overloaded},
      {504, R"([{"error":{"code":504,"status":"DEADLINE_EXCEEDED","message":"late"}}])", ModelFailure::timeout},
      {400,
       R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid. Please pass a valid API key.",)"
       R"("details":[{"reason":"API_KEY_INVALID"}]}})",
       ModelFailure::unauthorized},
      {403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"no"}})", ModelFailure::unauthorized},
      {404, R"({"error":{"code":404,"status":"NOT_FOUND","message":"models/x is not found for API version v1beta"}})", ModelFailure::not_found},
      {400,
       R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"The input token count (1200293) exceeds the maximum )"
       R"(number of tokens allowed (1048576)."}})",
       ModelFailure::too_long},
      {400, R"({"error":{"code":400,"status":"FAILED_PRECONDITION","message":"User location is not supported for the API use."}})",
       ModelFailure::unauthorized},
      {400, R"({"error":{"message":"No connected db.","type":"no_db_connection","code":"400"}})", ModelFailure::unauthorized},
      {400, R"({"error":{"message":"agenerate_content: Invalid model name passed in model=x","code":"400"}})", ModelFailure::not_found},
      {400, R"({"error":{"code":400,"status":"INVALID_ARGUMENT","message":"contents is required"}})", ModelFailure::rejected}};
  model_http::expect_failures(cases, read_failure);
}

std::optional<model_http::Rephrasing> after(std::string_view message, const Phrasing& sent, Structured configured = Structured::automatic) {
  const std::string body =
      Json::object().set("error", Json::object().set("code", 400).set("status", "INVALID_ARGUMENT").set("message", message)).dump();
  return rephrased(configured, asked(), sent, read_failure({.status = 400, .body = body}));
}

TEST(GeminiRephrasing, FallsDownTheLadder) {
  const auto unknown = after("Invalid JSON payload received. Unknown name \"responseSchema\" at 'generation_config'", {});
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->phrasing.structured, Structured::json);
  EXPECT_TRUE(unknown->lasting);
  const auto complex = after("The specified schema produces a constraint that has too many states for serving.", {});
  ASSERT_TRUE(complex);
  EXPECT_EQ(complex->phrasing.structured, Structured::json);
  EXPECT_FALSE(complex->lasting);
  const auto no_json = after("JSON mode is not enabled for models/gemma-3", {.structured = Structured::json});
  ASSERT_TRUE(no_json);
  EXPECT_EQ(no_json->phrasing.structured, Structured::none);
  EXPECT_FALSE(after("temperature must be in range", {})->phrasing.temperature);
  EXPECT_FALSE(after("contents is required", {}));
  EXPECT_FALSE(after("Unknown name \"responseSchema\"", {}, Structured::schema));
}

TEST(GeminiRephrasing, AsksWithoutAStreamWhereThatPathIsMissing) {
  const auto missing = read_failure({.status = 404, .body = R"({"error":{"message":"no such endpoint: /v1beta/models/x:streamGenerateContent"}})"});
  const auto other = rephrased(Structured::schema, asked(), {}, missing);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->phrasing.stream);
  EXPECT_FALSE(rephrased(Structured::schema, asked(), other->phrasing, missing));
  const auto model =
      read_failure({.status = 404, .body = R"({"error":{"status":"NOT_FOUND","message":"models/x is not found for API version v1beta"}})"});
  EXPECT_FALSE(rephrased(Structured::automatic, asked(), {}, model));
}

}  // namespace
}  // namespace sluice::gemini
