#include "connectors/duckdb/duckdb_engine.h"

#include <sqlite3.h>

#include <thread>

#include "connectors/duckdb/duckdb_for_test.h"

namespace sluice {
namespace {

using duckdb_detail::Safeguards;
using DuckDbTest = DuckDbFolder;

TEST_F(DuckDbTest, TellsWhatItHolds) {
  const auto database = engine({.path = db_});
  auto catalog = session(*database)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const Table* orders = catalog->find("", "orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->comment, "what was bought");
  EXPECT_EQ(orders->primary_key->columns, std::vector<std::string>{"id"});
  ASSERT_EQ(orders->foreign_keys.size(), 1U);
  EXPECT_EQ(orders->foreign_keys[0].target.name, "customers");
  EXPECT_EQ(orders->foreign_keys[0].origin, KeyOrigin::declared);
  EXPECT_EQ(orders->row_count, 5);
  EXPECT_TRUE(orders->row_count_exact);
  EXPECT_EQ(orders->find_column("total")->type, (Type{TypeKind::decimal, "DECIMAL(10,2)"}));
  EXPECT_FALSE(catalog->find("", "customers")->find_column("name")->nullable);
  EXPECT_EQ(catalog->find("", "customers")->unique_keys.at(0).columns, std::vector<std::string>{"country"});
  EXPECT_TRUE(catalog->find("", "big")->definition.starts_with("SELECT")) << catalog->find("", "big")->definition;
  EXPECT_EQ(catalog->user_functions, std::vector<std::string>{"twice"});
  const std::vector<TableName> only{{"main", "orders"}, {"main", "nothing"}};
  EXPECT_EQ(session(*database)->catalog(only)->tables.size(), 1U);
}

TEST_F(DuckDbTest, GivesValuesOfEveryType) {
  const auto database = engine({.path = db_});
  const auto read = session(*database);
  const RowBuffer rows =
      run(*read,
          "SELECT true, 127::TINYINT, '-9223372036854775808'::BIGINT, 18446744073709551615::UBIGINT, "
          "'-170141183460469231731687303715884105727'::HUGEINT, 12.30::DECIMAL(10,2), '-0.05'::DECIMAL(4,2), 1.5::FLOAT, 'NaN'::DOUBLE, 'Zürich', "
          "DATE '0044-03-15', DATE '1969-12-31', TIMESTAMP '2013-01-31 05:06:07.25', TIMESTAMPTZ '2013-01-31 05:06:07+00', TIME '23:59:59.5', "
          "INTERVAL '14 months 3 days 90 seconds', '\\xff\\x00a'::BLOB, NULL, [1, NULL, 3], {'a': 1, 'b': 'x'}, MAP {'k': 2}, "
          "'123e4567-e89b-12d3-a456-426614174000'::UUID, '{\"a\":1}'::JSON, 'b'::ENUM ('a', 'b')");
  ASSERT_EQ(rows.kept.size(), 1U);
  std::vector<std::string> texts;
  for (std::size_t c = 0; c < rows.kept[0].size(); ++c) texts.push_back(value_text(rows.kept[0][c], rows.header[c].type));
  EXPECT_EQ(texts, (std::vector<std::string>{"true",
                                             "127",
                                             "-9223372036854775808",
                                             "18446744073709551615",
                                             "-170141183460469231731687303715884105727",
                                             "12.30",
                                             "-0.05",
                                             "1.5",
                                             "nan",
                                             "Zürich",
                                             "0044-03-15",
                                             "1969-12-31",
                                             "2013-01-31 05:06:07.25",
                                             "2013-01-31 05:06:07+00",
                                             "23:59:59.5",
                                             "1 year 2 months 3 days 00:01:30",
                                             "/wBh",
                                             "",
                                             "[1, NULL, 3]",
                                             "{'a': 1, 'b': x}",
                                             "{k=2}",
                                             "123e4567-e89b-12d3-a456-426614174000",
                                             "{\"a\":1}",
                                             "b"}));
  EXPECT_EQ(rows.header[16].type.kind, TypeKind::bytes);
  EXPECT_EQ(rows.header[22].type.kind, TypeKind::json);
}

TEST_F(DuckDbTest, PlansWithoutRunning) {
  const auto database = engine({.path = db_});
  const auto read = session(*database);
  auto estimate = read->estimate("SELECT count(*), sum(total) FROM orders");
  ASSERT_TRUE(estimate) << estimate.error().message;
  EXPECT_EQ(estimate->rows, 1);
  EXPECT_EQ(estimate->bytes, 5 * 16);
  auto wrong = read->estimate("SELECT nothing FROM orders");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::input);
  EXPECT_EQ(wrong.error().code, "E0406");
}

TEST_F(DuckDbTest, StopsAtLimitsDeadlinesAndWhenAsked) {
  const auto database = engine({.path = db_});
  RowBuffer rows(10);
  auto many = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 99'999, .bytes_max = 1'000'000'000}, rows);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, "E0407");
  auto cut = session(*database)->run("SELECT * FROM range(100000)", {.rows_max = 3, .bytes_max = 1'000'000, .truncate = true}, rows);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->rows, 3);
  EXPECT_TRUE(cut->truncated);
  const std::string endless = "SELECT count(*) FROM range(10000000000) a, range(1000) b WHERE a.range % 7 = b.range";
  const auto start = std::chrono::steady_clock::now();
  auto late = session(*database, soon(std::chrono::milliseconds(200)))->run(endless, {.rows_max = 9, .bytes_max = 999}, rows);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    stop.request_stop();
  });
  auto stopped = session(*database, {std::chrono::steady_clock::now() + std::chrono::seconds(60), stop.get_token()})
                     ->run(endless, {.rows_max = 9, .bytes_max = 999}, rows);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "interrupted, not waited for";
}

/// What would read or write outside of the connection's tables.
const std::vector<std::string> kEscapes{"SELECT * FROM read_csv('/etc/passwd')",
                                        "SELECT * FROM '/etc/passwd'",
                                        "SELECT * FROM glob('/etc/*')",
                                        "SELECT * FROM leak",
                                        "ATTACH '/tmp/other.db'",
                                        "COPY (SELECT 1) TO '/tmp/sluice-leak.csv'",
                                        "EXPORT DATABASE '/tmp/sluice-leak'",
                                        "INSTALL httpfs",
                                        "LOAD httpfs",
                                        "SET threads = 1",
                                        "SET enable_external_access = true",
                                        "RESET lock_configuration"};
const std::vector<std::string> kWrites{"INSERT INTO customers VALUES (9, 'Z', 'ZZ')",
                                       "DELETE FROM orders",
                                       "UPDATE orders SET total = 0",
                                       "DROP TABLE orders",
                                       "CREATE TABLE t (a INTEGER)",
                                       "TRUNCATE orders"};

TEST_F(DuckDbTest, TheLockHoldsEscapesWithoutTheParser) {
  const std::string before = bytes_of(db_);
  auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = true, .lock = true});
  ASSERT_TRUE(database);
  for (const auto* list : {&kEscapes, &kWrites})
    for (const std::string& sql : *list) {
      RowBuffer rows(10);
      EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    }
  database = Error::bug("closed");
  EXPECT_EQ(bytes_of(db_), before);
}

TEST_F(DuckDbTest, EachSafeguardAlone) {
  const std::string before = bytes_of(db_);
  {  // read-only alone: no write to the database, but it reads files and writes others (why it is not alone)
    auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = true, .lock = false});
    ASSERT_TRUE(database);
    RowBuffer rows(10);
    for (const std::string& sql : kWrites) EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    EXPECT_TRUE(session(**database)->run("SELECT * FROM glob('/etc/passwd')", {.rows_max = 10, .bytes_max = 10'000}, rows))
        << "the lock is what holds this";
  }
  EXPECT_EQ(bytes_of(db_), before);
  {  // the lock alone: no escape; a write is rolled back with its session
    auto database = duckdb_detail::open_engine("shop", {.path = db_}, {}, {.read_only = false, .lock = true});
    ASSERT_TRUE(database);
    RowBuffer rows(10);
    for (const std::string& sql : kEscapes) EXPECT_FALSE(session(**database)->run(sql, {.rows_max = 10, .bytes_max = 10'000}, rows)) << sql;
    EXPECT_TRUE(session(**database)->run("DELETE FROM orders", {.rows_max = 10, .bytes_max = 10'000}, rows)) << "read-only is what holds this";
    EXPECT_EQ(run(*session(**database), "SELECT count(*) FROM orders").kept[0][0], Value(std::int64_t{5})) << "rolled back";
  }
}

TEST_F(DuckDbTest, ReadsFilesAndNothingBesides) {
  std::ofstream(folder_ / "sales 2024.csv") << "id,amount,day\n1,2.5,2024-01-01\n2,3.5,2024-01-02\n";
  std::ofstream(folder_ / "other.csv") << "secret\n1\n";
  const auto files = engine({.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "sales*.csv").string()}});
  ASSERT_NE(files, nullptr);
  const auto read = session(*files);
  auto catalog = read->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  ASSERT_EQ(catalog->tables.size(), 1U);
  EXPECT_EQ(catalog->tables[0].name.name, "sales_2024");
  EXPECT_EQ(catalog->tables[0].kind, TableKind::file);
  EXPECT_EQ(catalog->tables[0].definition, "");
  EXPECT_EQ(run(*read, "SELECT sum(amount) FROM sales_2024").kept[0][0], Value(6.0));
  RowBuffer rows(10);
  EXPECT_FALSE(session(*files)->run("SELECT * FROM read_csv('" + (folder_ / "other.csv").string() + "')", {.rows_max = 10, .bytes_max = 999}, rows));
  EXPECT_FALSE(open_duckdb("shop", {.kind = DuckDbSource::Kind::files, .globs = {(folder_ / "*.nothing").string()}}));
}

TEST_F(DuckDbTest, ReadsSqliteWithItsKeys) {
  const std::string path = (folder_ / "shop.sqlite").string();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db,
                         "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
                         "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total REAL);"
                         "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bob'); INSERT INTO orders VALUES (1, 1, 2.5);",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  const std::string before = bytes_of(path);
  const auto sqlite = engine({.kind = DuckDbSource::Kind::sqlite, .path = path});
  ASSERT_NE(sqlite, nullptr);
  auto catalog = session(*sqlite)->catalog({});
  ASSERT_TRUE(catalog) << catalog.error().message;
  const Table* orders = catalog->find("", "orders");
  ASSERT_NE(orders, nullptr);
  EXPECT_EQ(orders->primary_key->columns, std::vector<std::string>{"id"});
  ASSERT_EQ(orders->foreign_keys.size(), 1U);
  EXPECT_EQ(orders->foreign_keys[0].target_columns, std::vector<std::string>{"id"});
  EXPECT_EQ(orders->foreign_keys[0].origin, KeyOrigin::declared);
  EXPECT_EQ(catalog->find("", "customers")->unique_keys.size(), 1U);
  EXPECT_EQ(orders->row_count, 1);
  EXPECT_EQ(run(*session(*sqlite), "SELECT name FROM customers ORDER BY id DESC").kept[0][0], Value(std::string("Bob")));
  RowBuffer rows(10);
  for (const char* sql :
       {"DELETE FROM orders", "INSERT INTO customers VALUES (3, 'X')", "DETACH sqlite_file", "CREATE TABLE sqlite_file.t (a INTEGER)"})
    EXPECT_FALSE(session(*sqlite)->run(sql, {.rows_max = 10, .bytes_max = 999}, rows)) << sql;
  EXPECT_EQ(bytes_of(path), before);
}

TEST_F(DuckDbTest, BadSourcesSayWhatToDo) {
  std::ofstream(folder_ / "text.duckdb") << "this is no database, whatever it is called, and it is long enough to look like one";
  struct Case {
    DuckDbSource source;
    const char* code;
  };
  for (const auto& [source, code] :
       {Case{{.path = (folder_ / "missing.duckdb").string()}, "E0404"}, Case{{.path = (folder_ / "text.duckdb").string()}, "E0401"},
        Case{{.kind = DuckDbSource::Kind::sqlite, .path = db_}, "E0401"}}) {
    auto opened = open_duckdb("shop", source);
    if (opened) {  // SQLite looks at its file on first use
      auto catalog = session(**opened)->catalog({});
      ASSERT_FALSE(catalog) << source.path;
      EXPECT_FALSE(catalog.error().hint.empty());
      continue;
    }
    EXPECT_EQ(opened.error().code, code) << opened.error().message;
    EXPECT_FALSE(opened.error().hint.empty());
  }
}

}  // namespace
}  // namespace sluice
