#include "planner/calendar.h"
#include "planner/golden_for_test.h"

namespace sluice::planner {
namespace {

TEST(Periods, AreReadBesideDates) { GoldenFile("periods.txt", northwind_catalog(), "2026-11-21").run(); }
TEST(Periods, AreReadBesideNumbers) { GoldenFile("periods_flights.txt", flights_catalog(), "2026-11-21").run(); }
TEST(Periods, NeedTheDateForRelativeWords) { GoldenFile("periods_without_today.txt", northwind_catalog()).run(); }

TEST(Windows, TellEachRowByTheOthers) { GoldenFile("windows.txt", showroom_catalog(), "2026-11-22").run(); }

TEST(Calendar, CountsMonthsToTheirLastDay) {
  EXPECT_EQ(iso_of(later(*day_of("2024-03-31"), Role::month, -1)), "2024-02-29");
  EXPECT_EQ(iso_of(later(*day_of("2024-02-29"), Role::year, 1)), "2025-02-28");
  EXPECT_EQ(iso_of(later(*day_of("2024-01-31"), Role::quarter, 1)), "2024-04-30");
}

TEST(Calendar, BeginsWeeksOnMonday) {
  EXPECT_EQ(iso_of(start_of(Role::week, *day_of("2026-11-22"))), "2026-11-16");
  EXPECT_EQ(iso_of(start_of(Role::week, *day_of("2026-11-23"))), "2026-11-23");
  EXPECT_EQ(iso_of(start_of(Role::quarter, *day_of("2026-11-23"))), "2026-10-01");
}

TEST(Calendar, TakesNoDayThatCouldBeAMonth) {
  EXPECT_EQ(date_of_slashes("3/15/2013"), "2013-03-15");
  EXPECT_EQ(date_of_slashes("15/3/2013"), "2013-03-15");
  EXPECT_EQ(date_of_slashes("3/3/2013"), "2013-03-03");
  EXPECT_EQ(date_of_slashes("3/5/2013"), std::nullopt);
  EXPECT_EQ(date_of_slashes("31/2/2013"), std::nullopt);
  EXPECT_EQ(day_of("2013-02-29"), std::nullopt);
}

}  // namespace
}  // namespace sluice::planner
