#include "approvals/message.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(DecisionMessage, Accepts) {
  auto message = parse_decision_message(R"({"thread_id": "run_1", "action": "refine", "feedback": "only JFK"})");
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message->thread_id, "run_1");
  EXPECT_EQ(message->action, DecisionAction::refine);
  EXPECT_EQ(message->feedback, "only JFK");
  EXPECT_TRUE(parse_decision_message(R"({"thread_id": "run_1", "action": "approve", "feedback": null})"));
  EXPECT_TRUE(parse_decision_message(R"({"thread_id": "run_1", "action": "reject"})"));
}

TEST(DecisionMessage, RefusesEverythingElse) {
  struct Case {
    const char *text, *reason;
  };
  const std::string huge = R"({"thread_id": "r", "action": "approve", "feedback": ")" + std::string(100'000, 'x') + "\"}";
  for (const auto& [text, reason] :
       std::initializer_list<Case>{{"", "not valid JSON"},
                                   {"approve", "not valid JSON"},
                                   {"[]", "JSON object"},
                                   {R"({"thread_id": "r"})", "approve, refine or reject"},
                                   {R"({"thread_id": "r", "action": "Approve"})", "approve, refine or reject"},
                                   {R"({"thread_id": "r", "action": ["approve"]})", "approve, refine or reject"},
                                   {R"({"action": "approve"})", "thread_id"},
                                   {R"({"thread_id": 7, "action": "approve"})", "string or null"},
                                   {R"({"thread_id": "r", "action": "refine", "feedback": " "})", "needs \"feedback\""},
                                   {R"({"thread_id": "r", "action": "approve", "feedbak": "x"})", "did you mean \"feedback\""},
                                   {R"({"thread_id": "r", "action": "reject", "action": "approve"})", "there twice"},
                                   {huge.c_str(), "larger than"}}) {
    auto message = parse_decision_message(text);
    ASSERT_FALSE(message) << text;
    EXPECT_NE(message.error().message.find(reason), std::string::npos) << message.error().message;
    EXPECT_EQ(message.error().code, "E0501");
  }
}

}  // namespace
}  // namespace sluice
