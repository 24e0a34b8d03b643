#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/bind.h"

namespace sluice {

/// The same query reading at most `rows_per_table` rows of each table in `large`: every mention `FROM schema.t AS a` becomes
/// `FROM (SELECT * FROM schema.t LIMIT n) AS a` in the text, at its location; everything else stays byte for byte. No value where the text can't be
/// rewritten safely (a column named as schema.table.column, PostgreSQL's system columns, a location the parser doesn't give, TABLESAMPLE, ONLY or a
/// mention that isn't found as written). The caller parses the result again and proves it like any other query: nothing here is trusted.
/// Sampling may break what holds of whole tables only: PostgreSQL lets GROUP BY a primary key cover the other columns, which a subquery doesn't. So a
/// sample that doesn't plan says nothing against the query. Without a mention of a large table the text comes back as it is. E0320: rows_per_table
/// below 1.
Result<std::optional<std::string>> sampled_sql(std::string_view sql, const Bound& bound, std::int64_t rows_per_table,
                                               std::span<const TableName> large);

}  // namespace sluice
