#include "connectors/duckdb/ast_source.h"

#include <gtest/gtest.h>

#include <atomic>
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

TEST(AstSource, NeverTakesAnotherStatementForASelect) {
  auto source = make_ast_source();
  ASSERT_TRUE(source) << source.error().message;
  const auto kinds = (*source)->statement_kinds("SELECT 1; DELETE FROM nowhere");
  ASSERT_TRUE(kinds);
  EXPECT_EQ(*kinds, (std::vector<std::string>{"SELECT", "OTHER"}));
  EXPECT_NE((*source)->statement_kinds("WITH x AS (SELECT 1) DELETE FROM nowhere")->front(), "SELECT");
  EXPECT_EQ((*source)->statement_kinds("EXPLAIN DELETE FROM nowhere")->front(), "EXPLAIN");
}

TEST(AstSource, RefusesWhatTheParserWouldReadInPart) {
  auto source = make_ast_source();
  ASSERT_TRUE(source) << source.error().message;
  const std::string cut("SELECT 1\0; DELETE FROM t", 24);
  EXPECT_EQ((*source)->serialize(cut).error().code, "E0406");
  EXPECT_EQ((*source)->statement_kinds(cut).error().code, "E0406");
}

TEST(AstSource, ServesManyThreads) {
  auto source = make_ast_source();
  ASSERT_TRUE(source) << source.error().message;
  constexpr int kThreads = 4, kRounds = 50;
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        const std::string name = "table_of_" + std::to_string(t);
        for (int i = 0; i < kRounds; ++i) {
          const auto tree = (*source)->serialize("SELECT a FROM " + name);
          if (tree && tree->find(name) != std::string::npos) ++right;
        }
      });
  }
  EXPECT_EQ(right, kThreads * kRounds);
}

}  // namespace
}  // namespace sluice
