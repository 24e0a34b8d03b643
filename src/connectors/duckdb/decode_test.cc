#include "connectors/duckdb/decode.h"

#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using duckdb_detail::Connection;
using duckdb_detail::Database;

std::string shown(const Value& value) { return std::holds_alternative<std::monostate>(value) ? "(null)" : value_text(value, {}); }

/// Our text of a value is DuckDB's own.
TEST(Decode, SaysWhatDuckDbSays) {
  const auto database = Database::open("", {});
  ASSERT_TRUE(database) << database.error().message;
  const auto connection = Connection::open(*database, soon());
  for (const std::string value : {"NULL",
                                  "[1, NULL, 3]",
                                  "[]::INTEGER[]",
                                  "[[' x'], ['y'], NULL]",
                                  "['a', 'b, c', 'it''s', NULL, 'NULL', '', 'a:b', 'a\\b', 'x=y', '\"q\"', 'é']",
                                  "[1.5, 1]",
                                  "[true]",
                                  "['\\xff\\x00a b'::BLOB]",
                                  "[1, 2]::INTEGER[2]",
                                  "[DATE '2020-01-01', NULL]",
                                  "[TIMESTAMP '2020-01-01 01:02:03']",
                                  "[INTERVAL '1 day 02:00:00']",
                                  "['b,c'::ENUM ('b,c')]",
                                  "['101'::BIT]",
                                  "{'a': 1, 'b': 'x'}",
                                  "{'it''s': [1.5]}",
                                  "{'a': {'b': 'x y'}, 'c': NULL}",
                                  "row('a b', 'x:y', NULL)",
                                  "MAP {'k': 2, 'a=b': 3}",
                                  "MAP {1: {'x': NULL}}",
                                  "MAP {TIMESTAMP '2020-01-01 01:02:03': TIME '01:02:03'}",
                                  "union_value(num := 2)",
                                  "union_value(s := 'a,b')",
                                  "[union_value(num := 'a,b')]",
                                  "'10:00:00+02'::TIMETZ",
                                  "'10:00:00-03:30'::TIMETZ",
                                  "'23:59:59.999999+15:59:59'::TIMETZ",
                                  "'101010'::BIT",
                                  "'1'::BIT",
                                  "'0000000011111111'::BIT",
                                  "'123456789012345678901234567890'::BIGNUM",
                                  "'-123456789012345678901234567890'::BIGNUM",
                                  "'0'::BIGNUM",
                                  "'-1'::BIGNUM",
                                  "TIME_NS '01:02:03.123456789'",
                                  "TIMESTAMP_NS '2020-01-01 00:00:00.123456789'",
                                  "TIMESTAMP_S '1900-01-01 00:00:01'",
                                  "TIMESTAMP_MS '1969-12-31 23:59:59.999'",
                                  "DATE '0044-03-15 (BC)'",
                                  "DATE '5877642-06-25 (BC)'",
                                  "DATE '5881580-07-10'",
                                  "TIMESTAMP '0001-01-01 (BC) 00:00:00'",
                                  "TIMESTAMP '1900-01-01 00:00:00.5'",
                                  "TIME '24:00:00'",
                                  "'infinity'::TIMESTAMP",
                                  "'-infinity'::DATE",
                                  "'-5 days'::INTERVAL",
                                  "INTERVAL '-1 hours -30 minutes'",
                                  "INTERVAL '-14 months'",
                                  "INTERVAL '0 days'",
                                  "'inf'::DOUBLE",
                                  "0.1::FLOAT",
                                  "16777216::FLOAT",
                                  "'NaN'::FLOAT",
                                  "1e-7::DOUBLE",
                                  "-0.0::DOUBLE",
                                  "(-170141183460469231731687303715884105727)::HUGEINT",
                                  "340282366920938463463374607431768211455::UHUGEINT",
                                  "(-0.5)::DECIMAL(4,1)",
                                  "0.001::DECIMAL(38,3)",
                                  "99999.99::DECIMAL(7,2)",
                                  "1.5::DECIMAL(12,4)",
                                  "'00000000-0000-0000-0000-000000000000'::UUID",
                                  "'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID"}) {
    std::string sql = "SELECT ";
    sql += value;
    sql += ", CAST(";
    sql += value;
    sql += " AS VARCHAR)";
    const auto rows = (*connection)->rows(sql);
    ASSERT_TRUE(rows) << value << ": " << rows.error().message;
    EXPECT_EQ(shown(rows->at(0).at(0)), shown(rows->at(0).at(1))) << value;
  }
}

TEST(Decode, KnowsEveryTypeThatDuckDbLists) {
  const auto database = Database::open("", {});
  ASSERT_TRUE(database) << database.error().message;
  const auto connection = Connection::open(*database, soon());
  // One value of each type, made by DuckDB for exactly this.
  RowBuffer rows(10);
  const auto ran = (*connection)->stream("SELECT * FROM test_all_types()", {.rows_max = 10, .bytes_max = 10'000'000}, rows);
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_GT(rows.header.size(), 40U);
  for (const Row& row : rows.kept)
    for (std::size_t c = 0; c < row.size(); ++c) {
      EXPECT_EQ(value_text(row[c], {}).find("(a value of"), std::string::npos) << rows.header[c].name;
      EXPECT_FALSE(rows.header[c].type.native.starts_with("type ")) << rows.header[c].name << " is " << rows.header[c].type.native;
    }
}

}  // namespace
}  // namespace sluice
