#pragma once
#include <algorithm>
#include <functional>
#include <set>

#include "plan/spec.h"
#include "planner/known.h"

namespace sluice::planner {

/// A source of a query that conditions and columns are seen from.
struct Place {
  std::string alias{};
  int table = -1;
};

/// What the planner decided though the question left it open.
struct Guesses {
  double cost = 0;
  std::set<std::pair<int, int>> spoken{};  ///< the columns that the question itself speaks of, by table
};

/// The rows of one query under construction: a root table, the tables that its rows refer to, each joined once per way to it, and conditions.
/// Joins follow keys to the one row that they lead to, so that no row is ever repeated; what lies the other way is asked for with EXISTS.
class Rows {
 public:
  Rows(const Known& known, int root, Guesses& guesses);

  Place root() const { return {alias_, root_}; }
  /// The table as seen from a place, along keys. E0604 where rows of the place may find several.
  Result<Place> reach(const Place& from, int table);
  /// The table that a place's key of one column leads to, for a name only: no row is lost where there is none.
  Place look_up(const Place& from, int edge);
  Result<plan::Expr> column(const Place& from, const Link& link);
  /// The column's value in rows of a place of its own table.
  Result<plan::Expr> value_at(const Place& place, const Link& link);
  /// The column to be shown: no row is lost where it has none in a role, or, where it is shown `beside` what there is, in any other way.
  Result<plan::Expr> shown(const Place& from, const Link& link, bool beside = false);

  /// The condition as said of rows of a place. Errors: E0604, E0606.
  Result<plan::Expr> condition(const Condition& condition, const Place& place);
  /// The same where rows that it is not true of are still wanted.
  Result<plan::Expr> test(const Condition& condition, const Place& place);
  /// What is said of the set, as conditions of the place's rows, where these are the set's rows.
  Result<> restrict(const Set& set, const Place& place);
  /// Whether something in the set belongs to the place's row.
  Result<plan::Expr> member(const Set& set, const Place& place, bool apart, Condition::Way way = Condition::Way::none);
  void where(plan::Expr condition) {
    auto* call = std::get_if<plan::Call>(&condition.node);
    if (call != nullptr && call->fn == plan::Fn::logical_and) {
      for (plan::Expr& part : call->args) where(std::move(part));
      return;
    }
    if (std::ranges::find(conditions_, condition) == conditions_.end()) conditions_.push_back(std::move(condition));
  }

  /// E0606 where no row can fulfil the conditions.
  Result<> check() const;
  /// FROM, JOIN and WHERE.
  plan::Select select() const;
  /// A query of these columns of the rows.
  plan::SpecDraft query(std::vector<plan::Named> columns) const;

 private:
  struct Joined {
    std::string from, alias;
    int edge = 0;
    bool left = false;
  };
  using Then = std::function<Result<std::optional<plan::Expr>>(Rows&, const Place&)>;

  /// Numbers of rows that belong to those of a place, one for each of these: joined, they repeat none.
  struct Beside {
    std::string from, alias;
    const Formula* formula = nullptr;
    plan::Join join{};
  };

  // formula_value.cc
  Result<plan::Expr> value_of(const Place& place, const Formula& formula);
  Result<plan::Expr> number_of_members(const Place& place, const Formula& formula);
  /// As reach(), but no row is lost where it may still count.
  Result<Place> reach_loosely(const Place& from, int table);

  std::string join(const std::string& from, int edge, bool left);
  bool is_taken(const std::string& alias) const;
  /// The two sides of a key's i-th pair of columns, made comparable: keys may be numbers on one side and their text on the other.
  std::pair<plan::Expr, plan::Expr> sides(const Edge& edge, std::size_t i, const std::string& from, const std::string& to) const;
  const Route* route(int from, int to, Condition::Way way = Condition::Way::none);
  Result<std::optional<plan::Expr>> along(const Place& place, std::span<const Step> steps, bool apart, const Then& then);
  /// What the glossary says of every use of the table, unless the question speaks of it.
  void add_default_filter(const Place& place, std::vector<plan::Expr>& all) const;
  /// Of rows in a role, only those that have it: managers are employees that somebody reports to.
  void add_role(std::vector<plan::Expr>& all) const;
  plan::Expr value_of(const Link& link) const;
  /// Whether the column is the value, however that is spelt; quoted, as it is written.
  plan::Expr is_value(const Condition& condition, plan::Expr column) const;
  Result<plan::Expr> compared(const Condition& condition, const Place& place);
  Result<plan::Expr> counted(const Condition& condition, const Place& place);
  /// Whether it tells when something happened that may not have happened at all: who denies it means these rows too.
  bool may_not_be(const Condition& condition, const Place& place) const;
  /// Whether it compares dates of which one may be missing: who denies it may mean these rows too.
  bool compares_what_may_not_be(const Condition& condition) const;
  Result<plan::Expr> missing(const Condition& condition, const Place& place);
  Result<plan::Expr> negated(const Condition& condition, const Place& place);
  Result<plan::Expr> of_average(const Condition& condition, const Place& place, plan::Expr column);
  /// Whether the condition's parts are values of which a row of the place has only one.
  bool excludes_itself(const Condition& condition, const Place& place) const;
  Result<plan::Expr> joined(const Condition& condition, const Place& place, plan::Fn fn);

  const Known& known_;
  Guesses& guesses_;
  int root_;
  std::string alias_;
  std::vector<Joined> joins_{};
  std::vector<Beside> beside_{};
  std::vector<plan::Expr> conditions_{};
  bool by_key_ = false;  ///< the rows are found by the key that gives them their role
  int loose_ = 0;        ///< above 0: within an "or" or a "not", where a row without the joined one still counts
};

/// The columns that tell rows of a table apart.
std::vector<std::string> key_columns(const Table& table);

}  // namespace sluice::planner
