// What somebody put into a DuckDB file (macros under built-in names, generated columns, views) against Sluice's own statements and its proof, on real
// files through production's engine.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "connectors/duckdb/ast_source.h"
#include "connectors/duckdb/source.h"
#include "proof/prove.h"
#include "sql/parser.h"

namespace sluice::guard {
namespace {

namespace fs = std::filesystem;
constexpr int kStatementSeconds = 10;

Call soon() { return {std::chrono::steady_clock::now() + std::chrono::seconds(kStatementSeconds), {}}; }

class DuckDbDatabase : public testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("sluice-guard-database-" + std::to_string(getpid()));
  std::unique_ptr<DataEngine> engine_{};
  std::unique_ptr<AstSource> source_{};
  std::unique_ptr<Parser> parser_{};
  Catalog catalog_{};

  void SetUp() override {
    fs::create_directories(folder_);
    auto source = make_ast_source();
    ASSERT_TRUE(source) << source.error().message;
    source_ = *std::move(source);
    parser_ = make_duckdb_parser(*source_);
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }
  /// Opens a new file made of these statements, and reads its whole catalog.
  void open(const std::vector<std::string>& statements) {
    const std::string path = (folder_ / "shop.duckdb").string();
    engine_.reset();
    fs::remove(path);
    {
      auto database = duckdb_detail::Database::open(path, {});
      ASSERT_TRUE(database) << database.error().message;
      auto connection = duckdb_detail::Connection::open(*database, soon());
      ASSERT_TRUE(connection);
      for (const std::string& statement : statements) {
        const auto made = (*connection)->execute(statement);
        ASSERT_TRUE(made) << statement << ": " << made.error().message;
      }
    }
    auto opened = open_duckdb("shop", {.path = path});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    auto session = engine_->open_read(soon());
    ASSERT_TRUE(session) << session.error().message;
    auto catalog = (*session)->catalog({});
    ASSERT_TRUE(catalog) << catalog.error().message;
    catalog_ = *std::move(catalog);
  }
  Proof compared(const std::string& sql) {
    const auto proof = Prover(*parser_, *engine_, {.compare_rows = 2000}).prove(sql, catalog_, soon());
    EXPECT_TRUE(proof) << proof.error().message;
    return proof ? *proof : Proof{};
  }
  /// "" where the proof holds, else what its check of functions says.
  std::string refusal(const std::string& sql) {
    const Prover prover(*parser_, *engine_, {});
    const auto proof = prover.prove(sql, catalog_, soon());
    if (!proof) return proof.error().message;
    const Check* functions = proof->find("functions");
    if (functions != nullptr && functions->outcome == Outcome::failed) return functions->detail;
    return proof->holds() ? "" : "another check failed";
  }
};

const std::vector<std::string> kShop{
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, country VARCHAR UNIQUE)",
    "CREATE TABLE orders (id INTEGER, customer_id INTEGER REFERENCES customers(id), status VARCHAR, UNIQUE (id, customer_id))",
    "INSERT INTO customers VALUES (1, 'Ada', 'GB'), (2, 'Bob', 'US')",
    "INSERT INTO orders VALUES (1, 1, 'open'), (2, 1, 'paid'), (3, 2, 'open')",
    "COMMENT ON TABLE orders IS 'what was bought'",
    "CREATE VIEW open_orders AS SELECT id FROM orders WHERE status LIKE 'open'"};

/// Every name that a statement of Sluice's own calls, as somebody's macro that lies.
const std::vector<std::string> kLies{"lower(x) AS 'nobody'",
                                     "upper(x) AS 'NOBODY'",
                                     "chr(x) AS ','",
                                     "strlen(x) AS 999",
                                     "array_to_string(a, b) AS 'nothing'",
                                     "list_aggregate(a, b, c) AS 'nothing'",
                                     "count(x) AS 0",
                                     "count_star() AS 0",
                                     "sum(x) AS 0",
                                     "current_database() AS 'elsewhere'",
                                     "unnest(x) AS 'nothing'",
                                     "\"+\"(a, b) AS 0",
                                     "\"||\"(a, b) AS 'nothing'",
                                     "\"~~\"(a, b) AS false",
                                     "\"=\"(a, b) AS false",
                                     "\"<=\"(a, b) AS false",
                                     "\">\"(a, b) AS false",
                                     "duckdb_functions() AS TABLE SELECT 'nobody' AS function_name, false AS internal",
                                     "duckdb_views() AS TABLE SELECT 'main' AS schema_name, 'v' AS view_name, '' AS comment, '' AS sql, 'shop' AS "
                                     "database_name, false AS internal WHERE false",
                                     "duckdb_tables() AS TABLE SELECT 1 AS schema_name",
                                     "duckdb_columns() AS TABLE SELECT 1 AS schema_name",
                                     "duckdb_constraints() AS TABLE SELECT 1 AS schema_name"};

TEST_F(DuckDbDatabase, MacrosUnderBuiltInNamesDoNotReachSluicesOwnStatements) {
  open(kShop);
  const Catalog honest = catalog_;
  EXPECT_EQ(refusal("SELECT abs(id), ln(id) FROM orders"), "");
  std::vector<std::string> statements = kShop;
  for (const std::string& lie : kLies) statements.push_back("CREATE MACRO " + lie);
  statements.emplace_back("CREATE SCHEMA system");
  statements.emplace_back("CREATE SCHEMA temp");
  statements.emplace_back("CREATE MACRO ln(x) AS (SELECT count(*) FROM enable_logging())");
  statements.emplace_back("CREATE MACRO abs(x) AS current_setting('access_mode')");
  open(statements);
  for (const char* name : {"ln", "abs", "lower", "duckdb_functions", "duckdb_views", "count", "+"})
    EXPECT_TRUE(std::find(catalog_.user_functions.begin(), catalog_.user_functions.end(), name) != catalog_.user_functions.end()) << name;
  // Everything but the functions is as in the honest file: tables, columns, keys, counts, view definitions.
  Catalog told = catalog_;
  told.user_functions.clear();
  told.shadowing_functions.clear();
  EXPECT_EQ(encode(told).dump_text(), encode(honest).dump_text());
  EXPECT_NE(refusal("SELECT ln(1)"), "");
  EXPECT_NE(refusal("SELECT abs(id) FROM orders"), "");
  EXPECT_NE(refusal("SELECT id + 1 FROM orders"), "");
  auto session = engine_->open_read(soon());
  ASSERT_TRUE(session);
  const std::vector<TableName> tables{{"main", "orders"}};
  auto values = (*session)->values(tables, 10);
  ASSERT_TRUE(values) << values.error().message;
  ASSERT_EQ(values->size(), 1U);
  EXPECT_EQ(values->front().values, (std::vector<std::string>{"open", "paid"}));
  EXPECT_TRUE(values->front().complete);
}

TEST_F(DuckDbDatabase, MacrosUnderTheNamesOfNotationRefuseTheDatabase) {
  struct Notation {
    const char *macro, *sql;
  };
  for (const auto& [macro, sql] : std::vector<Notation>{{"get_current_timestamp()", "SELECT current_timestamp"},
                                                        {"get_current_time()", "SELECT current_time"},
                                                        {"current_localtime()", "SELECT localtime"},
                                                        {"current_localtimestamp()", "SELECT localtimestamp"},
                                                        {"list_aggr(a, b)", "SELECT list_sum([1, 2])"},
                                                        {"trunc(x)", "SELECT now() + INTERVAL 3 MONTH"},
                                                        {"list_value(x)", "SELECT [1]"}}) {
    open({std::string("CREATE MACRO ") + macro + " AS current_setting('access_mode')"});
    EXPECT_NE(refusal(sql).find("somebody added a function"), std::string::npos) << sql << ": " << refusal(sql);
  }
}

TEST_F(DuckDbDatabase, GeneratedColumnsAreLookedThrough) {
  open({"CREATE SEQUENCE counter", "CREATE TABLE told (a INTEGER, b VARCHAR AS (current_setting('access_mode')))",
        "CREATE TABLE plain (a INTEGER DEFAULT 5, \"AS (x\" VARCHAR DEFAULT 'x GENERATED ALWAYS AS(y)', s STRUCT(\"a, GENERATED ALWAYS AS(\" "
        "INTEGER), "
        "twice INTEGER AS (a * 2), word VARCHAR AS (upper('it''s \"(' || \"AS (x\")), CHECK (a > 0))",
        "CREATE TABLE clock (a INTEGER, b INTEGER DEFAULT nextval('counter'))", "CREATE VIEW over AS SELECT a FROM told",
        "CREATE TABLE \"odd \"\"name\" (a INTEGER, \"c)\" VARCHAR AS (current_query()), d INTEGER AS (a + 1))"});
  for (const char* sql : {"SELECT b FROM told", "SELECT * FROM told", "SELECT a FROM over", "SELECT count(*) FROM plain WHERE EXISTS (FROM told)"})
    EXPECT_NE(refusal(sql).find("generated column of table \"told\""), std::string::npos) << sql << ": " << refusal(sql);
  EXPECT_NE(refusal("SELECT d FROM \"odd \"\"name\"").find("current_query"), std::string::npos);
  EXPECT_EQ(refusal("SELECT twice, word FROM plain"), "");
  EXPECT_EQ(refusal("SELECT b FROM clock"), "") << "a default is not run by a read";
  // A macro of a function's name makes a column that was plain one that is not.
  open({"CREATE TABLE plain (a VARCHAR, b VARCHAR AS (upper(a)))", "CREATE MACRO upper(x) AS current_setting('access_mode')"});
  EXPECT_NE(refusal("SELECT b FROM plain").find("upper"), std::string::npos);
}

/// Texts of 5 kB: the trial reads 199 of them, which is enough for a sample and says nothing of the rest.
TEST_F(DuckDbDatabase, LargeRowsGiveASampleAndAreComparedWhereTheyEnd) {
  open({"CREATE TABLE letters AS SELECT i AS id, repeat(chr((97 + i % 26)::INTEGER), 5000) AS body FROM range(1000) t(i)"});
  const Proof all = compared("SELECT id, body FROM letters");
  ASSERT_NE(all.find("sample"), nullptr);
  EXPECT_EQ(all.find("sample")->outcome, Outcome::passed) << all.find("sample")->detail;
  ASSERT_EQ(all.sample.rows.size(), 5U);
  EXPECT_EQ(all.sample.rows[4].as_array()->at(1), Json(std::string(5000, 'e')));
  EXPECT_EQ(all.sample.digest, "") << "what was cut may differ behind the cut";
  const Proof ends = compared("SELECT id, body FROM letters WHERE id < 150");
  EXPECT_EQ(ends.sample.digest.size(), 64U) << ends.sample.digest;
  EXPECT_EQ(compared("SELECT l.body AS text, l.id FROM letters l WHERE l.id <= 149").sample.digest, ends.sample.digest) << "the same, said otherwise";
  EXPECT_NE(compared("SELECT id, upper(body) AS body FROM letters WHERE id < 150").sample.digest, ends.sample.digest);
  // Small rows are compared to their end, as before, and those that are too many not at all.
  EXPECT_EQ(compared("SELECT id FROM letters").sample.digest.size(), 64U);
  EXPECT_EQ(compared("SELECT a.id FROM letters a CROSS JOIN letters b").sample.digest, "");
  EXPECT_EQ(compared("SELECT a.id FROM letters a CROSS JOIN letters b").sample.rows.size(), 5U);
}

TEST_F(DuckDbDatabase, RowsOfWhichNotEvenTheSampleFitsAreAWarning) {
  open({"CREATE TABLE books AS SELECT i AS id, repeat('x', 300000) AS body FROM range(10) t(i)"});
  const Proof proof = compared("SELECT id, body FROM books");
  ASSERT_NE(proof.find("sample"), nullptr);
  EXPECT_EQ(proof.find("sample")->outcome, Outcome::warning);
  EXPECT_EQ(proof.find("sample")->detail, "the trial run was stopped: its first 4 rows took more than 1.0 MB");
  EXPECT_TRUE(proof.sample.columns.empty());
  EXPECT_EQ(proof.sample.digest, "");
  EXPECT_EQ(compared("SELECT id, body FROM books LIMIT 3").sample.rows.size(), 3U);
}

TEST_F(DuckDbDatabase, TheCatalogRunsNothingOfTheUsers) {
  open({"CREATE TABLE people (id INTEGER, name VARCHAR)", "INSERT INTO people VALUES (1, 'Ada')",
        "CREATE VIEW logging AS SELECT 'on' AS state, 1 AS id FROM enable_logging()",
        "CREATE VIEW mode AS SELECT current_setting('access_mode') AS m",
        "CREATE TABLE told (id INTEGER, mode VARCHAR AS (current_setting('access_mode')))", "INSERT INTO told VALUES (1)"});
  for (const char* name : {"logging", "mode", "told"}) EXPECT_NE(catalog_.find("", name), nullptr) << name;
  auto session = engine_->open_read(soon());
  ASSERT_TRUE(session);
  std::vector<TableName> all;
  for (const Table& table : catalog_.tables) all.push_back(table.name);
  auto values = (*session)->values(all, 10);
  ASSERT_TRUE(values) << values.error().message;
  ASSERT_EQ(values->size(), 1U);
  EXPECT_EQ(values->front().table.name, "people");
  RowBuffer rows(1);
  const auto ran = (*session)->run("SELECT current_setting('enable_logging')::INTEGER", {.rows_max = 1, .bytes_max = 1000}, rows);
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_EQ(value_text(rows.kept.at(0).at(0), {}), "0");
}

}  // namespace
}  // namespace sluice::guard
