#include "agents/examples.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sluice {
namespace {

std::vector<ApprovedQuestion> asked(const std::vector<std::string>& questions) {
  std::vector<ApprovedQuestion> out;
  for (const std::string& question : questions)
    out.push_back({.approval = "a-" + std::to_string(out.size()), .question = question, .sql = "SELECT 1"});
  return out;
}

std::string found(const std::string& question, const std::vector<std::string>& known, std::size_t most = kExamplesShownMax) {
  std::vector<std::string> out;
  for (const ApprovedQuestion& one : nearest_examples(question, asked(known), most)) out.push_back(one.approval);
  return join(out, " ");
}

struct Case {
  const char *what, *question;
  std::vector<std::string> known;
  const char* expected;
};

TEST(NearestExamples, AreThoseThatShareTheMostTellingWords) {
  const std::vector<Case> kCases{
      {"nothing known", "orders per country", {}, ""},
      {"nothing alike", "orders per country", {"delayed flights"}, ""},
      {"an empty question", "", {"delayed flights"}, ""},
      {"stop words alone are no likeness", "how many are there?", {"how many flights are there?"}, ""},
      {"the nearest first", "orders per country", {"orders", "orders per country"}, "a-1 a-0"},
      {"word endings do not matter", "delay of flight", {"delayed flights"}, "a-0"},
      {"case does not matter", "ORDERS", {"orders"}, "a-0"},
      {"a rare word counts more", "refunds of orders", {"orders of customers", "orders of shops", "refunds of shops"}, "a-2 a-0 a-1"},
      {"the same question once", "orders", {"orders", "orders", "all orders"}, "a-0 a-2"},
      {"of equals the first", "orders", {"orders old", "orders new"}, "a-0 a-1"},
  };
  for (const Case& one : kCases) EXPECT_EQ(found(one.question, one.known), one.expected) << one.what;
}

TEST(NearestExamples, AreAtMostSoMany) {
  std::vector<std::string> known;
  for (int n = 0; n < 50; ++n) known.push_back("orders of shop " + std::to_string(n));
  EXPECT_EQ(found("orders", known, 2), "a-0 a-1");
  EXPECT_EQ(found("orders", known, 0), "");
  EXPECT_EQ(nearest_examples("orders", asked(known)).size(), kExamplesShownMax);
}

TEST(NearestExamples, GiveTheQueriesAndTablesOfTheQuestions) {
  const std::vector<ApprovedQuestion> known{{"a-1", "orders", "SELECT * FROM orders", {{"public", "orders"}}}};
  const auto near = nearest_examples("all orders", known);
  ASSERT_EQ(near.size(), 1U);
  EXPECT_EQ(near[0].sql, "SELECT * FROM orders");
  EXPECT_EQ(near[0].tables.at(0).name, "orders");
}

}  // namespace
}  // namespace sluice
