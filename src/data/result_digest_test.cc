#include "data/result_digest.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using enum TypeKind;

struct Table {
  std::vector<TypeKind> types{};
  std::vector<Row> rows{};
  std::string names = "abcdef";
};

std::string digest(const Table& table) {
  std::vector<ResultColumn> columns;
  for (std::size_t c = 0; c < table.types.size(); ++c) columns.push_back({std::string(1, table.names[c]), {table.types[c], ""}});
  return result_digest(columns, table.rows);
}

Value text_value(const char* text) { return std::string(text); }
Value whole(std::int64_t number) { return number; }
const Value kNull = std::monostate();

struct Case {
  const char* what;
  Table one, other;
};

TEST(ResultDigest, IsTheSameForTheSameFacts) {
  const Table people{{text, integer}, {{text_value("Ada"), whole(1)}, {text_value("Boris"), whole(2)}, {text_value("Ada"), whole(1)}}};
  const std::vector<Case> kCases{
      {"rows in another order", people, {{text, integer}, {people.rows[1], people.rows[0], people.rows[2]}}},
      {"columns in another order",
       people,
       {{integer, text}, {{whole(1), text_value("Ada")}, {whole(2), text_value("Boris")}, {whole(1), text_value("Ada")}}}},
      {"columns called otherwise", people, {people.types, people.rows, "xy"}},
      {"integer and double", {{integer}, {{whole(3)}}}, {{floating}, {{3.0}}}},
      {"integer and decimal", {{integer}, {{whole(3)}}}, {{decimal}, {{text_value("3.00")}}}},
      {"decimal and double", {{decimal}, {{text_value("1.50")}}}, {{floating}, {{1.5}}}},
      {"decimals of another scale", {{decimal}, {{text_value("0.10")}}}, {{decimal}, {{text_value("0.1")}}}},
      {"a sum in another order", {{floating}, {{0.1 + 0.2}}}, {{floating}, {{0.3}}}},
      {"zero and minus zero", {{floating}, {{0.0}}}, {{floating}, {{-0.0}}}},
      {"large integers of two types", {{integer}, {{whole(1'234'567'890'123)}}}, {{decimal}, {{text_value("1234567890123.0")}}}},
      {"a large integer and a double", {{integer}, {{whole(1'234'567'890'123)}}}, {{floating}, {{1'234'567'890'123.0}}}},
      {"midnight and the day", {{timestamp}, {{text_value("2013-01-31 00:00:00")}}}, {{date}, {{text_value("2013-01-31")}}}},
      {"no rows", {{integer}, {}}, {{text}, {}}},
  };
  for (const Case& one : kCases) EXPECT_EQ(digest(one.one), digest(one.other)) << one.what;
}

TEST(ResultDigest, DiffersForOtherFacts) {
  const std::vector<Case> kCases{
      {"another value", {{integer}, {{whole(1)}}}, {{integer}, {{whole(2)}}}},
      {"a row twice", {{integer}, {{whole(1)}}}, {{integer}, {{whole(1)}, {whole(1)}}}},
      {"a row more", {{integer}, {{whole(1)}}}, {{integer}, {{whole(1)}, {whole(2)}}}},
      {"a column more", {{integer}, {{whole(1)}}}, {{integer, integer}, {{whole(1), whole(1)}}}},
      {"a column more, and no rows", {{integer}, {}}, {{integer, integer}, {}}},
      {"NULL and an empty text", {{text}, {{kNull}}}, {{text}, {{text_value("")}}}},
      {"NULL and its word", {{text}, {{kNull}}}, {{text}, {{text_value("NULL")}}}},
      {"NULL and zero", {{integer}, {{kNull}}}, {{integer}, {{whole(0)}}}},
      {"a number and its text", {{integer}, {{whole(1)}}}, {{text}, {{text_value("1")}}}},
      {"true and one", {{boolean}, {{true}}}, {{integer}, {{whole(1)}}}},
      {"true and false", {{boolean}, {{true}}}, {{boolean}, {{false}}}},
      {"upper and lower case", {{text}, {{text_value("a")}}}, {{text}, {{text_value("A")}}}},
      {"values that hang together otherwise",
       {{integer, text}, {{whole(1), text_value("a")}, {whole(2), text_value("b")}}},
       {{integer, text}, {{whole(1), text_value("b")}, {whole(2), text_value("a")}}}},
      {"texts parted otherwise", {{text, text}, {{text_value("ab"), text_value("c")}}}, {{text, text}, {{text_value("a"), text_value("bc")}}}},
      {"a time of the day and the day", {{timestamp}, {{text_value("2013-01-31 00:00:01")}}}, {{date}, {{text_value("2013-01-31")}}}},
      {"a text that ends like midnight", {{text}, {{text_value("x 00:00:00")}}}, {{text}, {{text_value("x")}}}},
      {"neighbours among large ids", {{integer}, {{whole(1'234'567'890'123'456)}}}, {{integer}, {{whole(1'234'567'890'123'457)}}}},
      {"neighbours beyond a double", {{integer}, {{whole(9'007'199'254'740'993)}}}, {{integer}, {{whole(9'007'199'254'740'992)}}}},
      {"cents in a large sum", {{decimal}, {{text_value("12345678.91")}}}, {{decimal}, {{text_value("12345678.92")}}}},
  };
  for (const Case& one : kCases) EXPECT_NE(digest(one.one), digest(one.other)) << one.what;
}

}  // namespace
}  // namespace sluice
