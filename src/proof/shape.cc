#include "proof/shape.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include "base/text.h"

namespace sluice {
namespace {

std::string name_of(const RelationFact& relation) { return "\"" + show_hidden(relation.alias.empty() ? "a subquery" : relation.alias, false) + "\""; }

/// Groups of relations that conditions tie together.
class Groups {
 public:
  explicit Groups(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  std::size_t of(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }
  void tie(std::size_t a, std::size_t b) { parent_[of(a)] = of(b); }

 private:
  std::vector<std::size_t> parent_;
};

bool is_in(const std::vector<std::size_t>& list, std::size_t relation) { return std::ranges::find(list, relation) != list.end(); }

/// The relations of FROM that no join with a name holds; or, with `join`, those that this one joins.
std::vector<std::size_t> side_by_side(const std::vector<RelationFact>& relations, std::optional<std::size_t> join) {
  if (join) return relations[*join].joins;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < relations.size(); ++i)
    if (std::ranges::none_of(relations, [&](const RelationFact& other) { return is_in(other.joins, i); })) out.push_back(i);
  return out;
}

/// What ties the relations: every condition and reference. Not the name of `join`: that all of its relations stand under it ties none to another.
Groups ties_of(const SelectFacts& select, std::optional<std::size_t> join) {
  Groups groups(select.relations.size());
  for (const ColumnEquality& equality : select.equalities) groups.tie(equality.left.relation, equality.right.relation);
  for (const auto& [a, b] : select.links)
    if (!join || b != *join || !is_in(select.relations[b].joins, a)) groups.tie(a, b);
  return groups;
}

void add_products(const SelectFacts& select, std::optional<std::size_t> join, std::vector<std::string>& out) {
  Groups groups = ties_of(select, join);
  // A written CROSS JOIN is a product too (DuckDB's tree does not tell it from a comma): a person should know, whoever meant it. So is one of what
  // functions and VALUES make: a million rows three times over are as many as of tables. Only one row multiplies nothing.
  std::optional<std::size_t> first;
  for (const std::size_t i : side_by_side(select.relations, join)) {
    if (select.relations[i].at_most_one_row) continue;
    if (!first) {
      first = i;
    } else if (groups.of(i) != groups.of(*first)) {
      out.push_back("nothing ties " + name_of(select.relations[i]) + " to " + name_of(select.relations[*first]) +
                    ": every row of one meets every row of the other");
      groups.tie(i, *first);
    }
  }
}

std::vector<std::string> cartesian(const SelectFacts& select) {
  std::vector<std::string> out;
  add_products(select, std::nullopt, out);
  for (std::size_t i = 0; i < select.relations.size(); ++i)
    if (!select.relations[i].joins.empty()) add_products(select, i, out);
  return out;
}

/// Whether no two rows of the relation agree in these columns.
bool is_unique(const RelationFact& relation, const std::set<std::string>& columns, const Catalog& catalog) {
  const auto covered = [&](const std::vector<std::string>& key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [&](const std::string& column) { return columns.contains(to_lower(column)); });
  };
  if (relation.at_most_one_row || covered(relation.unique_by)) return true;
  const Table* table = relation.table ? catalog.find(*relation.table) : nullptr;
  if (table == nullptr) return false;
  if (table->primary_key && covered(table->primary_key->columns)) return true;
  return std::any_of(table->unique_keys.begin(), table->unique_keys.end(), [&](const Key& key) { return covered(key.columns); });
}

/// Whether a join multiplies the rows of `relation`: it meets another one by columns that are no key there. Only what keys prove counts.
std::optional<std::size_t> multiplied_by(const SelectFacts& select, std::size_t relation, const Catalog& catalog) {
  for (std::size_t other = 0; other < select.relations.size(); ++other) {
    if (other == relation) continue;
    std::set<std::string> here, there;
    for (const ColumnEquality& equality : select.equalities)
      for (const auto& [mine, its] : {std::pair{equality.left, equality.right}, std::pair{equality.right, equality.left}}) {
        if (mine.relation != relation || its.relation != other) continue;
        here.insert(to_lower(mine.column));
        there.insert(to_lower(its.column));
      }
    if (!here.empty() && is_unique(select.relations[relation], here, catalog) && !is_unique(select.relations[other], there, catalog)) return other;
  }
  return std::nullopt;
}

std::vector<std::string> fan_out(const SelectFacts& select, const Catalog& catalog) {
  std::vector<std::string> out;
  for (const AggregateFact& aggregate : select.aggregates) {
    const bool counts_once =
        aggregate.distinct || aggregate.star || aggregate.function == "min" || aggregate.function == "max" || aggregate.arguments.empty();
    if (counts_once) continue;
    const std::size_t relation = aggregate.arguments.front().relation;
    if (std::any_of(aggregate.arguments.begin(), aggregate.arguments.end(),
                    [&](const RelationColumn& column) { return column.relation != relation; }))
      continue;
    if (const auto other = multiplied_by(select, relation, catalog)) {
      std::string warning = aggregate.function + " over " + name_of(select.relations[relation]) + " counts a row once for each of its rows in " +
                            name_of(select.relations[*other]);
      if (std::ranges::find(out, warning) == out.end()) out.push_back(std::move(warning));
    }
  }
  return out;
}

Check summed_up(const char* id, const std::vector<std::string>& warnings, const char* fine, const char* hint) {
  if (warnings.empty()) return {.check = id, .outcome = Outcome::passed, .detail = fine};
  return {.check = id, .outcome = Outcome::warning, .detail = join(warnings, "; "), .hint = hint};
}

}  // namespace

bool gives_one_row(const Query& query, const Bound& bound) {
  if (query.targets.empty() || bound.selects.empty()) return false;
  return !bound.selects.back().aggregates.empty() && !bound.selects.back().has_group_by;
}

std::vector<Check> shape_checks(const Query& query, const Bound& bound, const Catalog& catalog) {
  std::vector<std::string> products, nulls, multiplied, order;
  for (const SelectFacts& select : bound.selects) {
    for (std::string& warning : cartesian(select)) products.push_back(std::move(warning));
    for (std::string& warning : fan_out(select, catalog)) multiplied.push_back(std::move(warning));
    if (!select.comparisons_with_null.empty()) nulls.emplace_back("a comparison with NULL is never true, whatever is compared");
  }
  if (!query.limit.empty() && query.order_by.empty() && !query.order_by_all && !gives_one_row(query, bound))
    order.emplace_back("LIMIT without ORDER BY: which rows come is chance");
  return {summed_up("joins", products, "no table is joined without a condition", "add a join condition, unless every combination is meant"),
          summed_up("null-comparison", nulls, "nothing is compared with NULL", "write IS NULL or IS NOT NULL"),
          summed_up("fan-out", multiplied, "no aggregate is over rows that a join multiplied", "aggregate before joining, or count distinct"),
          summed_up("row-order", order, "LIMIT has an order, or there is none", "add ORDER BY")};
}

}  // namespace sluice
