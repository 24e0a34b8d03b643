#include "app/catalogs.h"

#include <gtest/gtest.h>

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
  CachedCatalogs catalogs_{
      [](const std::string&) -> Result<DataEngine*> { return Error::bug("no engine was expected"); }, {}, artifacts_, clock_, "unused"};
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

}  // namespace
}  // namespace sluice
