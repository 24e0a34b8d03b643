#pragma once
#include <set>

#include "planner/compile.h"
#include "planner/shape_error.h"

namespace sluice::planner {

/// Whether a quantity is computed of several rows.
inline bool is_measure(const Quantity& quantity) {
  return quantity.fn || (quantity.kind != Quantity::Kind::column && quantity.kind != Quantity::Kind::everything);
}

/// The numbers that have to be computed: those that ratios, differences and arithmetic are made of.
std::vector<Quantity> leaves_of(const std::vector<Quantity>& measures);

/// Whether both are computed of rows that fulfil the same conditions, whoever said them.
bool same_conditions(const Quantity& a, const Quantity& b);

/// Makes the query of one settled question: rows as they are (compile_list.cc), or groups of them with what is computed of each
/// (compile_groups.cc), with the columns that they show (compile_columns.cc). Used once.
class Compiler {
 public:
  Compiler(const Known& known, const Query& query, Guesses& guesses) : known_(known), query_(query), guesses_(guesses) {}
  Result<plan::SpecDraft> run();

 private:
  struct Head {
    SetPtr set{};
    std::optional<Quantity> period{};
  };
  const Table& table(int id) const { return known_.table(id); }
  /// What is said of the question as a whole is said of what it counts, else of what it shows.
  void apply_conditions();
  /// E0606 where a part of the question would be said of the wrong number.
  Result<> check_said() const;
  /// Whether all numbers are computed of rows of one table, and all conditions are said of these, or of what each of them belongs to.
  bool said_of_all_rows() const;
  /// Whether the question divides one number by another in so many words.
  bool said_divided() const;
  /// "for orders of 1997", "among customers in France"
  bool is_context(const Set& set) const;
  /// The column of "average price and weight" that nobody says to average; empty where there is none.
  std::string amount_beside_aggregate() const;
  bool ranked_by_measure() const;
  Result<> choose_heads();
  /// "each role code … in each role": whether the rows are those that a head before refers to.
  bool said_by_reference(const Set& set) const;
  /// "cities with more than one employee": the count said of the values of a column of the counted table itself.
  const Condition* counted_values() const;
  Result<plan::SpecDraft> values_counted(const Condition& counted);
  /// A table whose rows refer to one row of each table that is shown or ranked by; the owner's where it can be.
  Result<int> list_root();
  Result<int> common_root(const std::set<int>& needed, int preferred);
  Result<plan::SpecDraft> list();
  /// The rows that are shown; of what belongs to persons these where the question asks who.
  Result<> show_rows(const Set& set, const Place& place);
  bool wants_distinct() const;
  void break_ties(plan::SpecDraft& draft, const Place& place) const;
  Result<> restrict_rows(const Set& set, const Place& place);
  /// "locations with both …": some row that has the value is in the set.
  Result<> restrict_to_value(const Set& values, const Set& set, const Place& place);
  /// Some row of the set has the place's value.
  Result<plan::Expr> some_row_of(const Set& values, const Set& set, const Place& place);
  /// "carriers that don't fly to LAX": values of which no row has what is excluded.
  Result<> restrict_to_other_values(const Set& values, const ConditionPtr& excluded, const Place& place);
  Result<> order_list(plan::SpecDraft& draft, const Place& place);
  /// "alphabetically": by the first text; else by the last number or date that is shown.
  plan::Expr shown_to_order(bool alphabetical) const;
  std::string add_output(const plan::Expr& value, std::string name, const std::string& otherwise);
  /// What a column is called where it is shown: that of a role is called after it too.
  std::string output_name(int id, const std::string& column) const;
  Result<> show_column(const Place& place, int id, int column, bool beside = false);
  /// A column, and of a reference the name of what it refers to, in its place or beside it.
  Result<> show_named(const Place& place, const Link& link);
  /// The values of a column, likewise; of a day of the month the whole date.
  Result<> show_values(const Set& set, const Place& place);
  /// How many of the ranked rows are meant: "the carrier with the most" is one, "which carriers had the most" are several.
  int chosen(const Ranking& ranking, const Set& set) const;
  /// The columns by which a person knows the rows: their name, else their key, else all.
  Result<> show_set(const Set& set, const Place& place);
  /// Whether the set's conditions say what the column is.
  bool is_fixed(const Set& set, const std::string& column) const;
  Result<> show_quantity(const Quantity& quantity, const Place& place);
  int home_of(const Quantity& measure) const;
  Result<int> group_root(const std::vector<Quantity>& measures);
  /// "only those with more than 5" of values that are counted: said of the number that is shown of each. Nothing for what is said of rows.
  std::optional<plan::Fn> said_of_number(const Set& head, const Condition& condition) const;
  Result<> restrict_groups(plan::Select& select);
  /// The owner's conditions, as said of the rows that are grouped.
  Result<> restrict_to_owner(const SetPtr& set);
  Result<plan::Expr> measure_expr(const Quantity& measure);
  std::string measure_name(const Quantity& measure) const;
  Result<> show_head(const Head& head);
  /// Whether the question itself says which columns of a head it wants to see.
  bool shows(const Set& set) const;
  void group_by(plan::Expr key);
  Result<plan::SpecDraft> grouped();
  /// Whether all are computed of the same rows of one table.
  static bool of_same_rows(const std::vector<Quantity>& measures);
  bool owner_is_head() const;
  Result<> restrict_head(const Set& set);
  /// Whether "that" or the like stands before the condition's words.
  bool in_clause(const Condition& condition) const;
  std::optional<Ranking> ranking_of_heads() const;
  Result<plan::SpecDraft> assemble(const std::optional<Ranking>& ranking);
  bool measures_of(int id) const;
  bool is_counted_first() const;
  Result<> show_plain_set(const Set& set);
  /// Whether the column of a source is text.
  bool is_text(const plan::ColumnRef& ref) const;
  /// E0606 where every group is one of the rows that something is computed of.
  Result<> check_groups(const std::vector<plan::Expr>& shown) const;
  /// Whether it says when: a date, or a number of a month.
  bool is_temporal(const plan::ColumnRef& ref) const;
  const Column* column_of(const plan::ColumnRef& ref) const;
  /// The column of the answer that shows the link's; null where none does, or several.
  const plan::Named* shown_column(const Link& link) const;
  /// The groups' keys that say when.
  std::vector<plan::Expr> period_keys() const;
  /// What the question says of the groups' order, after what comes first.
  Result<> order_groups(std::vector<plan::OrderKey>& order, const std::vector<plan::Expr>& shown);
  Result<plan::SpecDraft> finish(const std::optional<Ranking>& ranking, const std::vector<plan::Expr>& shown);

  // compile_per_group.cc
  Result<plan::SpecDraft> top_of_groups();
  Result<plan::SpecDraft> top_by_column();
  Result<plan::SpecDraft> top_by_measure();
  static bool shows_in(const std::vector<Output>& list, const Head& head);

  // compile_apart.cc: numbers that have to be computed each for itself
  /// The table whose rows all numbers are computed of, where others' rows are counted beside what is added up of its own: "the number of distinct
  /// guests and the total amount of payments per payment method". -1 where there is none.
  int one_table() const;
  bool needs_apart() const;
  bool counts_side_by_side() const;
  Result<plan::SpecDraft> apart();
  /// A query of one number, for each of the groups where there is a key of them; its columns: the key, and the number.
  Result<plan::SpecDraft> alone(const Quantity& measure, const Quantity* key) const;
  Result<plan::SpecDraft> beside_each_other(const std::vector<Quantity>& leaves);
  /// Every row of the head, with a number of each that belongs to it, or 0.
  Result<plan::SpecDraft> beside_head(const std::vector<Quantity>& leaves);
  /// The measure made of the values of its leaves, which follow each other.
  static plan::Expr made_of(const Quantity& measure, const std::vector<plan::Expr>& values, std::size_t& next);
  static plan::Fn operation_of(const Quantity& measure) {
    if (measure.kind == Quantity::Kind::arithmetic) return measure.op;
    return measure.kind == Quantity::Kind::ratio ? plan::Fn::divide : plan::Fn::subtract;
  }
  void show_apart(const Quantity& measure, const std::vector<plan::Expr>& values, std::size_t& next);
  Result<plan::Expr> share_expr(const Quantity& measure);
  /// What is said of the set, as one condition of rows that may not fulfil it.
  Result<std::optional<plan::Expr>> true_of(const Set& set);
  Result<plan::Expr> count_where(const Set& set);
  // compile_over_groups.cc: what is made of the groups' numbers
  Result<plan::SpecDraft> over_groups(const Quantity& measure);
  // compile_trend.cc, compile_ranks.cc: what each row is told by the others
  struct Periods;
  /// The query of the numbers alone that windows are made of, each once.
  Query numbers_alone() const;
  /// E0606 where what is compared is not there: no periods, or one alone.
  Result<> check_periods(const std::vector<Quantity>& windows) const;
  /// The column of the answer that a number is shown in; "" where none is.
  std::string column_of_number(const Quantity& number);
  Result<plan::SpecDraft> over_periods(const std::vector<Quantity>& windows);
  Result<Periods> periods_of_numbers();
  Result<std::vector<plan::OrderKey>> order_of_periods(const Periods& periods) const;
  Result<plan::SpecDraft> ranks_beside(const std::vector<Quantity>& windows);
  /// The columns that tell the groups apart within which rows have their place.
  Result<std::vector<plan::Expr>> partition_of(const Group& group, plan::SpecDraft& draft);

  const Known& known_;
  const Query& query_;
  Guesses& guesses_;
  SetPtr owner_{};
  std::vector<Quantity> measures_{};
  std::vector<Head> heads_{};
  std::optional<Rows> rows_{};
  std::vector<plan::Named> columns_{};
  std::vector<plan::Expr> groups_{}, keys_{};
  std::vector<ConditionPtr> of_numbers_{};  ///< what is said of the groups' number
  bool persons_ = false;                    ///< persons are shown in place of what belongs to them
  bool one_table_ = false;
  bool side_by_side_ = false;  ///< counts of one table's rows under different conditions
};

}  // namespace sluice::planner
