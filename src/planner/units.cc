#include "planner/units.h"

#include <algorithm>

#include "planner/labels.h"

namespace sluice::planner {
namespace {

/// Every column that a question is about.
class Columns {
 public:
  std::vector<Link> found{};
  std::vector<std::pair<std::size_t, std::size_t>> periods{};  ///< the words that say when
  bool unsure = false, percent = false;

  void visit(const Query& query) {
    for (const Output& output : query.outputs.list) std::visit([this](const auto& one) { visit(one); }, output);
    visit(query.outputs.owner);
    for (const ConditionPtr& one : query.conditions) visit(*one);
    for (const Group& group : query.groups) std::visit([this](const auto& one) { visit(one); }, group.key);
    for (const Ranking& one : query.order) visit(one.by);
  }

 private:
  void visit(const Quantity& quantity) {
    percent = percent || quantity.trend == Quantity::Trend::growth || quantity.kind == Quantity::Kind::share;
    found.insert(found.end(), quantity.noun.links.begin(), quantity.noun.links.end());
    visit(quantity.of);
    for (const Quantity& part : quantity.parts) visit(part);
  }
  void visit(const SetPtr& set) {
    if (set == nullptr) return;
    if (set->column >= 0) found.push_back({Link::Kind::column, set->table, set->column, 1, ""});
    for (const ConditionPtr& one : set->conditions) visit(*one);
    if (set->ranking) visit(set->ranking->by);
  }
  void visit(const Condition& condition) {
    if (condition.kind == Condition::Kind::period) periods.emplace_back(condition.begin, condition.end);
    unsure = unsure || condition.unsure_date;
    found.insert(found.end(), condition.value.links.begin(), condition.value.links.end());
    if (condition.what) visit(*condition.what);
    if (condition.other) visit(*condition.other);
    visit(condition.set);
    for (const ConditionPtr& part : condition.parts) visit(*part);
  }
};

}  // namespace

std::set<std::pair<int, int>> columns_spoken_of(const Known& known, const Query& query) {
  Columns columns;
  columns.visit(query);
  std::set<std::pair<int, int>> out;
  for (const Link& link : columns.found) {
    if (link.kind == Link::Kind::table) continue;
    out.emplace(link.table, link.column);
    if (const FormulaColumn* formula = known.formula(link); formula != nullptr)
      for (const Link& part : links_in(formula->formula))
        if (part.kind == Link::Kind::column) out.emplace(part.table, part.column);
    const Computed* computed = known.computed(link);
    if (computed == nullptr) continue;
    const Table& table = known.table(link.table);
    for (const std::string& name : columns_in(computed->value))
      if (const Column* column = table.find_column(name); column != nullptr) out.emplace(link.table, static_cast<int>(column - table.columns.data()));
  }
  return out;
}

bool unsure_of_date(const Query& query) {
  Columns columns;
  columns.visit(query);
  return columns.unsure;
}

Result<> check_units(const Known& known, const std::vector<Word>& words, const Query& query) {
  Columns columns;
  columns.visit(query);
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool measured = words[i - 1].kind == WordKind::number || words[i - 1].lower == "in";
    if (!measured || !known.lexicon.is_measure(words[i])) continue;
    const auto says = [&](const Link& link) {
      return link.kind == Link::Kind::column && link.column >= 0 &&
             known.lexicon.fits_unit(name_pieces(known.column(link).name), name_pieces(known.column(link).comment), words[i].stem);
    };
    const auto phrases = known.lexicon.phrases_at(words, i - 1);
    if (columns.percent && std::ranges::any_of(phrases, [](const auto& one) { return one.role == Role::as_percent; })) continue;
    // "top 3 months": so many of the groups.
    const auto grouped = [&](const Group& group) {
      const auto* period = std::get_if<Quantity>(&group.key);
      return query.limit && period != nullptr && period->period && known.lexicon.does(words, i, *period->period);
    };
    if (std::ranges::any_of(query.groups, grouped)) continue;
    const auto within = [&](const auto& period) { return i >= period.first && i < period.second; };
    if (std::ranges::any_of(columns.found, says) || std::ranges::any_of(columns.periods, within)) continue;
    return Error{ErrorKind::unanswerable, "E0606", "nothing says that the numbers the question is about are in \"" + words[i].text + "\"",
                 "leave the unit out, or say it in the column's comment", 0};
  }
  return {};
}

}  // namespace sluice::planner
