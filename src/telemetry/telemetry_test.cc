#include "telemetry/telemetry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>

#include "telemetry/redaction.h"

namespace sluice {
namespace {

TEST(Redaction, HidesWhatLooksLikeASecret) {
  struct Case {
    const char *text, *shown;
  };
  for (const Case& one : {
           Case{"postgresql://ada:hunter2@db/shop failed", "postgresql://ada:…@db/shop failed"},
           Case{"postgresql://ada:a@b:c@db/shop", "postgresql://ada:…@db/shop"},
           Case{"https://api.example.com/v1/x?y=a@b", "https://api.example.com/v1/x?y=a@b"},
           Case{"token slu_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ", "token …"},
           Case{"AKIAIOSFODNN7EXAMPLE was refused", "… was refused"},
           Case{"key sk-a1b2c3d4e5f6g7h8i9 no", "key … no"},
           Case{"the task-force-of-the-long-name stays", "the task-force-of-the-long-name stays"},
           Case{"Authorization: Bearer abcdefgh12345678", "Authorization: Bearer …"},
           Case{"a bearer of news", "a bearer of news"},
           Case{"x -----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY----- y", "x …-----END RSA PRIVATE KEY----- y"},
       })
    EXPECT_EQ(redacted(one.text), one.shown);
}

TEST(Redaction, HidesWhatWasLookedUpAsASecret) {
  learn_secret("correct horse battery");
  learn_secret("postgresql://ada:staple%21xyz@db.example.org/shop");
  learn_secret("ab");  // too short to be told from words
  EXPECT_EQ(redacted("it said correct horse battery!"), "it said …!");
  EXPECT_EQ(redacted("db.example.org wants staple%21xyz"), "db.example.org wants …");
  EXPECT_EQ(redacted("about"), "about");
}

TEST(TraceContext, ReadsAndWritesW3C) {
  const std::string text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto context = parse_traceparent(text);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(traceparent_of(*context), text);
  EXPECT_TRUE(parse_traceparent("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes"));
  for (const char* wrong :
       {"", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"})
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
}

TEST(TraceContext, ReadsAndWritesAmazons) {
  const std::string text = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const auto context = parse_amazon_trace(text);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "5759e988bd862e3fe1be46a994272793");
  EXPECT_EQ(amazon_trace_of(*context), text);
  EXPECT_FALSE(parse_amazon_trace("Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678;Sampled=0")->sampled);
  for (const char* wrong : {"", "Root=1-5759e988", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=x", "Parent=53995c3f42cd8ad8"})
    EXPECT_FALSE(parse_amazon_trace(wrong)) << wrong;
}

TEST(TraceContext, ARunIsOneTraceWhoeverExecutesIt) {
  EXPECT_EQ(trace_of_run("r-1", "r-1", ""), trace_of_run("r-1", "r-1", ""));
  EXPECT_EQ(trace_of_run("r-1", "r-1.a", "").trace_id, trace_of_run("r-1", "r-1", "").trace_id);
  const TraceContext below = trace_of_run("r-1", "r-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(below.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_NE(below.span_id, "00f067aa0ba902b7");
}

TEST(Telemetry, WritesALineWithWhatTheThreadIsDoing) {
  std::string log;
  Telemetry telemetry({.write = [&](const std::string& line) { return log += line, true; }});
  telemetry.log(LogLevel::debug, "too little", Json::object());
  EXPECT_EQ(log, "");
  const NowDoing doing({.run = "r-1", .step = "prove", .trace = trace_of_run("r-1", "r-1", "")});
  telemetry.log(LogLevel::info, "step completed", Json::object().set("ms", 5).set("why", "postgresql://ada:hunter2@db/shop\n\x1b[31m"));
  const auto line = Json::parse(log);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text("run"), "r-1");
  EXPECT_EQ(line->text("step"), "prove");
  EXPECT_EQ(line->text("trace_id").size(), 32U);
  EXPECT_EQ(line->integer("ms"), 5);
  EXPECT_EQ(line->text("why").find("hunter2"), std::string_view::npos);
  EXPECT_EQ(line->text("why").find('\x1b'), std::string_view::npos);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
}

Span some_span() { return {.at = random_trace(), .name = "x", .begin_ns = 1, .end_ns = 2, .attributes = Json::object().set("n", 1)}; }

TEST(Telemetry, GivesSpansToTheCollectorBeforeItEnds) {
  std::string sent;
  {
    Telemetry({.send = [&](const std::string& body, std::stop_token) -> Result<> {
      sent += body;
      return {};
    }}).span(some_span());
  }
  const auto request = Json::parse(sent);
  ASSERT_TRUE(request);
  const Json& span = (*(*(*(*request)["resourceSpans"].as_array())[0]["scopeSpans"].as_array())[0]["spans"].as_array())[0];
  EXPECT_EQ(span.text("traceId").size(), 32U);
  EXPECT_EQ(span.text("startTimeUnixNano"), "1");
  EXPECT_EQ((*span["attributes"].as_array())[0]["value"].text("intValue"), "1");
}

TEST(Telemetry, ACollectorThatDoesNotAnswerHoldsNothingUp) {
  std::atomic<int> tries = 0;
  const auto begun = std::chrono::steady_clock::now();
  {
    Telemetry telemetry({.send = [&](const std::string&, std::stop_token stop) -> Result<> {
                           ++tries;
                           std::promise<void> never;
                           const std::stop_callback ended(stop, [&] { never.set_value(); });
                           never.get_future().wait();
                           return Error{ErrorKind::transient, "E1105", "away", "", 0};
                         },
                         .flush_time = std::chrono::milliseconds(50)});
    for (std::size_t n = 0; n < Telemetry::kSpansMax + 2 * Telemetry::kBatchMax; ++n) telemetry.span(some_span());
    EXPECT_GT(telemetry.spans_dropped(), 0);
  }
  EXPECT_GE(tries, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST(Metrics, AreWrittenForPrometheusAndBounded) {
  Metrics metrics;
  metrics.add(Counter::runs_ended, {{"workflow", "ask"}, {"status", "done"}}, 2);
  metrics.observe(Timing::step, {{"workflow", "ask"}, {"step", "prove"}, {"outcome", "ok"}}, 0.02);
  const std::string text = metrics.text({{Gauge::approvals_open, {}, 3}});
  EXPECT_NE(text.find("sluice_runs_ended_total{status=\"done\",workflow=\"ask\"} 2"), std::string::npos) << text;
  EXPECT_NE(text.find("sluice_approvals_open 3"), std::string::npos);
  EXPECT_NE(text.find("sluice_step_duration_seconds_bucket{outcome=\"ok\",step=\"prove\",workflow=\"ask\",le=\"0.025\"} 1"), std::string::npos)
      << text;
  for (std::size_t n = 0; n < 3 * Metrics::kSeriesMax; ++n) metrics.add(Counter::model_cost, {{"model", std::to_string(n)}, {"workflow", "ask"}});
  const std::string bounded = metrics.text({});
  EXPECT_NE(bounded.find("sluice_model_cost_usd_total{model=\"other\",workflow=\"other\"} 1000"), std::string::npos);
}

}  // namespace
}  // namespace sluice
