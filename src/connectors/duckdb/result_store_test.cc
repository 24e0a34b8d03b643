#include "connectors/duckdb/result_store.h"

#include <signal.h>
#include <sys/resource.h>

#include <cmath>
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

TEST_F(ResultStoreTest, ASweepDeletesWhatIsNeitherKeptNorYoung) {
  auto store = open_result_store((folder_ / "results").string());
  const auto keep = [&](std::int64_t value) {
    auto writer = (*store)->create();
    EXPECT_TRUE((*writer)->columns({{"a", {TypeKind::integer, "BIGINT"}}}) && (*writer)->rows({{Value(value)}}));
    return *(*writer)->finish();
  };
  const std::string named = keep(1), old = keep(2), young = keep(3);
  const auto file = [&](const std::string& hash) { return folder_ / "results" / (hash + ".parquet"); };
  for (const std::string& hash : {named, old}) fs::last_write_time(file(hash), fs::file_time_type::clock::now() - std::chrono::hours(48));
  Sweep sweep{.is_kept = [&](const std::string& hash) { return hash == named; }, .dry = true};
  EXPECT_EQ((*store)->sweep(sweep)->files, 1);
  EXPECT_TRUE(fs::exists(file(old)));
  sweep.dry = false;
  const auto bytes = static_cast<std::int64_t>(fs::file_size(file(old)));
  const auto swept = (*store)->sweep(sweep);
  ASSERT_TRUE(swept) << swept.error().message;
  EXPECT_EQ(swept->files, 1);
  EXPECT_EQ(swept->bytes, bytes);
  EXPECT_TRUE(!fs::exists(file(old)) && fs::exists(file(named)) && fs::exists(file(young)));
  EXPECT_EQ(keep(2), old) << "it can come back";
}

/// Writes the rows, reads them back.
RowBuffer there_and_back(ResultStore& store, const std::vector<ResultColumn>& columns, const std::vector<Row>& rows) {
  RowBuffer back(rows.size() + 10);
  auto writer = store.create();
  EXPECT_TRUE(writer && (*writer)->columns(columns) && (*writer)->rows(std::vector<Row>(rows)));
  auto hash = (*writer)->finish();
  EXPECT_TRUE(hash) << hash.error().message;
  const auto read = store.read(*hash, 0, back);
  EXPECT_TRUE(read) << read.error().message;
  return back;
}

TEST_F(ResultStoreTest, KeepsWhatIsOdd) {
  // The folder's own name holds a pattern's characters.
  auto store = open_result_store((folder_ / "odd [x]*").string());
  ASSERT_TRUE(store) << store.error().message;
  const std::vector<ResultColumn> columns{{"", {TypeKind::text, "VARCHAR"}}, {std::string("n\0l", 3), {TypeKind::floating, "DOUBLE"}}};
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<Row> rows{{Value(std::string("a\0b", 3)), Value(-0.0)}, {Value(std::string()), Value(kInfinity)}, {Value(), Value(-kInfinity)}};
  const RowBuffer back = there_and_back(**store, columns, rows);
  EXPECT_EQ(back.header, columns);
  EXPECT_EQ(back.kept, rows);
  const RowBuffer nan = there_and_back(**store, columns, {{Value(std::string("bad \xff")), Value(std::numeric_limits<double>::quiet_NaN())}});
  EXPECT_EQ(nan.kept.at(0).at(0), Value(std::string("bad \uFFFD"))) << "what is no UTF-8 is replaced";
  EXPECT_TRUE(std::isnan(std::get<double>(nan.kept.at(0).at(1))));
}

TEST_F(ResultStoreTest, KeepsResultsWithoutRowsOrColumns) {
  auto store = open_result_store((folder_ / "results").string());
  ASSERT_TRUE(store);
  const std::vector<ResultColumn> columns{{"a", {TypeKind::integer, "BIGINT"}}};
  EXPECT_EQ(there_and_back(**store, columns, {}).header, columns);
  const RowBuffer back = there_and_back(**store, {}, {{}, {}});
  EXPECT_TRUE(back.header.empty());
  EXPECT_EQ(back.kept, (std::vector<Row>{{}, {}}));
}

TEST_F(ResultStoreTest, AFullDiskLeavesNothingHalfNamed) {
  auto store = open_result_store((folder_ / "results").string());
  ASSERT_TRUE(store);
  auto writer = (*store)->create();
  ASSERT_TRUE((*writer)->columns({{"a", {TypeKind::text, ""}}}));
  std::vector<Row> rows;
  rows.reserve(50'000);
  for (int i = 0; i < 50'000; ++i) rows.push_back({Value(sha256_hex(std::to_string(i)))});
  ASSERT_TRUE((*writer)->rows(std::move(rows)));
  // A limit on the size of files fails a write as a full disk does.
  const auto ignored = signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 100'000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto hash = (*writer)->finish();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, ignored);
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code, "E0412");
  EXPECT_EQ(hash.error().kind, ErrorKind::storage);
  writer->reset();
  EXPECT_TRUE(fs::is_empty(folder_ / "results"));
}

TEST_F(ResultStoreTest, SweepsOnlyWhatIsOldAndNobodys) {
  const fs::path results = folder_ / "results";
  fs::create_directories(results);
  constexpr const char* kDead = "writing-999999999-0.tmp";
  const std::string alive = "writing-" + std::to_string(getpid()) + "-0.tmp", fresh = "writing-999999998-0.tmp";
  for (const std::string& name : {std::string(kDead), alive, fresh}) std::ofstream(results / name) << "x";
  for (const std::string& name : {std::string(kDead), alive})
    fs::last_write_time(results / name, fs::file_time_type::clock::now() - std::chrono::hours(48));
  ASSERT_TRUE(open_result_store(results.string()));
  EXPECT_FALSE(fs::exists(results / kDead));
  EXPECT_TRUE(fs::exists(results / alive));
  EXPECT_TRUE(fs::exists(results / fresh));
}

/// Pages of memory that are resident, in MB.
std::int64_t resident_mb() {
  std::ifstream in("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE) / 1'000'000;
}

/// Passes rows on, or only counts them, and notes the most memory that was resident while they came.
class Watcher : public RowSink {
 public:
  explicit Watcher(RowSink* next) : next_(next) {}
  Result<> columns(const std::vector<ResultColumn>& columns) override { return next_ != nullptr ? next_->columns(columns) : Result<>(); }
  Result<> rows(std::vector<Row>&& batch) override {
    seen += static_cast<std::int64_t>(batch.size());
    most_mb = std::max(most_mb, resident_mb());
    return next_ != nullptr ? next_->rows(std::move(batch)) : Result<>();
  }
  std::int64_t seen = 0, most_mb = 0;

 private:
  RowSink* next_;
};

#ifdef __SANITIZE_ADDRESS__
constexpr std::int64_t kKeptBackMb = 300;  // AddressSanitizer holds freed memory for a while
#else
constexpr std::int64_t kKeptBackMb = 0;
#endif

TEST_F(ResultStoreTest, AMillionRowsAreNeverHeld) {
  constexpr std::int64_t kRows = 1'000'000;
  const std::string wide = "SELECT i, repeat('0123456789abcdef', 16) || i AS s FROM range(" + std::to_string(kRows) + ") r(i)";  // 256 MB of text
  auto opened = open_duckdb("shop", {.path = db_}, {.memory_limit_bytes = 200'000'000, .threads = 2});
  ASSERT_TRUE(opened);
  const auto read = session(**opened, soon(std::chrono::minutes(2)));
  const std::int64_t before = resident_mb();
  Watcher watcher(nullptr);
  const auto streamed = read->run(wide, {.rows_max = kRows, .bytes_max = INT64_MAX}, watcher);
  ASSERT_TRUE(streamed) << streamed.error().message;
  EXPECT_EQ(watcher.seen, kRows);
  EXPECT_LT(watcher.most_mb - before, 100 + kKeptBackMb) << "a stream holds batches, not the result";
  auto store = open_result_store((folder_ / "results").string());
  auto writer = (*store)->create();
  Watcher keeping(writer->get());
  const auto kept = read->run(wide, {.rows_max = kRows, .bytes_max = INT64_MAX}, keeping);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_LT(keeping.most_mb - before, 450 + kKeptBackMb) << "held once, until they are a file";
  const auto hash = (*writer)->finish();
  ASSERT_TRUE(hash) << hash.error().message;
}

TEST_F(ResultStoreTest, WideRowsFitToo) {
  const std::string wide = "SELECT i, repeat('0123456789abcdef', 640) || i AS s FROM range(55000) r(i)";  // 560 MB: more than the store may take
  const auto database = engine({.path = db_});
  auto store = open_result_store((folder_ / "results").string());
  ASSERT_TRUE(store);
  auto writer = (*store)->create();
  const auto kept = session(*database, soon(std::chrono::minutes(2)))->run(wide, {.rows_max = 100'000, .bytes_max = INT64_MAX}, **writer);
  ASSERT_TRUE(kept) << kept.error().message;
  const auto hash = (*writer)->finish();
  ASSERT_TRUE(hash) << hash.error().message;
  Watcher back(nullptr);
  ASSERT_TRUE((*store)->read(*hash, 0, back));
  EXPECT_EQ(back.seen, 55'000);
}

}  // namespace
}  // namespace sluice
