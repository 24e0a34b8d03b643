#include "agents/range_text.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(RangeText, SaysWhatAColumnHolds) {
  struct Case {
    std::vector<std::string> codes;
    const char *least, *greatest;
    bool complete;
    const char* text;
  };
  const Case cases[]{
      {{"0", "1", "2"}, "", "", true, "all values: 0, 1, 2"},
      {{"0", "1", "2"}, "", "", false, "e.g. 0, 1, 2"},
      {{"-1", "99"}, "", "", true, "all values: -1, 99"},
      {{"1", "2", "3", "4", "5", "6"}, "", "", true, "1 to 6"},
      {{"1", "2", "3", "4", "5", "6"}, "", "", false, "e.g. from 1 to 6"},
      {{"1", "2", "3", "4", "5", "7"}, "", "", true, "all values: 1, 2, 3, 4, 5, 7"},
      {{"-9223372036854775808", "1", "2", "3", "4", "5"}, "", "", true, "all values: -9223372036854775808, 1, 2, 3, 4, 5"},
      {{}, "-86", "1272", true, "-86 to 1272"},
      {{}, "-86", "1272", false, "e.g. from -86 to 1272"},
      {{}, "0.10", "0.10", true, "all values: 0.10"},
      {{}, "0.30000000000000004", "99.5", true, "0.3 to 99.5"},
      {{}, "9007199254740993", "9007199254740995", true, "9007199254740993 to 9007199254740995"},
      {{}, "2013-01-01", "2013-12-31", true, "2013-01-01 to 2013-12-31"},
      {{}, "2013-01-01 00:00:00", "2013-12-31 00:00:00", true, "2013-01-01 to 2013-12-31"},
      {{}, "2013-01-01 05:00:00.25+00", "2013-12-31 00:00:00+00", false, "e.g. from 2013-01-01 05:00 to 2013-12-31 00:00"},
  };
  for (const Case& one : cases) EXPECT_EQ(range_text({{"public", "t"}, "c", one.codes, one.least, one.greatest, one.complete}), one.text);
}

TEST(RangeText, IsEmptyForWhatNobodyShouldSee) {
  for (const char* column : {"ssn", "pin", "phone_number", "zip", "date_of_birth", "account"})
    EXPECT_EQ(range_text({{"public", "t"}, column, {}, "1", "9", true}), "") << column;
  EXPECT_EQ(range_text({{"public", "t"}, "c", {}, "1\n  forged integer", "9", true}), "");
  EXPECT_EQ(range_text({{"public", "t"}, "c", {}, "1", "infinity", true}), "");
  EXPECT_EQ(range_text({{"public", "t"}, "c", {"1", "x"}, "", "", true}), "");
  EXPECT_EQ(range_text({{"public", "t"}, "c", {}, "", "", true}), "") << "an empty column";
}

}  // namespace
}  // namespace sluice
