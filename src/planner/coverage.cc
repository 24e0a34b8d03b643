#include "planner/coverage.h"

#include <algorithm>
#include <set>

namespace sluice::planner {
namespace {

/// What a spec is made of, by places in the catalog.
struct Parts {
  std::map<std::string, int> tables{};  ///< by alias
  std::set<std::pair<int, std::string>> columns{};
  std::set<std::string> texts{};

  void add(const plan::Expr& expr) {
    if (const auto* ref = std::get_if<plan::ColumnRef>(&expr.node)) {
      if (const auto table = tables.find(ref->source); table != tables.end()) columns.emplace(table->second, ref->column);
    } else if (const auto* literal = std::get_if<plan::Literal>(&expr.node)) {
      if (const auto* text = std::get_if<std::string>(&literal->value)) texts.insert(*text);
    } else {
      for (const plan::Expr& arg : std::get<plan::Call>(expr.node).args) add(arg);
    }
  }

  bool has_table(int table) const {
    return std::ranges::any_of(tables, [&](const auto& one) { return one.second == table; }) ||
           std::ranges::any_of(columns, [&](const auto& one) { return one.first == table; });
  }
};

Parts parts_of(const plan::SpecDraft& draft, const Catalog& catalog, const JoinGraph& graph) {
  Parts out;
  const auto add_source = [&](const plan::Source& source) {
    const auto table = std::ranges::find(catalog.tables, source.table, &Table::name);
    out.tables[source.alias] = static_cast<int>(table - catalog.tables.begin());
  };
  add_source(draft.select.from);
  for (const plan::Join& join : draft.select.joins) add_source(join.source);
  for (const plan::Named& one : draft.select.columns) out.add(one.value);
  for (const plan::Expr& one : draft.select.group_by) out.add(one);
  for (const plan::OrderKey& one : draft.order_by) out.add(one.value);
  if (draft.select.where) out.add(*draft.select.where);
  if (draft.select.having) out.add(*draft.select.having);
  // A key stands for what it refers to, and what is joined by a key for the key.
  std::set<int> sources;
  for (const auto& [alias, table] : out.tables) sources.insert(table);
  for (const int table : sources)
    for (const int index : graph.edges_from(table)) {
      const Edge& edge = graph.edge(index);
      for (const auto& [from, to] : edge.columns) {
        const bool joined = sources.contains(edge.to);
        if (out.columns.contains({table, from})) out.columns.emplace(edge.to, to);
        if (joined && out.columns.contains({edge.to, to})) out.columns.emplace(table, from);
      }
    }
  return out;
}

}  // namespace

MentionId first_unused(const Frame& frame, const Choice& choice, const plan::SpecDraft& draft, const Catalog& catalog, const JoinGraph& graph) {
  const Parts parts = parts_of(draft, catalog, graph);
  const auto used = [&](MentionId id) {
    if (frame.mentions[static_cast<std::size_t>(id)].replaced) return true;
    // The name of a period is placed by the rows' own time, whatever column is called so.
    if (std::ranges::any_of(frame.groups, [&](const Group& one) { return one.of == id && one.period; })) return true;
    const Link& link = choice.links[static_cast<std::size_t>(id)];
    if (link.kind == Link::Kind::table) return parts.has_table(link.table);
    const std::string& name = catalog.tables[static_cast<std::size_t>(link.table)].columns[static_cast<std::size_t>(link.column)].name;
    return parts.columns.contains({link.table, name}) && (link.kind == Link::Kind::column || parts.texts.contains(link.value));
  };
  for (MentionId id = 0; id < static_cast<MentionId>(frame.mentions.size()); ++id)
    if (!used(id)) return id;
  return kNoMention;
}

}  // namespace sluice::planner
