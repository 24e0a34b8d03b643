#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eval/match.h"
#include "sql/normal_form.h"
#include "sql/tree.h"

namespace sluice::eval {

/// A query with each key of its ORDER BY among its columns: what tells which of its rows may stand in any order.
struct KeyedQuery {
  struct Key {
    bool added = false;
    std::size_t place = 0;  ///< among the query's own columns, or among the added ones
  };
  std::string sql{};
  std::size_t added = 0;  ///< columns after the query's own
  std::vector<Key> keys{};
};

/// Whether the order of the query's rows is part of what it says.
bool is_ordered(const Query& query);

/// Nothing where the keys cannot be shown: DISTINCT or a set operation over other keys than columns, or a text that can't be rewritten safely. The
/// text is made anew from the tokens of `sql`; it has to be proven like any other.
std::optional<KeyedQuery> with_order_keys(const Query& query, std::string_view sql, NameCase names);

/// How many rows in succession have the same keys, from the rows of the keyed query. Nothing where these are not the rows that the query gave, so
/// that its own order is not settled by its keys.
std::optional<std::vector<std::size_t>> ties_of(const Compared& plain, const Compared& keyed, const KeyedQuery& query);

}  // namespace sluice::eval
