#include "planner/repeated_names.h"

#include <algorithm>

#include "planner/labels.h"

namespace sluice::planner {
namespace {

constexpr double kNamed = 0.85;

bool is_label(const Known& known, const Link& link) {
  const auto labels = label_columns(known.table(link.table));
  return std::ranges::find(labels, known.column(link).name) != labels.end();
}

bool refers_to(const Known& known, int from, int to) {
  return std::ranges::any_of(known.schema.graph.edges_from(from), [&](int edge) { return known.schema.graph.edge(edge).to == to; });
}

/// Whether words before name the very column.
bool is_said(const std::vector<Item>& items, const Link& link) {
  return std::ranges::any_of(items, [&](const Item& item) {
    return item.cat == Cat::noun && std::ranges::any_of(item.as<Noun>().links, [&](const Link& one) {
             return one.kind == Link::Kind::column && one.table == link.table && one.column == link.column && one.score >= kNamed;
           });
  });
}

}  // namespace

void leave_out_repeated_names(const Known& known, const std::vector<Item>& items, Mention& value) {
  const auto repeats = [&](const Link& link) {
    if (known.role(link.table) != nullptr || is_label(known, link) || is_said(items, link)) return false;
    return std::ranges::any_of(value.links, [&](const Link& other) {
      return other.table != link.table && other.value == link.value && known.role(other.table) == nullptr && is_label(known, other) &&
             refers_to(known, link.table, other.table);
    });
  };
  std::vector<Link> kept;
  std::ranges::remove_copy_if(value.links, std::back_inserter(kept), repeats);
  value.links = std::move(kept);
}

}  // namespace sluice::planner
