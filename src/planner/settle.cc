#include <algorithm>
#include <functional>

#include "planner/compile.h"
#include "planner/deeds.h"
#include "planner/labels.h"
#include "planner/measured.h"
#include "planner/rewrite.h"
#include "planner/same_rows.h"
#include "planner/windows.h"

namespace sluice::planner {
namespace {

constexpr std::size_t kKept = 3, kOwnersMax = 8;
constexpr double kKeepWithin = 0.35;

bool is_column(const Quantity& quantity) { return quantity.kind == Quantity::Kind::column && !quantity.noun.links.empty(); }

/// The tables that may own what is asked for: that of each column it may be, likeliest first.
std::vector<int> owners_of(const Known& known, const Query& query) {
  std::vector<int> out;
  const auto add = [&](int table) {
    if (std::ranges::find(out, table) == out.end() && out.size() < kOwnersMax) out.push_back(table);
  };
  const std::function<void(const std::vector<Quantity>&)> add_of = [&](const std::vector<Quantity>& parts) {
    for (const Quantity& part : parts) {
      for (const Link& link : part.noun.links)
        if (known.role(link.table) == nullptr) add(link.table);
      add_of(part.parts);
    }
  };
  for (const Output& output : query.outputs.list)
    if (const auto* quantity = std::get_if<Quantity>(&output)) {
      if (is_column(*quantity))
        for (const Link& link : quantity->noun.links)
          if (known.role(link.table) == nullptr) add(link.table);
      add_of(quantity->parts);
    }
  return out;
}

bool has_plain(const Query& query) {
  return std::ranges::any_of(query.outputs.list, [](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    return quantity != nullptr && is_column(*quantity) && !quantity->fn;
  });
}

/// Decides everything as one owner of the outputs suggests.
class Settling {
 public:
  Settling(const Known& known, Query query, int table) : known_(known), out_{std::move(query), 0}, table_(table) {}

  std::optional<Likely<Query>> run() {
    Query& query = out_.meaning;
    for (Output& output : query.outputs.list)
      if (auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && !decide(*quantity)) return std::nullopt;
    for (Group& group : query.groups)
      if (!decide(group)) return std::nullopt;
    for (Ranking& order : query.order)
      if (order.by.kind == Quantity::Kind::everything ? order.by.period && !decide_when(order.by) : !decide(order.by)) return std::nullopt;
    for (ConditionPtr& condition : query.conditions) {
      const bool when = condition->kind == Condition::Kind::period && !condition->what;
      const int measured = when ? measured_rows() : -1;
      const auto likely = resolve(known_, condition, measured >= 0 ? measured : table_);
      if (likely.empty()) return std::nullopt;
      condition = likely.front().meaning;
      out_.cost += likely.front().cost;
      if (measured < 0) continue;
      for (Output& output : query.outputs.list) output = restricted_to(std::get<Quantity>(output), measured, {condition});
      condition = nullptr;
    }
    std::erase(query.conditions, nullptr);
    return std::move(out_);
  }

 private:
  /// "this year's median sale price of pianos": of sales in this year. The table of whose rows all numbers are computed, where these belong to the
  /// owner's and have dates; -1 for none.
  int measured_rows() const {
    int table = -1;
    for (const Output& output : out_.meaning.outputs.list) {
      const auto* quantity = std::get_if<Quantity>(&output);
      if (quantity == nullptr || quantity->kind != Quantity::Kind::column || !quantity->fn || quantity->noun.links.empty()) return -1;
      if (table >= 0 && quantity->noun.links.front().table != table) return -1;
      table = quantity->noun.links.front().table;
    }
    if (table < 0 || table == table_ || known_.role(table) != nullptr) return -1;
    const auto& ways = known_.routes(table, table_);
    const auto dates = when_columns(known_, table, Role::none);
    return !ways.empty() && ways.front().to_one && !dates.empty() && dates.front().link.table == table ? table : -1;
  }
  bool decide(Quantity& quantity) {
    const auto likely = resolve(known_, quantity, seen_from(quantity));
    if (likely.empty()) return false;
    quantity = likely.front().meaning;
    out_.cost += likely.front().cost;
    return true;
  }
  /// Rows come in order of their one date, or year; groups in that of their own periods.
  bool decide_when(Quantity& by) {
    if (!out_.meaning.groups.empty()) return true;
    for (const Role unit : {Role::none, Role::year}) {
      auto columns = when_columns(known_, table_, unit);
      std::erase_if(columns, [&](const WhenColumn& one) { return one.link.table != table_; });
      if (columns.empty()) continue;
      const bool unsure = columns.size() > 1 && columns.front().cost >= kSeveralDates;
      by = {.noun = {.links = {columns.front().link}, .begin = by.noun.begin, .end = by.noun.end}};
      if (unsure) by.rivals = {{.noun = {.links = {columns[1].link}, .begin = by.noun.begin, .end = by.noun.end}}};
      out_.cost += columns.front().cost - (unsure ? kSeveralDates : 0);
      return true;
    }
    return false;
  }
  /// What is counted beside something else need not have to do with it, but with what both are counted for.
  int seen_from(const Quantity& quantity) const {
    const Query& query = out_.meaning;
    if (query.outputs.owner != nullptr || query.outputs.list.size() < 2) return table_;
    const auto& links = quantity.noun.links;
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a reference leads somewhere
    const int own = quantity.of != nullptr ? quantity.of->table : links.empty() ? table_ : links.front().table;
    const bool here = own == table_ || (quantity.of == nullptr && std::ranges::any_of(links, [&](const Link& link) { return link.table == table_; }));
    if (here || has_plain(query)) return table_;
    if (query.groups.size() == 1)
      if (const auto* head = std::get_if<SetPtr>(&query.groups.front().key)) return (*head)->table;
    if (!query.groups.empty()) return table_;
    return own;
  }
  bool decide(Group& group) {
    if (const auto* set = std::get_if<SetPtr>(&group.key)) {
      const double far = known_.distance(table_, (*set)->table);
      out_.cost += far;
      return far < Known::kUnreachable;
    }
    auto& period = std::get<Quantity>(group.key);
    if (is_column(period)) return decide(period);
    const Role unit = period.period.value_or(Role::none);
    auto columns = when_columns(known_, table_, unit);
    if (columns.empty() && unit == Role::month) columns = when_columns(known_, table_, unit, false);
    if (columns.empty()) return false;
    period.noun.links = {columns.front().link};
    out_.cost += columns.front().cost;
    return true;
  }

  const Known& known_;
  Likely<Query> out_;
  int table_;
};

bool denies_some(const std::vector<ConditionPtr>& conditions) {
  return std::ranges::any_of(conditions, [](const ConditionPtr& one) { return one->kind == Condition::Kind::none; });
}

/// Whether the values of a column stand for the things that it refers to.
bool refers_to_thing(const Known& known, const Link& link) {
  const Column& column = known.column(link);
  const int edge = known.schema.graph.edge_of(link.table, column.name);
  return edge >= 0 && named_for(column, known.table(known.schema.graph.edge(edge).to));
}

/// Papers that nobody reviewed are not among those that reviews are of.
bool lacks_rows(const Known& known, const Query& query, int table) {
  if (!denies_some(query.conditions)) return false;
  return std::ranges::any_of(query.outputs.list, [&](const Output& output) {
    const auto* quantity = std::get_if<Quantity>(&output);
    if (quantity == nullptr || !is_column(*quantity) || quantity->fn) return false;
    return std::ranges::any_of(quantity->noun.links, [&](const Link& link) {
      return link.kind == Link::Kind::column && link.table == table && refers_to_thing(known, link);
    });
  });
}

/// What is said of rows, and of those on the way to them, as one thing (joined_through).
Query joined_through(const Known& known, const Query& query) {
  Query out = rewrite_sets(query, [&](const SetPtr& set) {
    auto conditions = joined_through(known, set->table, set->conditions);
    if (conditions == set->conditions) return set;
    Set changed = *set;
    changed.conditions = std::move(conditions);
    return std::make_shared<const Set>(std::move(changed));
  });
  if (const SetPtr rows = asked_of(out); rows != nullptr) out.conditions = joined_through(known, rows->table, std::move(out.conditions));
  return out;
}

/// "the total freight for each customer for orders placed in May": of these orders, not of the customers who placed any.
Query measured_of_said(const Known& known, const Query& query) {
  Query out = query;
  for (Group& group : out.groups) {
    const auto* set = std::get_if<SetPtr>(&group.key);
    if (set == nullptr) continue;
    Set fewer = **set;
    std::erase_if(fewer.conditions, [&](const ConditionPtr& one) {
      if (one->kind != Condition::Kind::member || one->set->ranking || one->set->column >= 0 || one->set->table == fewer.table) return false;
      const std::size_t at = one->set->noun.begin;
      if (at == 0 || at >= known.words().size() || !known.lexicon.opens_context(known.words()[at - 1])) return false;
      bool found = false;
      for (Output& output : out.outputs.list) {
        auto* quantity = std::get_if<Quantity>(&output);
        if (quantity == nullptr || !is_computed_of(*quantity, one->set->table)) continue;
        *quantity = restricted_to(*quantity, one->set->table, one->set->conditions);
        found = true;
      }
      return found;
    });
    if (fewer.conditions.size() < (*set)->conditions.size()) group.key = std::make_shared<const Set>(std::move(fewer));
  }
  return out;
}

}  // namespace

std::vector<Likely<Query>> settle(const Known& known, const Query& said) {
  // Windows are made of numbers that are settled like any other.
  const bool ordered_by_window = std::ranges::any_of(said.order, [](const Ranking& one) { return is_window(one.by); });
  if (ordered_by_window || !windows_of(said).empty()) {
    const auto windowed = with_numbers(known, said);
    if (!windowed) return {};
    auto settled = settle(known, without_windows(*windowed));
    for (auto& one : settled) one.meaning = with_windows(one.meaning, *windowed);
    return settled;
  }
  const Query query = dated_by_measured(known, dated_by_deeds(known, measured_of_said(known, joined_through(known, said))));
  // "products never ordered in 1997" are not told by what was ordered.
  if (const SetPtr& owner = query.outputs.owner; owner != nullptr && owner->column >= 0 && denies_some(query.conditions) &&
                                                 refers_to_thing(known, {Link::Kind::column, owner->table, owner->column, 1, ""}))
    return {};
  std::vector<int> owners;
  if (query.outputs.owner != nullptr) {
    owners = {query.outputs.owner->table};
  } else {
    // Columns beside something counted per group are the group's.
    if (has_plain(query))
      for (const Group& group : query.groups)
        if (const auto* set = std::get_if<SetPtr>(&group.key)) owners.push_back((*set)->table);
    for (const Output& output : query.outputs.list)
      if (const auto* quantity = std::get_if<Quantity>(&output); quantity != nullptr && quantity->of != nullptr && owners.empty())
        owners = {quantity->of->table};
    if (owners.empty()) owners = owners_of(known, query);
    std::erase_if(owners, [&](int table) { return lacks_rows(known, query, table); });
  }
  std::vector<Likely<Query>> out;
  for (const int table : owners)
    if (auto settled = Settling(known, query, table).run()) {
      if (settled->meaning.outputs.owner == nullptr) {
        const bool counted = std::ranges::any_of(settled->meaning.outputs.list, [&](const Output& output) {
          const auto* quantity = std::get_if<Quantity>(&output);
          return quantity != nullptr && quantity->of != nullptr && quantity->of->table == table;
        });
        if (!counted) settled->meaning.outputs.owner = std::make_shared<const Set>(Set{.table = table});
      }
      out.push_back(*std::move(settled));
    }
  std::ranges::stable_sort(out, {}, &Likely<Query>::cost);
  while (!out.empty() && (out.size() > kKept || out.back().cost > out.front().cost + kKeepWithin)) out.pop_back();
  return out;
}

}  // namespace sluice::planner
