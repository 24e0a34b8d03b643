#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "sql/binder.h"
#include "sql/infer_type.h"

namespace sluice {
namespace {

std::string quoted(std::string_view name) { return "\"" + show_hidden(name, false) + "\""; }

/// Set-returning functions with exactly one column, named after the alias (PostgreSQL) or the function (DuckDB).
constexpr std::array<std::string_view, 9> kOneColumn{
    "generate_series",   "range",         "unnest", "generate_subscripts", "string_to_table", "regexp_split_to_table", "json_object_keys",
    "jsonb_object_keys", "regexp_matches"};

bool is_one_column(const Relation& relation) {
  if (relation.call.size() != 1 || relation.column_aliases.size() > (relation.ordinality ? 2U : 1U) || relation.call[0].name.empty()) return false;
  const std::string& name = relation.call[0].name.back();
  if (name == "unnest" && relation.call[0].args.size() != 1) return false;
  return std::find(kOneColumn.begin(), kOneColumn.end(), name) != kOneColumn.end();
}

Type one_column_type(const Expr& call, std::span<const Type> arguments) {
  const std::string& name = call.name.back();
  if (name == "generate_subscripts") return {TypeKind::integer, ""};
  if (name == "generate_series" || name == "range") {
    if (!arguments.empty() && arguments[0].kind == TypeKind::integer) return {TypeKind::integer, ""};
    return {};
  }
  return name == "unnest" ? Type{} : Type{TypeKind::text, ""};
}

}  // namespace

const Binder::CteEntry* Binder::find_cte(const std::string& name) const {
  for (auto entry = ctes_.rbegin(); entry != ctes_.rend(); ++entry)
    if (same(entry->name, name)) return &*entry;
  return nullptr;
}

/// The catalog's table; null and reported where there is none.
const Table* Binder::find_table(const Relation& relation) {
  const std::vector<std::string>& parts = relation.name;
  const bool postgres = dialect_ == Dialect::postgres;
  if (parts.empty() || parts.size() > 3 || (parts.size() == 3 && !same(parts[0], catalog_.database))) {
    unknown_table(relation, "");
    return nullptr;
  }
  const std::string schema = parts.size() == 1 ? "" : parts[parts.size() - 2];
  // PostgreSQL looks into pg_catalog before the search path, so a bare pg_class never means a table of the catalog.
  if (postgres && parts.size() == 1 && parts[0].starts_with("pg_")) {
    unknown_table(relation, ": a name that begins with pg_ means PostgreSQL's own; write the schema before it");
    return nullptr;
  }
  const Table* table = catalog_.find(schema, parts.back());
  if (table == nullptr && !postgres && parts.size() == 2 && same(schema, catalog_.database)) table = catalog_.find("", parts.back());
  const bool exact = table != nullptr && (table->name.name == parts.back() && (schema.empty() || table->name.schema == schema));
  if (table == nullptr || (postgres && !exact)) {
    unknown_table(relation, "");
    return nullptr;
  }
  return table;
}

void Binder::unknown_table(const Relation& relation, std::string_view why) {
  if (bound_.unknown.size() >= kUnknownReportedMax) return;
  const std::string written = join(relation.name, ".");
  std::vector<std::string> names;
  names.reserve(ctes_.size());
  for (const CteEntry& entry : ctes_) names.push_back(entry.name);
  std::string suggestion;
  for (const Table& table : catalog_.tables) {
    names.push_back(catalog_.display(table.name));
    if (suggestion.empty() && !relation.name.empty() && equals_ignoring_case(table.name.name, relation.name.back())) suggestion = names.back();
  }
  if (suggestion.empty()) suggestion = nearest(relation.name.empty() ? written : relation.name.back(), names);
  if (suggestion.empty()) suggestion = nearest(written, names);
  if (suggestion == written) suggestion.clear();
  std::string message = "table " + quoted(written) + " is not in connection " + quoted(catalog_.connection) + std::string(why);
  if (why.empty() && !suggestion.empty()) message += "; did you mean " + quoted(suggestion) + "?";
  report(UnknownKind::table, written, relation.location, why.empty() ? suggestion : "", std::move(message));
}

/// Enters a relation into the SELECT, its columns renamed by the alias list.
FromPart Binder::add_source(const Relation& relation, SelectFrame& frame, Source source, RelationFact fact) {
  const std::size_t index = frame.sources.size();
  if (relation.column_aliases.size() > source.columns.size() && !source.open)
    report(UnknownKind::shape, source.alias, relation.location, "",
           quoted(source.alias) + " has " + std::to_string(source.columns.size()) + " columns, but " +
               std::to_string(relation.column_aliases.size()) + " names are given for them");
  FromPart part{{index}, {}};
  for (std::size_t i = 0; i < source.columns.size() || i < relation.column_aliases.size(); ++i) {
    if (i >= source.columns.size()) source.columns.push_back({});
    const bool renamed = i < relation.column_aliases.size();
    const std::string shown = renamed ? relation.column_aliases[i] : source.columns[i].name;
    source.columns[i].name = shown;
    part.visible.push_back({shown, {{index, i}}});
  }
  fact.alias = source.alias;
  fact.kind = relation.kind;
  fact.location = relation.location;
  frame.facts.relations.push_back(std::move(fact));
  frame.sources.push_back(std::move(source));
  return part;
}

Source Binder::derived_source(const Shape& shape, std::string alias) const {
  Source source{std::move(alias), {}, nullptr, true, shape.open, shape.open};
  for (const OutputColumn& column : shape.output) source.columns.push_back({column.name, column.type, column.lineage});
  return source;
}

FromPart Binder::bind_table(const Relation& relation, SelectFrame& frame) {
  const std::string alias = !relation.alias.empty() ? relation.alias : relation.name.empty() ? "" : relation.name.back();
  if (!spend(ctes_.size() + catalog_.tables.size())) return add_source(relation, frame, Source{alias, {}, nullptr, true, true, true}, {});
  const CteEntry* cte = relation.name.size() == 1 ? find_cte(relation.name[0]) : nullptr;
  if (cte != nullptr) {
    if (!cte->ready)
      report(UnknownKind::shape, cte->name, relation.location, "",
             "WITH " + quoted(cte->name) + " refers to itself before its first part is complete");
    RelationFact fact;
    fact.at_most_one_row = cte->shape.at_most_one_row;
    fact.unique_by = cte->shape.unique_by;
    return add_source(relation, frame, derived_source(cte->shape, alias), std::move(fact));
  }
  const Table* table = find_table(relation);
  if (table == nullptr) return add_source(relation, frame, Source{alias, {}, nullptr, !relation.alias.empty(), true, true}, {});
  Source source{alias, {}, table, !relation.alias.empty(), false, false};
  for (const Column& column : table->columns) source.columns.push_back({column.name, column.type, {{table->name, column.name}}});
  Usage& usage = usage_[table->name];
  usage.use.name = table->name;
  if (usage.use.aliases.empty()) usage.use.location = relation.location;
  if (std::find(usage.use.aliases.begin(), usage.use.aliases.end(), alias) == usage.use.aliases.end()) usage.use.aliases.push_back(alias);
  bound_.mentions.push_back({table->name, relation.alias, relation.location, relation.sampled});
  RelationFact fact;
  fact.table = table->name;
  return add_source(relation, frame, std::move(source), std::move(fact));
}

FromPart Binder::bind_function(const Relation& relation, const Scope& lateral, SelectFrame& frame) {
  std::vector<Type> arguments;
  for (const Expr& call : relation.call) {
    if (call.kind != ExprKind::call) {
      bind_expr(call, lateral);
      continue;
    }
    bind_call(call, lateral, true);
    for (const Expr& argument : call.args)
      if (argument.kind == ExprKind::literal) arguments.push_back(literal_type(argument.literal));
  }
  const bool named = !relation.call.empty() && !relation.call[0].name.empty();
  const std::string function = named ? relation.call[0].name.back() : "";
  Source source{relation.alias.empty() ? function : relation.alias, {}, nullptr, true, true, true};
  if (is_one_column(relation)) {
    const std::string& name = dialect_ == Dialect::postgres ? source.alias : function;
    source.columns.push_back({name, one_column_type(relation.call[0], arguments), {}});
    // unnest of rows or structs has more columns; the others never have.
    source.open = function == "unnest";
    source.open_unqualified = false;
  }
  if (relation.ordinality && !source.columns.empty()) source.columns.push_back({"ordinality", {TypeKind::integer, ""}, {}});
  return add_source(relation, frame, std::move(source), {});
}

FromPart Binder::bind_values(const Relation& relation, const Scope* outer, SelectFrame& frame) {
  Source source{relation.alias, {}, nullptr, true, false, false};
  const bool postgres = dialect_ == Dialect::postgres;
  const Scope nowhere{outer, &frame, {}, nullptr, AliasRule::none, {}};
  for (const std::vector<Expr>& row : relation.rows) {
    const bool first = &row == relation.rows.data();
    if (!first && row.size() != source.columns.size())
      report(UnknownKind::shape, "VALUES", relation.location, "",
             "VALUES has rows of " + std::to_string(source.columns.size()) + " and of " + std::to_string(row.size()) + " columns");
    for (std::size_t i = 0; i < row.size(); ++i) {
      Typed value = bind_expr(row[i], nowhere);
      if (first) {
        source.columns.push_back({postgres ? "column" + std::to_string(i + 1) : "col" + std::to_string(i), value.type, std::move(value.lineage)});
      } else if (i < source.columns.size()) {
        source.columns[i].type = common_type(source.columns[i].type, value.type);
        add_lineage(source.columns[i].lineage, value.lineage);
      }
    }
  }
  RelationFact fact;
  fact.at_most_one_row = relation.rows.size() <= 1;
  return add_source(relation, frame, std::move(source), std::move(fact));
}

FromPart Binder::bind_relation(const Relation& relation, const Scope* outer, SelectFrame& frame, const FromPart& before) {
  if (!spend(before.visible.size())) return {};
  if (frame.sources.size() >= kRelationsMax) {
    if (!std::exchange(frame.cut_short, true))
      report(UnknownKind::shape, "FROM", relation.location, "",
             "FROM names more relations than the " + std::to_string(kRelationsMax) + " that are checked");
    return {};
  }
  const Scope lateral{outer, &frame, before, nullptr, AliasRule::none, {}};
  const std::size_t mark = frame.touched.size();
  // DuckDB looks sideways without being told to.
  const Scope* inside = relation.lateral || dialect_ == Dialect::duckdb ? &lateral : outer;
  FromPart part;
  switch (relation.kind) {
    case RelationKind::table: part = bind_table(relation, frame); break;
    case RelationKind::function: part = bind_function(relation, lateral, frame); break;
    case RelationKind::values: part = bind_values(relation, inside, frame); break;
    case RelationKind::join: part = bind_join(relation, outer, frame, before); break;
    case RelationKind::subquery: {
      Shape shape;
      if (!relation.query.empty()) shape = bind_query(relation.query[0], inside);
      RelationFact fact;
      fact.at_most_one_row = shape.at_most_one_row;
      fact.unique_by = shape.unique_by;
      part = add_source(relation, frame, derived_source(shape, relation.alias), std::move(fact));
    }
  }
  if (relation.kind != RelationKind::join) link(frame, mark, part.relations[0]);
  for (const Expr& expr : relation.sample) bind_expr(expr, lateral);
  return part;
}

/// Ties every relation touched since `mark` to each other, and to `with`.
void Binder::link(SelectFrame& frame, std::size_t mark, std::optional<std::size_t> with) {
  std::set<std::size_t> touched;
  for (std::size_t i = mark; i < frame.touched.size(); ++i) touched.insert(frame.touched[i].relation);
  if (touched.empty()) return;
  if (with) touched.insert(*with);
  const std::size_t first = with ? *with : *touched.begin();
  for (const std::size_t other : touched)
    if (other != first) frame.facts.links.emplace_back(std::min(first, other), std::max(first, other));
}

void Binder::check_aliases(const SelectFrame& frame, const FromPart& part) {
  if (!spend(part.relations.size() * part.relations.size() / 2)) return;
  for (std::size_t i = 0; i < part.relations.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Source& a = frame.sources[part.relations[i]];
      const Source& b = frame.sources[part.relations[j]];
      if (a.alias.empty() || !same(a.alias, b.alias)) continue;
      const bool two_schemas = a.base != nullptr && b.base != nullptr && !a.alias_written && !b.alias_written && a.base != b.base;
      if (two_schemas) continue;
      return report(UnknownKind::shape, a.alias, frame.facts.relations[part.relations[i]].location, "",
                    quoted(a.alias) + " names two relations of the same FROM; give one of them another alias");
    }
}

FromPart Binder::bind_join(const Relation& relation, const Scope* outer, SelectFrame& frame, const FromPart& before) {
  if (relation.sides.size() != 2) return {};
  const FromPart left = bind_relation(relation.sides[0], outer, frame, before);
  FromPart beside = before;
  beside.relations.insert(beside.relations.end(), left.relations.begin(), left.relations.end());
  beside.visible.insert(beside.visible.end(), left.visible.begin(), left.visible.end());
  const FromPart right = bind_relation(relation.sides[1], outer, frame, beside);
  FromPart joined = merge(relation, frame, left, right);
  Scope scope{outer, &frame, joined, nullptr, AliasRule::none, {}};
  for (const Expr& condition : relation.on) bind_condition(condition, scope);
  if ((relation.join == JoinKind::cross || relation.join == JoinKind::positional) && !right.relations.empty())
    frame.facts.cross_joined.push_back(right.relations[0]);
  if (relation.join == JoinKind::positional && !left.relations.empty() && !right.relations.empty())
    frame.facts.links.emplace_back(left.relations[0], right.relations[0]);
  // A semi or anti join only filters: its right side can't be named outside of ON.
  if (relation.join == JoinKind::semi || relation.join == JoinKind::anti) joined = left;
  return relation.alias.empty() ? joined : rename_join(relation, frame, joined);
}

std::vector<std::string> Binder::merged_names(const Relation& relation, const FromPart& left, const FromPart& right) const {
  if (!relation.natural) return relation.using_columns;
  std::vector<std::string> names;
  for (const Visible& a : left.visible)
    if (std::any_of(right.visible.begin(), right.visible.end(), [&](const Visible& b) { return same(a.name, b.name); })) names.push_back(a.name);
  return names;
}

/// Both sides' columns; those of USING or NATURAL come first and once.
FromPart Binder::merge(const Relation& relation, SelectFrame& frame, const FromPart& left, const FromPart& right) {
  FromPart joined{left.relations, {}}, rest = left, right_rest = right;
  joined.relations.insert(joined.relations.end(), right.relations.begin(), right.relations.end());
  check_aliases(frame, joined);
  const std::vector<std::string> names = merged_names(relation, left, right);
  for (const std::string& name : names) {
    Visible merged{name, {}};
    for (FromPart* side : {&rest, &right_rest}) {
      const auto by_name = [&](const Visible& visible) { return same(visible.name, name); };
      const auto count = std::count_if(side->visible.begin(), side->visible.end(), by_name);
      const auto found = std::find_if(side->visible.begin(), side->visible.end(), by_name);
      const bool open = std::any_of(side->relations.begin(), side->relations.end(), [&](std::size_t r) { return frame.sources[r].open; });
      if (count == 0 && !open) {
        std::vector<std::string> candidates;
        candidates.reserve(side->visible.size());
        for (const Visible& visible : side->visible) candidates.push_back(visible.name);
        const std::string suggestion = nearest(name, candidates);
        report(UnknownKind::column, name, relation.location, suggestion,
               "column " + quoted(name) + " of USING is not in the " + (side == &rest ? "left" : "right") + " side of the join" +
                   (suggestion.empty() ? "" : "; did you mean " + quoted(suggestion) + "?"));
      }
      if (count > 1)
        report(UnknownKind::ambiguous, name, relation.location, "",
               "column " + quoted(name) + " of USING is ambiguous: the " + (side == &rest ? "left" : "right") +
                   " side of the join has it more than once");
      if (count == 0) continue;
      touch(frame, *found);
      merged.origins.insert(merged.origins.end(), found->origins.begin(), found->origins.end());
      if (side == &right_rest && merged.origins.size() > found->origins.size()) {
        const auto fact = [&](const Origin& o) { return RelationColumn{o.relation, frame.sources[o.relation].columns[o.column].name}; };
        const bool inexact = relation.join == JoinKind::asof && &name == &names.back();  // its last column matches the nearest, not the same
        if (inexact) {
          const auto [low, high] = std::minmax(merged.origins[0].relation, found->origins[0].relation);
          frame.facts.links.emplace_back(low, high);
        } else {
          frame.facts.equalities.push_back({fact(merged.origins[0]), fact(found->origins[0]), relation.location});
        }
      }
      side->visible.erase(found);
    }
    if (!merged.origins.empty()) joined.visible.push_back(std::move(merged));
  }
  if (!names.empty()) bound_.operators.insert("=");
  joined.visible.insert(joined.visible.end(), rest.visible.begin(), rest.visible.end());
  joined.visible.insert(joined.visible.end(), right_rest.visible.begin(), right_rest.visible.end());
  return joined;
}

/// `(a JOIN b …) AS j`: only j can be named from outside.
FromPart Binder::rename_join(const Relation& relation, SelectFrame& frame, const FromPart& joined) {
  Source source{relation.alias, {}, nullptr, true, false, false};
  for (const Visible& visible : joined.visible) {
    Typed value = touch(frame, visible);
    source.columns.push_back({visible.name, std::move(value.type), std::move(value.lineage)});
  }
  for (const std::size_t inner : joined.relations) {
    source.open = source.open || frame.sources[inner].open;
    source.open_unqualified = source.open_unqualified || frame.sources[inner].open_unqualified;
  }
  RelationFact fact;
  fact.joins = joined.relations;
  FromPart part = add_source(relation, frame, std::move(source), std::move(fact));
  for (const std::size_t inner : joined.relations) frame.facts.links.emplace_back(inner, part.relations[0]);
  return part;
}

/// Binds a condition that has to hold, conjunct by conjunct, noting what it ties together.
void Binder::bind_condition(const Expr& expr, const Scope& scope) {
  if (expr.kind == ExprKind::logic && !expr.name.empty() && expr.name[0] == "and") {
    for (const Expr& conjunct : expr.args) bind_condition(conjunct, scope);
    return;
  }
  const std::size_t mark = scope.frame->touched.size();
  bind_expr(expr, scope);
  note_conjunct(expr, *scope.frame, mark);
}

void Binder::note_conjunct(const Expr& expr, SelectFrame& frame, std::size_t mark) {
  const bool columns = expr.kind == ExprKind::op && expr.args.size() == 2 && expr.name == std::vector<std::string>{"="} &&
                       expr.args[0].kind == ExprKind::column && expr.args[1].kind == ExprKind::column;
  // Exactly two references, one a side: neither is correlated, merged or a whole row.
  if (columns && frame.touched.size() == mark + 2 && frame.touched[mark].relation != frame.touched[mark + 1].relation) {
    frame.facts.equalities.push_back({frame.touched[mark], frame.touched[mark + 1], expr.location});
    return;
  }
  link(frame, mark, std::nullopt);
}

}  // namespace sluice
