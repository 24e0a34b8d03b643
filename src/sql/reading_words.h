#pragma once
#include <functional>
#include <string>
#include <vector>

#include "sql/tree.h"

namespace sluice {

/// Expressions in words. A subquery that is short is said in its place; any other is handed to `query`, which gives the words that stand for it
/// ("subquery 1"). `rows` names what a FROM reads ("orders (as o)").
class ReadingWords {
 public:
  struct Names {
    std::function<std::string(const Query&)> query;
    std::function<std::string(const Relation&)> rows;
  };
  explicit ReadingWords(Names names) : names_(std::move(names)) {}

  /// A condition: "the month is 1 and the origin is 'JFK'".
  std::string condition(const Expr& expr) const;
  /// A value: "the average of arr_delay", "the name", `a + b`.
  std::string value(const Expr& expr) const;

 private:
  std::string logic(const Expr& expr) const;
  std::string comparison(const Expr& expr) const;
  std::string membership(const Expr& expr) const;
  std::string exists(const Query& query, bool negated) const;
  std::string subquery(const Query& query) const;
  std::string aggregate(const Expr& expr) const;
  std::string windowed(const Expr& expr) const;
  std::string sorted(const std::vector<SortKey>& keys) const;
  std::string star(const Expr& expr) const;
  std::string bare(const Expr& expr) const;
  std::string items(const std::vector<Expr>& args, std::size_t from) const;

  Names names_;
};

/// An aggregate outside of subqueries and windows: without GROUP BY it makes one group of all rows.
bool has_aggregate(const Expr& expr);
/// How a key sorts: ", highest first (NULLs after all)".
std::string direction_words(const SortKey& key);
/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& items);

}  // namespace sluice
