#include "app/question_file.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using Names = std::vector<std::string>;

TEST(QuestionFile, ReadsEveryKey) {
  const auto got = parse_question_set(R"(on: shop
name: all
questions:
  - id: one
    question: How many?
    definitions: ASP = total / number
    gold: [SELECT 1, SELECT 2]
    columns: [[a], [b, c]]
    ordered: true
    feedback: only Japan
    on: crm
  - question: Which rows?
    rows: [[a, 1, 2.5, true, null, "7"], [b, -1, 1e3, false, ~, x]]
    header: [k, n, r, f, z, t]
    columns: [k, n]
  - question: Happy?
    unanswerable: true
)",
                                      "q.yaml");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->questions.size(), 3U);
  const eval::Question &one = got->questions[0], &two = got->questions[1], &three = got->questions[2];
  EXPECT_EQ(one.id, "one");
  EXPECT_EQ(one.on, "crm");
  EXPECT_EQ(one.definitions, "ASP = total / number");
  EXPECT_EQ(one.gold, (Names{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(one.columns, (std::vector<Names>{{"a"}, {"b", "c"}}));
  EXPECT_EQ(one.ordered, true);
  EXPECT_EQ(one.feedback, Names{"only Japan"});
  EXPECT_EQ(one.line, 4);
  EXPECT_EQ(two.id, "q2");
  EXPECT_EQ(two.on, "shop");
  EXPECT_EQ(two.columns, (std::vector<Names>{{"k", "n"}}));
  EXPECT_FALSE(two.ordered.has_value());
  ASSERT_TRUE(two.rows.has_value());
  EXPECT_EQ(two.rows->header.size(), 6U);
  EXPECT_EQ(two.rows->rows[0].dump(), R"(["a",1,2.5,true,null,"7"])");
  EXPECT_EQ(two.rows->rows[1].dump(), R"(["b",-1,1000.0,false,null,"x"])");
  EXPECT_TRUE(three.unanswerable);
}

TEST(QuestionFile, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char *text, *says;
  };
  for (const Case& one : std::initializer_list<Case>{
           {"a: 1", "line 1: there is no key \"a\""},
           {"question: x", "there is no key \"question\"; did you mean \"questions\"?"},
           {"on: shop", "there is no list of questions"},
           {"5", "line 1: there is no list of questions"},
           {"[]", "there is no question in it"},
           {"- x", "line 1: a question has to be a map"},
           {"- question: x\n  golde: SELECT 1", "line 2: there is no key of a question \"golde\"; did you mean \"gold\"?"},
           {"- question: x\n  gold: []", "line 2: gold is an empty list"},
           {"- question: [x]\n  gold: SELECT 1", "line 1: question has to be a text"},
           {"- question: x\n  gold: SELECT 1\n  ordered: perhaps", "line 3: ordered has to be true or false"},
           {"- question: x\n  rows: [1, 2]", "line 2: rows has to be a list of lists"},
           {"- question: x\n  rows: [[{a: 1}]]", "line 2: rows has to be a list of lists"},
           {"- question: x\n  gold: SELECT 1\n  header: [a]", "line 3: header names the columns of `rows`"},
           {"- question: x\n  gold: SELECT 1\n  columns: [[]]", "line 3: columns is an empty list"},
       }) {
    const auto got = parse_question_set(one.text, "q.yaml");
    ASSERT_FALSE(got) << one.text;
    EXPECT_EQ(got.error().code, "E0850");
    EXPECT_NE(got.error().message.find(one.says), std::string::npos) << one.text << " → " << got.error().message;
    EXPECT_FALSE(got.error().hint.empty()) << one.text;
  }
}

TEST(QuestionFile, ReadsCsv) {
  const auto got = parse_question_set(
      "ID,Question,on,gold,ordered,columns,unanswerable,feedback,definitions\n"
      "a,\"How many, all?\",shop,\"[\"\"SELECT 1\"\", \"\"SELECT 2\"\"]\",FALSE,\"k; a, b;\",,only Japan,A = b\n"
      "b,Happy?,,,,,true,,\n",
      "q.CSV");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->questions.size(), 2U);
  const eval::Question& one = got->questions[0];
  EXPECT_EQ(one.question, "How many, all?");
  EXPECT_EQ(one.gold, (Names{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(one.ordered, false);
  EXPECT_EQ(one.columns, (std::vector<Names>{{"k"}, {"a", "b"}}));
  EXPECT_EQ(one.feedback, Names{"only Japan"});
  EXPECT_EQ(one.definitions, "A = b");
  EXPECT_TRUE(got->questions[1].unanswerable);

  struct Case {
    const char *text, *says;
  };
  for (const Case& bad : std::initializer_list<Case>{
           {"id,qestion\n", "line 1: there is no column \"qestion\"; did you mean \"question\"?"},
           {"id,id\n", "line 1: the column \"id\" is there twice"},
           {"id,question\na,b,c\n", "line 2: it has 3 fields, the header 2"},
           {"question,gold\na,\"[1]\"\n", "line 2: gold begins with [ and is no list of texts"},
           {"question,gold,ordered\na,SELECT 1,maybe\n", "line 2: ordered has to be true or false"},
           {"", "there is no question in it"},
       }) {
    const auto wrong = parse_question_set(bad.text, "q.csv");
    ASSERT_FALSE(wrong) << bad.text;
    EXPECT_NE(wrong.error().message.find(bad.says), std::string::npos) << wrong.error().message;
  }
}

}  // namespace
}  // namespace sluice
