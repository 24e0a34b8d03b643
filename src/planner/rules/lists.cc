#include <algorithm>

#include "planner/labels.h"
#include "planner/rules/rules.h"

namespace sluice::planner {
namespace {

using Quantities = std::vector<Quantity>;

void one_quantity(RuleOutput& out, Parts parts) { out.add(Cat::quantities, Quantities{parts[0]->as<Quantity>()}, 0); }

/// The table whose rows a key says: "property IDs" those of properties, wherever they are noted; -1 for other columns.
int told_by_key(const Known& known, const Quantity& one) {
  if (one.kind != Quantity::Kind::column || one.fn || one.noun.links.empty()) return -1;
  const Link& link = one.noun.links.front();
  if (link.kind != Link::Kind::column || !known.is_key(link) || known.role(link.table) != nullptr) return -1;
  const int edge = known.schema.graph.edge_of(link.table, known.column(link).name);
  const int table = edge < 0 ? link.table : known.schema.graph.edge(edge).to;
  return one.noun.end - one.noun.begin > 1 || (one.of != nullptr && one.of->table == table && one.of->conditions.empty()) ? table : -1;
}

/// "property IDs and names": the names are theirs too.
Quantity of_those_before(const Known& known, const Quantities& before, const Quantity& next) {
  const int table = next.kind == Quantity::Kind::column && !next.fn && next.of == nullptr ? told_by_key(known, before.front()) : -1;
  if (table < 0) return next;
  constexpr double kNamed = 0.9;
  const auto labels = label_columns(known.table(table));
  Quantity own = next;
  std::erase_if(own.noun.links, [&](const Link& link) {
    return link.table != table || link.score < kNamed || std::ranges::find(labels, known.column(link).name) == labels.end();
  });
  return own.noun.links.empty() ? next : own;
}

/// "orders and their products": rows of another table, and no column that is called a little like it.
bool names_owned_rows(const RuleOutput& out, const Quantity& next) {
  const std::size_t begin = next.noun.begin;
  if (begin == 0 || !out.known.lexicon.says_own(out.words[begin - 1]) || next.kind != Quantity::Kind::column || next.noun.links.empty()) return false;
  const auto rows = [&](const Mention& one) {
    const Link& link = one.links.front();
    return one.end == next.noun.end && one.plural && link.kind == Link::Kind::table && link.score == 1;
  };
  return next.noun.links.front().score < 1 && std::ranges::any_of(out.known.schema.index.names_at(out.words, begin, out.known.lexicon), rows);
}

void longer_list(RuleOutput& out, Parts parts) {
  if (names_owned_rows(out, parts.back()->as<Quantity>())) return;
  Quantities all = parts.front()->as<Quantities>();
  all.push_back(of_those_before(out.known, all, parts.back()->as<Quantity>()));
  out.add(Cat::quantities, std::move(all), 0);
}

/// "average and maximum age" is two quantities already.
void joined_lists(RuleOutput& out, Parts parts) {
  Quantities all = parts.front()->as<Quantities>();
  const auto& more = parts.back()->as<Quantities>();
  if (more.size() < 2) return;
  all.insert(all.end(), more.begin(), more.end());
  out.add(Cat::quantities, std::move(all), 0);
}

/// "how old", "how tall"
void how(RuleOutput& out, Parts parts) {
  const auto& adjective = parts[1]->as<Adjective>();
  const Noun& noun = adjective.more.links.empty() ? adjective.less : adjective.more;
  out.add(Cat::quantity, Quantity{.noun = noun}, 0.05);
}

/// "the details": all that is known of a row, unless a column is called so.
void everything(RuleOutput& out, Parts parts) {
  constexpr double kNamed = 0.9, kColumnToo = 0.35;
  const auto names = out.known.schema.index.names_at(out.words, parts[0]->end - 1U, out.known.lexicon);
  const bool column = std::ranges::any_of(names, [](const Mention& mention) {
    return std::ranges::any_of(mention.links, [](const Link& link) { return link.kind == Link::Kind::column && link.score >= kNamed; });
  });
  out.add(Cat::quantity, Quantity{.kind = Quantity::Kind::everything}, column ? kColumnToo : 0);
}

}  // namespace

std::vector<Rule> list_rules() {
  const Symbol list = sym(Cat::quantities), quantity = sym(Cat::quantity), comma = role(Role::comma), conjunction = role(Role::conjunction);
  return {{"one quantity", {quantity}, true, one_quantity},
          {"list,", {list, comma, quantity}, true, longer_list},
          {"list and", {list, conjunction, quantity}, true, longer_list},
          {"list, and", {list, comma, conjunction, quantity}, true, longer_list},
          {"lists and", {list, conjunction, list}, true, joined_lists},
          {"lists,", {list, comma, list}, true, joined_lists},
          {"how", {role(Role::how), sym(Cat::adjective)}, false, how},
          {"everything", {role(Role::everything)}, true, everything}};
}

}  // namespace sluice::planner
