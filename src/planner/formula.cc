#include "planner/formula.h"

#include <algorithm>

namespace sluice::planner {

std::vector<Link> links_in(const Formula& formula) {
  std::vector<Link> out;
  if (formula.kind == Formula::Kind::column || formula.kind == Formula::Kind::members) out.push_back(formula.link);
  for (const Formula& part : formula.parts)
    for (Link& link : links_in(part)) out.push_back(std::move(link));
  return out;
}

int Formulas::add(int table, Formula formula, std::string name, TypeKind type) {
  const auto same = [&](const FormulaColumn& one) { return one.table == table && one.formula == formula && one.column.name == name; };
  if (const auto found = std::ranges::find_if(all_, same); found != all_.end()) return kFirst + static_cast<int>(found - all_.begin());
  const auto kind = type == TypeKind::boolean ? Computed::Kind::condition : Computed::Kind::formula;
  all_.push_back({table, std::move(formula), {std::move(name), Type{type, ""}, true, false, ""}, {kind, {}}});
  return kFirst + static_cast<int>(all_.size()) - 1;
}

}  // namespace sluice::planner
