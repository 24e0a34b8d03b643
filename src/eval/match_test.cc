#include "eval/match.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

namespace sluice::eval {
namespace {

struct CellCase {
  const char* what;
  Json a;
  TypeKind a_kind;
  Json b;
  TypeKind b_kind;
  bool same;
};

TEST(Cell, ComparesAcrossTypes) {
  using enum TypeKind;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const CellCase& one : std::initializer_list<CellCase>{
           {"null is null", nullptr, text, nullptr, integer, true},
           {"null is no zero", nullptr, integer, 0, integer, false},
           {"null is no empty text", nullptr, text, "", text, false},
           {"integer and double", 3, integer, 3.0, floating, true},
           {"integer and decimal", 3, integer, "3.00", decimal, true},
           {"decimal and double", "2.50", decimal, 2.5, floating, true},
           {"within the tolerance", 1000000.0, floating, 1000000.9, floating, true},
           {"beyond the tolerance", 1000000.0, floating, 1000002.0, floating, false},
           {"whole numbers exactly", 10000000, integer, 10000001, integer, false},
           {"whole numbers beyond 64 bits", "170141183460469231731687303715884105727", integer, "170141183460469231731687303715884105726", integer,
            false},
           {"the same beyond 64 bits", "170141183460469231731687303715884105727", integer, "+0170141183460469231731687303715884105727", decimal,
            true},
           {"a zero has no sign", "-0", integer, 0, integer, true},
           {"an exponent", "1e3", decimal, 1000, integer, true},
           {"beyond all numbers", "1e400", decimal, 5, integer, false},
           {"both beyond all numbers", "1e400", decimal, "1e500", decimal, true},
           {"a boolean is a number", true, boolean, 1, integer, true},
           {"false is zero", false, boolean, 0, integer, true},
           {"a text that looks like a number is text", "3", text, 3, integer, false},
           {"texts exactly", "a", text, "A", text, false},
           {"texts with blanks", "a", text, "a ", text, false},
           {"a date and its midnight", "2013-01-31", date, "2013-01-31 00:00:00", timestamp, true},
           {"a date and another time of it", "2013-01-31", date, "2013-01-31 00:00:01", timestamp, false},
           {"T and blank", "2013-01-31T05:00:00", timestamp, "2013-01-31 05:00:00", timestamp, true},
           {"zones", "2013-01-31 05:00:00+02", timestamptz, "2013-01-31 03:00:00", timestamp, true},
           {"a zone over the day", "2013-01-31 23:30:00-00:30", timestamptz, "2013-02-01", date, true},
           {"Z", "2013-01-31 05:00:00Z", timestamptz, "2013-01-31 05:00:00", timestamp, true},
           {"fractions", "2013-01-31 05:00:00.500", timestamp, "2013-01-31 05:00:00.5", timestamp, true},
           {"other fractions", "2013-01-31 05:00:00.5", timestamp, "2013-01-31 05:00:00.25", timestamp, false},
           {"no such day stays text", "2013-02-31 00:00:00", timestamp, "2013-02-31", date, false},
           {"NaN is itself", nan, floating, "NaN", floating, true},
           {"a moment in a text column is text", "2013-01-31 00:00:00", text, "2013-01-31", date, false},
       })
    EXPECT_EQ(same_cell(cell_of(one.a, one.a_kind, Reading::typed), cell_of(one.b, one.b_kind, Reading::typed)), one.same) << one.what;
}

TEST(Cell, ReadsTextsLooselyWhereColumnsHaveNoType) {
  const auto same = [](const Json& a, const Json& b) {
    return same_cell(cell_of(a, TypeKind::text, Reading::loose), cell_of(b, TypeKind::text, Reading::loose));
  };
  EXPECT_TRUE(same("3", 3));
  EXPECT_TRUE(same("3.0", "3"));
  EXPECT_TRUE(same("-.5e1", -5));
  EXPECT_TRUE(same("2013-01-31 00:00:00", "2013-01-31"));
  EXPECT_FALSE(same("3 ", 3));
  EXPECT_FALSE(same("e3", 3));
  EXPECT_FALSE(same(".", 0));
  EXPECT_FALSE(same("2013-01-31 at noon", "2013-01-31"));
}

using Table = std::vector<std::vector<Json>>;

Compared compared(const Table& rows, std::size_t width) {
  Compared out{.width = width, .rows = {}};
  for (const auto& row : rows) {
    CellRow cells;
    for (const Json& value : row) cells.push_back(cell_of(value, TypeKind::text, Reading::typed));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

Gold gold(const Table& rows, std::vector<std::string> names, std::optional<std::vector<std::size_t>> ties = {}) {
  const std::size_t width = names.size();
  return {.names = std::move(names), .result = compared(rows, width), .ties = std::move(ties), .reading = Reading::typed};
}

struct MatchCase {
  const char* what;
  Gold want;
  std::vector<std::vector<std::string>> subsets;
  Compared got;
  std::string why;  ///< "" where it is right
};

TEST(Match, FollowsTheRule) {
  const Table people{{1, "Ada", 3.5}, {2, "Bo", 1.5}};
  const std::vector<std::string> names{"id", "name", "total"};
  const Table tied{{"a", 2}, {"b", 2}, {"c", 1}};
  for (const MatchCase& one : std::initializer_list<MatchCase>{
           {"the same", gold(people, names), {}, compared(people, 3), ""},
           {"rows in any order", gold(people, names), {}, compared({{2, "Bo", 1.5}, {1, "Ada", 3.5}}, 3), ""},
           {"columns in any order", gold(people, names), {}, compared({{"Ada", 3.5, 1}, {"Bo", 1.5, 2}}, 3), ""},
           {"columns of different rows", gold(people, names), {}, compared({{"Ada", 1.5, 1}, {"Bo", 3.5, 2}}, 3), "rows"},
           {"a row too few", gold(people, names), {}, compared({{1, "Ada", 3.5}}, 3), "rows"},
           {"another value", gold(people, names), {}, compared({{1, "Ada", 3.5}, {2, "Bo", 1.6}}, 3), "rows"},
           {"nearly the same number", gold(people, names), {}, compared({{1, "Ada", 3.5000001}, {2, "Bo", 1.5}}, 3), ""},
           {"a column too many", gold(people, names), {}, compared({{1, "Ada", 3.5, 9}, {2, "Bo", 1.5, 9}}, 4), "extra columns"},
           {"a column too few", gold(people, names), {}, compared({{1, "Ada"}, {2, "Bo"}}, 2), "missing columns"},
           {"a column too few, which is enough", gold(people, names), {{"name"}}, compared({{1, "Ada"}, {2, "Bo"}}, 2), ""},
           {"only what is enough", gold(people, names), {{"NAME"}}, compared({{"Bo"}, {"Ada"}}, 1), ""},
           {"not what is enough", gold(people, names), {{"name"}}, compared({{1, 3.5}, {2, 1.5}}, 2), "missing columns"},
           {"one of several sets", gold(people, names), {{"name", "total"}, {"id"}}, compared({{1}, {2}}, 1), ""},
           {"a set and a column that the gold lacks", gold(people, names), {{"name"}}, compared({{"Ada", 9}, {"Bo", 9}}, 2), "rows"},
           {"rows that say the same", gold({{"x"}, {"x"}, {"y"}}, {"n"}), {}, compared({{"x"}, {"y"}}, 1), "distinct"},
           {"how often a row is there", gold({{"x"}, {"x"}, {"y"}}, {"n"}), {}, compared({{"x"}, {"y"}, {"y"}}, 1), "distinct"},
           {"no rows", gold({}, {"n"}), {}, compared({}, 1), ""},
           {"no rows and other columns", gold({}, {"n"}), {}, compared({}, 2), "rows"},
           {"rows where there are none", gold({}, {"n"}), {}, compared({{1}}, 1), "rows"},
           {"in order", gold({{1}, {2}}, {"n"}, {{1, 1}}), {}, compared({{1}, {2}}, 1), ""},
           {"not in order", gold({{1}, {2}}, {"n"}, {{1, 1}}), {}, compared({{2}, {1}}, 1), "order"},
           {"equal keys in any order", gold(tied, {"k", "n"}, {{2, 1}}), {}, compared({{"b", 2}, {"a", 2}, {"c", 1}}, 2), ""},
           {"other keys not", gold(tied, {"k", "n"}, {{2, 1}}), {}, compared({{"a", 2}, {"c", 1}, {"b", 2}}, 2), "order"},
           {"order holds for a set of columns too", gold(tied, {"k", "n"}, {{2, 1}}), {{"k"}}, compared({{"c"}, {"a"}, {"b"}}, 1), "missing columns"},
           {"columns that are equal to each other", gold({{1, 1}, {2, 3}}, {"a", "b"}), {}, compared({{1, 1}, {3, 2}}, 2), ""},
           {"NULLs", gold({{nullptr, 1}, {"x", 2}}, {"a", "b"}), {}, compared({{"x", 2}, {nullptr, 1}}, 2), ""},
           {"a NULL and a value", gold({{nullptr}}, {"a"}), {}, compared({{"x"}}, 1), "rows"},
       }) {
    const Match found = match(one.want, one.subsets, one.got);
    EXPECT_EQ(found.right, one.why.empty()) << one.what;
    EXPECT_EQ(found.why, one.why) << one.what;
  }
}

TEST(Match, NumbersThatAreNearEachFindOneOfTheirOwn) {
  // In the order of their numbers, 1.0000000 and 1.0000005 change places between the two.
  const Gold want = gold({{1.0, 5.0}, {1.0000005, 4.0}}, {"a", "b"});
  EXPECT_TRUE(match(want, {}, compared({{1.0000005, 5.0}, {1.0, 4.0}}, 2)).right);
  EXPECT_FALSE(match(want, {}, compared({{1.0000005, 5.0}, {1.0, 5.0}}, 2)).right);
}

TEST(Match, EndsWhereManyColumnsAreAlike) {
  // Every order of the columns fits column by column, and none row by row.
  constexpr std::size_t kWidth = 12;
  Table want, got;
  for (int row = 0; row < 4; ++row) {
    std::vector<Json> a, b;
    for (std::size_t i = 0; i < kWidth; ++i) {
      a.emplace_back((row + static_cast<int>(i)) % 4);
      b.emplace_back((row * 3 + static_cast<int>(i * i)) % 4);
    }
    want.push_back(a);
    got.push_back(b);
  }
  got.front() = got.back();
  EXPECT_FALSE(match(gold(want, std::vector<std::string>(kWidth, "c")), {}, compared(got, kWidth)).right);
}

TEST(Match, OneOfSeveralGoldsIsEnough) {
  const std::vector<Gold> golds{gold({{1}}, {"a"}), gold({{2}}, {"a"})};
  const Compared two = compared({{2}}, 1), both = compared({{1, 2}}, 2), three = compared({{3}}, 1);
  EXPECT_TRUE(match_any(golds, {}, two, two).right);
  EXPECT_EQ(match_any(golds, {}, three, three).why, "rows");
  EXPECT_EQ(match_any(golds, {}, both, both).why, "extra columns");
}

Compared read(const Json& table, Reading reading) {
  std::vector<TypeKind> kinds;
  for (const Json& kind : *table["kinds"].as_array()) kinds.push_back(*decode<TypeKind>(kind));
  Compared out{.width = kinds.size(), .rows = {}};
  for (const Json& row : *table["rows"].as_array()) {
    CellRow cells;
    for (std::size_t i = 0; i < kinds.size(); ++i) cells.push_back(cell_of((*row.as_array())[i], kinds[i], reading));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

/// The same cases are read by tests/e2e/test_questions_bench.py: this and the benchmark's scoring have to agree.
TEST(Match, AgreesWithTheBenchmarksScoring) {
  std::ifstream file("tests/cases/match/cases.jsonl");
  int count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto one = Json::parse(line);
    ASSERT_TRUE(one) << line;
    const Reading reading = one->flag("untyped") ? Reading::loose : Reading::typed;
    Gold want{.names = {}, .result = read((*one)["gold"], reading), .ties = {}, .reading = reading};
    want.names.resize(want.result.width);
    if (const Json* ties = one->find("ties")) want.ties = *decode<std::vector<std::size_t>>(*ties);
    EXPECT_EQ(match(want, {}, read((*one)["answer"], reading)).right, one->flag("same")) << line;
  }
  EXPECT_GT(count, 30);
}

}  // namespace
}  // namespace sluice::eval
