#include "connectors/duckdb/ast_source.h"

#include <gtest/gtest.h>

#include <thread>

namespace sluice {
namespace {

TEST(AstSource, ParsesWithoutExecuting) {
  auto source = make_ast_source();
  ASSERT_TRUE(source) << source.error().message;
  auto tree = (*source)->serialize("SELECT a FROM t WHERE b = 'x'");
  ASSERT_TRUE(tree);
  EXPECT_NE(tree->find("\"error\":false"), std::string::npos);
  auto again = (*source)->deserialize(*tree);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_NE(again->find("SELECT a FROM t"), std::string::npos);
  struct Case {
    const char* sql;
    std::vector<std::string> kinds;
  };
  for (const auto& [sql, kinds] : {Case{"SELECT 1; DELETE FROM t", {"SELECT", "SELECT"}}, Case{"/* x */ delete from t", {"DELETE"}},
                                   Case{"CREATE TABLE t (a INTEGER)", {"CREATE"}}, Case{"ATTACH 'x'", {"ATTACH"}}, Case{"", {}}}) {
    auto got = (*source)->statement_kinds(sql);
    ASSERT_TRUE(got) << sql;
    EXPECT_EQ(got->size(), kinds.size()) << sql;
    if (kinds.size() == 1) {
      EXPECT_EQ(got->front(), kinds.front()) << sql;
    }
  }
  EXPECT_TRUE((*source)->serialize("SELECT * FROM nowhere"));
}

}  // namespace
}  // namespace sluice
