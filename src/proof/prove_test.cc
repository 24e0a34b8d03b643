#include "proof/prove.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "proof/made_rows.h"
#include "proof/recheck.h"
#include "proof/schema_state.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;

/// An engine that plans and answers as it is told, and remembers what it was asked to run.
struct FakeEngine : DataEngine {
  class Session : public ReadSession {
   public:
    Session(FakeEngine& engine, const Call& call) : engine_(engine), deadline_(call.deadline) {}
    Result<Catalog> catalog(std::span<const TableName> only) override {
      if (engine_.called.empty() || engine_.called.back() != "catalog") engine_.called.emplace_back("catalog");
      Catalog some = engine_.now;
      std::erase_if(some.tables, [&](const Table& table) { return std::find(only.begin(), only.end(), table.name) == only.end(); });
      return some;
    }
    Result<> prepare(std::string_view) override {
      engine_.called.emplace_back("prepare");
      return engine_.prepared;
    }
    Result<Estimate> estimate(std::string_view) override {
      engine_.called.emplace_back("estimate");
      return engine_.estimated;
    }
    Result<ReadStats> run(std::string_view sql, const ReadLimits& limits, RowSink& sink) override {
      engine_.called.emplace_back("run");
      engine_.ran.emplace_back(sql);
      engine_.time_given.push_back(deadline_ - std::chrono::steady_clock::now());
      if (!engine_.trial) return engine_.trial.error();
      if (limits.rows_max > engine_.rows_in_time) {
        std::this_thread::sleep_for(engine_.takes);
        return Error{ErrorKind::timeout, "E0449", "too slow", "", 0};
      }
      TRY_VOID(sink.columns({{"n", {TypeKind::integer, "integer"}}}));
      ReadStats stats;
      for (; stats.rows < engine_.rows && stats.rows < limits.rows_max && stats.bytes + engine_.row_bytes <= limits.bytes_max; ++stats.rows) {
        stats.bytes += engine_.row_bytes;
        TRY_VOID(sink.rows({{std::int64_t{7}}}));
      }
      stats.truncated = stats.rows < engine_.rows;
      return stats;
    }
    Result<std::vector<ColumnValues>> values(std::span<const TableName>, int) override { return std::vector<ColumnValues>{}; }

   private:
    FakeEngine& engine_;
    std::chrono::steady_clock::time_point deadline_;
  };
  Dialect dialect() const override { return Dialect::postgres; }
  Result<std::string> describe(const Call&) override { return std::string("a fake"); }
  Result<std::unique_ptr<ReadSession>> open_read(const Call& call) override {
    return std::unique_ptr<ReadSession>(std::make_unique<Session>(*this, call));
  }

  Catalog now{};
  Result<Estimate> estimated = Estimate{.rows = 10, .bytes = 1000};
  Result<> trial{};
  std::int64_t rows = 1, row_bytes = 8;
  std::int64_t rows_in_time = INT64_MAX;                          ///< who wants more waits for too long
  milliseconds takes{0};                                          ///< to find that out
  std::vector<std::chrono::steady_clock::duration> time_given{};  ///< to each statement that ran
  Result<> prepared{};
  std::vector<std::string> ran{}, called{};
};

class Prove : public testing::Test {
 protected:
  std::unique_ptr<Parser> parser_ = make_postgres_parser();
  FakeEngine engine_{};
  ProofLimits limits_{};

  void SetUp() override {
    Table orders{.name = {"public", "orders"}, .columns = {{.name = "id", .type = {TypeKind::integer, "integer"}}}, .row_count = 10};
    Table recent{.name = {"public", "recent"},
                 .kind = TableKind::view,
                 .columns = orders.columns,
                 .row_count = 10,
                 .definition = "SELECT orders.id FROM orders"};
    engine_.now = {
        .connection = "shop", .dialect = Dialect::postgres, .database = "shop", .search_path = {"first", "public"}, .tables = {orders, recent}};
  }
  Proof proof_of(std::string_view sql) {
    auto proof = Prover(*parser_, engine_, limits_).prove(sql, engine_.now, {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}});
    EXPECT_TRUE(proof) << proof.error().message;
    return proof ? *std::move(proof) : Proof{};
  }
  Outcome outcome(std::string_view sql, std::string_view check) {
    const Proof proof = proof_of(sql);
    const Check* found = proof.find(check);
    return found != nullptr ? found->outcome : Outcome::skipped;
  }
  /// The code with which the query is refused right before it runs, "" where it runs.
  std::string rechecked(const Proof& proof, const Ceiling& ceiling = {.rows = 100, .bytes = 10'000, .cost_usd = 1}) {
    auto session = engine_.open_read({});
    const auto held = recheck(**session, "SELECT id FROM recent", proof, engine_.now, ceiling);
    return held ? "" : held.error().code;
  }
};

TEST_F(Prove, MakesEveryCheckOfAReadThatHolds) {
  const Proof proof = proof_of("SELECT id FROM recent ORDER BY id");
  EXPECT_TRUE(proof.holds());
  for (const char* check : {"parses", "one-statement", "reads-only", "functions", "names", "joins", "null-comparison", "fan-out", "row-order",
                            "plans", "limits", "sample"}) {
    ASSERT_NE(proof.find(check), nullptr) << check;
    EXPECT_EQ(proof.find(check)->outcome, Outcome::passed) << check;
  }
  EXPECT_EQ(proof.base_tables, (std::vector<TableName>{{"public", "orders"}, {"public", "recent"}}));
  EXPECT_FALSE(proof.statement_hash.empty());
  EXPECT_FALSE(proof.schema_fingerprint.empty());
  ASSERT_EQ(proof.sample.rows.size(), 1U);
}

TEST_F(Prove, NothingThatIsRefusedReachesTheEngine) {
  for (const char* sql : {"DELETE FROM orders", "SELECT 1; SELECT 2", "SELECT pg_sleep(1)", "SELECT x.pg_read_file FROM unnest(array['a']) x",
                          "SELECT id FROM order"}) {
    const Proof proof = proof_of(sql);
    EXPECT_FALSE(proof.holds()) << sql;
    EXPECT_EQ(proof.checks.size(), 12U) << sql;
    EXPECT_EQ(proof.find("plans")->outcome, Outcome::skipped) << sql;
    EXPECT_TRUE(proof.schema_fingerprint.empty()) << sql;
    EXPECT_EQ(proof_error(proof).code, "E0340");
    EXPECT_FALSE(feedback(proof).empty());
  }
  EXPECT_EQ(engine_.ran, std::vector<std::string>{});
}

TEST(Checks, AreToldToWhoeverMendsThem) {
  Proof proof;
  proof.checks = {{.check = "parses", .outcome = Outcome::passed, .detail = "it parses"},
                  {.check = "joins", .outcome = Outcome::warning, .detail = "a join without a condition"},
                  {.check = "reads-only", .outcome = Outcome::failed, .detail = "DROP writes", .hint = "write a SELECT"},
                  {.check = "names", .outcome = Outcome::failed, .detail = "no table \"ordrs\""},
                  {.check = "row-order", .outcome = Outcome::warning, .detail = "any rows", .hint = "add ORDER BY"}};
  EXPECT_EQ(feedback(proof), (std::vector<std::string>{"reads-only: DROP writes (write a SELECT)", "names: no table \"ordrs\""}));
  EXPECT_EQ(proof.checks.back().in_words(), "row-order: any rows (add ORDER BY)");
  EXPECT_EQ(proof.warnings(), 2);
  EXPECT_EQ(Proof{}.warnings(), 0);
}

TEST_F(Prove, AProofWithoutChecksHoldsNothing) { EXPECT_FALSE(Proof{}.holds()); }

TEST_F(Prove, TheEnginesRefusalFailsTheProofAndALostConnectionIsNoProof) {
  engine_.estimated = Error{ErrorKind::input, "E0448", "operator does not exist", "cast it", 0};
  EXPECT_EQ(outcome("SELECT id FROM orders", "plans"), Outcome::failed);
  EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::skipped);
  engine_.estimated = Error{ErrorKind::transient, "E0442", "connection lost", "", 0};
  const auto proof = Prover(*parser_, engine_, limits_)
                         .prove("SELECT id FROM orders", engine_.now, {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}});
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, "E0442");
}

TEST_F(Prove, ExpectsNoMoreRowsThanTheLimit) {
  engine_.estimated = Estimate{.rows = 10};
  EXPECT_EQ(proof_of("SELECT id FROM orders LIMIT 3").estimate.rows, 3);
  EXPECT_EQ(proof_of("SELECT id FROM orders LIMIT 50").estimate.rows, 10);
  EXPECT_EQ(proof_of("SELECT id FROM orders ORDER BY id FETCH FIRST 3 ROWS WITH TIES").estimate.rows, 10);
  EXPECT_EQ(proof_of("SELECT id FROM (SELECT id FROM orders LIMIT 3) o").estimate.rows, 10);
  engine_.estimated = Estimate{};
  EXPECT_EQ(proof_of("SELECT id FROM orders LIMIT 3").estimate.rows, 3);
  EXPECT_FALSE(proof_of("SELECT id FROM orders").estimate.rows);
}

TEST_F(Prove, LimitsHoldAtTheirEdge) {
  limits_.result_rows_max = limits_.rows_max;
  engine_.estimated = Estimate{.rows = limits_.rows_max, .bytes = limits_.bytes_max, .cost_usd = limits_.cost_max_usd};
  EXPECT_EQ(outcome("SELECT id FROM orders", "limits"), Outcome::passed);
  for (const Estimate& above :
       {Estimate{.rows = limits_.rows_max + 1}, Estimate{.bytes = limits_.bytes_max + 1}, Estimate{.cost_usd = limits_.cost_max_usd + 0.01}}) {
    engine_.estimated = above;
    engine_.ran.clear();
    EXPECT_EQ(outcome("SELECT id FROM orders", "limits"), Outcome::failed);
    EXPECT_TRUE(engine_.ran.empty());
  }
}

TEST_F(Prove, ATrialThatFailsFailsTheProofAndASlowOneWarns) {
  engine_.trial = Error{ErrorKind::input, "E0448", "division by zero", "", 0};
  EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::failed);
  engine_.trial = Error{ErrorKind::timeout, "E0449", "too slow", "", 0};
  EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::warning);
  engine_.trial = Error{ErrorKind::exhausted, "E0449", "rows too wide", "", 0};
  EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::warning);
}

TEST_F(Prove, WhatIsReadToTheSameEndCanBeCompared) {
  const auto digest_of = [&](std::int64_t rows, std::int64_t row_bytes) {
    engine_.rows = rows;
    engine_.row_bytes = row_bytes;
    const Proof proof = proof_of("SELECT id FROM orders");
    EXPECT_EQ(proof.find("sample")->outcome, Outcome::passed) << rows;
    EXPECT_EQ(proof.sample.rows.size(), static_cast<std::size_t>(std::min<std::int64_t>(rows, limits_.sample_rows))) << rows;
    return proof.sample.digest;
  };
  EXPECT_EQ(digest_of(3, 8), "") << "nobody asked for it";
  limits_.compare_rows = 20;
  const std::string whole = digest_of(20, 8);
  EXPECT_EQ(whole.size(), 64U);
  EXPECT_EQ(digest_of(21, 8), "") << "more than are compared";
  EXPECT_EQ(digest_of(100, 8), "");
  EXPECT_NE(digest_of(19, 8), whole);
  constexpr std::int64_t kTwentyFit = 50'000;  // in the megabyte that a trial reads
  EXPECT_EQ(digest_of(20, kTwentyFit), whole);
  for (const std::int64_t rows : {21, 50, 500}) EXPECT_EQ(digest_of(rows, kTwentyFit), "") << "all that was read is the same, and there was more";
  EXPECT_EQ(digest_of(20, 2 * kTwentyFit), "") << "ten of twenty were read";
  limits_.compare_rows = 3;  // fewer than are shown
  EXPECT_EQ(digest_of(4, 8), "");
  EXPECT_EQ(digest_of(9, 8), "");
}

TEST_F(Prove, RowsThatAreTooLargeToShowAreAWarning) {
  engine_.rows = 9;
  for (const std::int64_t compared : {0, 20}) {
    limits_.compare_rows = compared;
    engine_.row_bytes = 200'000;
    EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::passed) << "five of them fit";
    for (const std::int64_t bytes : {200'001, 2'000'000}) {
      engine_.row_bytes = bytes;
      const Proof proof = proof_of("SELECT id FROM orders");
      EXPECT_EQ(proof.find("sample")->outcome, Outcome::warning) << bytes;
      EXPECT_TRUE(proof.sample.digest.empty() && proof.sample.columns.empty()) << bytes;
    }
  }
}

TEST_F(Prove, WhereComparingTakesTooLongThereIsStillASample) {
  limits_.compare_rows = 2000;
  engine_.rows = 100;
  engine_.rows_in_time = 50;
  engine_.takes = milliseconds(30);
  const Proof proof = proof_of("SELECT id FROM orders");
  EXPECT_EQ(proof.find("sample")->outcome, Outcome::passed);
  EXPECT_EQ(proof.sample.rows.size(), 5U);
  EXPECT_EQ(proof.sample.digest, "") << "five of a hundred rows tell nothing";
  EXPECT_EQ(engine_.ran.size(), 2U);
  const auto [first, second] = std::pair(engine_.time_given.at(0), engine_.time_given.at(1));
  EXPECT_LE(first, milliseconds(limits_.sample_deadline_ms / 2)) << "the second attempt has what the first one leaves";
  EXPECT_GT(first, milliseconds(limits_.sample_deadline_ms / 4));
  EXPECT_LE(second, milliseconds(limits_.sample_deadline_ms) - engine_.takes) << "both share the trial's time";
  EXPECT_GT(second, milliseconds(limits_.sample_deadline_ms / 4));
  engine_.rows_in_time = 0;
  engine_.estimated = Estimate{.rows = 1};
  engine_.ran.clear();
  engine_.time_given.clear();
  EXPECT_EQ(outcome("SELECT id FROM orders", "sample"), Outcome::warning);
  EXPECT_EQ(engine_.ran.size(), 1U) << "a query of one row takes as long again";
  EXPECT_GT(engine_.time_given.at(0), milliseconds(limits_.sample_deadline_ms / 2)) << "so its only attempt has all the time";
}

TEST_F(Prove, WhatWasTriedOnAPartIsNotCompared) {
  engine_.now.tables[0].row_count = limits_.large_table_rows + 1;
  limits_.compare_rows = 20;
  engine_.rows = 10;
  const Proof proof = proof_of("SELECT id FROM orders");
  EXPECT_FALSE(proof.sample.whole_tables);
  EXPECT_EQ(proof.sample.digest, "");
  EXPECT_EQ(proof.sample.rows.size(), 5U);
}

TEST_F(Prove, LargeTablesAreCutForTheTrial) {
  engine_.now.tables[0].row_count = limits_.large_table_rows + 1;
  proof_of("SELECT id FROM orders");
  ASSERT_EQ(engine_.ran.size(), 1U);
  EXPECT_NE(engine_.ran[0].find("100000"), std::string::npos) << engine_.ran[0];
}

TEST_F(Prove, WarnsOfTheShape) {
  EXPECT_EQ(outcome("SELECT a.id FROM orders a, orders b", "joins"), Outcome::warning);
  EXPECT_EQ(outcome("SELECT a.id FROM orders a, orders b WHERE a.id = b.id", "joins"), Outcome::passed);
  EXPECT_EQ(outcome("SELECT a.id FROM orders a CROSS JOIN orders b", "joins"), Outcome::warning);
  EXPECT_EQ(outcome("SELECT id FROM orders WHERE id = NULL", "null-comparison"), Outcome::warning);
  EXPECT_EQ(outcome("SELECT id FROM orders WHERE id IS NULL", "null-comparison"), Outcome::passed);
  EXPECT_EQ(outcome("SELECT id FROM orders LIMIT 3", "row-order"), Outcome::warning);
  EXPECT_EQ(outcome("SELECT count(*) FROM orders LIMIT 3", "row-order"), Outcome::passed);
}

TEST_F(Prove, EverySourceOfRowsHasToBeTied) {
  for (const char* from :
       {"generate_series(1, 1000000) a, generate_series(1, 1000000) b, generate_series(1, 1000) c",
        "generate_series(1, 10) a CROSS JOIN generate_series(1, 10) b", "orders o, generate_series(1, 10) a",
        "orders o LEFT JOIN LATERAL generate_series(1, 10) a ON true", "unnest(ARRAY[1, 2]) a, unnest(ARRAY[3, 4]) b",
        "string_to_table('a,b', ',') a, orders o", "(VALUES (1), (2)) a(x), (VALUES (1), (2)) b(x)", "orders o, (VALUES (1), (2)) v(x)",
        "(SELECT * FROM generate_series(1, 10)) a, (SELECT * FROM generate_series(1, 10)) b",
        "(SELECT generate_series(1, 10)) a, (SELECT 1 + generate_series(1, 10)) b", "(SELECT unnest(array_agg(id)) AS id FROM orders) a, orders o",
        "(SELECT jsonb_array_elements('[1, 2]')) a, orders o", "(SELECT 1 ORDER BY generate_series(1, 10)) a, orders o",
        "(SELECT count(*) FROM generate_series(1, 10) x, generate_series(1, 10) y) a", "(orders a CROSS JOIN orders b) AS j",
        "orders o JOIN (orders a CROSS JOIN generate_series(1, 10) b(n)) AS j ON j.n = o.id",
        "((orders a CROSS JOIN orders b) AS i(x, y) JOIN orders o ON o.id = i.x) AS j"})
    EXPECT_EQ(outcome("SELECT count(*) FROM " + std::string(from), "joins"), Outcome::warning) << from;
  engine_.now.tables[0].columns.push_back({.name = "tags", .type = {TypeKind::list, "text[]"}});
  engine_.now.tables[1].columns = engine_.now.tables[0].columns;
  for (const char* from :
       {"generate_series(1, 1000000) a", "orders o, unnest(o.tags) t", "orders o CROSS JOIN LATERAL unnest(o.tags) t",
        "orders o, generate_series(1, o.id) a, generate_series(1, a) b", "orders o, LATERAL (SELECT unnest(o.tags)) t",
        "orders o, (VALUES (1, 10)) v(low, high)", "generate_series(1, 10) a, (SELECT max(id) FROM orders) m",
        "generate_series(1, 10) a, (SELECT 7 AS n) b", "generate_series(1, 10) a, (SELECT id FROM orders LIMIT 1) b",
        "generate_series(1, 10) a(n) JOIN orders o ON o.id = a.n", "orders o, (VALUES (1), (2)) v(x) WHERE v.x < o.id",
        "generate_series(date '2024-01-01', date '2024-12-31', interval '1 day') g(d) LEFT JOIN orders o ON o.id = extract(day FROM g.d)",
        "(orders a JOIN orders b ON a.id = b.id) AS j(x, t, y)", "(orders a JOIN (SELECT count(*) AS n FROM orders) b ON true) AS j",
        "orders o JOIN ((orders a JOIN orders b USING (id)) AS i JOIN orders c USING (id)) AS j(n) ON j.n = o.id"})
    EXPECT_EQ(outcome("SELECT count(*) FROM " + std::string(from), "joins"), Outcome::passed) << from;
}

TEST_F(Prove, RowsThatNobodyCountedAreNotNone) {
  const auto estimate = [&](const std::string& sql) { return proof_of(sql).estimate; };
  const std::string unknown = "generate_series(1, (SELECT count(*) FROM orders)) a";
  EXPECT_EQ(estimate("SELECT * FROM " + unknown).bytes, std::nullopt);
  EXPECT_EQ(estimate("SELECT * FROM " + unknown).rows, std::nullopt);
  EXPECT_EQ(estimate("SELECT count(*) FROM " + unknown).rows, 10) << "one row comes out, whatever is counted";
  // What the engine takes for a few is as many as the arguments say.
  const std::string hours = "generate_series(timestamp '2024-01-01', timestamp '2024-01-11', interval '1 hour') h";
  EXPECT_EQ(estimate("SELECT h FROM " + hours).rows, 242);
  EXPECT_EQ(estimate("SELECT h FROM " + hours).bytes, 1000 + 242 * kMadeValueBytes);
  EXPECT_EQ(estimate("SELECT h FROM " + hours + " GROUP BY h").rows, 10);
  EXPECT_EQ(estimate("SELECT h FROM " + hours + ", orders").bytes, std::nullopt) << "and nobody knows how often";
  EXPECT_EQ(outcome("SELECT count(*) FROM generate_series(timestamp '1900-01-01', timestamp '2024-01-01', interval '1 microsecond') h", "limits"),
            Outcome::failed);
}

TEST_F(Prove, WarnsWhereAJoinMultipliesWhatIsAddedUp) {
  engine_.now.tables[0].columns.push_back({.name = "total", .type = {TypeKind::integer, "integer"}});
  engine_.now.tables[0].primary_key = Key{.columns = {"id"}};
  engine_.now.tables.push_back({.name = {"public", "lines"},
                                .columns = {{.name = "order_id", .type = {TypeKind::integer, "integer"}}, {.name = "amount", .type = {}}},
                                .row_count = 10});
  const auto said = [&](const std::string& what) {
    return outcome("SELECT " + what + " FROM orders o JOIN lines l ON l.order_id = o.id", "fan-out");
  };
  for (const char* what : {"sum(o.total)", "count(o.total)", "avg(CASE WHEN l.amount > 1 THEN o.total ELSE 0 END)",
                           "count(CASE WHEN true THEN o.id END)", "sum(CASE o.id WHEN 1 THEN 1 ELSE o.total END)"})
    EXPECT_EQ(said(what), Outcome::warning) << what;
  // Of the joined rows themselves nothing is counted twice.
  for (const char* what : {"sum(l.amount)", "count(*)", "count(DISTINCT o.id)", "max(o.total)", "count(CASE WHEN o.total > 1 THEN 1 END)",
                           "avg(CASE WHEN o.total > 1 THEN 1.0 ELSE 0 END)", "sum(CASE o.total WHEN 1 THEN 1 END)"})
    EXPECT_EQ(said(what), Outcome::passed) << what;
}

TEST(Limits, TheCeilingIsTwiceTheEstimateBetweenFloorAndLimit) {
  const ProofLimits limits{};
  EXPECT_EQ(ceiling_for({.rows = 50'000, .bytes = 1'000'000'000}, limits),
            (Ceiling{.rows = 100'000, .bytes = 2'000'000'000, .cost_usd = kCeilingCostFloorUsd}));
  EXPECT_EQ(ceiling_for({.rows = 1, .bytes = 1}, limits).rows, kCeilingRowsFloor);
  EXPECT_EQ(ceiling_for({.rows = 900'000, .bytes = 1}, limits).rows, limits.rows_max);
  EXPECT_EQ(ceiling_for({}, limits).bytes, limits.bytes_max);
  EXPECT_EQ(ceiling_for({.rows = INT64_MAX}, limits).rows, limits.rows_max);
}

TEST_F(Prove, MoreRowsThanAResultMayHaveAreAWarning) {
  engine_.estimated = Estimate{.rows = limits_.result_rows_max};
  EXPECT_EQ(outcome("SELECT id FROM orders", "limits"), Outcome::passed);
  engine_.estimated = Estimate{.rows = limits_.result_rows_max + 1};
  EXPECT_EQ(outcome("SELECT id FROM orders", "limits"), Outcome::warning);
}

TEST_F(Prove, AnUnchangedSchemaHolds) { EXPECT_EQ(rechecked(proof_of("SELECT id FROM recent")), ""); }

TEST_F(Prove, NothingRunsOnASchemaThatTheGuardDidNotSee) {
  const Catalog seen = engine_.now;
  engine_.now.tables[1].definition = "SELECT evil() AS id";
  auto proof =
      Prover(*parser_, engine_, limits_).prove("SELECT id FROM recent", seen, {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}});
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, "E0350");
  EXPECT_EQ(proof.error().kind, ErrorKind::stale);
  EXPECT_TRUE(engine_.ran.empty()) << "not even as a trial";
}

TEST_F(Prove, EveryChangeOfTheSchemaIsSeen) {
  const Catalog before = engine_.now;
  const Proof proof = proof_of("SELECT id FROM recent");
  const std::vector<std::pair<const char*, std::function<void(Catalog&)>>> changes{
      {"a table below the view is gone", [](Catalog& now) { now.tables.erase(now.tables.begin()); }},
      {"a column's type", [](Catalog& now) { now.tables[0].columns[0].type = {TypeKind::text, "text"}; }},
      {"a column more", [](Catalog& now) { now.tables[0].columns.push_back({.name = "x"}); }},
      {"the view", [](Catalog& now) { now.tables[1].definition = "SELECT orders.id FROM orders WHERE true"; }},
      {"a table in front of another", [](Catalog& now) { now.tables.insert(now.tables.begin(), Table{.name = {"first", "recent"}}); }},
      {"a function that somebody added", [](Catalog& now) { now.user_functions.push_back("lower"); }},
      {"an operator that somebody added", [](Catalog& now) { now.user_operators.push_back("="); }}};
  for (const auto& [name, change] : changes) {
    engine_.now = before;
    change(engine_.now);
    EXPECT_EQ(rechecked(proof), "E0350") << name;
  }
  engine_.now = before;
  engine_.now.tables[0].row_count = 999;
  engine_.now.tables[0].comment = "more rows";
  EXPECT_EQ(rechecked(proof), "") << "rows and comments move without a new meaning";
}

TEST_F(Prove, AnotherSourceWithTheSameSchemaIsSeen) {
  engine_.now.source = "PostgreSQL at here:5432/shop as reader";
  const Proof proof = proof_of("SELECT id FROM recent");
  EXPECT_EQ(rechecked(proof), "");
  engine_.now.source = "PostgreSQL at there:5432/shop as reader";
  EXPECT_EQ(rechecked(proof), "E0353");
}

TEST_F(Prove, TheEstimateIsComparedWithTheCeiling) {
  const Proof proof = proof_of("SELECT id FROM recent");
  engine_.estimated = Estimate{.rows = 100, .bytes = 10'000, .cost_usd = 1};
  EXPECT_EQ(rechecked(proof), "");
  for (const Estimate& above : {Estimate{.rows = 101}, Estimate{.bytes = 10'001}, Estimate{.cost_usd = 1.01}}) {
    engine_.estimated = above;
    EXPECT_EQ(rechecked(proof), "E0351");
  }
  engine_.estimated = Error{ErrorKind::input, "E0448", "permission denied", "", 0};
  EXPECT_EQ(rechecked(proof), "E0352");
  engine_.estimated = Error{ErrorKind::transient, "E0442", "connection lost", "", 0};
  EXPECT_EQ(rechecked(proof), "E0442");
}

TEST_F(Prove, NothingIsPlannedBeforeTheSchemaWasCompared) {
  const Proof proof = proof_of("SELECT id FROM recent");
  EXPECT_EQ(engine_.called, (std::vector<std::string>{"catalog", "prepare", "catalog", "estimate", "catalog", "prepare", "catalog", "run"}));
  engine_.called.clear();
  EXPECT_EQ(rechecked(proof), "");
  EXPECT_EQ(engine_.called, (std::vector<std::string>{"catalog", "prepare", "catalog", "estimate"}));

  const Catalog read_before = engine_.now;
  engine_.now.tables[1].definition = "SELECT orders.id FROM orders WHERE true";
  engine_.called.clear();
  EXPECT_EQ(rechecked(proof), "E0350");
  EXPECT_EQ(engine_.called, (std::vector<std::string>{"catalog"}));
  engine_.called.clear();
  const auto again = Prover(*parser_, engine_, limits_)
                         .prove("SELECT id FROM recent", read_before, {std::chrono::steady_clock::now() + std::chrono::seconds(5), {}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "E0350");
  EXPECT_EQ(engine_.called, (std::vector<std::string>{"catalog"}));
}

TEST_F(Prove, AnotherSearchPathIsAnotherSchema) {
  const Proof proof = proof_of("SELECT id FROM recent");
  const Catalog before = engine_.now;
  engine_.now.search_path = {"public", "first"};
  const auto held = same_schema(**engine_.open_read({}), proof, before);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, "E0350");
}

TEST_F(Prove, WhatTheEngineDoesNotTakeFails) {
  const Proof proof = proof_of("SELECT id FROM recent");
  engine_.prepared = Error{ErrorKind::input, "E0450", "operator does not exist", "cast it", 0};
  EXPECT_EQ(outcome("SELECT id FROM recent", "plans"), Outcome::failed);
  EXPECT_EQ(rechecked(proof), "E0352");
}

TEST_F(Prove, ChangesAreToldInSentences) {
  Catalog now = engine_.now;
  now.tables[0].columns[0].name = "number";
  const std::vector<TableName> tables{{"public", "orders"}};
  EXPECT_EQ(schema_changes(engine_.now, now, tables),
            (std::vector<std::string>{"column \"id\" of table \"orders\" is gone", "column \"number\" of table \"orders\" is new"}));
  now.tables.erase(now.tables.begin());
  now.user_functions = {"f", "g", "h", "i", "j"};
  EXPECT_EQ(schema_changes(engine_.now, now, tables),
            (std::vector<std::string>{"function \"f\" was added", "function \"g\" was added", "function \"h\" was added",
                                      "2 more functions were added", "table \"orders\" is gone"}));
  now.user_functions.clear();
  EXPECT_EQ(schema_changes(engine_.now, now, tables), std::vector<std::string>{"table \"orders\" is gone"});
}

}  // namespace
}  // namespace sluice
