#include "plan/scope.h"

#include <algorithm>

#include "base/text.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

/// Expressions grow when derived columns are put in place of their names; this stops a chain that doubles at each step.
constexpr int kNodesMax = 20'000;

const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto it = std::ranges::find_if(all, [&](const Named& one) { return equals_ignoring_case(one.name, name); });
  return it == all.end() ? nullptr : &*it;
}

int count_nodes(const Expr& expr) {
  int nodes = 1;
  if (const auto* inner = std::get_if<Call>(&expr.node))
    for (const Expr& arg : inner->args) nodes += count_nodes(arg);
  return nodes;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string otherwise) {
  const std::string near = nearest(word, known);
  return near.empty() ? std::move(otherwise) : "did you mean \"" + near + "\"?";
}

}  // namespace

Result<Scope> Scope::open(Select& select, const Catalog& catalog) {
  Scope scope;
  if (select.joins.size() + 1 > kSourcesMax)
    return Error{ErrorKind::input, "E0905", "the spec reads more than " + std::to_string(kSourcesMax) + " tables", "split it", 0};
  TRY_VOID(scope.add(select.from, catalog));
  for (Join& join : select.joins) {
    TRY_VOID(scope.add(join.source, catalog));
    TRY_VOID(scope.check_join(join));
  }
  return scope;
}

Result<> Scope::add(Source& source, const Catalog& catalog) {
  const Table* table = catalog.find(source.table);
  if (table == nullptr) {
    std::vector<std::string> known;
    known.reserve(catalog.tables.size());
    for (const Table& one : catalog.tables) known.push_back(catalog.display(one.name));
    const std::string written = source.table.schema.empty() ? source.table.name : source.table.schema + "." + source.table.name;
    return Error{ErrorKind::input, "E0900", "table \"" + written + "\" is not in connection \"" + catalog.connection + "\"",
                 did_you_mean(source.table.name, known, "see `sluice catalog show`"), 0};
  }
  if (source.alias.empty()) source.alias = table->name.name;
  source.table = table->name;
  if (catalog.find("", table->name.name) == table) source.table.schema.clear();
  for (const Entry& entry : entries_)
    if (equals_ignoring_case(entry.alias, source.alias))
      return Error{ErrorKind::input, "E0904", "two sources are called \"" + source.alias + "\"", "give one of them another alias", 0};
  entries_.push_back({source.alias, table});
  return {};
}

Result<> Scope::check_join(Join& join) const {
  if (join.on.empty())
    return Error{ErrorKind::input, "E0905", "the join with \"" + join.source.alias + "\" has no columns to match",
                 "name at least one pair under \"on\"", 0};
  for (JoinPair& pair : join.on) {
    for (Expr* side : {&pair.left, &pair.right}) {
      TRY(Expr resolved, resolve(*side, nullptr));
      *side = std::move(resolved);
    }
    const auto* left = std::get_if<ColumnRef>(&pair.left.node);
    const auto* right = std::get_if<ColumnRef>(&pair.right.node);
    if (left == nullptr || right == nullptr || right->source != join.source.alias || left->source == join.source.alias)
      return Error{ErrorKind::input, "E0905",
                   "the join with \"" + join.source.alias + "\" does not match a column of an earlier source with one of its own",
                   "write left: a column of an earlier source, right: a column of this one", 0};
    TRY_VOID(type(call(Fn::eq, {pair.left, pair.right})));
  }
  return {};
}

Error Scope::no_such_column(const ColumnRef& ref) const {
  std::vector<std::string> known;
  bool source_known = ref.source.empty();
  for (const Entry& entry : entries_) {
    if (!ref.source.empty() && !equals_ignoring_case(entry.alias, ref.source)) continue;
    source_known = true;
    for (const Column& one : entry.table->columns) known.push_back(one.name);
  }
  if (!source_known) {
    for (const Entry& entry : entries_) known.push_back(entry.alias);
    return {ErrorKind::input, "E0901", "no source is called \"" + ref.source + "\"",
            did_you_mean(ref.source, known, "name one of the spec's sources"), 0};
  }
  return {ErrorKind::input, "E0901", "column \"" + show({ref}) + "\" does not exist",
          did_you_mean(ref.column, known, "see `sluice catalog show TABLE`"), 0};
}

Result<Expr> Scope::resolve_ref(const ColumnRef& ref, const std::vector<Named>* outputs) const {
  if (ref.source.empty()) {
    if (outputs != nullptr)
      if (const Named* output = find_named(*outputs, ref.column)) return output->value;
    if (const Named* derived = find_named(derived_, ref.column)) return derived->value;
  }
  const Entry* found = nullptr;
  for (const Entry& entry : entries_) {
    if (!ref.source.empty() && !equals_ignoring_case(entry.alias, ref.source)) continue;
    if (entry.table->find_column(ref.column) == nullptr) continue;
    if (found != nullptr)
      return Error{ErrorKind::input, "E0904", "column \"" + ref.column + "\" is in \"" + found->alias + "\" and in \"" + entry.alias + "\"",
                   "name its source", 0};
    found = &entry;
  }
  if (found == nullptr) return no_such_column(ref);
  return column(found->alias, found->table->find_column(ref.column)->name);
}

Result<Expr> Scope::resolve_node(const Expr& expr, const std::vector<Named>* outputs, int& nodes) const {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
    TRY(Expr found, resolve_ref(*ref, outputs));
    nodes += count_nodes(found);
    if (nodes > kNodesMax)
      return Error{ErrorKind::input, "E0905", "an expression has more than " + std::to_string(kNodesMax) + " parts", "split the spec", 0};
    return found;
  }
  ++nodes;
  const auto* inner = std::get_if<Call>(&expr.node);
  if (inner == nullptr) return expr;
  Call out{inner->fn, {}};
  for (const Expr& arg : inner->args) {
    TRY(Expr value, resolve_node(arg, outputs, nodes));
    out.args.push_back(std::move(value));
  }
  return Expr{std::move(out)};
}

Result<Expr> Scope::resolve(const Expr& expr, const std::vector<Named>* outputs) const {
  int nodes = 0;
  return resolve_node(expr, outputs, nodes);
}

Result<TypeKind> Scope::type(const Expr& resolved) const {
  return type_of(resolved, [this](const ColumnRef& ref) -> Result<TypeKind> {
    for (const Entry& entry : entries_)
      if (entry.alias == ref.source)
        if (const Column* found = entry.table->find_column(ref.column)) return found->type.kind;
    return no_such_column(ref);
  });
}

Result<> Scope::derive(std::vector<Named>& derived) {
  for (Named& one : derived) {
    if (one.name.empty() || find_named(derived_, one.name) != nullptr)
      return Error{ErrorKind::input, "E0904", "a derived column has no name, or one that another has: \"" + one.name + "\"",
                   "give it a name of its own", 0};
    TRY(Expr resolved, resolve(one.value, nullptr));
    TRY_VOID(type(resolved));
    derived_.push_back({one.name, std::move(resolved)});
  }
  // From here on the expressions stand where the names stood.
  derived.clear();
  return {};
}

}  // namespace sluice::plan
