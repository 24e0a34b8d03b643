#pragma once
#include <map>

#include "planner/calendar.h"
#include "planner/house_words.h"
#include "planner/join_graph.h"
#include "planner/meaning.h"

namespace sluice::planner {

/// What is known about a catalog, made once.
struct Schema {
  HouseWords house;
  CatalogIndex index;
  JoinGraph graph;
};

/// Everything that a question is read against. One thread, one question.
class Known {
 public:
  Known(const Catalog& of, const Schema& made, const Lexicon& language, const std::vector<Word>& words, std::optional<Day> day = std::nullopt)
      : real(of), catalog(made.house.catalog), schema(made), lexicon(language), today(day), words_(words) {}

  const std::vector<Word>& words() const { return words_; }

  const Table& table(int id) const { return catalog.tables[static_cast<std::size_t>(id)]; }
  const Column& column(const Link& link) const { return table(link.table).columns[static_cast<std::size_t>(link.column)]; }
  const Column& column(int table_id, int id) const { return table(table_id).columns[static_cast<std::size_t>(id)]; }
  /// How a column is computed; null for those that the table has.
  const Computed* computed(const Link& link) const {
    const auto found = schema.house.computed.find({link.table, link.column});
    return found == schema.house.computed.end() ? nullptr : &found->second;
  }
  bool is_computed(const Link& link, Computed::Kind kind) const {
    const Computed* one = link.kind == Link::Kind::column ? computed(link) : nullptr;
    return one != nullptr && one->kind == kind;
  }
  /// How many columns the table has in the database.
  std::size_t real_columns(int table_id) const { return real.tables[static_cast<std::size_t>(table_id)].columns.size(); }
  /// The column's value in rows of the alias.
  plan::Expr value_of(const std::string& alias, const Link& link) const {
    const Computed* one = computed(link);
    return one == nullptr ? plan::column(alias, column(link).name) : seen_from(one->value, alias);
  }
  /// Whether the question asks which rows there are, and not to show them.
  bool asks_which() const;
  /// Whether the question asks for something added up: "altogether", "in all"; but not "in all countries".
  bool says_altogether() const;
  /// Whether a column tells rows apart or refers to others: its numbers say nothing.
  bool is_key(const Link& link) const;
  /// Whether a column's numbers can be added up or averaged: those of keys and of the calendar say nothing so.
  bool is_amount(const Link& link) const;
  /// The ways from a table to another along keys, shortest first; the first few of equal length. Looked up once per question.
  const std::vector<Route>& routes(int from, int to) const;
  /// Whether a table only links others: all its columns refer to them.
  bool is_link(int id) const;
  /// How far apart two tables are for a question that names both: 0 for the same; kUnreachable where no key leads there.
  double distance(int from, int to) const;

  /// The way whose key is named as words of the question are ("origin", "home team"); null where none is more so than the others.
  const Route* preferred(const std::vector<Route>& ways) const;

  /// The way whose key is named for where things come from, or go to; null where none is.
  const Route* towards(const std::vector<Route>& ways, Condition::Way way) const;

  static constexpr double kUnreachable = 1e9;

  const Catalog& real;     ///< what a query may name
  const Catalog& catalog;  ///< with computed columns at the end of its tables
  const Schema& schema;
  const Lexicon& lexicon;
  const std::optional<Day> today;  ///< the asker's date, where it is known

 private:
  const std::vector<Word>& words_;
  mutable std::map<std::pair<int, int>, std::vector<Route>> routes_{};
};

}  // namespace sluice::planner
