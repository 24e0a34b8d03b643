#include "proof/made_rows.h"

#include <gtest/gtest.h>

#include "sql/parser.h"

namespace sluice {
namespace {

MadeRows made_by(const std::string& sql) {
  const auto parsed = make_postgres_parser()->parse(sql);
  EXPECT_TRUE(parsed) << sql;
  return parsed ? made_rows(parsed->query, Dialect::postgres) : MadeRows{};
}

TEST(MadeRows, AreCountedByTheArgumentsWherePlansGuess) {
  struct Case {
    const char* sql;
    std::int64_t rows;
  };
  for (const auto& [sql, rows] : std::vector<Case>{
           {"SELECT 1", 0},
           {"SELECT * FROM generate_series(1, 1000000) a, generate_series(-5, 2 * 10, 3) b", 0},  // plans tell
           {"SELECT * FROM t, unnest(t.tags) a, generate_series(1, t.n) b, jsonb_each(t.doc)", 0},
           {"SELECT * FROM generate_series(date '2024-01-01', date '2024-12-31', interval '1 day')", 366},
           {"SELECT * FROM generate_series('2024-12-31'::date, '2024-01-01'::date, '-1 day'::interval)", 366},
           {"SELECT * FROM generate_series('2024-01-01', '2024-01-08'::timestamptz, '1 week')", 2},
           {"SELECT * FROM generate_series(timestamp '2024-01-01 05:30', timestamp '2024-01-01 07:10:01', interval '15 minutes')", 13},
           {"SELECT * FROM generate_series(timestamp '2024-01-01', timestamp '2024-01-02', interval '1 microsecond')", 90'000'000'001},
           {"SELECT * FROM generate_series(date '2000-01-01', date '2024-01-01', interval '1 month') a, unnest(ARRAY[1, 2, 3]) b", 314 + 3},
           {"SELECT unnest(ARRAY['a', 'b'])", 2},
           {"SELECT * FROM unnest(ARRAY[[1, 2], [3, 4]], ARRAY[1]) a(x, y)", 4},
           {"SELECT * FROM unnest('{1,2,3}'::int[]) a", 7},                  // at most
           {"SELECT * FROM unnest(ARRAY['{1,2,3}'::int[], '{4,5,6}'])", 8},  // an array of one more dimension
           {"SELECT string_to_table('a,b', ','), generate_subscripts(ARRAY[7, 8], 1)", 5 + 2},
           {"SELECT * FROM (SELECT jsonb_array_elements('[1, 2]'::jsonb)) a", 7},
           {"WITH d AS (SELECT * FROM regexp_split_to_table('a b', ' ')) SELECT (SELECT count(*) FROM unnest(ARRAY[1])) FROM d", 5 + 1}}) {
    EXPECT_EQ(made_by(sql).rows, rows) << sql;
    EXPECT_FALSE(made_by(sql).unknown || made_by(sql).supposed) << sql;
  }
}

TEST(MadeRows, ACalendarUpToSomeDayIsSupposedToBeUsual) {
  for (const char* sql : {"SELECT * FROM generate_series(current_date - 30, current_date, interval '1 day')",
                          "SELECT * FROM generate_series((SELECT min(day) FROM t), now(), '1 month')",
                          "SELECT * FROM generate_series(date '2024-01-01', date_trunc('month', now()), interval '1 week')"}) {
    EXPECT_EQ(made_by(sql).rows, kCalendarRows) << sql;
    EXPECT_TRUE(made_by(sql).supposed && !made_by(sql).unknown) << sql;
  }
}

TEST(MadeRows, WhatNobodyKnowsIsSaid) {
  for (const char* sql :
       {"SELECT * FROM generate_series(1, (SELECT max(n) FROM t))", "SELECT * FROM generate_series(1, (random() * 1e9)::int)",
        "SELECT * FROM generate_series(1, 1e9::numeric, 0.5)", "SELECT * FROM generate_series(1, 1000000000::numeric, length('abc'))",
        "SELECT * FROM generate_series((SELECT min(at) FROM t), now(), interval '1 second')",
        "SELECT * FROM generate_series(date '2024-01-01', date '2024-01-02', interval '0 days')", "SELECT * FROM unnest(ARRAY(SELECT n FROM t))",
        "SELECT unnest(array_fill(1, ARRAY[1000000]))", "SELECT * FROM unnest(ARRAY[array_fill(1, ARRAY[1000000])])",
        "SELECT string_to_table(repeat('a,', 1000000), ',')", "SELECT * FROM generate_subscripts(array_fill(1, ARRAY[1000000]), 1)"})
    EXPECT_TRUE(made_by(sql).unknown) << sql;
}

}  // namespace
}  // namespace sluice
