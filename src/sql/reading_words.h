#pragma once
#include <functional>
#include <string>
#include <vector>

#include "sql/tree.h"

namespace sluice {

/// Expressions in words. A subquery is handed to `name_query`, which gives the words that stand for it ("subquery 1").
class ReadingWords {
 public:
  using NameQuery = std::function<std::string(const Query&)>;
  explicit ReadingWords(NameQuery name_query) : name_query_(std::move(name_query)) {}

  /// A condition: "the month is 1 and the origin is 'JFK'".
  std::string condition(const Expr& expr) const;
  /// A value: "the average of arr_delay", "the name", `a + b`.
  std::string value(const Expr& expr) const;

 private:
  std::string logic(const Expr& expr) const;
  std::string comparison(const Expr& expr) const;
  std::string membership(const Expr& expr) const;
  std::string aggregate(const Expr& expr) const;
  std::string star(const Expr& expr) const;
  std::string bare(const Expr& expr) const;
  std::string items(const std::vector<Expr>& args, std::size_t from) const;

  NameQuery name_query_;
};

/// An aggregate outside of subqueries and windows: without GROUP BY it makes one group of all rows.
bool has_aggregate(const Expr& expr);
/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& items);

}  // namespace sluice
