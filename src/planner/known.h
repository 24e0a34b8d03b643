#pragma once
#include <algorithm>
#include <map>
#include <set>

#include "planner/calendar.h"
#include "planner/formula.h"
#include "planner/house_words.h"
#include "planner/join_graph.h"
#include "planner/meaning.h"
#include "planner/roles.h"

namespace sluice::planner {

/// What is known about a catalog, made once.
struct Schema {
  HouseWords house;
  CatalogIndex index;
  Roles roles;
  JoinGraph graph;
};

/// Shares what has not changed since `before`, the index of an earlier state of the catalog; null where there is none.
Schema make_schema(const Catalog& catalog, const std::vector<ColumnValues>& values, const Glossary& glossary, const Lexicon& lexicon,
                   const CatalogIndex* before);

/// Everything that a question is read against. One thread, one question.
class Known {
 public:
  Known(const Catalog& of, const Schema& made, const Lexicon& language, const std::vector<Word>& words, std::optional<Day> day = std::nullopt,
        std::shared_ptr<Formulas> formulas = std::make_shared<Formulas>());

  const std::vector<Word>& words() const { return words_; }

  const Table& table(int id) const { return catalog.tables[static_cast<std::size_t>(id)]; }
  const Column& column(const Link& link) const { return column(link.table, link.column); }
  const Column& column(int table_id, int id) const {
    if (Formulas::has(id)) return formulas->at(id).column;
    const auto& columns = table(table_id).columns;
    return is_duration(table_id, id) ? duration(table_id, id).column : columns[static_cast<std::size_t>(id)];
  }
  /// Whether the column is the time between two others (durations.h).
  bool is_duration(int table_id, int id) const { return !Formulas::has(id) && id >= static_cast<int>(table(table_id).columns.size()); }
  bool is_duration(const Link& link) const { return link.kind == Link::Kind::column && is_duration(link.table, link.column); }
  /// What the column computes of a row; null where it is none that a question made (formula.h).
  const FormulaColumn* formula(const Link& link) const {
    return link.kind == Link::Kind::column && Formulas::has(link.column) ? &formulas->at(link.column) : nullptr;
  }
  /// How a column is computed; null for those that the table has.
  const Computed* computed(const Link& link) const {
    if (const FormulaColumn* one = formula(link); one != nullptr) return &one->computed;
    if (is_duration(link)) return &duration(link.table, link.column).computed;
    const auto found = schema.house.computed.find({base_of(link.table), link.column});
    return found == schema.house.computed.end() ? nullptr : &found->second;
  }
  bool is_computed(const Link& link, Computed::Kind kind) const {
    const Computed* one = link.kind == Link::Kind::column ? computed(link) : nullptr;
    return one != nullptr && one->kind == kind;
  }
  /// Whether the column is text that holds dates, which compare as such.
  bool is_date_as_text(const Link& link) const { return schema.house.dates_as_text.contains({base_of(link.table), link.column}); }
  /// Whether other values of such a column may be no dates: they are not all known.
  bool is_sampled_date(const Link& link) const { return schema.house.sampled_dates.contains({base_of(link.table), link.column}); }
  /// How many columns the table has in the database.
  std::size_t real_columns(int table_id) const { return real.tables[static_cast<std::size_t>(base_of(table_id))].columns.size(); }
  /// The table of the database that a role is one of; others are their own.
  int base_of(int table_id) const { return schema.roles.base_of(table_id); }
  const RoleTable* role(int table_id) const { return schema.roles.of(table_id); }
  /// What a query calls the table.
  const std::string& called(int table_id) const { return role(table_id) == nullptr ? table(table_id).name.name : role(table_id)->alias; }
  /// Whether rows of the role have it by this key.
  bool makes_role(int edge, int table_id) const;
  /// Whether the word is one of those that name a role: it can't be passed over.
  bool names_role(std::size_t word) const {
    return std::ranges::any_of(said_ends_, [&](const auto& one) { return word < one.first && word + one.second.first >= one.first; });
  }
  /// The role that the words right before name.
  std::optional<int> role_before(std::size_t word) const;
  /// Whether words of the question name the role; nothing else does.
  bool is_said(int table_id) const { return table_id < schema.roles.tables() || said_.contains(table_id); }
  /// Whether a column of rows of one table may be said of rows of another: that of a role only of the role itself ("the home team's city"), or where
  /// words say which key leads there.
  bool may_speak_of(int from, int of, Condition::Way way) const;
  /// Whether words say that what they name is linked with a role and is not the role: "Nancy" of the "manager of Nancy", of "Nancy's manager".
  bool is_beside_role(std::size_t begin, std::size_t end) const;
  /// The roles of the table that the question names.
  std::vector<int> said_roles(int base) const;

  /// How the value that is named is spelt in its column (CatalogIndex::spellings); a quoted one as it is written.
  std::vector<std::string> spellings(const Noun& value) const;
  /// The column's value in rows of the alias. Of formulas Rows knows it.
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
  /// The first of these roots; of several as near as it the one that the question names or says with a verb: "clients who viewed a property" does
  /// through viewings, and not through sales. E0604 where nothing tells which.
  Result<int> nearest(const std::vector<std::pair<int, int>>& roots, const std::vector<int>& named) const;
  /// Whether a verb of the question says what the table's rows record: "viewed" for viewings, "sold" for sales.
  bool is_done_in(int id) const;
  /// Whether a table only links others: all its columns refer to them.
  bool is_link(int id) const;
  /// The tables from which all of `targets` can be reached, with the sum of the distances.
  std::vector<std::pair<int, int>> roots(const std::vector<int>& targets) const;
  /// How far apart two tables are for a question that names both: 0 for the same; kUnreachable where no key leads there.
  double distance(int from, int to) const;

  /// The way whose key is named as words of the question are ("origin", "home team"); null where none is more so than the others.
  const Route* preferred(const std::vector<Route>& ways) const;

  /// The way whose key is named for where things come from, or go to; null where none is.
  const Route* towards(const std::vector<Route>& ways, Condition::Way way) const;

  static constexpr double kUnreachable = 1e9;

  const Catalog& real;     ///< what a query may name
  const Catalog& catalog;  ///< with computed columns at the end of its tables, and roles after the tables
  const Schema& schema;
  const Lexicon& lexicon;
  const std::optional<Day> today;            ///< the asker's date, where it is known
  const std::shared_ptr<Formulas> formulas;  ///< those that its words say; shared by all that is said to one answer

 private:
  /// Names the roles that words say, and those that they give a direction to beside one that they name.
  void find_said();
  struct DurationColumn {
    Column column{};
    Computed computed{};
  };
  const DurationColumn& duration(int table_id, int id) const;
  bool allows(int edge) const;
  /// "employees who work on a project", which one of them leads: beside the way of a role, the way through rows that say which belong together.
  void add_way_of_pairs(int from, int to, std::vector<Route>& ways) const;

  const std::vector<Word>& words_;
  std::set<int> said_{};
  std::map<std::size_t, std::pair<std::size_t, int>> said_ends_{};  ///< where words that name roles end: how many they are, and the role
  mutable std::map<std::pair<int, int>, std::vector<Route>> routes_{};
  mutable std::map<std::pair<int, int>, DurationColumn> durations_{};
};

}  // namespace sluice::planner
