#include "planner/role_links.h"

#include <algorithm>

namespace sluice::planner {
namespace {

/// How much sooner a name is that of the table than that of one of its roles.
constexpr double kRoleOf = 0.001;

/// Whether a column is the key that makes one of the linked roles: "manager" is who somebody's manager is, not the number of it.
bool is_key_of(const Known& known, const Link& column, const std::vector<Link>& links) {
  return column.kind == Link::Kind::column && std::ranges::any_of(links, [&](const Link& link) {
           const RoleTable* role = link.kind == Link::Kind::table ? known.role(link.table) : nullptr;
           return role != nullptr && role->from == column.table &&
                  known.table(role->from).foreign_keys[role->key].columns.front() == known.column(column).name;
         });
}

bool extend(const Known& known, std::vector<Link>& links) {
  bool changed = std::erase_if(links, [&](const Link& link) { return !known.is_said(link.table); }) > 0;
  const auto before = links;
  changed = std::erase_if(links, [&](const Link& link) { return is_key_of(known, link, before); }) > 0 || changed;
  std::vector<Link> more;
  for (const Link& link : links)
    if (link.kind != Link::Kind::table && known.role(link.table) == nullptr)
      for (const int role : known.said_roles(link.table)) {
        more.push_back(link);
        more.back().table = role;
        more.back().score -= kRoleOf;
      }
  links.insert(links.end(), more.begin(), more.end());
  if (changed || !more.empty()) std::ranges::stable_sort(links, [](const Link& a, const Link& b) { return a.score > b.score; });
  return changed || !more.empty();
}

}  // namespace

void add_role_links(const Known& known, std::vector<Item>& items) {
  if (known.schema.roles.all().empty()) return;
  for (Item& item : items) {
    const bool linked = item.cat == Cat::noun || item.cat == Cat::value || item.cat == Cat::event;
    if (!linked && item.cat != Cat::adjective && item.cat != Cat::quantities) continue;
    Meaning meaning = *item.meaning;
    bool changed = false;
    if (auto* noun = std::get_if<Noun>(&meaning)) changed = extend(known, noun->links);
    if (auto* adjective = std::get_if<Adjective>(&meaning)) {
      changed = extend(known, adjective->more.links);
      changed = extend(known, adjective->less.links) || changed;
    }
    if (auto* list = std::get_if<std::vector<Quantity>>(&meaning))
      for (Quantity& one : *list) changed = extend(known, one.noun.links) || changed;
    if (changed) item.meaning = std::make_shared<const Meaning>(std::move(meaning));
  }
  std::erase_if(items, [](const Item& item) {
    return (item.cat == Cat::noun || item.cat == Cat::value || item.cat == Cat::event) && item.as<Noun>().links.empty();
  });
}

}  // namespace sluice::planner
