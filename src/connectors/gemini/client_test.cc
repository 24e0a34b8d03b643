#include "connectors/gemini/client.h"

#include "connectors/model_http/model_contract.h"

namespace sluice {
namespace {

Json part(const std::string& text, const Json& finish) {
  Json candidate = Json::object().set("content", Json::object().set("parts", Json::array().push(Json::object().set("text", text))));
  if (!finish.is_null()) candidate.set("finishReason", finish);
  return Json::object()
      .set("candidates", Json::array().push(candidate))
      .set("usageMetadata", Json::object().set("promptTokenCount", 20).set("candidatesTokenCount", 2).set("thoughtsTokenCount", 3))
      .set("modelVersion", "m-1-dated");
}

std::string events(const std::string& text) {
  return "data: " + part(text.substr(0, text.size() / 2), {}).dump() + "\n\ndata: " + part(text.substr(text.size() / 2), "STOP").dump() + "\n\n";
}

std::string error(const std::string& text, const std::string& status = "", const Json& details = {}) {
  return Json::object().set("error", Json::object().set("message", text).set("status", status).set("details", details)).dump();
}

ModelContract contract() {
  const Json per_day =
      *Json::parse(R"([{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProject"}]}])");
  return {.provider = "gemini",
          .make = make_gemini,
          .key_header = "x-goog-api-key",
          .body = [](const std::string& text) { return part(text, "STOP").dump(); },
          .events = events,
          .cut = part("{\"sql", "MAX_TOKENS").dump(),
          .refused = R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":20}})",
          .error = [](const std::string& text) { return error(text); },
          .no_structure = error("Unknown name \"responseSchema\" at 'generation_config': Cannot find field.", "INVALID_ARGUMENT"),
          .no_temperature = error("temperature is not supported", "INVALID_ARGUMENT"),
          .no_quota = error("You exceeded your current quota", "RESOURCE_EXHAUSTED", per_day),
          .too_long = error("The input token count (20) exceeds the maximum number of tokens allowed (10).", "INVALID_ARGUMENT"),
          .first_way = [](const Json& sent) { return !sent["generationConfig"]["responseSchema"].is_null(); },
          .has_temperature = [](const Json& sent) { return !sent["generationConfig"]["temperature"].is_null(); }};
}
INSTANTIATE_TEST_SUITE_P(Gemini, ModelContractTest, testing::Values(contract()), [](const auto& each) { return each.param.provider; });

TEST(Gemini, AsksAPathOfTheModel) {
  ScriptedServer server([](const SeenRequest&) { return ScriptedAnswer{.body = part("hello", "STOP").dump()}; });
  HttpClient http;
  for (const bool stream : {true, false})
    ASSERT_TRUE(ask_plainly(*make_gemini({.info = {.model = "m"}, .base_url = server.url(), .stream = stream}, http)));
  EXPECT_EQ(server.seen()[0].path(), "/v1beta/models/m:streamGenerateContent?alt=sse");
  EXPECT_EQ(server.seen()[1].path(), "/v1beta/models/m:generateContent");
}

}  // namespace
}  // namespace sluice
