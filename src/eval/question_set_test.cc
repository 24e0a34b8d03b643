#include "eval/question_set.h"

#include <gtest/gtest.h>

#include "eval/arm.h"
#include "eval/csv_table.h"

namespace sluice::eval {
namespace {

Question counted_by(const std::string& id, const std::string& gold = "SELECT 1") {
  return {.id = id, .question = "how many?", .gold = {gold}, .line = 7};
}

TEST(QuestionSet, SaysWhatIsWrong) {
  struct Case {
    Question question;
    const char* says;
  };
  Question both = counted_by("a"), none = counted_by("a"), silent = counted_by("a"), ragged = none, nameless = none, compared = none,
           listed = counted_by("a,b");
  both.unanswerable = true;
  none.gold.clear();
  silent.question = " ";
  ragged.gold.clear();
  ragged.rows = GivenRows{.header = {}, .rows = {Json(Json::Array{1}), Json(Json::Array{1, 2})}};
  nameless = ragged;
  nameless.rows->rows.pop_back();
  nameless.columns = {{"n"}};
  compared.gold.clear();
  compared.unanswerable = true;
  compared.ordered = true;
  Question blank = ragged;
  blank.rows->rows.clear();
  for (const Case& one : std::initializer_list<Case>{{both, "more than one thing"},
                                                     {none, "does not say what is right"},
                                                     {silent, "has no text"},
                                                     {ragged, "not all of one length"},
                                                     {nameless, "no names"},
                                                     {compared, "nothing to compare"},
                                                     {listed, "cannot be named in a list"},
                                                     {blank, "have no columns"}}) {
    QuestionSet set{.path = "q.yaml", .questions = {one.question}};
    const auto settled = settle(set);
    ASSERT_FALSE(settled) << one.says;
    EXPECT_EQ(settled.error().code, "E0850");
    EXPECT_NE(settled.error().message.find("q.yaml line 7: "), std::string::npos) << settled.error().message;
    EXPECT_NE(settled.error().message.find(one.says), std::string::npos) << settled.error().message;
    EXPECT_FALSE(settled.error().hint.empty());
  }
  QuestionSet empty{.path = "q.yaml", .questions = {}};
  EXPECT_FALSE(settle(empty));
}

TEST(QuestionSet, NamesWhatHasNoNameAndRefusesTheSameTwice) {
  QuestionSet set{.path = "q.yaml", .questions = {counted_by(""), counted_by("two"), counted_by("")}};
  ASSERT_TRUE(settle(set));
  EXPECT_EQ(set.questions[0].id, "q1");
  EXPECT_EQ(set.questions[2].id, "q3");
  set.questions[1].id = "q3";
  const auto twice = settle(set);
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().message.find("that of line 7 already"), std::string::npos) << twice.error().message;
}

TEST(QuestionSet, ChoosesByIdInItsOwnOrder) {
  const QuestionSet whole{.path = "q.yaml", .questions = {counted_by("one"), counted_by("two"), counted_by("three")}};
  QuestionSet some = whole;
  ASSERT_TRUE(choose(some, {"three", "one"}, 0));
  ASSERT_EQ(some.questions.size(), 2U);
  EXPECT_EQ(some.questions[0].id, "one");
  some = whole;
  ASSERT_TRUE(choose(some, {}, 2));
  EXPECT_EQ(some.questions.size(), 2U);
  const auto unknown = choose(some, {"tow"}, 0);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "E0851");
  EXPECT_NE(unknown.error().message.find("did you mean \"two\"?"), std::string::npos);
}

TEST(QuestionSet, DefinitionsComeBeforeTheQuestion) {
  Question one = counted_by("a");
  EXPECT_EQ(asked_text(one), "how many?");
  one.definitions = " ASP = total / number ";
  EXPECT_EQ(asked_text(one), "ASP = total / number. how many?");
  one.definitions = "Be exact!";
  EXPECT_EQ(asked_text(one), "Be exact! how many?");
}

TEST(QuestionSet, TheFingerprintIsOfQuestionAndGoldAlone) {
  Question one = counted_by("a"), moved = one, other = counted_by("a", "SELECT 2");
  moved.line = 99;
  EXPECT_EQ(fingerprint(one), fingerprint(moved));
  EXPECT_NE(fingerprint(one), fingerprint(other));
}

TEST(CsvTable, ReadsQuotesLinesAndMarks) {
  const auto got = read_csv_table("\xEF\xBB\xBFid,question\r\n1,\"How many, \"\"all\"\"\nin 2013?\"\n\n2,\n3,\"\"", "q.csv");
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->size(), 4U);
  EXPECT_EQ((*got)[0].fields, (std::vector<std::string>{"id", "question"}));
  EXPECT_EQ((*got)[1].fields, (std::vector<std::string>{"1", "How many, \"all\"\nin 2013?"}));
  EXPECT_EQ((*got)[1].line, 2);
  EXPECT_EQ((*got)[2].fields, (std::vector<std::string>{"2", ""}));
  EXPECT_EQ((*got)[2].line, 5);
  EXPECT_EQ((*got)[3].fields, (std::vector<std::string>{"3", ""}));
  EXPECT_TRUE(read_csv_table("", "q.csv")->empty());
}

TEST(CsvTable, SaysInWhichLine) {
  for (const auto& [text, says] : std::initializer_list<std::pair<const char*, const char*>>{
           {"a\n\"b\nc", "q.csv line 2: a field's opening quote is never closed"},
           {"a\n\"b\"c", "q.csv line 2: something follows the closing quote"},
           {"\xFF", "not UTF-8"},
       }) {
    const auto got = read_csv_table(text, "q.csv");
    ASSERT_FALSE(got) << text;
    EXPECT_NE(got.error().message.find(says), std::string::npos) << got.error().message;
  }
  EXPECT_FALSE(read_csv_table(std::string(kCsvFieldsMax, ','), "q.csv"));
}

TEST(Arms, AreReadFromTheirNames) {
  const auto got = parse_arms("built-in, default,no-tools,large+no-tools");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(*got, (std::vector<Arm>{{.name = "built-in", .built_in = true},
                                    {.name = "default", .model = "default"},
                                    {.name = "no-tools", .no_tools = true},
                                    {.name = "large+no-tools", .model = "large", .no_tools = true}}));
  for (const char* text : {"", "a,,b", "a,a", "built-in+no-tools", "+no-tools", "a+b", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"}) {
    const auto wrong = parse_arms(text);
    ASSERT_FALSE(wrong) << text;
    EXPECT_EQ(wrong.error().code, "E0852");
  }
}

}  // namespace
}  // namespace sluice::eval
