#include "connectors/model_http/failure.h"

#include <gtest/gtest.h>

namespace sluice::model_http {
namespace {

// Made up: no account has it.
const std::string kKey = "sk-test-0123456789abcdef";
const ModelInfo kInfo{.name = "default", .provider = "openai", .model = "gpt-4o", .endpoint = "https://api.openai.com"};

TEST(FailureError, SaysWhoWhatAndWhatNext) {
  const Error error =
      failure_error(kInfo, {.failure = ModelFailure::overloaded, .text = "slow down", .status = 429, .retry_after_ms = 1500}, KeyMask({kKey}));
  EXPECT_EQ(error.code, "E1001");
  EXPECT_EQ(error.kind, ErrorKind::transient);
  EXPECT_EQ(error.retry_after_ms, 1500);
  EXPECT_EQ(error.message, "model \"default\" (openai, gpt-4o, https://api.openai.com) is overloaded or has a fault (HTTP 429): slow down");
  EXPECT_NE(error.hint, "");
}

TEST(FailureError, HasWordsAndAHintForEachFailure) {
  for (int i = 0; i <= static_cast<int>(ModelFailure::garbled); ++i) {
    const auto failure = static_cast<ModelFailure>(i);
    const Error error = failure_error(kInfo, {.failure = failure}, KeyMask({}));
    EXPECT_EQ(failure_of(error), failure);
    EXPECT_FALSE(error.hint.empty()) << i;
    EXPECT_EQ(error.message.find("failed"), std::string::npos) << i;
  }
}

TEST(FailureError, ClipsAndCleansTheProvidersText) {
  const KeyMask mask({kKey});
  const auto text_of = [&](const std::string& text) {
    const std::string message = failure_error(kInfo, {.text = text}, mask).message;
    return message.substr(message.find("no reply: ") + 10);
  };
  EXPECT_EQ(text_of("two\nlines"), "two lines");
  EXPECT_EQ(text_of(std::string(400, 'x')), std::string(300, 'x') + "…");
  std::string umlauts, clipped;
  for (int i = 0; i < 301; ++i) umlauts += "ä";
  for (int i = 0; i < 300; ++i) clipped += "ä";
  EXPECT_EQ(text_of(umlauts), clipped + "…");
  EXPECT_EQ(text_of("a\x1b[31m"), "a\\u{001B}[31m");
  // A key that the cut would go through is taken out first.
  const std::string at_the_cut = text_of(std::string(290, ' ') + "y" + std::string(5, ' ') + kKey);
  EXPECT_EQ(at_the_cut.find("sk-test"), std::string::npos) << at_the_cut;
  EXPECT_EQ(text_of("bad key " + kKey), "bad key [key]");
}

TEST(TransportError, BecomesAModelsFailure) {
  struct Case {
    Error error;
    ModelFailure failure;
    ErrorKind kind;
  };
  const std::vector<Case> cases{
      {{ErrorKind::transient, "E1105", "no connection", ""}, ModelFailure::unreachable, ErrorKind::transient},
      {{ErrorKind::refused, "E1105", "its certificate is not trusted", ""}, ModelFailure::unreachable, ErrorKind::refused},
      {{ErrorKind::timeout, "E1106", "too long", ""}, ModelFailure::timeout, ErrorKind::timeout},
      {{ErrorKind::transient, "E1107", "paused", "", 900}, ModelFailure::unreachable, ErrorKind::transient},
      {{ErrorKind::transient, "E1108", "malformed", ""}, ModelFailure::garbled, ErrorKind::transient},
      {{ErrorKind::refused, "E1109", "private", "set allow_private"}, ModelFailure::unreachable, ErrorKind::refused},
      {{ErrorKind::input, "E1110", "no URL", ""}, ModelFailure::rejected, ErrorKind::input},
  };
  for (const Case& c : cases) {
    const Error error = transport_error(kInfo, c.error, KeyMask({}));
    EXPECT_EQ(failure_of(error), c.failure) << c.error.code;
    EXPECT_EQ(error.kind, c.kind) << c.error.code;
    EXPECT_EQ(error.retry_after_ms, c.error.retry_after_ms);
    EXPECT_NE(error.message.find(c.error.message), std::string::npos);
    EXPECT_TRUE(error.hint.starts_with(c.error.hint)) << error.hint;
  }
}

TEST(TransportError, LeavesWhatIsKnown) {
  const Error cancelled{ErrorKind::cancelled, "E0452", "cancelled", ""};
  EXPECT_EQ(transport_error(kInfo, cancelled, KeyMask({})), cancelled);
  const Error own = failure_error(kInfo, {.failure = ModelFailure::quota}, KeyMask({}));
  EXPECT_EQ(transport_error(kInfo, own, KeyMask({})), own);
}

TEST(PlainFailure, ReadsTheShapesOfErrors) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"error":{"message":"m1"}})", "m1"},
      {R"({"error":"m2"})", "m2"},
      {R"({"object":"error","message":"m3","code":400})", "m3"},
      {R"({"detail":"m4"})", "m4"},
      {R"([{"error":{"message":"m5"}}])", "m5"},
      {"plain words", "plain words"},
      {R"({"detail":[{"msg":"m6"}]})", R"([{"msg":"m6"}])"},
      {"[]", "[]"},
  };
  for (const auto& [body, text] : cases) {
    const HttpResponse response{.status = 400, .body = body};
    EXPECT_EQ(plain_failure(response, error_body(response)).text, text) << body;
  }
  const HttpResponse page{.status = 502, .headers = {{"Content-Type", "text/html"}}, .body = "<html>Bad gateway</html>"};
  EXPECT_EQ(plain_failure(page, error_body(page)).text, "");
  const HttpResponse elsewhere{.status = 302, .body = "moved"};
  EXPECT_NE(plain_failure(elsewhere, error_body(elsewhere)).what.find("redirect"), std::string::npos);
}

TEST(FailureOfStatus, IsWhatItMeans) {
  const std::vector<std::pair<int, ModelFailure>> cases{
      {400, ModelFailure::rejected},   {401, ModelFailure::unauthorized}, {402, ModelFailure::quota},      {403, ModelFailure::unauthorized},
      {404, ModelFailure::not_found},  {408, ModelFailure::timeout},      {413, ModelFailure::too_long},   {422, ModelFailure::rejected},
      {429, ModelFailure::overloaded}, {500, ModelFailure::overloaded},   {503, ModelFailure::overloaded}, {529, ModelFailure::overloaded},
      {302, ModelFailure::rejected}};
  for (const auto& [status, failure] : cases) EXPECT_EQ(failure_of_status(status), failure) << status;
}

}  // namespace
}  // namespace sluice::model_http
