#include "journal/pg_news.h"

#include <gtest/gtest.h>

#include <atomic>

namespace sluice::journal_detail {
namespace {

TEST(PgNews, TheFirstGoAlongAndThoseThatFollowAreToldTogether) {
  std::atomic<int> told{0};
  int went_along = 0, later = 0;
  {
    PgNews news([&] { ++told; });
    EXPECT_TRUE(news.may_go_along());
    EXPECT_EQ(told, 0);
    for (int n = 0; n < 1'000; ++n) {
      if (news.may_go_along()) {
        ++went_along;
        continue;
      }
      news.tell_soon();
      ++later;
    }
  }
  EXPECT_GT(later, 900) << "they came too soon";
  EXPECT_GE(told, 1) << "and are told before the end";
  EXPECT_LT(told + went_along, 100) << "not each by itself";
}

TEST(PgNews, NewsAfterAPauseGoAlongAgain) {
  PgNews news([] {});
  EXPECT_TRUE(news.may_go_along());
  EXPECT_FALSE(news.may_go_along());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(news.may_go_along());
}

}  // namespace
}  // namespace sluice::journal_detail
