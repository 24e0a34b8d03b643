#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "plan/expr.h"
#include "planner/calendar.h"
#include "planner/catalog_index.h"

namespace sluice::planner {

/// What phrases of a question mean, smaller ones put together into larger ones. Every meaning is immutable once it is in the chart; those of one
/// question share their parts.
struct Set;
struct Condition;
using SetPtr = std::shared_ptr<const Set>;
using ConditionPtr = std::shared_ptr<const Condition>;

/// The key of a meaning that phrases share (meaning_key.h), once it was asked for. A changed copy is another meaning.
struct CachedKey {
  mutable std::uint64_t value = 0;

  CachedKey() = default;
  CachedKey(const CachedKey&) {}
  CachedKey& operator=(const CachedKey&) {
    value = 0;
    return *this;
  }
};

/// Words that name a table or column, with all that they may be until a neighbour decides it.
struct Noun {
  std::vector<Link> links{};  ///< best first
  std::size_t begin = 0, end = 0;
  bool plural = false;
};

/// Something that rows have or that is computed of them: a column, a count, an aggregate, a period of a date.
struct Quantity {
  enum class Kind : std::uint8_t { column, rows, everything, ratio, share, difference, arithmetic, number, window } kind = Kind::column;
  Noun noun{};                   ///< of a column; one link once it is decided
  std::optional<plan::Fn> fn{};  ///< an aggregate
  bool distinct = false;
  SetPtr of{};                     ///< whose rows are counted, or whose column it is
  std::optional<Role> period{};    ///< year, quarter, month, … of a date column
  std::vector<Quantity> rivals{};  ///< what else the words mean as likely: only the person knows
  bool beside = false;             ///< feedback shows it too, of the rows that there are: none is lost where it has none
  /// Of a ratio: what is divided by what; of a difference: what is taken from what. Of a share of the rows of `of`: rows with only those conditions
  /// that make them count, or what is added up; none: the rows of each group are a share of all. Of a window: the number that it is made of; none:
  /// the one that the question asks for beside it.
  std::vector<Quantity> parts{};
  plan::Fn op = plan::Fn::add;     ///< of arithmetic: what is done with the parts
  plan::Literal number{};          ///< that is said, of a part
  std::string label{};             ///< what a definition calls it
  std::optional<plan::Fn> over{};  ///< "the average number of orders per customer": what is made of the groups' numbers
  /// Of a window, what each row is told by the others: the sum up to its period; by how much in percent, or by how much, its period has more than
  /// the one before (whose unit `period` is, where that is said); its place among all, the highest first.
  enum class Trend : std::uint8_t { none, running, growth, change, rank } trend = Trend::none;
};

/// What shares and growth are of.
inline plan::Literal hundred() { return {TypeKind::decimal, Value{std::string("100.0")}}; }

/// Whether it is made of other quantities, all of which have to be computed.
inline bool is_made_of_others(const Quantity& one) {
  return one.kind == Quantity::Kind::ratio || one.kind == Quantity::Kind::difference || one.kind == Quantity::Kind::arithmetic;
}

/// Rows come first by this; `count` of them where it is a choice ("top 3", "the youngest").
struct Ranking {
  Quantity by{};
  bool descending = true;
  std::optional<int> count{};
  int skip = 0;            ///< "the second highest"
  bool per_group = false;  ///< "top 3 … of each …"
};

/// Rows of a table, or the different values of one of its columns, with what is said of them.
struct Set {
  int table = -1, column = -1;
  Noun noun{};
  std::vector<ConditionPtr> conditions{};
  std::optional<Ranking> ranking{};
  bool distinct = false;
  bool by_value = false;  ///< it was named by a value: "volvos", "a cat"
  CachedKey key{};
};

/// Something that is true or false of a row. Without a side to compare (`what`), it is a comparison yet to be said of something.
struct Condition {
  enum class Kind : std::uint8_t {
    compare,  ///< what fn operands
    value,    ///< one of the links' columns has the link's value
    member,   ///< something in `set` belongs to it
    count,    ///< the number of rows of `set` that belong to it, compared with operands
    average,  ///< what fn the average of the same over `set` (all rows where there is none)
    versus,   ///< what fn another quantity of another row
    present,  ///< what is not NULL
    period,   ///< what is in `period`
    all,      ///< every part
    any,      ///< at least one part
    both,     ///< every part, but each may be true of another row of the same thing
    none,     ///< not the part
  } kind = Kind::compare;
  std::optional<Quantity> what{}, other{};
  plan::Fn fn = plan::Fn::eq;
  std::vector<plan::Literal> operands{};
  Noun value{};
  SetPtr set{};
  std::vector<ConditionPtr> parts{};
  Period period{};
  bool unsure_date = false;  ///< of a period: other dates would do as well
  enum class Way : std::uint8_t { none, from, to } way = Way::none;
  std::size_t begin = 0, end = 0;  ///< the words that say so
  CachedKey key{};
};

/// What is shown for each group, or by what rows are told apart.
struct Group {
  std::variant<SetPtr, Quantity> key{};
};

/// One column or thing that is asked for.
using Output = std::variant<Quantity, SetPtr>;
struct Outputs {
  std::vector<Output> list{};
  SetPtr owner{};  ///< whose they are
  bool distinct = false;
};

/// A whole question.
struct Query {
  Outputs outputs{};
  std::vector<ConditionPtr> conditions{};
  std::vector<Group> groups{};
  std::vector<Ranking> order{};
  bool keep_empty = false;     ///< groups that have no rows are shown too
  std::optional<int> limit{};  ///< so many rows of the answer, in its order
};

/// One thing that feedback changes about a question.
struct Change {
  enum class Kind : std::uint8_t {
    condition,
    outputs,
    group,
    order,
    by,  ///< by what rows are ranked or ordered, its direction left as it is
    ranking,
    end,       ///< highest or lowest
    function,  ///< average, total, …
    count,     ///< how many rows there are
    limit,
    share,
    keep_empty,
  } kind = Kind::condition;
  enum class Way : std::uint8_t { plain, add, only, instead, remove } way = Way::plain;
  ConditionPtr condition{};
  std::vector<Output> outputs{};
  std::optional<Group> group{};
  std::vector<Ranking> order{};  ///< of an order; of a ranking, a limit, "by" and an end: one
  std::optional<plan::Fn> fn{};
  std::optional<int> count{};
  bool ranked = false;                          ///< of a limit: "top 5", which needs an order, and not just 5 rows
  std::shared_ptr<const Change> in_place_of{};  ///< "average instead of total"
};
using Refinement = std::vector<Change>;

}  // namespace sluice::planner
