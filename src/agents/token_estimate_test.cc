#include "agents/token_estimate.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice {
namespace {

/// `counted`: tokens as OpenAI's cl100k counts them, where that is known; an estimate is at least that and not twice as much.
struct Case {
  const char* text;
  std::int64_t estimate, counted;
};

TEST(TokenEstimate, CountsByTheTable) {
  const Case cases[] = {
      {"", 0, 0},
      {"The quick brown fox jumps over the lazy dog.", 13, 10},
      {"Hello, world!", 6, 4},
      {"SELECT * FROM flights", 6, 4},
      {"SELECT name, count(*) FROM flights GROUP BY name", 16, 0},
      {"carrier_id integer", 6, 0},
      {"20130131", 8, 0},
      {"3.14", 4, 0},
      {"--------", 2, 0},
      {"    x", 2, 0},
      {"a\n\tb", 4, 0},
      {"Zürich", 3, 0},
      {"東京都", 6, 0},
      {"😀", 3, 0},
      {"\xFF\x80", 2, 0},
      {"\x80\x80", 2, 0},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(estimated_tokens(one.text), one.estimate) << one.text;
    if (one.counted == 0) continue;
    EXPECT_GE(estimated_tokens(one.text), one.counted) << one.text;
    EXPECT_LT(estimated_tokens(one.text), 2 * one.counted) << one.text;
  }
}

TEST(TokenEstimate, NeverFallsWhenTextIsAdded) {
  const std::string text = "SELECT a.\"Größe\", 12.5 FROM  東京 AS a -- 'x' 😀\n\tWHERE 1 = 1 \xFF\xFE ----------";
  std::int64_t before = 0;
  for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
    const std::int64_t now = estimated_tokens(std::string_view(text).substr(0, bytes));
    EXPECT_GE(now, before) << bytes;
    before = now;
  }
}

TEST(TokenEstimate, PartsNeverCountForLessThanTheWhole) {
  const std::string a = "table flights  -- 336,776 rows\n", b = "  carrier text  e.g. 'UA'\n";
  EXPECT_GE(estimated_tokens(a) + estimated_tokens(b), estimated_tokens(a + b));
}

}  // namespace
}  // namespace sluice
