// Every refused statement of the corpus, past the parser, on a real DuckDB: with production's safeguards, then with each of them alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/text.h"
#include "connectors/duckdb/source.h"
#include "corpus.h"
#include "layers.h"

namespace sluice::guard {
namespace {

namespace fs = std::filesystem;
using duckdb_detail::Safeguards;

/// Where the corpus tries to write.
const fs::path kTarget = "/tmp/sluice-guard";
constexpr int kStatementSeconds = 10;

Call soon() { return {std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}}; }

/// Without the lock these would ask servers on the network, which a test must not.
bool needs_network(const std::string& sql) {
  static constexpr std::array<std::string_view, 9> kWords{"INSTALL", "LOAD ",    "EXTENSIONS", "SECRET",      "http",
                                                          "s3:",     "postgres", "aws",        "iceberg_scan"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return sql.find(word) != std::string::npos; });
}

class DuckDbLayers : public testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("sluice-guard-layers-" + std::to_string(getpid()));
  fs::path made_ = folder_ / "made.duckdb", db_ = folder_ / "run" / "shop.duckdb";
  std::unique_ptr<DataEngine> engine_{};
  Safeguards safeguards_{};

  void SetUp() override {
    fs::create_directories(folder_ / "run");
    fs::create_directories(kTarget);
    auto database = duckdb_detail::Database::open(made_.string(), {});
    ASSERT_TRUE(database) << database.error().message;
    auto connection = duckdb_detail::Connection::open(*database, soon());
    ASSERT_TRUE(connection);
    const auto made = (*connection)->execute(read_setup("duckdb"));
    ASSERT_TRUE(made) << made.error().message;
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
    fs::remove_all(kTarget);
  }

  void fresh() {
    engine_.reset();
    fs::remove_all(folder_ / "run");
    fs::remove_all(kTarget);
    fs::create_directories(folder_ / "run");
    fs::create_directories(kTarget);
    fs::copy_file(made_, db_);
    auto opened = duckdb_detail::open_engine("shop", {.path = db_.string()}, {}, safeguards_);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
  }
  /// Rows of one statement as text, or its error.
  std::string answer(const std::string& sql) {
    auto session = engine_->open_read(soon());
    if (!session) return session.error().message;
    RowBuffer rows(1000);
    const auto ran = (*session)->run(sql, {.rows_max = 1000, .bytes_max = 10'000'000, .truncate = true}, rows);
    if (!ran) return "error: " + ran.error().message;
    std::string out;
    for (const Row& row : rows.kept)
      for (std::size_t c = 0; c < row.size(); ++c) out += value_text(row[c], rows.header[c].type) + "|";
    return out;
  }
  /// What a statement must not change: the files, and what later sessions see.
  std::string state() {
    return files_state((folder_ / "run").string()) + files_state(kTarget.string()) +
           answer("SELECT name, value FROM duckdb_settings() ORDER BY name") +
           answer("SELECT database_name, path FROM duckdb_databases() ORDER BY 1");
  }
  /// The refused statements that change something.
  std::set<std::string> getting_through(bool offline) {
    fresh();
    std::set<std::string> out;
    std::string before = state();
    for (const Case& item : read_corpus("duckdb")) {
      if (item.holds || (offline && needs_network(item.sql))) continue;
      answer(item.sql);
      if (state() == before) continue;
      out.insert(on_one_line(item.sql));
      fresh();
      before = state();
    }
    return out;
  }
};

TEST_F(DuckDbLayers, WhatHoldsRuns) {
  fresh();
  for (const Case& item : read_corpus("duckdb")) {
    if (item.holds) {
      EXPECT_FALSE(answer(item.sql).starts_with("error: ")) << item.where() << "\n" << answer(item.sql);
    }
  }
}

TEST_F(DuckDbLayers, ProductionChangesNothingWithoutTheParser) {
  EXPECT_EQ(getting_through(false), documented("DuckDB, production's safeguards without the parser"));
}

TEST_F(DuckDbLayers, TheLockAlone) {
  safeguards_ = {.read_only = false, .lock = true};
  EXPECT_EQ(getting_through(false), documented("DuckDB, the lock alone"));
}

TEST_F(DuckDbLayers, ReadOnlyAlone) {
  safeguards_ = {.read_only = true, .lock = false};
  EXPECT_EQ(getting_through(true), documented("DuckDB, read-only alone"));
}

}  // namespace
}  // namespace sluice::guard
