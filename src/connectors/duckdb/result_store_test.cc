#include "connectors/duckdb/result_store.h"

#include <signal.h>
#include <sys/resource.h>

#include <limits>

#include "base/hash.h"
#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using ResultStoreTest = DuckDbFolder;

TEST_F(ResultStoreTest, ResultsComeBackAsTheyWere) {
  auto store = open_result_store((folder_ / "results").string());
  ASSERT_TRUE(store) << store.error().message;
  const std::vector<ResultColumn> columns{{"a", {TypeKind::integer, "BIGINT"}},       {"a", {TypeKind::decimal, "numeric"}},
                                          {"odd \"name'", {TypeKind::bytes, "BLOB"}}, {"when", {TypeKind::date, "DATE"}},
                                          {"x", {TypeKind::floating, "DOUBLE"}},      {"ok", {TypeKind::boolean, "BOOLEAN"}}};
  const std::vector<Row> rows{
      {Value(std::int64_t{1}), Value(std::string("1.10")), Value(std::string("\xff\0", 2)), Value(std::string("infinity")), Value(0.1), Value(true)},
      {Value(), Value(), Value(), Value(), Value(), Value()}};
  auto writer = (*store)->create();
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->columns(columns));
  ASSERT_TRUE((*writer)->rows(std::vector<Row>(rows)));
  auto hash = (*writer)->finish();
  ASSERT_TRUE(hash) << hash.error().message;
  const fs::path file = folder_ / "results" / (*hash + ".parquet");
  EXPECT_EQ(sha256_hex(bytes_of(file)), *hash);
  RowBuffer back(10);
  auto read = (*store)->read(*hash, 0, back);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(back.header, columns);
  EXPECT_EQ(back.kept, rows);
  {
    std::ofstream(file, std::ios::app) << "x";
  }
  EXPECT_EQ((*store)->read(*hash, 0, back).error().code, "E0413");
  EXPECT_EQ((*store)->read("0123456789abcdef", 0, back).error().code, "E0413");
}

TEST_F(ResultStoreTest, AnAbandonedResultLeavesNothing) {
  auto store = open_result_store((folder_ / "results").string());
  {
    auto writer = (*store)->create();
    ASSERT_TRUE((*writer)->columns({{"a", {TypeKind::text, ""}}}));
    ASSERT_TRUE((*writer)->rows({{Value(std::string("bad \xff utf-8"))}}));
  }
  EXPECT_TRUE(fs::is_empty(folder_ / "results"));
}

}  // namespace
}  // namespace sluice
