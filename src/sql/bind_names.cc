#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/binder.h"
#include "sql/expr_text.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 7> kPostgresSystemColumns{"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"};
constexpr std::string_view kDuckdbSystemColumn = "rowid";
/// A message lists at most this many relations by name.
constexpr std::size_t kRelationsNamedMax = 6;

std::string quoted(std::string_view name) { return "\"" + show_hidden(name, false) + "\""; }

std::string did_you_mean(const std::string& suggestion) { return suggestion.empty() ? "" : "; did you mean " + quoted(suggestion) + "?"; }

}  // namespace

void add_lineage(std::vector<BaseColumn>& into, const std::vector<BaseColumn>& more) {
  if (more.empty()) return;
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end());
  into.erase(std::unique(into.begin(), into.end()), into.end());
}

bool Binder::same(std::string_view a, std::string_view b) const { return dialect_ == Dialect::postgres ? a == b : equals_ignoring_case(a, b); }

bool Binder::spend(std::size_t names) {
  const bool before = work_ <= kBindWorkMax;
  if (before) work_ += names + 1;
  if (work_ <= kBindWorkMax) return true;
  // Said whatever else was reported before: this one says that the rest was not looked at.
  if (before) bound_.unknown.push_back({UnknownKind::shape, "", -1, "", "the query is too large for its names to be checked; make it shorter"});
  return false;
}

void Binder::report(UnknownKind kind, std::string name, int location, std::string suggestion, std::string message) {
  if (bound_.unknown.size() >= kUnknownReportedMax) return;
  bound_.unknown.push_back({kind, std::move(name), location, std::move(suggestion), std::move(message)});
}

void Binder::use_column(const TableName& table, const std::string& column) { usage_[table].columns.insert(column); }

Typed Binder::touch(SelectFrame& frame, const Visible& visible) {
  Typed value;
  if (!spend(visible.origins.size())) return value;
  for (const Origin& origin : visible.origins) {
    const Source& source = frame.sources[origin.relation];
    const ScopeColumn& column = source.columns[origin.column];
    // A base table's column goes by its own name, whatever an alias list calls it.
    const std::string& name = source.base != nullptr && !column.lineage.empty() ? column.lineage[0].column : column.name;
    if (source.base != nullptr) use_column(source.base->name, name);
    frame.touched.push_back({origin.relation, name});
    if (&origin == visible.origins.data()) value.type = column.type;
    add_lineage(value.lineage, column.lineage);
  }
  return value;
}

Typed Binder::touch_all(SelectFrame& frame, std::size_t relation) {
  Typed value;
  const Source& source = frame.sources[relation];
  for (std::size_t i = 0; i < source.columns.size(); ++i) add_lineage(value.lineage, touch(frame, {source.columns[i].name, {{relation, i}}}).lineage);
  if (source.base != nullptr) bound_.reads_all_columns = true;
  if (source.columns.empty()) frame.touched.push_back({relation, ""});
  value.type = Type{TypeKind::structure, ""};
  return value;
}

/// A bare name at one level: a lambda's parameter, a column, a system column, an output column, in the order of the alias rule.
std::optional<Typed> Binder::resolve_at(const Expr& expr, const std::string& name, const Scope& scope) {
  if (std::any_of(scope.parameters.begin(), scope.parameters.end(), [&](const auto& parameter) { return same(parameter, name); })) return Typed{};
  if (scope.alias_rule == AliasRule::before_columns)
    if (auto value = resolve_output(expr, name, scope)) return value;
  std::vector<const Visible*> found;
  for (const Visible& visible : scope.part.visible)
    if (same(visible.name, name)) found.push_back(&visible);
  if (found.size() == 1) return touch(*scope.frame, *found[0]);
  if (found.size() > 1) {
    std::vector<std::string> holders;
    holders.reserve(found.size());
    for (const Visible* visible : found) holders.push_back(quoted(scope.frame->sources[visible->origins[0].relation].alias + "." + visible->name));
    if (holders.size() > kRelationsNamedMax) holders.resize(kRelationsNamedMax);
    report(UnknownKind::ambiguous, name, expr.location, "",
           "column " + quoted(name) + " is ambiguous: it may be " + join(holders, " or ") + "; say which");
    return touch(*scope.frame, *found[0]);
  }
  if (auto value = resolve_system(name, scope)) return value;
  return scope.alias_rule == AliasRule::after_columns ? resolve_output(expr, name, scope) : std::nullopt;
}

std::optional<Typed> Binder::resolve_output(const Expr& expr, const std::string& name, const Scope& scope) {
  if (scope.outputs == nullptr) return std::nullopt;
  const std::vector<OutputColumn>& outputs = *scope.outputs;
  if (!spend(outputs.size())) return Typed{};
  const std::vector<Target>& targets = scope.frame->query->targets;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!same(outputs[i].name, name)) continue;
    if (!found) {
      found = i;
      continue;
    }
    // PostgreSQL takes two items of one name for one only where they are the same expression.
    const bool known = targets.size() == outputs.size();
    const bool same_item = known ? expr_text(targets[*found].value) == expr_text(targets[i].value) : outputs[*found].lineage == outputs[i].lineage;
    if (dialect_ != Dialect::postgres || same_item) continue;
    report(UnknownKind::ambiguous, name, expr.location, "", "column " + quoted(name) + " is ambiguous: the select list has several of that name");
    break;
  }
  if (!found) return std::nullopt;
  return Typed{outputs[*found].type, outputs[*found].lineage};
}

std::optional<Typed> Binder::resolve_system(const std::string& name, const Scope& scope) {
  const bool known = dialect_ == Dialect::duckdb
                         ? equals_ignoring_case(name, kDuckdbSystemColumn)
                         : std::find(kPostgresSystemColumns.begin(), kPostgresSystemColumns.end(), name) != kPostgresSystemColumns.end();
  if (!known) return std::nullopt;
  for (const std::size_t relation : scope.part.relations) {
    const Source& source = scope.frame->sources[relation];
    if (source.base == nullptr || source.base->kind != TableKind::table) continue;
    bound_.names_system_columns = true;
    scope.frame->touched.push_back({relation, name});
    return Typed{};
  }
  return std::nullopt;
}

/// A relation's name where a column is expected means its whole row.
std::optional<Typed> Binder::resolve_whole_row(const std::string& name, const Scope& scope) {
  const auto [level, relation] = find_source({name}, 1, scope);
  if (level == nullptr) return std::nullopt;
  return touch_all(*level->frame, relation);
}

std::optional<Typed> Binder::resolve_bare(const Expr& expr, const std::string& name, const Scope& scope) {
  for (const Scope* level = &scope; level != nullptr; level = level->parent)
    if (auto value = resolve_at(expr, name, *level)) return value;
  if (auto value = resolve_whole_row(name, scope)) return value;
  for (const Scope* level = &scope; level != nullptr; level = level->parent)
    for (const std::size_t relation : level->part.relations)
      if (level->frame->sources[relation].open_unqualified) {
        level->frame->touched.push_back({relation, name});
        return Typed{};
      }
  return std::nullopt;
}

/// The nearest relation that the first `qualifiers` parts name: alias, schema.table or database.schema.table.
std::pair<const Scope*, std::size_t> Binder::find_source(const std::vector<std::string>& parts, std::size_t qualifiers, const Scope& scope) const {
  for (const Scope* level = &scope; level != nullptr; level = level->parent)
    for (const std::size_t relation : level->part.relations) {
      const Source& source = level->frame->sources[relation];
      if (source.alias.empty() || !same(source.alias, parts[qualifiers - 1])) continue;
      if (qualifiers == 1) return {level, relation};
      if (source.base == nullptr || source.alias_written) continue;
      const std::string& schema = parts[qualifiers - 2];
      // DuckDB also lets the database stand for its main schema.
      const bool by_database = dialect_ == Dialect::duckdb && qualifiers == 2 && same(schema, catalog_.database);
      if (!by_database && !same(source.base->name.schema, schema)) continue;
      if (qualifiers == 2 || (qualifiers == 3 && same(parts[0], catalog_.database))) return {level, relation};
    }
  return {nullptr, 0};
}

bool Binder::may_hold_fields(const Typed& value, std::size_t fields) const {
  if (fields == 0) return true;
  if (dialect_ == Dialect::postgres) return false;  // there a field needs parentheses: (column).field
  return value.type.kind == TypeKind::structure || value.type.kind == TypeKind::json || value.type.kind == TypeKind::unknown;
}

/// `parts` read as `qualifiers` names of a relation, then a column, then fields of a struct.
std::optional<Typed> Binder::resolve_qualified(const std::vector<std::string>& parts, std::size_t qualifiers, const Scope& scope) {
  const auto [level, relation] = find_source(parts, qualifiers, scope);
  if (level == nullptr) return std::nullopt;
  const std::size_t fields = parts.size() - qualifiers - 1;
  const std::string& name = parts[qualifiers];
  SelectFrame& frame = *level->frame;
  const Source& source = frame.sources[relation];
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    if (!same(source.columns[i].name, name) || !may_hold_fields({source.columns[i].type, {}}, fields)) continue;
    if (qualifiers > 1) bound_.names_columns_by_schema = true;
    Typed value = touch(frame, {source.columns[i].name, {{relation, i}}});
    return fields == 0 ? value : Typed{{}, std::move(value.lineage)};
  }
  Scope only{nullptr, level->frame, {{relation}, {}}, nullptr, AliasRule::none, {}};
  if (fields == 0)
    if (auto value = resolve_system(name, only)) return value;
  if (!source.open) return std::nullopt;
  frame.touched.push_back({relation, name});
  return Typed{};
}

Typed Binder::resolve(const Expr& expr, const Scope& scope) {
  const std::vector<std::string>& parts = expr.name;
  if (parts.empty()) return {};
  for (const Scope* level = &scope; level != nullptr; level = level->parent)
    if (!spend(level->part.visible.size() + level->part.relations.size())) return {};
  if (parts.size() == 1) {
    if (auto value = resolve_bare(expr, parts[0], scope)) return *value;
    unknown_column(expr, scope);
    return {};
  }
  for (std::size_t qualifiers = std::min<std::size_t>(3, parts.size() - 1); qualifiers >= 1; --qualifiers)
    if (auto value = resolve_qualified(parts, qualifiers, scope)) return *value;
  if (dialect_ == Dialect::duckdb) {
    // column.field…; a relation's own name is excluded, or t.typo would pass as a field of t's whole row.
    for (const Scope* level = &scope; level != nullptr; level = level->parent)
      if (auto value = resolve_at(expr, parts[0], *level)) {
        if (!may_hold_fields(*value, parts.size() - 1)) break;
        return Typed{{}, std::move(value->lineage)};
      }
  }
  unknown_column(expr, scope);
  return {};
}

/// Reports a column that nothing in scope has: against the relation that its qualifier names, or against all that are in reach.
void Binder::unknown_column(const Expr& expr, const Scope& scope) {
  if (bound_.unknown.size() >= kUnknownReportedMax) return;
  const std::string written = join(expr.name, ".");
  const std::string& column = expr.name.back();
  if (expr.name.size() > 1) {
    const std::size_t qualifiers = std::min<std::size_t>(3, expr.name.size() - 1);
    for (std::size_t n = qualifiers; n >= 1; --n) {
      const auto [level, relation] = find_source(expr.name, n, scope);
      if (level == nullptr) continue;
      const Source& source = level->frame->sources[relation];
      std::vector<std::string> names;
      names.reserve(source.columns.size());
      for (const ScopeColumn& candidate : source.columns) names.push_back(candidate.name);
      const std::string suggestion = nearest(expr.name[n], names);
      const std::string table = source.base != nullptr ? catalog_.display(source.base->name) : source.alias;
      return report(UnknownKind::column, written, expr.location, suggestion,
                    "column " + quoted(expr.name[n]) + " is not in " + quoted(table) + did_you_mean(suggestion));
    }
  }
  std::vector<std::string> names, relations, aliases;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const Visible& visible : level->part.visible) names.push_back(visible.name);
    for (const std::size_t relation : level->part.relations) {
      const Source& source = level->frame->sources[relation];
      if (source.alias.empty()) continue;
      aliases.push_back(source.alias);
      relations.push_back(quoted(source.base != nullptr ? catalog_.display(source.base->name) : source.alias));
    }
  }
  if (expr.name.size() > 1) {
    const std::string suggestion = nearest(expr.name[0], aliases);
    return report(UnknownKind::column, written, expr.location, suggestion,
                  quoted(expr.name[0]) + " in " + quoted(written) + " is not a table or alias that can be named here" + did_you_mean(suggestion));
  }
  const std::string suggestion = nearest(column, names);
  relations.erase(std::unique(relations.begin(), relations.end()), relations.end());
  const std::size_t more = relations.size() > kRelationsNamedMax ? relations.size() - kRelationsNamedMax : 0;
  if (more > 0) relations.resize(kRelationsNamedMax);
  std::string where = " is in none of " + join(relations, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
  if (relations.size() == 1) where = " is not in " + relations[0];
  if (relations.empty()) where = " cannot be named here: there is no table in reach that has it";
  report(UnknownKind::column, written, expr.location, suggestion, "column " + quoted(column) + where + did_you_mean(suggestion));
}

}  // namespace sluice
