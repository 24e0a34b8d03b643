#pragma once
#include <deque>
#include <string>
#include <vector>

#include "planner/house_words.h"
#include "planner/meaning.h"

namespace sluice::planner {

/// Something that is computed of one row, whose columns may be those of rows that it refers to, and numbers of the rows that belong to it: "sale
/// price minus the sum of all payments received for the sale".
struct Formula {
  enum class Kind : std::uint8_t {
    column,
    number,
    members,  ///< an aggregate of rows that belong to the row; none: 0
    call,     ///< of the parts
  } kind = Kind::column;
  Link link{};  ///< of members: what is added up; their table where they are counted
  plan::Literal number{};
  plan::Fn fn = plan::Fn::add;  ///< of a call, or of members
  SetPtr of{};                  ///< of members: which
  std::vector<Formula> parts{};

  bool operator==(const Formula& other) const {
    return kind == other.kind && link == other.link && number == other.number && fn == other.fn && of == other.of && parts == other.parts;
  }
};

/// The columns that a formula names.
std::vector<Link> links_in(const Formula& formula);

/// A formula as a column of the table whose rows it is computed of. For the planner its number lies beyond those of all columns and durations.
struct FormulaColumn {
  int table = 0;
  Formula formula{};
  Column column{};
  Computed computed{};  ///< its kind alone: what is computed depends on the joins of a query
};

/// The formulas of one question and what was said to its answer. One thread.
class Formulas {
 public:
  static constexpr int kFirst = 1 << 28;

  static bool has(int column) { return column >= kFirst; }
  const FormulaColumn& at(int column) const { return all_[static_cast<std::size_t>(column - kFirst)]; }
  /// The number of the formula's column; the same for the same formula of the same rows.
  int add(int table, Formula formula, std::string name, TypeKind type);

 private:
  std::deque<FormulaColumn> all_{};  ///< which stay where they are
};

}  // namespace sluice::planner
