#include "sql/bind.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sql/binder.h"
#include "sql/infer_type.h"
#include "sql/parser.h"

namespace sluice {
namespace {

std::string quoted(std::string_view name) { return "\"" + show_hidden(name, false) + "\""; }

std::string_view clause_of(SetOp op) {
  switch (op) {
    case SetOp::union_all:
    case SetOp::union_distinct: return "UNION";
    case SetOp::intersect_all:
    case SetOp::intersect_distinct: return "INTERSECT";
    default: return "EXCEPT";
  }
}

bool is_distinct_set(SetOp op) { return op == SetOp::union_distinct || op == SetOp::intersect_distinct || op == SetOp::except_distinct; }

/// LIMIT 0 or LIMIT 1 as a plain number.
bool limits_to_one(const Query& query) {
  if (query.limit.size() != 1 || query.limit_percent || query.with_ties) return false;
  const Expr& limit = query.limit[0];
  return limit.kind == ExprKind::literal && (limit.text == "0" || limit.text == "1");
}

std::vector<std::string> names_of(const std::vector<OutputColumn>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const OutputColumn& column : columns) names.push_back(column.name);
  return names;
}

}  // namespace

Bound bind_names(const Query& query, const Catalog& catalog, Dialect dialect) { return Binder(catalog, dialect).bind(query); }

Bound Binder::bind(const Query& query) {
  Shape shape = bind_query(query, nullptr);
  bound_.output = std::move(shape.output);
  for (auto& [name, usage] : usage_) {
    usage.use.columns.assign(usage.columns.begin(), usage.columns.end());
    bound_.tables.push_back(std::move(usage.use));
  }
  return std::move(bound_);
}

Binder::Shape Binder::bind_query(const Query& query, const Scope* outer) {
  if (depth_ >= kTreeDepthMax * 2) {
    report(UnknownKind::shape, "", query.location, "",
           "the query is nested more than " + std::to_string(kTreeDepthMax * 2) + " levels deep; simplify it");
    return {};
  }
  ++depth_;
  const std::size_t outer_ctes = ctes_.size();
  for (const Cte& cte : query.with) bind_with(cte, outer);
  Shape shape = query.set_op == SetOp::none ? bind_select(query, outer) : bind_set_operation(query, outer, nullptr);
  ctes_.resize(outer_ctes);
  --depth_;
  if (limits_to_one(query)) shape.at_most_one_row = true;
  return shape;
}

void Binder::bind_with(const Cte& cte, const Scope* outer) {
  CteEntry entry{cte.name, {}, true};
  if (!cte.query.empty()) {
    const Query& body = cte.query[0];
    if (!cte.recursive) {
      entry.shape = bind_query(body, outer);
    } else {
      // It is in scope inside itself: with the columns of its first part, once those are known.
      const std::size_t self = ctes_.size();
      ctes_.push_back({cte.name, {{}, true, false, {}}, false});
      if (body.set_op == SetOp::none || !body.with.empty()) {
        entry.shape = bind_query(body, outer);
      } else {
        entry.shape = bind_set_operation(body, outer, &cte);
      }
      ctes_.resize(self);
    }
  }
  if (cte.columns.size() > entry.shape.output.size() && !entry.shape.open)
    report(UnknownKind::shape, cte.name, -1, "",
           "WITH " + quoted(cte.name) + " gives " + std::to_string(entry.shape.output.size()) + " columns, but names " +
               std::to_string(cte.columns.size()));
  for (std::size_t i = 0; i < cte.columns.size(); ++i) {
    if (i >= entry.shape.output.size()) entry.shape.output.push_back({});
    entry.shape.output[i].name = cte.columns[i];
  }
  if (!cte.columns.empty()) entry.shape.unique_by.clear();  // it goes by the old names
  ctes_.push_back(std::move(entry));
}

Binder::Shape Binder::bind_set_operation(const Query& query, const Scope* outer, const Cte* recursive) {
  if (query.operands.size() != 2) return {};
  Shape left = bind_query(query.operands[0], outer);
  if (recursive != nullptr) {
    CteEntry& self = ctes_.back();
    self.shape = {left.output, left.open, false, {}};
    for (std::size_t i = 0; i < recursive->columns.size() && i < self.shape.output.size(); ++i) self.shape.output[i].name = recursive->columns[i];
    self.ready = true;
  }
  Shape right = bind_query(query.operands[1], outer);
  Shape shape = combine(query, std::move(left), std::move(right));
  SelectFrame frame;
  frame.query = &query;
  frame.sources.push_back(derived_source(shape, ""));
  Scope scope{outer, &frame, {{0}, {}}, nullptr, AliasRule::none, {}};
  for (std::size_t i = 0; i < shape.output.size(); ++i) scope.part.visible.push_back({shape.output[i].name, {{0, i}}});
  // ORDER BY ALL: its key is a star that stands for the output.
  for (const SortKey& key : query.order_by)
    if (!query.order_by_all) bind_output_reference(key.value, scope, shape, "ORDER BY");
  for (const Expr& expr : query.limit) bind_expr(expr, scope);
  for (const Expr& expr : query.offset) bind_expr(expr, scope);
  return shape;
}

/// The columns of a UNION, INTERSECT or EXCEPT: named by the left part, or by either for BY NAME.
Binder::Shape Binder::combine(const Query& query, Shape left, Shape right) {
  Shape shape;
  shape.open = left.open || right.open;
  shape.output = std::move(left.output);
  if (query.by_name) {
    for (OutputColumn& column : right.output) {
      auto found = std::find_if(shape.output.begin(), shape.output.end(), [&](const auto& mine) { return same(mine.name, column.name); });
      if (found == shape.output.end()) {
        shape.output.push_back(std::move(column));
      } else {
        found->type = common_type(found->type, column.type);
        add_lineage(found->lineage, column.lineage);
      }
    }
  } else {
    if (shape.output.size() != right.output.size() && !shape.open)
      report(UnknownKind::shape, std::string(clause_of(query.set_op)), query.location, "",
             "the parts of " + std::string(clause_of(query.set_op)) + " have " + std::to_string(shape.output.size()) + " and " +
                 std::to_string(right.output.size()) + " columns; they need the same number");
    for (std::size_t i = 0; i < shape.output.size() && i < right.output.size(); ++i) {
      shape.output[i].type = common_type(shape.output[i].type, right.output[i].type);
      add_lineage(shape.output[i].lineage, right.output[i].lineage);
    }
  }
  if (is_distinct_set(query.set_op) && !shape.open) shape.unique_by = names_of(shape.output);
  return shape;
}

Binder::Shape Binder::bind_select(const Query& query, const Scope* outer) {
  SelectFrame frame;
  frame.query = &query;
  frame.facts.location = query.location;
  Scope scope{outer, &frame, {}, nullptr, AliasRule::none, {}};
  for (const Relation& relation : query.from) {
    const FromPart part = bind_relation(relation, outer, frame, scope.part);
    scope.part.relations.insert(scope.part.relations.end(), part.relations.begin(), part.relations.end());
    scope.part.visible.insert(scope.part.visible.end(), part.visible.begin(), part.visible.end());
  }
  check_aliases(frame, scope.part);
  Shape shape;
  std::vector<bool> aggregated;
  bind_targets(query, scope, shape, aggregated);
  bind_clauses(query, scope, shape);
  frame.facts.has_group_by = !query.group_by.empty() || query.group_by_all || !query.grouping_sets.empty();
  frame.facts.has_distinct = query.distinct || !query.distinct_on.empty();
  frame.facts.has_limit = !query.limit.empty();
  frame.facts.has_order_by = !query.order_by.empty() || query.order_by_all;
  auto& links = frame.facts.links;
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  finish_shape(query, frame, aggregated, shape);
  bound_.selects.push_back(std::move(frame.facts));
  return shape;
}

std::string Binder::output_name(const Target& target) {
  if (!target.alias.empty()) return target.alias;
  const Expr* value = &target.value;
  while (value->kind == ExprKind::cast && value->args.size() == 1) value = &value->args[0];
  if ((value->kind == ExprKind::column || value->kind == ExprKind::call) && !value->name.empty()) return value->name.back();
  if (value->kind == ExprKind::subscript && !value->text.empty()) return value->text;
  if (value->kind == ExprKind::case_when) return "case";
  if (value->kind == ExprKind::exists) return "exists";
  return "?column?";
}

void Binder::bind_targets(const Query& query, Scope& scope, Shape& shape, std::vector<bool>& aggregated) {
  const SelectFacts& facts = scope.frame->facts;
  for (const Target& target : query.targets) {
    if (shape.output.size() >= kOutputColumnsMax) {
      report(UnknownKind::shape, "SELECT", target.value.location, "", "SELECT gives more than " + std::to_string(kOutputColumnsMax) + " columns");
      shape.open = true;
      return;
    }
    const std::size_t before = facts.aggregates.size();
    if (target.value.kind == ExprKind::star) {
      expand_star(target.value, scope, shape);
    } else {
      // DuckDB lets an item use the names of the items before it.
      scope.outputs = &shape.output;
      scope.alias_rule = dialect_ == Dialect::duckdb ? AliasRule::after_columns : AliasRule::none;
      Typed value = bind_expr(target.value, scope);
      shape.output.push_back({output_name(target), std::move(value.type), std::move(value.lineage)});
    }
    aggregated.resize(shape.output.size(), facts.aggregates.size() > before);
  }
}

void Binder::expand_star(const Expr& star, const Scope& scope, Shape& shape) {
  SelectFrame& frame = *scope.frame;
  std::vector<std::pair<std::string, Typed>> replaced;
  replaced.reserve(star.args.size());
  for (const Expr& replacement : star.args) replaced.emplace_back(replacement.text, bind_expr(replacement, scope));
  const Scope* level = &scope;
  FromPart part = scope.part;
  // A lambda's scope shows nothing of its own.
  while (level->parent != nullptr && level->part.relations.empty() && !level->parameters.empty()) part = (level = level->parent)->part;
  std::size_t relation = 0;
  SelectFrame* holder = &frame;
  if (!star.name.empty()) {
    const auto [found, index] = find_source(star.name, star.name.size(), scope);
    if (found == nullptr) {
      std::vector<std::string> aliases;
      aliases.reserve(part.relations.size());
      for (const std::size_t r : part.relations) aliases.push_back(frame.sources[r].alias);
      const std::string suggestion = nearest(star.name.back(), aliases);
      report(UnknownKind::column, join(star.name, ".") + ".*", star.location, suggestion,
             quoted(star.name.back()) + " in " + quoted(join(star.name, ".") + ".*") + " is not a table or alias that can be named here" +
                 (suggestion.empty() ? "" : "; did you mean " + quoted(suggestion) + "?"));
      shape.open = true;
      return;
    }
    if (star.name.size() > 1) bound_.names_columns_by_schema = true;
    relation = index;
    holder = found->frame;
    part = {{relation}, {}};
    for (std::size_t i = 0; i < holder->sources[relation].columns.size(); ++i)
      part.visible.push_back({holder->sources[relation].columns[i].name, {{relation, i}}});
  } else if (part.relations.empty()) {
    report(UnknownKind::column, "*", star.location, "", "* stands for no column: the query reads no table");
  }
  std::vector<std::string> names;
  names.reserve(part.visible.size());
  for (const Visible& visible : part.visible) names.push_back(visible.name);
  for (const std::string& excluded : star.excluded) {
    const bool known = std::any_of(names.begin(), names.end(), [&](const auto& name) { return same(name, split(excluded, '.').back()); });
    const bool open = std::any_of(part.relations.begin(), part.relations.end(), [&](std::size_t r) { return holder->sources[r].open; });
    if (!known && !open)
      report(UnknownKind::column, excluded, star.location, nearest(excluded, names),
             "column " + quoted(excluded) + " of EXCLUDE is not among those of *");
  }
  for (const Visible& visible : part.visible) {
    const auto is_excluded = [&](const std::string& name) { return same(name, visible.name); };
    if (shape.output.size() >= kOutputColumnsMax) {
      report(UnknownKind::shape, "SELECT", star.location, "", "SELECT gives more than " + std::to_string(kOutputColumnsMax) + " columns");
      shape.open = true;
      break;
    }
    if (std::any_of(star.excluded.begin(), star.excluded.end(), is_excluded)) continue;
    Typed value = touch(*holder, visible);
    for (const auto& [name, replacement] : replaced)
      if (same(name, visible.name)) value = replacement;
    shape.output.push_back({visible.name, std::move(value.type), std::move(value.lineage)});
  }
  for (const std::size_t r : part.relations) {
    bound_.reads_all_columns = bound_.reads_all_columns || holder->sources[r].base != nullptr;
    shape.open = shape.open || holder->sources[r].open;
    if (holder->sources[r].columns.empty()) holder->touched.push_back({r, ""});
  }
}

void Binder::bind_clauses(const Query& query, Scope& scope, const Shape& shape) {
  const bool duckdb = dialect_ == Dialect::duckdb;
  scope.outputs = &shape.output;
  scope.alias_rule = duckdb ? AliasRule::after_columns : AliasRule::none;
  for (const Expr& expr : query.where) bind_condition(expr, scope);
  bind_group_by(query, scope, shape);
  for (const Expr& expr : query.having) bind_expr(expr, scope);
  for (const Expr& expr : query.qualify) bind_expr(expr, scope);
  for (const auto& [name, window] : query.windows) bind_window(window, scope);
  for (const Expr& expr : query.distinct_on) bind_output_reference(expr, scope, shape, "DISTINCT ON");
  // ORDER BY ALL: its key is a star that stands for the output.
  for (const SortKey& key : query.order_by)
    if (!query.order_by_all) bind_output_reference(key.value, scope, shape, "ORDER BY");
  // LIMIT may name what is outside of this SELECT, nothing of its own.
  const Scope nowhere{scope.parent, scope.frame, {}, nullptr, AliasRule::none, {}};
  for (const Expr& expr : query.limit) bind_expr(expr, nowhere);
  for (const Expr& expr : query.offset) bind_expr(expr, nowhere);
}

void Binder::bind_group_by(const Query& query, Scope& scope, const Shape& shape) {
  const AliasRule rule = scope.alias_rule;
  for (const Expr& expr : query.group_by) {
    if (bind_position(expr, shape, "GROUP BY")) continue;
    // A bare name means an input column first, an output column otherwise, in both engines.
    scope.alias_rule = expr.kind == ExprKind::column ? AliasRule::after_columns : rule;
    bind_expr(expr, scope);
  }
  scope.alias_rule = rule;
}

/// ORDER BY and DISTINCT ON: a position, an output column's name, or an expression.
void Binder::bind_output_reference(const Expr& expr, Scope& scope, const Shape& shape, std::string_view clause) {
  if (bind_position(expr, shape, clause)) return;
  const AliasRule rule = scope.alias_rule;
  const bool bare = expr.kind == ExprKind::column && expr.name.size() == 1;
  if (bare && scope.outputs != nullptr) scope.alias_rule = AliasRule::before_columns;
  bind_expr(expr, scope);
  scope.alias_rule = rule;
}

bool Binder::bind_position(const Expr& expr, const Shape& shape, std::string_view clause) {
  if (expr.kind != ExprKind::literal || expr.literal != LiteralKind::integer) return false;
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(expr.text.data(), expr.text.data() + expr.text.size(), position);
  const bool whole = error == std::errc() && end == expr.text.data() + expr.text.size();
  const bool inside = whole && position >= 1 && (position <= shape.output.size() || shape.open);
  if (!inside)
    report(UnknownKind::position, expr.text, expr.location, "",
           std::string(clause) + " position " + expr.text + " is not in the select list, which has " + std::to_string(shape.output.size()) +
               (shape.output.size() == 1 ? " column" : " columns"));
  return true;
}

/// What is known of the rows that come out: at most one, or unique by some columns.
void Binder::finish_shape(const Query& query, const SelectFrame& frame, const std::vector<bool>& aggregated, Shape& shape) {
  const SelectFacts& facts = frame.facts;
  shape.at_most_one_row = !frame.makes_rows && (query.from.empty() || (!facts.aggregates.empty() && !facts.has_group_by));
  if (shape.open) return;
  if (query.distinct) {
    shape.unique_by = names_of(shape.output);
    return;
  }
  if (!facts.has_group_by || !query.grouping_sets.empty()) return;
  std::vector<std::string> unique;
  if (query.group_by_all) {
    for (std::size_t i = 0; i < shape.output.size(); ++i)
      if (!aggregated[i]) unique.push_back(shape.output[i].name);
  }
  const bool has_star = std::any_of(query.targets.begin(), query.targets.end(), [](const Target& t) { return t.value.kind == ExprKind::star; });
  for (const Expr& key : query.group_by) {
    std::size_t at = shape.output.size();
    if (key.kind == ExprKind::literal && key.literal == LiteralKind::integer) {
      std::from_chars(key.text.data(), key.text.data() + key.text.size(), at);
      at -= 1;
    } else if (key.kind == ExprKind::column && !has_star) {
      for (std::size_t i = 0; i < query.targets.size() && at == shape.output.size(); ++i) {
        const Target& target = query.targets[i];
        const bool same_column = target.value.kind == ExprKind::column && target.value.name == key.name;
        if (same_column || (key.name.size() == 1 && same(target.alias, key.name[0]))) at = i;
      }
    }
    if (at >= shape.output.size()) return;  // grouped by something that isn't shown
    unique.push_back(shape.output[at].name);
  }
  shape.unique_by = std::move(unique);
}

}  // namespace sluice
