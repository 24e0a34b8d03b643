#pragma once
// A folder with a DuckDB file, and what the tests of this folder do with one.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "connectors/duckdb/duckdb_engine.h"
#include "connectors/duckdb/source.h"

namespace sluice {

namespace fs = std::filesystem;

inline Call soon(std::chrono::milliseconds time = std::chrono::seconds(30)) { return {std::chrono::steady_clock::now() + time, {}}; }

inline std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// shop.duckdb with customers and orders, and helpers to open and ask it.
class DuckDbFolder : public testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("sluice-duckdb-test-" + std::to_string(getpid()));
  std::string db_ = (folder_ / "shop.duckdb").string();

  void SetUp() override {
    fs::create_directories(folder_);
    make(db_,
         "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, country VARCHAR UNIQUE);"
         "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), total DECIMAL(10,2), placed DATE);"
         "COMMENT ON TABLE orders IS 'what was bought';"
         "INSERT INTO customers VALUES (1, 'Ada', 'UK'), (2, 'Bob', 'US'), (3, 'Eve', 'DE');"
         "INSERT INTO orders SELECT range, 1 + range % 3, range * 1.25, DATE '2024-01-31' + range::INTEGER FROM range(5);"
         "CREATE VIEW big AS SELECT * FROM orders WHERE total > 3; CREATE VIEW leak AS SELECT * FROM glob('/etc/*');"
         "COMMENT ON COLUMN orders.total IS 'in euros'; COMMENT ON VIEW big IS 'the large ones'; COMMENT ON COLUMN big.total IS 'above 3';"
         "CREATE MACRO twice(x) AS x * 2;");
  }
  void TearDown() override { fs::remove_all(folder_); }

  static void make(const std::string& path, const std::string& sql) {
    auto database = duckdb_detail::Database::open(path, {});
    ASSERT_TRUE(database) << database.error().message;
    auto connection = duckdb_detail::Connection::open(*database, soon());
    auto made = (*connection)->execute(sql);
    ASSERT_TRUE(made) << made.error().message;
  }
  static std::unique_ptr<DataEngine> engine(const DuckDbSource& source) {
    auto opened = open_duckdb("shop", source);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  static std::unique_ptr<ReadSession> session(DataEngine& engine, Call call = soon()) {
    auto opened = engine.open_read(call);
    EXPECT_TRUE(opened) << opened.error().message;
    return *std::move(opened);
  }
  static RowBuffer run(ReadSession& session, const std::string& sql) {
    RowBuffer rows(1000);
    auto ran = session.run(sql, {.rows_max = 1000, .bytes_max = 1'000'000}, rows);
    EXPECT_TRUE(ran) << sql << ": " << ran.error().message;
    return rows;
  }
};

}  // namespace sluice
