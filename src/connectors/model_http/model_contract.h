#pragma once
// What every model behind HTTP has to do, whatever its provider's words: one suite, run for each provider.
#include <gtest/gtest.h>

#include <ostream>

#include "connectors/model_http/options.h"
#include "connectors/model_http/scripted_server.h"

namespace sluice {

/// A provider's words for the suite.
struct ModelContract {
  std::string provider{};
  std::function<std::unique_ptr<Model>(ModelHttpOptions, HttpClient&)> make{};
  std::string key_header{}, key_prefix{};  ///< where the key is expected
  /// A whole reply; a stream of the same in two pieces, then its end.
  std::function<std::string(const std::string& text)> body{}, events{};
  std::string cut{}, refused{};                                          ///< whole bodies of such replies
  std::function<std::string(const std::string& text)> error{};           ///< an error's body
  std::string no_structure{}, no_temperature{}, no_quota{}, too_long{};  ///< bodies of refusals (400; quota: 429)
  std::function<bool(const Json& body)> first_way{};                     ///< whether a request asks for a schema in the way tried first
  std::function<bool(const Json& body)> has_temperature{};
};

/// Asks a plain question, for what a test wants to see of the request.
inline Result<ModelReply> ask_plainly(Model& model) {
  const ModelRequest request{.messages = {{.text = "Q"}}};
  return std::move(model.answer({&request, 1}, {}, {std::chrono::steady_clock::now() + std::chrono::seconds(10), {}}).front());
}

inline void PrintTo(const ModelContract& contract, std::ostream* out) { *out << contract.provider; }

class ModelContractTest : public testing::TestWithParam<ModelContract> {
 protected:
  // Made up: no account has it.
  static constexpr const char* kKey = "sk-made-up-0123456789-key";

  ModelHttpOptions options(const std::string& url) const {
    ModelHttpOptions out{.info = {.name = "default", .provider = GetParam().provider, .model = "m-1", .endpoint = url}, .base_url = url};
    out.api_key = [] { return Result<std::string>(kKey); };
    out.retry = {.attempts_max = 3, .first_delay = std::chrono::milliseconds(5), .delay_max = std::chrono::milliseconds(20)};
    out.timeout = std::chrono::seconds(10);
    return out;
  }
  std::unique_ptr<Model> model(const ScriptedServer& server) { return GetParam().make(options(server.url()), http_); }
  static Call soon(std::chrono::milliseconds time = std::chrono::seconds(20)) { return {std::chrono::steady_clock::now() + time, {}}; }
  static ModelRequest asked(const std::string& text = "Q") {
    Json schema = Json::object().set("type", "object");
    schema.set("properties", Json::object().set("sql", Json::object().set("type", "string")));
    schema.set("required", Json::array().push("sql")).set("additionalProperties", false);
    return {.system = "S", .messages = {{.text = text}}, .reply_name = "answer", .reply_schema = schema};
  }
  static Result<ModelReply> ask(Model& model, const ModelEvents& events = {}, const Call& call = soon(), const ModelRequest& request = asked()) {
    return std::move(model.answer({&request, 1}, events, call).front());
  }
  ScriptedAnswer streamed(const std::string& text) const { return {.type = "text/event-stream", .body = GetParam().events(text), .piece = 7}; }
  static void expect_failure(const Result<ModelReply>& reply, ModelFailure failure) {
    ASSERT_FALSE(reply);
    EXPECT_EQ(failure_of(reply.error()), failure) << reply.error().message;
    EXPECT_EQ(reply.error().message.find(kKey), std::string::npos) << reply.error().message;
    EXPECT_FALSE(reply.error().hint.empty());
  }

  HttpClient http_{BreakerOptions{.failures_max = 100}};
};

inline std::string sse(const std::string& data) { return "event: error\ndata: " + data + "\n\n"; }

inline const std::string kAnswer = R"({"sql":"SELECT 1"})";

TEST_P(ModelContractTest, StreamsAReply) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  std::string text;
  int replies = 0;
  const ModelEvents events{.on_reply = [&](std::size_t index, const Result<ModelReply>& reply) { replies += index == 0 && reply ? 1 : 0; },
                           .on_text = [&](std::size_t, std::string_view more) { text += more; }};
  const auto reply = ask(*model(server), events);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->text, kAnswer);
  EXPECT_EQ(text, kAnswer);
  EXPECT_EQ(replies, 1);
  EXPECT_EQ(reply->usage.input, 20);
  EXPECT_EQ(reply->usage.output, 5);
  EXPECT_EQ(reply->answered_by, "m-1-dated");
  EXPECT_TRUE(GetParam().first_way(server.seen().front().json()));
}

TEST_P(ModelContractTest, TakesAPlainBodyWhereItAskedForAStream) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.body = "\n " + GetParam().body(kAnswer), .piece = 5}; });
  std::string text;
  const auto reply = ask(*model(server), {.on_text = [&](std::size_t, std::string_view more) { text += more; }});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->text, kAnswer);
  EXPECT_EQ(text, kAnswer);
}

TEST_P(ModelContractTest, SendsTheKeyInItsHeaderOnly) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  ASSERT_TRUE(ask(*model(server)));
  const SeenRequest seen = server.seen().front();
  EXPECT_EQ(seen.header(GetParam().key_header), GetParam().key_prefix + kKey);
  EXPECT_EQ(seen.path().find(kKey), std::string::npos);
  EXPECT_EQ(seen.body.find(kKey), std::string::npos);
}

TEST_P(ModelContractTest, SendsTheKeyInTheHeaderThatIsConfigured) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  ModelHttpOptions other = options(server.url());
  other.key_header = "api-key";
  ASSERT_TRUE(ask(*GetParam().make(other, http_)));
  EXPECT_EQ(server.seen().front().header("api-key"), kKey);
  EXPECT_EQ(server.seen().front().header(GetParam().key_header), "");
}

TEST_P(ModelContractTest, NeedsNoKeyWhereNoneIsConfigured) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  ModelHttpOptions open = options(server.url());
  open.api_key = nullptr;
  ASSERT_TRUE(ask(*GetParam().make(open, http_)));
  EXPECT_EQ(server.seen().front().header(GetParam().key_header), "");
}

TEST_P(ModelContractTest, SendsNothingWithAnEmptyKey) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  ModelHttpOptions locked = options(server.url());
  locked.api_key = [] { return Result<std::string>(" \n"); };
  expect_failure(ask(*GetParam().make(locked, http_)), ModelFailure::unauthorized);
  EXPECT_TRUE(server.seen().empty());
}

TEST_P(ModelContractTest, AsksForTheKeyAtEachCallAndSendsNothingWithoutIt) {
  ScriptedServer server([&](const SeenRequest&) { return streamed(kAnswer); });
  ModelHttpOptions locked = options(server.url());
  int calls = 0;
  locked.api_key = [&calls]() -> Result<std::string> {
    if (++calls == 1) return std::string("first-made-up-key\n");
    if (calls == 2) return std::string("two\r\nheaders: made-up");
    return Error{ErrorKind::not_found, "E0712", "the variable LLM_KEY is not set", "set it", 0};
  };
  const auto locked_model = GetParam().make(locked, http_);
  ASSERT_TRUE(ask(*locked_model));
  EXPECT_EQ(server.seen().front().header(GetParam().key_header), GetParam().key_prefix + "first-made-up-key");
  expect_failure(ask(*locked_model), ModelFailure::unauthorized);
  const auto third = ask(*locked_model);
  expect_failure(third, ModelFailure::unauthorized);
  EXPECT_NE(third.error().message.find("LLM_KEY is not set"), std::string::npos);
  EXPECT_EQ(third.error().hint, "set it");
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_P(ModelContractTest, NeverPassesOnPartOfAReply) {
  const std::string whole = GetParam().events(kAnswer);
  // Cut after each event in turn, the last one left out.
  std::vector<std::size_t> cuts;
  for (std::size_t at = whole.find("\n\n"); at != std::string::npos && at + 2 < whole.size(); at = whole.find("\n\n", at + 2)) cuts.push_back(at + 2);
  ASSERT_FALSE(cuts.empty());
  for (const std::size_t cut : cuts) {
    ScriptedServer server([&](const SeenRequest& seen) {
      return ScriptedAnswer{.type = "text/event-stream", .body = seen.number == 0 ? whole.substr(0, cut) : whole};
    });
    int retries = 0;
    const auto reply = ask(*model(server), {.on_retry = [&](std::size_t, const Error& why) -> Result<> {
      retries += failure_of(why) == ModelFailure::garbled ? 1 : 0;
      return {};
    }});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->text, kAnswer);
    EXPECT_EQ(retries, 1) << whole.substr(0, cut);
  }
}

TEST_P(ModelContractTest, TriesAgainWhereTheServiceIsOverloaded) {
  ScriptedServer server([&](const SeenRequest& seen) {
    if (seen.number > 0) return streamed(kAnswer);
    return ScriptedAnswer{.status = 429, .body = GetParam().error("slow down"), .headers = {"retry-after: 1"}};
  });
  long asked_to_wait = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto reply = ask(*model(server), {.on_retry = [&](std::size_t, const Error& why) -> Result<> {
    asked_to_wait = why.retry_after_ms;
    return {};
  }});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(asked_to_wait, 1000);
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
}

TEST_P(ModelContractTest, GivesUpAfterItsAttempts) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.status = 500, .body = GetParam().error("broken")}; });
  expect_failure(ask(*model(server)), ModelFailure::overloaded);
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST_P(ModelContractTest, DoesNotRepeatWhatIsNoUseToRepeat) {
  struct Case {
    int status;
    std::string body;
    ModelFailure failure;
  };
  const std::vector<Case> cases{{400, GetParam().error("wrong"), ModelFailure::rejected},
                                {401, GetParam().error("bad key"), ModelFailure::unauthorized},
                                {403, GetParam().error("not for you"), ModelFailure::unauthorized},
                                {404, GetParam().error("no such model"), ModelFailure::not_found},
                                {429, GetParam().no_quota, ModelFailure::quota},
                                {400, GetParam().too_long, ModelFailure::too_long},
                                {307, "", ModelFailure::rejected},
                                {200, GetParam().refused, ModelFailure::refused}};
  for (const Case& c : cases) {
    ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.status = c.status, .body = c.body}; });
    expect_failure(ask(*model(server)), c.failure);
    EXPECT_EQ(server.seen().size(), 1U) << c.body;
  }
}

/// What a budget has to count: whether a failed attempt may be charged for, and with how many tokens.
TEST_P(ModelContractTest, TellsWhatAFailedAttemptMayCost) {
  const std::string whole = GetParam().events(kAnswer);
  struct Case {
    std::string name;
    ScriptedAnswer answer;
    std::string told;  ///< of each of two attempts; the second, where there is one, fails like the first
  };
  const std::string cut = whole.substr(0, whole.rfind("\n\n", whole.size() - 3) + 2);
  const std::vector<Case> cases{
      {"a status", {.status = 429, .body = GetParam().error("slow down")}, "free free "},
      {"a fault", {.status = 500, .body = GetParam().error("broken")}, "free free "},
      {"a gateway that lost the service", {.status = 504, .body = "<html>", .headers = {}}, "costs costs "},
      {"a service that ran out of time", {.status = 408, .body = GetParam().error("timed out")}, "costs costs "},
      {"an error in the place of a reply", {.type = "text/event-stream", .body = sse(GetParam().error("slow down"))}, "free free "},
      {"an error after a beginning",
       {.type = "text/event-stream", .body = whole.substr(0, whole.find("\n\n") + 2) + sse(GetParam().error("slow down"))},
       "costs costs "},
      {"no such model", {.status = 404, .body = GetParam().error("no such model")}, "free "},
      {"half a reply", {.type = "text/event-stream", .body = cut}, "costs costs "},
      {"no reply", {.body = "{}"}, "costs costs "},
      {"a reply that is withheld", {.body = GetParam().refused}, "costs counted "},
      {"silence", {.body = GetParam().body(kAnswer), .delay = std::chrono::seconds(10)}, "costs costs "}};
  for (const Case& c : cases) {
    ScriptedServer server([&](const SeenRequest&) { return c.answer; });
    ModelHttpOptions hasty = options(server.url());
    hasty.timeout = std::chrono::milliseconds(300);
    hasty.retry.attempts_max = 2;
    std::string told;
    const ModelEvents events{.on_failed = [&](std::size_t, const FailedAttempt& attempt) {
      told += attempt.may_cost ? "costs " : "free ";
      if (attempt.usage && attempt.usage->input > 0) told += "counted ";
    }};
    EXPECT_FALSE(ask(*GetParam().make(hasty, http_), events)) << c.name;
    EXPECT_EQ(told, c.told) << c.name;
  }
}

TEST_P(ModelContractTest, AnotherAttemptMayBeForbidden) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.status = 500, .body = GetParam().error("broken")}; });
  const auto forbid = [](std::size_t, const Error&) -> Result<> {
    return Error{ErrorKind::exhausted, "E1020", "the budget is used up", "raise it", 0};
  };
  const auto reply = ask(*model(server), {.on_retry = forbid});
  expect_failure(reply, ModelFailure::overloaded);
  EXPECT_NE(reply.error().message.find("not tried again: the budget is used up"), std::string::npos) << reply.error().message;
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_P(ModelContractTest, TakesTheKeyOutOfWhatComesBack) {
  const std::string echo = std::string("your key ") + kKey + " or " + std::string(kKey).substr(0, 12) + "... is wrong";
  ScriptedServer refusing([&](const SeenRequest&) { return ScriptedAnswer{.status = 401, .body = GetParam().error(echo)}; });
  const auto refused = ask(*model(refusing));
  expect_failure(refused, ModelFailure::unauthorized);
  EXPECT_TRUE(refused.error().message.ends_with(" is wrong")) << refused.error().message;
  EXPECT_EQ(refused.error().message.find("sk-made"), std::string::npos) << refused.error().message;

  ScriptedServer echoing([&](const SeenRequest&) { return streamed(std::string("it is ") + kKey + "!"); });
  ModelRequest request = asked();
  request.reply_schema = Json();
  std::string text;
  const auto reply = ask(*model(echoing), {.on_text = [&](std::size_t, std::string_view more) { text += more; }}, soon(), request);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->text, "it is [key]!");
  EXPECT_EQ(text, "it is [key]!");
}

TEST_P(ModelContractTest, KnowsAReplyThatWasCut) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.body = GetParam().cut}; });
  const auto reply = ask(*model(server));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->cut);
}

TEST_P(ModelContractTest, TakesNoPageForAReply) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.type = "text/html", .body = "<html><body>Please log in</body></html>"}; });
  expect_failure(ask(*model(server)), ModelFailure::garbled);
  ScriptedServer empty([&](const SeenRequest&) { return ScriptedAnswer{}; });
  expect_failure(ask(*model(empty)), ModelFailure::garbled);
}

TEST_P(ModelContractTest, LearnsHowToAskForASchema) {
  ScriptedServer server([&](const SeenRequest& seen) {
    if (GetParam().first_way(seen.json())) return ScriptedAnswer{.status = 400, .body = GetParam().no_structure};
    return streamed("Sure:\n```json\n" + kAnswer + "\n```");
  });
  const auto learning = model(server);
  int replies = 0;
  const ModelEvents events{.on_reply = [&](std::size_t, const Result<ModelReply>&) { ++replies; }};
  const auto first = ask(*learning, events);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->text, kAnswer);
  EXPECT_EQ(replies, 1);
  EXPECT_EQ(server.seen().size(), 2U);
  ASSERT_TRUE(ask(*learning));
  EXPECT_EQ(server.seen().size(), 3U) << "it has to remember";
}

TEST_P(ModelContractTest, KeepsToTheWayThatAPersonChose) {
  ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{.status = 400, .body = GetParam().no_structure}; });
  for (const Structured way : {Structured::schema, Structured::tool, Structured::json, Structured::none}) {
    ModelHttpOptions chosen = options(server.url());
    chosen.structured = way;
    const std::size_t before = server.seen().size();
    expect_failure(ask(*GetParam().make(chosen, http_)), ModelFailure::rejected);
    EXPECT_EQ(server.seen().size(), before + 1) << enum_name(way);
  }
}

TEST_P(ModelContractTest, LearnsToLeaveTheTemperatureOut) {
  ScriptedServer server([&](const SeenRequest& seen) {
    if (GetParam().has_temperature(seen.json())) return ScriptedAnswer{.status = 400, .body = GetParam().no_temperature};
    return streamed(kAnswer);
  });
  const auto learning = model(server);
  ASSERT_TRUE(ask(*learning));
  ASSERT_TRUE(ask(*learning));
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST_P(ModelContractTest, EndsWhereNoPhrasingIsTaken) {
  ScriptedServer server([&](const SeenRequest& seen) {
    return ScriptedAnswer{.status = 400, .body = seen.number % 2 == 0 ? GetParam().no_temperature : GetParam().no_structure};
  });
  expect_failure(ask(*model(server)), ModelFailure::rejected);
  EXPECT_LE(server.seen().size(), 8U);
}

TEST_P(ModelContractTest, AnswersManyAtOnceInOrder) {
  constexpr std::size_t kMany = 24;
  ScriptedServer server([&](const SeenRequest& seen) {
    std::string body = seen.body.substr(seen.body.find("question-"));
    body = body.substr(0, body.find('"'));
    ScriptedAnswer answer = streamed(R"({"sql":")" + body + R"("})");
    // The first come last.
    answer.delay = std::chrono::milliseconds(seen.number == 0 ? 200 : 0);
    return answer;
  });
  std::vector<ModelRequest> requests;
  for (std::size_t i = 0; i < kMany; ++i) requests.push_back(asked("question-" + std::to_string(i)));
  std::vector<int> replied(kMany, 0);
  const auto replies =
      model(server)->answer(requests, {.on_reply = [&](std::size_t index, const Result<ModelReply>&) { ++replied.at(index); }}, soon());
  ASSERT_EQ(replies.size(), kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    ASSERT_TRUE(replies[i]) << replies[i].error().message;
    EXPECT_EQ(replies[i]->text, R"({"sql":"question-)" + std::to_string(i) + R"("})");
    EXPECT_EQ(replied[i], 1) << i;
  }
  EXPECT_TRUE(model(server)->answer({}, {}, soon()).empty());
}

TEST_P(ModelContractTest, EndsWhenItIsCancelled) {
  ScriptedServer server([&](const SeenRequest&) {
    ScriptedAnswer answer = streamed(kAnswer);
    answer.delay = std::chrono::seconds(10);
    return answer;
  });
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    source.request_stop();
  });
  const auto start = std::chrono::steady_clock::now();
  const auto reply = ask(*model(server), {}, {std::chrono::steady_clock::now() + std::chrono::seconds(20), source.get_token()});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_P(ModelContractTest, EndsInTime) {
  ScriptedServer server([&](const SeenRequest&) {
    ScriptedAnswer answer = streamed(kAnswer);
    answer.delay = std::chrono::seconds(10);
    return answer;
  });
  expect_failure(ask(*model(server), {}, soon(std::chrono::milliseconds(300))), ModelFailure::timeout);
  ModelHttpOptions hasty = options(server.url());
  hasty.timeout = std::chrono::milliseconds(150);
  hasty.retry.attempts_max = 2;
  const std::size_t before = server.seen().size();
  expect_failure(ask(*GetParam().make(hasty, http_)), ModelFailure::timeout);
  EXPECT_EQ(server.seen().size(), before + 2);
}

TEST_P(ModelContractTest, SaysThatNobodyListens) {
  std::string url;
  {
    ScriptedServer server([&](const SeenRequest&) { return ScriptedAnswer{}; });
    url = server.url();
  }
  expect_failure(ask(*GetParam().make(options(url), http_)), ModelFailure::unreachable);
  expect_failure(ask(*GetParam().make(options("not a URL"), http_)), ModelFailure::rejected);
}

}  // namespace sluice
