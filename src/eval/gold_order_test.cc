#include "eval/gold_order.h"

#include <gtest/gtest.h>

#include "sql/parser.h"

namespace sluice::eval {
namespace {

struct KeyCase {
  const char* sql;
  const char* keyed;  ///< "" where the keys cannot be shown
  std::vector<std::pair<bool, std::size_t>> keys;
};

TEST(GoldOrder, ShowsTheKeysOfAnOrder) {
  const auto parser = make_postgres_parser();
  for (const KeyCase& one : std::initializer_list<KeyCase>{
           {"SELECT name FROM t ORDER BY name", "SELECT name FROM t ORDER BY name", {{false, 0}}},
           {"SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n DESC, 1",
            "SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY n DESC, 1",
            {{false, 1}, {false, 0}}},
           {"SELECT a, count(*) FROM t GROUP BY a ORDER BY COUNT(*)", "SELECT a, count(*) FROM t GROUP BY a ORDER BY COUNT(*)", {{false, 1}}},
           {"SELECT name FROM t ORDER BY price DESC NULLS LAST LIMIT 3;",
            "SELECT name , price AS order_key_0 FROM t ORDER BY price DESC NULLS LAST LIMIT 3;",
            {{true, 0}}},
           {"SELECT name FROM t ORDER BY coalesce(a, 0), name ASC, b + 1 -- last",
            "SELECT name , coalesce(a, 0) AS order_key_0, b + 1 AS order_key_1 FROM t ORDER BY coalesce(a, 0), name ASC, b + 1 -- last",
            {{true, 0}, {false, 0}, {true, 1}}},
           {"SELECT * FROM t ORDER BY a", "SELECT * , a AS order_key_0 FROM t ORDER BY a", {{true, 0}}},
           {"WITH x AS (SELECT a FROM t ORDER BY b) SELECT a FROM x ORDER BY -a",
            "WITH x AS (SELECT a FROM t ORDER BY b) SELECT a , -a AS order_key_0 FROM x ORDER BY -a",
            {{true, 0}}},
           {"SELECT extract(year FROM d) AS y, a IS DISTINCT FROM b FROM t ORDER BY c",
            "SELECT extract(year FROM d) AS y, a IS DISTINCT FROM b , c AS order_key_0 FROM t ORDER BY c",
            {{true, 0}}},
           {"SELECT a FROM t UNION SELECT b FROM u ORDER BY a", "SELECT a FROM t UNION SELECT b FROM u ORDER BY a", {{false, 0}}},
           {"SELECT DISTINCT a FROM t ORDER BY a", "SELECT DISTINCT a FROM t ORDER BY a", {{false, 0}}},
           {"SELECT DISTINCT ON (b) a FROM t ORDER BY b", "", {}},
           {"SELECT * FROM t ORDER BY 1", "", {}},
           {"(SELECT a FROM t ORDER BY b)", "", {}},
       }) {
    const auto parsed = parser->parse(one.sql);
    ASSERT_TRUE(parsed && is_ordered(parsed->query)) << one.sql;
    const auto keyed = with_order_keys(parsed->query, one.sql, parser->name_case());
    EXPECT_EQ(keyed ? keyed->sql : "", one.keyed) << one.sql;
    if (!keyed) continue;
    EXPECT_TRUE(parser->parse(keyed->sql)) << keyed->sql;
    std::vector<std::pair<bool, std::size_t>> keys;
    for (const auto& key : keyed->keys) keys.emplace_back(key.added, key.place);
    EXPECT_EQ(keys, one.keys) << one.sql;
  }
}

TEST(GoldOrder, OnlyAnOrderOfTheWholeCounts) {
  const auto parser = make_postgres_parser();
  for (const char* sql : {"SELECT a FROM t", "SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 1) x", "SELECT row_number() OVER (ORDER BY a) FROM t"})
    EXPECT_FALSE(is_ordered(parser->parse(sql)->query)) << sql;
}

Compared rows(std::initializer_list<std::vector<Json>> given, std::size_t width) {
  Compared out{.width = width, .rows = {}};
  for (const auto& row : given) {
    CellRow cells;
    for (const Json& value : row) cells.push_back(cell_of(value, TypeKind::text, Reading::typed));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

TEST(GoldOrder, RowsWithEqualKeysFormARun) {
  const KeyedQuery added{.sql = "", .added = 1, .keys = {{.added = true, .place = 0}}};
  const Compared plain = rows({{"a"}, {"b"}, {"c"}, {"d"}}, 1);
  EXPECT_EQ(ties_of(plain, rows({{"a", 3}, {"b", 2}, {"c", 2}, {"d", nullptr}}, 2), added), (std::vector<std::size_t>{1, 2, 1}));
  EXPECT_EQ(ties_of(plain, rows({{"a", 3}, {"c", 2}, {"b", 2}, {"d", 1}}, 2), added), (std::vector<std::size_t>{1, 2, 1})) << "ties came otherwise";
  EXPECT_EQ(ties_of(plain, rows({{"b", 3}, {"a", 2}, {"c", 2}, {"d", 1}}, 2), added), std::nullopt) << "the rows are others";
  EXPECT_EQ(ties_of(plain, rows({{"a", 3}}, 2), added), std::nullopt);
  EXPECT_EQ(ties_of(plain, rows({{"a"}, {"b"}, {"c"}, {"d"}}, 1), added), std::nullopt) << "the key is not there";
  const KeyedQuery own{.sql = "", .added = 0, .keys = {{.added = false, .place = 1}}};
  const Compared both = rows({{"a", 1}, {"b", 1}}, 2);
  EXPECT_EQ(ties_of(both, both, own), (std::vector<std::size_t>{2}));
}

}  // namespace
}  // namespace sluice::eval
