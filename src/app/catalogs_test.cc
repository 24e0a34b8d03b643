#include "app/catalogs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/codec.h"
#include "workflow/memory_journal.h"
#include "workflow/test_ports.h"

namespace sluice {
namespace {

class CatalogsKept : public testing::Test {
 protected:
  CatalogRef catalog_of(const std::string& table) {
    KnownCatalog known{.catalog = {.connection = "shop", .tables = {Table{.name = {"public", table}}}}};
    return {"shop", *artifacts_.put(encode(known).dump())};
  }

  MemoryArtifacts artifacts_{};
  FakeClock clock_{};
  CachedCatalogs catalogs_{[](const std::string&) -> Result<std::shared_ptr<DataEngine>> { return Error::bug("no engine was expected"); },
                           {},
                           artifacts_,
                           clock_,
                           {.folder = "unused"}};
};

TEST_F(CatalogsKept, TheIndexIsBuiltOnceForEachCatalog) {
  const CatalogRef orders = catalog_of("orders"), payments = catalog_of("payments");
  const auto first = catalogs_.search(orders), other = catalogs_.search(payments), again = catalogs_.search(orders);
  ASSERT_TRUE(first && other && again);
  EXPECT_EQ(*first, *again);
  EXPECT_NE(*first, *other);
  EXPECT_EQ((*first)->search({.question = "orders"}, 1).size(), 1U);
  EXPECT_EQ((*other)->search({.question = "orders"}, 1).size(), 0U);
}

TEST_F(CatalogsKept, AnIndexOutlivesItsPlaceAndIsBuiltAnewAfterwards) {
  const CatalogRef orders = catalog_of("orders");
  const auto first = catalogs_.search(orders);
  ASSERT_TRUE(first);
  for (std::size_t n = 0; n < CachedCatalogs::kKeptMax; ++n) ASSERT_TRUE(catalogs_.search(catalog_of("other_" + std::to_string(n))));
  const auto again = catalogs_.search(orders);
  ASSERT_TRUE(again);
  EXPECT_NE(*first, *again);
  EXPECT_EQ((*first)->catalog().tables.front().name.name, "orders");  // its catalog is there still
}

TEST_F(CatalogsKept, WhatWasKeptBeforeThereWereRangesIsRead) {
  const CatalogRef old{"shop", *artifacts_.put(R"({"catalog":{"connection":"shop","tables":[{"name":{"name":"orders"}}]},
      "values":[{"table":{"name":"orders"},"column":"city","values":["Rome"],"complete":true}]})")};
  const auto known = catalogs_.load(old);
  ASSERT_TRUE(known) << known.error().message;
  EXPECT_EQ((*known)->values.at(0).values, std::vector<std::string>{"Rome"});
  EXPECT_TRUE((*known)->ranges.empty());
  KnownCatalog now = **known;
  EXPECT_EQ(encode(now).find("ranges"), nullptr) << "nor does it change the hash of a catalog that has none";
  now.ranges = {{{"", "orders"}, "status", {"0", "1"}, "", "", true}, {{"", "orders"}, "placed", {}, "2013-01-01", "2013-12-31", false}};
  const auto again = decode<KnownCatalog>(encode(now));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->ranges, now.ranges);
}

TEST_F(CatalogsKept, ALostArtifactHasNoIndex) {
  const auto search = catalogs_.search({"shop", "lost"});
  ASSERT_FALSE(search);
  EXPECT_EQ(search.error().kind, artifacts_.get("lost").error().kind);
}

constexpr const char* kRangesRead = "ranges";

/// Has one table, and notes what was read of it.
class OneTable : public ReadSession {
 public:
  explicit OneTable(std::vector<std::string>& asked) : asked_(asked) {}
  Result<Catalog> catalog(std::span<const TableName>) override {
    asked_.emplace_back("catalog");
    return Catalog{.connection = "shop", .tables = {Table{.name = kOrders}}};
  }
  Result<std::vector<ColumnValues>> values(std::span<const TableName>, int) override { return std::vector<ColumnValues>(); }
  Result<std::vector<ColumnRange>> ranges(const Catalog&) override {
    asked_.emplace_back(kRangesRead);
    return std::vector<ColumnRange>{{kOrders, "status", {"0", "1"}, "", "", true}};
  }
  Result<> prepare(std::string_view) override { return Error::bug("no statement was expected"); }
  Result<Estimate> estimate(std::string_view) override { return Error::bug("no statement was expected"); }
  Result<ReadStats> run(std::string_view, const ReadLimits&, RowSink&) override { return Error::bug("no statement was expected"); }

 private:
  inline static const TableName kOrders{"public", "orders"};
  std::vector<std::string>& asked_;
};

class OneTableEngine : public DataEngine {
 public:
  Dialect dialect() const override { return Dialect::duckdb; }
  std::string state() const override { return "never changes"; }
  Result<std::string> describe(const Call&) override { return std::string("one table"); }
  Result<std::unique_ptr<ReadSession>> open_read(const Call&) override { return std::make_unique<OneTable>(asked); }

  std::vector<std::string> asked{};
};

/// The catalogs of one project, as one process after another reads them.
class CatalogsNoted : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::size_t ranges_in_a_process(bool wanted) {
    engine_.asked.clear();
    CachedCatalogs catalogs(
        [this](const std::string&) -> Result<std::shared_ptr<DataEngine>> { return std::shared_ptr<DataEngine>(std::shared_ptr<void>(), &engine_); },
        {.state = [](const std::string&) { return std::string(); }, .add = [](const std::string&, Catalog&) { return Result<>(); }}, artifacts_,
        clock_, {.folder = folder_, .ranges = wanted});
    const auto ref = catalogs.read("shop", false, {});
    EXPECT_TRUE(ref) << ref.error().message;
    const auto known = catalogs.load(*ref);
    EXPECT_TRUE(known) << known.error().message;
    return (*known)->ranges.size();
  }

  std::string folder_ = (std::filesystem::temp_directory_path() / ("sluice-catalogs-test-" + std::to_string(::getpid()))).string();
  MemoryArtifacts artifacts_{};
  FakeClock clock_{};
  OneTableEngine engine_{};
};

TEST_F(CatalogsNoted, RangesAreReadOnlyForModels) {
  EXPECT_EQ(ranges_in_a_process(false), 0U);
  EXPECT_EQ(engine_.asked, std::vector<std::string>{"catalog"}) << "what nobody is shown costs the engine nothing";
  EXPECT_EQ(ranges_in_a_process(false), 0U);
  EXPECT_TRUE(engine_.asked.empty()) << "it was noted";
}

TEST_F(CatalogsNoted, WhatWasReadWithoutRangesDoesNotServeModels) {
  EXPECT_EQ(ranges_in_a_process(false), 0U);
  EXPECT_EQ(ranges_in_a_process(true), 1U);
  EXPECT_EQ(engine_.asked, (std::vector<std::string>{"catalog", kRangesRead}));
  EXPECT_EQ(ranges_in_a_process(true), 1U);
  EXPECT_TRUE(engine_.asked.empty()) << "it was noted";
}

}  // namespace
}  // namespace sluice
