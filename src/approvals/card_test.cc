#include "approvals/card.h"

#include <gtest/gtest.h>

#include <clocale>

namespace sluice {
namespace {

Card card() {
  Card card;
  card.connection = "shop";
  card.sql = "SELECT 1";
  card.answered_by = "person";
  return card;
}

std::string shown(const Card& card, int width = 100) { return card_text(encode(card), {.width = width}); }

TEST(Card, SampleRowsStandInColumns) {
  std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): no other thread runs
  Card one = card();
  one.sample.columns = {{.name = "city", .type = {.kind = TypeKind::text}}, {.name = "n", .type = {.kind = TypeKind::integer}}};
  one.sample.rows = {Json::Array{"Köln", 7}, Json::Array{"大阪", 1234}, Json::Array{nullptr, 12}};
  one.sample.whole_tables = true;
  EXPECT_NE(shown(one).find("First rows\n  city     n\n  Köln     7\n  大阪  1234\n  NULL    12\n"), std::string::npos) << shown(one);
  one.sample.whole_tables = false;
  EXPECT_NE(shown(one).find("A trial on samples of the large tables, not the answer\n  city     n\n"), std::string::npos) << shown(one);
  one.sample.rows = {Json::Array{std::string(200, 'x'), 7}};
  EXPECT_NE(shown(one).find("x…  7\n"), std::string::npos) << shown(one);
}

TEST(Card, CountsInWords) {
  Card one = card();
  one.estimate.rows = 1;
  one.estimate.bytes = 1600;
  one.ceiling = {.rows = 1, .bytes = 2000};
  EXPECT_NE(shown(one).find("about 1 row out, about 1.6 kB read\n  a yes covers up to 1 row and 2.0 kB"), std::string::npos) << shown(one);
  one.estimate = {};
  EXPECT_NE(shown(one).find("an unknown number of rows out, an unknown number of bytes read"), std::string::npos) << shown(one);
}

TEST(Card, AYesCoversNoMoreRowsThanAResultMayHave) {
  Card one = card();
  one.ceiling = {.rows = 134'710, .bytes = 2000};
  one.result_rows_max = 100'000;
  EXPECT_NE(shown(one).find("a yes covers up to 100,000 rows (limits.rows_max: a result of more fails) and 2.0 kB; more bytes ask again"),
            std::string::npos)
      << shown(one);
  one.ceiling.rows = 100'000;
  EXPECT_NE(shown(one).find("a yes covers up to 100,000 rows and 2.0 kB; more asks again"), std::string::npos) << shown(one);
}

TEST(Card, AQuestionBackHasNumberedAnswers) {
  const std::string asks = "\"sales\": the amount\x1b[2J, or the number?";
  const std::vector<CardChoice> choices{{"the amount", "sum of total"}, {"the number", "number of orders"}};
  const Json one = encode(make_question_card({"shop", "sales in 2013?", asks, "", "", "built-in", choices}));
  EXPECT_EQ(card_text(one, {}), R"(
Asked back on shop, by built-in
  "sales": the amount\u{001B}[2J, or the number?
  1  the amount
  2  the number

To answer
  sales in 2013?
)");
  EXPECT_EQ(card_act(one), "Answer: \"sales\": the amount\\u{001B}[2J, or the number?");
  ASSERT_EQ(card_choices(one).size(), 2U);
  EXPECT_EQ(card_choices(one)[1].feedback, "number of orders");
  EXPECT_TRUE(card_choices(encode(card())).empty());
  EXPECT_TRUE(card_choices(Json()).empty());
}

TEST(Card, WhatAModelSaysPassesForNoLineOfTheCard) {
  Card one = card();
  // Padded so that a terminal's own wrapping would put the words at the beginning of a line.
  one.model_says = "fine" + std::string(500, ' ') + "Proof\n" + std::string(93, ' ') + "every check passed\xE2\x80\xAE" + std::string(300, 'x');
  for (const int width : {1, 40, 100}) {
    const std::string text = shown(one, width);
    const auto begins = text.find("Model says (not checked)\n");
    ASSERT_NE(begins, std::string::npos);
    std::string said = text.substr(text.find('\n', begins) + 1), words;
    for (std::size_t at = 0, end = 0; (end = said.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = said.substr(at, end - at);
      EXPECT_TRUE(line.starts_with("  | ")) << line;
      EXPECT_LE(line.size(), static_cast<std::size_t>(std::max(width, 20)));
      words += line.substr(4);
    }
    EXPECT_EQ(words,
              "fine" + std::string(500, ' ') + "Proof\\u{000A}" + std::string(93, ' ') + "every check passed\\u{202E}" + std::string(300, 'x'));
  }
}

TEST(Card, SkippedChecksAreOneLine) {
  const std::vector<Check> checks{{.check = "names", .outcome = Outcome::skipped, .detail = "not tried"},
                                  {.check = "parses", .outcome = Outcome::failed, .detail = "it is not SQL"},
                                  {.check = "plans", .outcome = Outcome::skipped, .detail = "not tried"},
                                  {.check = "sample", .outcome = Outcome::skipped, .detail = "too large"}};
  EXPECT_EQ(checks_text(checks, false), "  ✗ parses: it is not SQL\n  – names, plans: not tried\n  – sample: too large\n");
}

}  // namespace
}  // namespace sluice
