// What functions in FROM make without a table, in production's proof on the real engines: many rows are seen before they are made.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "connectors/duckdb/ast_source.h"
#include "connectors/duckdb/source.h"
#include "connectors/postgres/private_server.h"
#include "proof/prove.h"
#include "sql/parser.h"

namespace sluice::guard {
namespace {

namespace fs = std::filesystem;
constexpr int kProofSeconds = 20;

Call soon() { return {std::chrono::steady_clock::now() + std::chrono::seconds(kProofSeconds), {}}; }

/// The outcomes of "joins" and "limits", and what the proof says of the query's bytes.
struct Found {
  Outcome joins = Outcome::skipped, limits = Outcome::skipped;
  std::optional<std::int64_t> rows{}, bytes{};
};

class Products : public testing::Test {
 protected:
  std::unique_ptr<DataEngine> engine_{};
  std::unique_ptr<Parser> parser_{};
  Catalog catalog_{};

  void read_catalog() {
    const auto session = engine_->open_read(soon());
    ASSERT_TRUE(session) << session.error().message;
    auto catalog = (*session)->catalog({});
    ASSERT_TRUE(catalog) << catalog.error().message;
    catalog_ = *std::move(catalog);
  }
  Found prove(const std::string& sql) {
    const ProofLimits limits{.sample_deadline_ms = 100};
    const auto proof = Prover(*parser_, *engine_, limits).prove(sql, catalog_, soon());
    EXPECT_TRUE(proof) << proof.error().message;
    if (!proof || proof->find("joins") == nullptr || proof->find("limits") == nullptr) return {};
    EXPECT_NE(proof->find("limits")->outcome, Outcome::skipped) << sql << "\n" << proof_error(*proof).message;
    return {proof->find("joins")->outcome, proof->find("limits")->outcome, proof->estimate.rows, proof->estimate.bytes};
  }
  /// Nothing ties the relations, and they make more than may be read.
  void expect_too_many(const std::string& from) {
    const Found found = prove("SELECT count(*) FROM " + from);
    EXPECT_EQ(found.joins, Outcome::warning) << from;
    EXPECT_EQ(found.limits, Outcome::failed) << from << ": " << found.bytes.value_or(-1);
  }
  /// Nobody can tell how many rows there are, so nobody does.
  void expect_unknown(const std::string& from) {
    EXPECT_EQ(prove("SELECT count(*) FROM " + from).bytes, std::nullopt) << from;
    EXPECT_EQ(prove("SELECT * FROM " + from).rows, std::nullopt) << from;
  }
  void expect_fine(const std::string& sql, std::int64_t bytes_max) {
    const Found found = prove(sql);
    EXPECT_EQ(found.joins, Outcome::passed) << sql;
    EXPECT_EQ(found.limits, Outcome::passed) << sql;
    ASSERT_TRUE(found.bytes) << sql;
    EXPECT_LE(*found.bytes, bytes_max) << sql;
  }
};

class DuckDbProducts : public Products {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("sluice-guard-products-" + std::to_string(getpid()));
  std::unique_ptr<AstSource> source_{};

  void SetUp() override {
    fs::create_directories(folder_);
    const std::string path = (folder_ / "shop.duckdb").string();
    {
      auto database = duckdb_detail::Database::open(path, {});
      ASSERT_TRUE(database) << database.error().message;
      auto connection = duckdb_detail::Connection::open(*database, soon());
      ASSERT_TRUE(connection);
      ASSERT_TRUE((*connection)
                      ->execute("CREATE TABLE orders AS SELECT i AS id, [i, i + 1] AS tags, DATE '2024-01-01' + (i % 300)::INT AS day "
                                "FROM range(5000) t(i)"));
    }
    auto opened = open_duckdb("shop", {.path = path});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    auto source = make_ast_source();
    ASSERT_TRUE(source) << source.error().message;
    source_ = *std::move(source);
    parser_ = make_duckdb_parser(*source_);
    read_catalog();
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(folder_);
  }
};

TEST_F(DuckDbProducts, OfWhatFunctionsMakeAreSeen) {
  for (const char* from :
       {"range(1000000) a, range(1000000) b, range(1000) c", "generate_series(1, 1000000) a CROSS JOIN generate_series(1, 1000000) b",
        "orders o, range(1000000) a, range(1000) b", "(SELECT * FROM range(1000000)) a, (SELECT * FROM range(1000000) LIMIT 100000) b",
        "(SELECT count(*) FROM range(1000000) x, range(1000000) y) a", "(SELECT DISTINCT range FROM range(1000000)) a, range(1000000) b",
        "(range(1000000) a CROSS JOIN range(1000000) b) j", "(FROM range(1000000) UNION ALL FROM range(1000000)) a, range(1000000) b"})
    expect_too_many(from);
  const Found with = prove("WITH t AS (SELECT * FROM range(1000000)) SELECT count(*) FROM t a, t b");
  EXPECT_EQ(with.limits, Outcome::failed) << with.bytes.value_or(-1);
  // A condition that is asked of every pair is no way round.
  for (const char* condition : {"a.range < b.range", "a.range + b.range > 5"}) {
    const Found found = prove("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE " + std::string(condition));
    EXPECT_EQ(found.limits, Outcome::failed) << condition;
  }
  std::string values = "(VALUES (0)";
  for (int i = 1; i < 3000; ++i) values += ", (" + std::to_string(i) + ")";
  expect_too_many(values + ") a(x), " + values + ") b(x), " + values + ") c(x)");
}

TEST_F(DuckDbProducts, RowsThatThePlanTakesForOneAreCounted) {
  for (const char* from :
       {"range((SELECT count(*) FROM orders)) a", "unnest(list_transform(range(100000), x -> x)) a(x)",
        "(SELECT unnest(list_resize([1], 100000)) AS x) a", "range(3) a, generate_series(DATE '2024-01-01', DATE '2024-02-01', INTERVAL 1 DAY) b"})
    expect_unknown(from);
  EXPECT_GE(prove("SELECT count(*) FROM unnest(range(1000000)) a(x)").bytes, 8'000'000);
  EXPECT_GE(prove("SELECT * FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-02-01', INTERVAL 1 MINUTE) g(m)").rows, 31 * 24 * 60);
  EXPECT_EQ(prove("SELECT count(*) FROM generate_series(TIMESTAMP '1970-01-01', TIMESTAMP '2024-01-01', INTERVAL 1 MILLISECOND) g").limits,
            Outcome::failed);
}

TEST_F(DuckDbProducts, WhatIsUsualIsFine) {
  for (const char* sql : {"SELECT g.d, count(o.id) FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL 1 DAY) g(d) "
                          "LEFT JOIN orders o ON o.day = g.d GROUP BY g.d ORDER BY g.d",
                          "SELECT g.d, count(o.id) FROM generate_series((SELECT min(day) FROM orders), current_date, INTERVAL 1 MONTH) g(d) "
                          "LEFT JOIN orders o ON date_trunc('month', o.day) = g.d GROUP BY g.d",
                          "SELECT count(*) FROM orders o, unnest(o.tags) t(tag)", "SELECT id, unnest(tags) FROM orders",
                          "SELECT unnest([1, 2, 3]) AS n", "SELECT count(*) FROM orders WHERE id IN (SELECT range FROM range(100))",
                          "SELECT o.id, (SELECT count(*) FROM range(o.id) r) AS n FROM orders o",
                          "SELECT v.name, count(*) FROM orders o JOIN (VALUES (1, 'one'), (2, 'two')) v(id, name) ON v.id = o.id GROUP BY v.name",
                          "SELECT count(*) FROM range(1000000) a"})
    expect_fine(sql, 10'000'000);
}

class PostgresProducts : public Products {
 protected:
  std::string missing_{};
  std::unique_ptr<postgres::PrivateServer> server_ = postgres::PrivateServer::start(missing_);

  void SetUp() override {
    if (server_ == nullptr) {
      if (std::getenv("CI") != nullptr) FAIL() << missing_;
      GTEST_SKIP() << missing_;
    }
    server_->admin(
        "CREATE TABLE orders AS SELECT i AS id, ARRAY[i, i + 1] AS tags, date '2024-01-01' + i % 300 AS day FROM generate_series(1, 5000) i; "
        "ANALYZE orders");
    auto opened = open_postgres("shop", {.url = server_->socket_url("admin")});
    ASSERT_TRUE(opened) << opened.error().message;
    engine_ = *std::move(opened);
    parser_ = make_postgres_parser();
    read_catalog();
  }
};

TEST_F(PostgresProducts, OfWhatFunctionsMakeAreSeen) {
  for (const char* from : {"generate_series(1, 1000000) a, generate_series(1, 1000000) b, generate_series(1, 1000) c",
                           "generate_series(1, 1000000) a CROSS JOIN generate_series(1, 1000000) b",
                           "orders o, generate_series(1, 1000000) a, generate_series(1, 1000) b",
                           "(SELECT generate_series(1, 1000000)) a, (SELECT generate_series(1, 1000000)) b",
                           "(SELECT count(*) FROM generate_series(1, 1000000) x, generate_series(1, 1000000) y) a",
                           "(generate_series(1, 1000000) a CROSS JOIN generate_series(1, 1000000) b) j"})
    expect_too_many(from);
  for (const char* sql : {"WITH t AS MATERIALIZED (SELECT * FROM generate_series(1, 1000000) n) SELECT count(*) FROM t a, t b",
                          "SELECT o.id, (SELECT count(*) FROM generate_series(1, 1000000) a WHERE a > o.id) AS n FROM orders o",
                          "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a < b",
                          "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b WHERE a % 2 = b % 2"}) {
    const Found found = prove(sql);
    EXPECT_EQ(found.limits, Outcome::failed) << sql << ": " << found.bytes.value_or(-1);
  }
  std::string values = "(VALUES (0)";
  for (int i = 1; i < 3000; ++i) values += ", (" + std::to_string(i) + ")";
  expect_too_many(values + ") a(x), " + values + ") b(x), " + values + ") c(x)");
}

TEST_F(PostgresProducts, RowsThatThePlanOnlyGuessesAreCounted) {
  for (const char* from : {"generate_series(1, (SELECT count(*) FROM orders)) a", "generate_series(1, (random() * 1000000000)::int) a",
                           "unnest(array_fill(1, ARRAY[1000000])) a", "(SELECT string_to_table(repeat('a,', 1000000), ',') AS x) a",
                           "generate_series(1, 3) a, generate_series(date '2024-01-01', date '2024-02-01', interval '1 day') b"})
    expect_unknown(from);
  EXPECT_GE(prove("SELECT m FROM generate_series(timestamp '2024-01-01', timestamp '2024-02-01', interval '1 minute') m").rows, 31 * 24 * 60);
  EXPECT_EQ(prove("SELECT count(*) FROM generate_series(timestamp '1970-01-01', timestamp '2024-01-01', interval '1 millisecond') m").limits,
            Outcome::failed);
}

TEST_F(PostgresProducts, CountsWhatFunctionsMake) {
  server_->admin("CREATE TABLE big AS SELECT i AS id, repeat('x', 80) AS text FROM generate_series(1, 200000) i; ANALYZE big");
  read_catalog();
  const auto open = engine_->open_read(soon());
  ASSERT_TRUE(open) << open.error().message;
  struct Expected {
    const char* sql;
    std::int64_t bytes;
  };
  const std::int64_t big = std::stoll(server_->admin("SELECT pg_relation_size('big')")[0]);
  for (const auto& [sql, bytes] : std::vector<Expected>{
           {"SELECT count(*) FROM generate_series(1, 1000)", 8'000},
           {"SELECT count(*) FROM generate_series(1, 1000) a, generate_series(1, 100) b", 8'000 + 800 + 1000 * 100 * 16},
           {"SELECT count(*) FROM (SELECT generate_series(1, 1000)) a, (SELECT generate_series(1, 100)) b", 8'800 + 1000 * 100 * 16},
           {"SELECT count(*) FROM (VALUES (1), (2)) a(x), (VALUES (1), (2), (3)) b(x)", 6 * 16},
           {"SELECT count(*) FROM big, generate_series(1, 10)", big + 80 + 200'000LL * 10 * 8},
           {"SELECT count(*) FROM big WHERE id NOT IN (SELECT generate_series(1, 1000))", big + 8'000},
           {"SELECT count(*) FROM big, (VALUES (1), (2)) v(x)", big},
           {"SELECT count(*) FROM big, unnest(ARRAY[big.id, 7.5]) u", big}}) {
    const auto estimate = (*open)->estimate(sql);
    ASSERT_TRUE(estimate) << sql << estimate.error().message;
    const auto about = static_cast<double>(bytes);  // a parallel plan rounds the rows of each worker
    EXPECT_NEAR(static_cast<double>(estimate->bytes.value_or(0)), about, about / 1000) << sql << "\n" << estimate->plan;
  }
}

TEST_F(PostgresProducts, WhatIsUsualIsFine) {
  for (const char* sql : {"SELECT g.d, count(o.id) FROM generate_series(date '2024-01-01', date '2024-12-31', interval '1 day') g(d) "
                          "LEFT JOIN orders o ON o.day = g.d GROUP BY g.d ORDER BY g.d",
                          "SELECT g.d, count(o.id) FROM generate_series((SELECT min(day) FROM orders), current_date, interval '1 month') g(d) "
                          "LEFT JOIN orders o ON date_trunc('month', o.day) = g.d GROUP BY g.d",
                          "SELECT count(*) FROM orders o, unnest(o.tags) t", "SELECT count(*) FROM orders o CROSS JOIN LATERAL unnest(o.tags) t",
                          "SELECT id, unnest(tags) FROM orders", "SELECT unnest(ARRAY[1, 2, 3]) AS n",
                          "SELECT count(*) FROM orders WHERE id IN (SELECT generate_series(1, 100))",
                          "SELECT v.name, count(*) FROM orders o JOIN (VALUES (1, 'one'), (2, 'two')) v(id, name) ON v.id = o.id GROUP BY v.name",
                          "SELECT count(*) FROM generate_series(1, 1000000) a"})
    expect_fine(sql, 10'000'000);
}

}  // namespace
}  // namespace sluice::guard
