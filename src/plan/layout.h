#pragma once
#include <string>
#include <vector>

namespace sluice::plan {

/// Where the clauses of a query stand: each on its own line, indented, or, inside an expression, all on one.
class Layout {
 public:
  Layout() = default;
  static Layout one_line() {
    Layout out;
    out.one_line_ = true;
    return out;
  }

  /// What comes before a clause.
  std::string line() const { return one_line_ ? " " : "\n" + indent_; }
  std::string conjunction() const { return one_line_ ? " AND " : "\n" + indent_ + "  AND "; }
  Layout deeper() const {
    Layout out = *this;
    out.indent_ += "  ";
    return out;
  }
  /// Output columns after SELECT.
  std::string items(const std::vector<std::string>& items) const {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ",") + deeper().line() + item;
    return out;
  }
  /// A query that was written one level deeper.
  std::string parentheses(const std::string& query) const { return one_line_ ? "(" + query + ")" : "(" + deeper().line() + query + line() + ")"; }

 private:
  std::string indent_{};
  bool one_line_ = false;
};

}  // namespace sluice::plan
