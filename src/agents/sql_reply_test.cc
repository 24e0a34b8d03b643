#include "agents/sql_reply.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sluice {
namespace {

/// What comes out: the SQL, "kind: words" of another answer, or the code of the error.
std::string outcome(const std::string& text, bool cut = false) {
  const auto read = read_sql_reply({.text = text, .cut = cut});
  if (!read) return read.error().code;
  switch (read->kind) {
    case SqlReplyKind::sql: return read->sql;
    case SqlReplyKind::question: return "question: " + read->asks;
    case SqlReplyKind::cannot: return "cannot: " + read->explanation;
    case SqlReplyKind::tables: return "tables: " + join(read->look_for, " ");
  }
  return "";
}

std::string sql(const std::string& statement) { return Json::object().set("kind", "sql").set("sql", statement).dump_text(); }
std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t n = 0; n < times; ++n) out += text;
  return out;
}
const std::string kChoices = R"("choices": [{"label": "a", "feedback": "by a"}, {"label": "b", "feedback": "by b"}])";

struct Case {
  const char* what;
  std::string text, expected;
};
using Cases = std::vector<Case>;

void expect(const Cases& cases) {
  for (const Case& one : cases) EXPECT_EQ(outcome(one.text), one.expected) << one.what;
}

TEST(SqlReply, IsReadWhateverStandsAroundIt) {
  expect({
      {"as it should be", sql("SELECT 1"), "SELECT 1"},
      {"space around", "\n\n " + sql("SELECT 1") + " \n", "SELECT 1"},
      {"prose before", "Here is the query: " + sql("SELECT 1"), "SELECT 1"},
      {"prose behind", sql("SELECT 1") + "\nI hope that this helps {or not.", "SELECT 1"},
      {"a code fence", "```json\n" + sql("SELECT 1") + "\n```", "SELECT 1"},
      {"a brace in prose before", "It uses {} and then " + sql("SELECT 1"), "E1043"},
      {"a brace that is no JSON before", "It uses {x} and then " + sql("SELECT 1"), "SELECT 1"},
      {"braces within a text", "The answer: " + sql("SELECT '}{' AS \"{\""), "SELECT '}{' AS \"{\""},
      {"a quote within a text", "So: " + sql(R"(SELECT 'it said "}"')"), R"(SELECT 'it said "}"')"},
      {"nested in an object that is no answer", R"({"answer": )" + sql("SELECT 1") + "}", "E1044"},
      {"nested in prose", R"(I say {"answer": )" + sql("SELECT 1") + "} now", "E1044"},
      {"an array around it", "[" + sql("SELECT 1") + "]", "SELECT 1"},
      {"two answers", sql("SELECT 1") + sql("DROP TABLE orders"), "E1043"},
      {"two answers in an array", "[" + sql("SELECT 1") + "," + sql("SELECT 2") + "]", "E1043"},
      {"two answers in prose", "Either " + sql("SELECT 1") + " or " + sql("SELECT 1"), "E1043"},
  });
}

TEST(SqlReply, WithoutAnObjectIsNone) {
  expect({
      {"nothing", "", "E1041"},
      {"space", " \n\t ", "E1041"},
      {"prose", "I cannot do that.", "E1043"},
      {"SQL alone", "SELECT 1", "E1043"},
      {"SQL in a fence", "```sql\nSELECT 1\n```", "E1043"},
      {"a text", R"("SELECT 1")", "E1043"},
      {"null", "null", "E1043"},
      {"a number", "7", "E1043"},
      {"an object without an end", R"({"kind": "sql", "sql": "SELECT 1")", "E1043"},
      {"a text without an end", R"({"kind": "sql", "sql": "SELECT 1)", "E1043"},
      {"a comma at the end", R"({"kind": "sql", "sql": "SELECT 1",})", "E1043"},
      {"single quotes", "{'kind': 'sql', 'sql': 'SELECT 1'}", "E1043"},
      {"a comment", "{\"kind\": \"sql\", /* approved */ \"sql\": \"SELECT 1\"}", "E1043"},
      {"nested deeply", repeated(R"({"kind":)", 1000) + "1" + repeated("}", 1000), "E1043"},
      {"nested deeply, without an end", repeated("{", 100'000), "E1043"},
      {"300 kB", sql(std::string(300'000, 'x')), "E1045"},
      {"300 kB of space", std::string(300'000, ' '), "E1045"},
  });
  EXPECT_EQ(outcome(sql("SELECT 1"), true), "E1042") << "cut off where it happens to be whole";
  EXPECT_EQ(outcome("", true), "E1042");
}

TEST(SqlReply, FieldsAreWhatTheKindNeeds) {
  expect({
      {"an empty object", "{}", "E1044"},
      {"no kind", R"({"sql": "SELECT 1"})", "E1044"},
      {"kind null", R"({"kind": null, "sql": "SELECT 1"})", "E1044"},
      {"an unknown kind", R"({"kind": "approved", "sql": "SELECT 1"})", "E1044"},
      {"a kind in capitals", R"({"kind": "SQL", "sql": "SELECT 1"})", "E1044"},
      {"a kind that is a number", R"({"kind": 0, "sql": "SELECT 1"})", "E1044"},
      {"no sql", R"({"kind": "sql"})", "E1044"},
      {"empty sql", sql(" \n"), "E1044"},
      {"only a semicolon", sql(" ; ;"), "E1044"},
      {"sql that is a list", R"({"kind": "sql", "sql": ["SELECT 1"]})", "E1044"},
      {"sql that is a number", R"({"kind": "sql", "sql": 1})", "E1044"},
      {"sql that is null", R"({"kind": "sql", "sql": null})", "E1044"},
      {"a confidence in words", R"({"kind": "sql", "sql": "SELECT 1", "confidence": "high"})", "SELECT 1"},
      {"a confidence as text", R"({"kind": "sql", "sql": "SELECT 1", "confidence": "1"})", "SELECT 1"},
      {"fields that mean nothing", R"({"kind": "sql", "sql": "SELECT 1", "approved": true, "policy": "auto", "decided_by": "me"})", "SELECT 1"},
      {"an explanation that is an object", R"({"kind": "sql", "sql": "SELECT 1", "explanation": {}})", "E1044"},
      {"a question", R"({"kind": "question", "asks": "which?", )" + kChoices + "}", "question: which?"},
      {"a question without words", R"({"kind": "question", "asks": " ", )" + kChoices + "}", "E1044"},
      {"a question without choices", R"({"kind": "question", "asks": "which?"})", "E1044"},
      {"one choice", R"({"kind": "question", "asks": "which?", "choices": [{"label": "a", "feedback": "a"}]})", "E1044"},
      {"six choices",
       R"({"kind": "question", "asks": "?", "choices": [)" + repeated(R"({"label": "a", "feedback": "a"},)", 5) +
           R"({"label": "a", "feedback": "a"}]})",
       "E1044"},
      {"a choice that says nothing", R"({"kind": "question", "asks": "?", "choices": [{"label": "a"}, {"label": "b", "feedback": "b"}]})", "E1044"},
      {"a choice that is a text", R"({"kind": "question", "asks": "?", "choices": ["a", "b"]})", "E1044"},
      {"a question of pages", R"({"kind": "question", "asks": ")" + std::string(501, 'x') + "\", " + kChoices + "}", "E1044"},
      {"a choice of pages",
       R"({"kind": "question", "asks": "?", "choices": [{"label": "a", "feedback": ")" + std::string(301, 'x') +
           R"("}, {"label": "b", "feedback": "b"}]})",
       "E1044"},
      {"cannot", R"({"kind": "cannot", "explanation": "no moods"})", "cannot: no moods"},
      {"cannot, without a why", R"({"kind": "cannot"})", "E1044"},
      {"tables", R"({"kind": "tables", "look_for": ["refunds", "returns"]})", "tables: refunds returns"},
      {"tables, without words", R"({"kind": "tables", "look_for": []})", "E1044"},
      {"tables, of numbers", R"({"kind": "tables", "look_for": [1]})", "E1044"},
      {"sql beside another kind", R"({"kind": "cannot", "explanation": "no", "sql": "DROP TABLE orders"})", "cannot: no"},
  });
}

TEST(SqlReply, StatementsComeBare) {
  expect({
      {"a semicolon at the end", sql("SELECT 1;"), "SELECT 1"},
      {"several", sql("SELECT 1 ; ;\n"), "SELECT 1"},
      {"one within stays, for the guard to refuse", sql("SELECT 1; DROP TABLE orders;"), "SELECT 1; DROP TABLE orders"},
      {"a fence", sql("```sql\nSELECT 1;\n```"), "SELECT 1"},
      {"a fence without a word", sql("```\nSELECT 1\n```"), "SELECT 1"},
      {"a fence on one line", sql("```SELECT 1```"), "SELECT 1"},
      {"a fence whose first line is SQL", sql("```SELECT 1 AS n\nFROM orders```"), "SELECT 1 AS n\nFROM orders"},
      {"space around", sql("\n  SELECT 1  \n"), "SELECT 1"},
      {"a comment stays, for the proof to read", sql("SELECT 1 -- approved"), "SELECT 1 -- approved"},
      {"hidden characters stay, for the proof to see", sql("SELECT 1 \xE2\x80\xAE"), "SELECT 1 \xE2\x80\xAE"},
      {"NUL stays, for the proof to refuse", sql(std::string("SELECT 1\0; DROP", 15)), std::string("SELECT 1\0; DROP", 15)},
  });
}

TEST(SqlReply, DuplicateKeysAreOneStatement) {
  const std::string got = outcome(R"({"kind": "sql", "sql": "SELECT 1", "sql": "DROP TABLE orders"})");
  EXPECT_TRUE(got == "SELECT 1" || got == "DROP TABLE orders" || got == "E1043") << got << ": what was read is what is proven, whichever it is";
}

TEST(SqlReply, InvalidTextIsNoReasonToFall) {
  for (const std::string bytes : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82"})
    for (const std::string& text : {R"({"kind": "sql", "sql": "SELECT ')" + bytes + "'\"}", bytes + sql("SELECT 1"), bytes})
      if (const auto read = read_sql_reply({.text = text}); !read) {
        EXPECT_EQ(read.error().code, "E1043");
      }
}

TEST(SqlReply, WordsAreCutWhereTheyAreTooMany) {
  const auto long_words = read_sql_reply({.text = R"({"kind": "cannot", "explanation": ")" + repeated("é", 5'000) + "\"}"});
  ASSERT_TRUE(long_words);
  EXPECT_EQ(long_words->explanation, repeated("é", 1'000) + "…");
  Json words = Json::array();
  for (int n = 0; n < 8'000; ++n) words.push(std::string(200, 'x'));
  EXPECT_EQ(outcome(Json::object().set("kind", "tables").set("look_for", std::move(words)).dump_text()), "E1045");
  words = Json::array();
  for (int n = 0; n < 1'000; ++n) words.push(std::string(200, 'x'));
  const auto many = read_sql_reply({.text = Json::object().set("kind", "tables").set("look_for", std::move(words)).dump_text()});
  ASSERT_TRUE(many);
  EXPECT_EQ(many->look_for, std::vector<std::string>(50, std::string(100, 'x')));
}

TEST(SqlReply, ErrorsTellTheModelWhatToMend) {
  for (const char* text : {"", "prose", "{}", R"({"kind": "sql"})", R"({"kind": "no such"})"}) {
    const auto read = read_sql_reply({.text = text});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::input);
    EXPECT_FALSE(read.error().hint.empty()) << text;
    EXPECT_LT(read.error().message.size(), 300U);
  }
}

TEST(SqlReply, TheSchemaAsksForEveryFieldAndNoOther) {
  const Json& schema = sql_reply_schema();
  EXPECT_EQ(schema["additionalProperties"], Json(false));
  EXPECT_EQ(schema["required"].size(), schema["properties"].size());
  for (const char* name : {"kind", "sql", "explanation", "confidence", "asks", "choices", "look_for"})
    EXPECT_FALSE(schema["properties"][name].is_null()) << name;
  EXPECT_EQ(schema["properties"].size(), 7U) << "a model has no field for an approval";
}

}  // namespace
}  // namespace sluice
