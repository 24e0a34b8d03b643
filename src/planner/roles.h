#pragma once
#include <optional>
#include <string>
#include <vector>

#include "data/catalog.h"
#include "planner/catalog_index.h"

namespace sluice::planner {

/// A table as one of several keys reaches it: "home team" and "away team" are both teams, a "manager" is an employee. For the planner each is a table
/// of its own, with the columns of the one that it is, so that words can name it and queries can join it beside others.
struct RoleTable {
  int base = 0;         ///< the table whose rows they are
  int from = 0;         ///< the table whose key leads to them; the base itself where it refers to itself
  std::size_t key = 0;  ///< which of its foreign keys
  /// The other end of a table's reference to itself: who reports to a manager.
  bool referring = false;
  std::string alias{};                            ///< what a query calls it
  std::vector<std::vector<std::string>> names{};  ///< "manager"
  std::vector<std::vector<std::string>> verbs{};  ///< "report to": what follows is one, what stands before has one
  bool of_itself() const { return base == from; }
};

/// The roles of a catalog's tables, numbered after its tables. Immutable after construction; any thread.
class Roles {
 public:
  /// Adds the roles to the end of the catalog's tables.
  Roles(Catalog& catalog, const Lexicon& lexicon);

  void name_all(CatalogIndex& index) const;
  /// How many tables the database has.
  int tables() const { return tables_; }
  const std::vector<RoleTable>& all() const { return all_; }
  /// The role; null where the table is one of the database.
  const RoleTable* of(int table) const { return table < tables_ ? nullptr : &all_[static_cast<std::size_t>(table - tables_)]; }
  int base_of(int table) const { return table < tables_ ? table : of(table)->base; }
  int number(std::size_t role) const { return tables_ + static_cast<int>(role); }
  /// Roles of a table that hold by the keys of one other.
  bool is_pair(const RoleTable& role, int from, int to) const {
    return (role.from == from && role.base == to) || (role.from == to && role.base == from);
  }

 private:
  void add(const Catalog& catalog, int from, std::size_t key, int base, const Lexicon& lexicon);

  int tables_ = 0;
  std::vector<RoleTable> all_{};
};

}  // namespace sluice::planner
