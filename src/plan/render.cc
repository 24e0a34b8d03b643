#include "plan/render.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "plan/keywords.h"
#include "plan/layout.h"
#include "plan/render_expr.h"
#include "plan/scope.h"

namespace sluice::plan {
namespace {

std::string query_text(const SpecDraft& draft, Dialect dialect, const Layout& layout);

std::string source_text(const Source& source, Dialect dialect, const Layout& layout) {
  const std::string alias = " AS " + quote_name(source.alias, dialect);
  if (source.query != nullptr) return layout.parentheses(query_text(*source.query, dialect, layout.deeper())) + alias;
  std::string out = source.table.schema.empty() ? "" : quote_name(source.table.schema, dialect) + ".";
  out += quote_name(source.table.name, dialect);
  return source.alias == source.table.name ? out : out + alias;
}

/// Whether an output name could be taken for an input column, so that references have to say which source they mean.
bool needs_sources(const Select& select, const std::vector<OrderKey>& order_by) {
  if (!select.joins.empty()) return true;
  const auto clashes = [&](const Expr& expr, const auto& self) -> bool {
    if (const auto* ref = std::get_if<ColumnRef>(&expr.node))
      return std::ranges::any_of(select.columns,
                                 [&](const Named& one) { return equals_ignoring_case(one.name, ref->column) && !(one.value == Expr{*ref}); }) ||
             std::ranges::any_of(select.windows, [&](const Window& one) { return equals_ignoring_case(one.name, ref->column); });
    const auto* inner = std::get_if<Call>(&expr.node);
    return inner != nullptr && std::ranges::any_of(inner->args, [&](const Expr& arg) { return self(arg, self); });
  };
  const auto any = [&](const Expr& expr) { return clashes(expr, clashes); };
  return std::ranges::any_of(order_by, [&](const OrderKey& key) { return any(key.value); }) ||
         std::ranges::any_of(select.columns, [&](const Named& one) { return any(one.value); }) || std::ranges::any_of(select.group_by, any) ||
         std::ranges::any_of(select.windows,
                             [&](const Window& one) {
                               return std::ranges::any_of(one.args, any) || std::ranges::any_of(one.partition_by, any) ||
                                      std::ranges::any_of(one.order_by, [&](const OrderKey& key) { return any(key.value); });
                             }) ||
         (select.where && any(*select.where)) || (select.having && any(*select.having));
}

class SelectText {
 public:
  SelectText(const Select& select, Dialect dialect, bool sources, Layout layout)
      : select_(select), dialect_(dialect), layout_(std::move(layout)), expr_{dialect, sources} {}

  std::string text() const {
    std::vector<std::string> targets;
    targets.reserve(select_.columns.size() + select_.windows.size());
    for (const Named& one : select_.columns) targets.push_back(target(one));
    for (const Window& one : select_.windows) targets.push_back(window(one) + " AS " + quote_name(one.name, dialect_));
    std::string out = (select_.distinct ? "SELECT DISTINCT" : "SELECT") + layout_.items(targets);
    out += layout_.line() + "FROM " + source_text(select_.from, dialect_, layout_);
    for (const Join& join : select_.joins) out += layout_.line() + join_text(join);
    if (select_.where) out += layout_.line() + "WHERE " + expr_.condition(*select_.where, layout_.conjunction());
    if (!select_.group_by.empty()) out += layout_.line() + "GROUP BY " + listed(select_.group_by);
    if (select_.having) out += layout_.line() + "HAVING " + expr_.condition(*select_.having, layout_.conjunction());
    return out;
  }

  /// An order key by the name of the output column that it is, where there is one.
  std::string key(const OrderKey& key) const {
    const auto found = std::ranges::find(select_.columns, key.value, &Named::value);
    const bool plain = found != select_.columns.end() && std::holds_alternative<ColumnRef>(key.value.node);
    std::string out = found != select_.columns.end() && !plain ? quote_name(found->name, dialect_) : expr_.text(key.value);
    return out + direction(key);
  }
  static std::string direction(const OrderKey& key) { return key.descending ? " DESC NULLS LAST" : ""; }

 private:
  std::string target(const Named& one) const {
    const auto* ref = std::get_if<ColumnRef>(&one.value.node);
    std::string out = expr_.text(one.value);
    return one.name.empty() || (ref != nullptr && ref->column == one.name) ? out : out + " AS " + quote_name(one.name, dialect_);
  }

  std::string listed(const std::vector<Expr>& items) const {
    std::string out;
    for (const Expr& item : items) out += (out.empty() ? "" : ", ") + expr_.text(item);
    return out;
  }

  std::string join_text(const Join& join) const {
    const std::string source = source_text(join.source, dialect_, layout_);
    if (join.kind == JoinKind::cross) return "CROSS JOIN " + source;
    std::string out = std::string(join.kind == JoinKind::left ? "LEFT JOIN " : "JOIN ") + source + " ON ";
    for (std::size_t i = 0; i < join.on.size(); ++i)
      out += (i == 0 ? "" : " AND ") + expr_.text(join.on[i].right) + " = " + expr_.text(join.on[i].left);
    return out;
  }

  std::string window(const Window& one) const {
    const auto aggregate = aggregate_of(one);
    std::string over;
    if (!one.partition_by.empty()) over = "PARTITION BY " + listed(one.partition_by);
    for (std::size_t i = 0; i < one.order_by.size(); ++i) {
      over += i > 0 ? ", " : over.empty() ? "ORDER BY " : " ORDER BY ";
      over += expr_.text(one.order_by[i].value) + direction(one.order_by[i]);
    }
    // SQL's own choice takes rows that the order does not tell apart together; row by row is what "running" says.
    if (aggregate && !one.order_by.empty()) over += " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
    const std::string call = aggregate ? expr_.text(plan::call(*aggregate, one.args)) : std::string(enum_name(one.fn)) + "(" + listed(one.args) + ")";
    return call + " OVER (" + over + ")";
  }

  const Select& select_;
  Dialect dialect_;
  Layout layout_;
  ExprText expr_;
};

/// A select without its order: windows are filtered from outside, since not every engine has QUALIFY.
std::string select_text(const Select& select, Dialect dialect, const Layout& layout, const std::vector<OrderKey>& order_by = {}) {
  // In an ordered select a bare name is looked up among the outputs first; with sources written it can't be mistaken.
  const bool sources = needs_sources(select, order_by);
  const bool chosen = select.keep.has_value() || std::ranges::any_of(select.windows, &Window::hidden);
  if (!chosen) return SelectText(select, dialect, sources, layout).text();
  std::vector<std::string> names;
  names.reserve(select.columns.size() + select.windows.size());
  for (const Named& one : select.columns) names.push_back(quote_name(one.name, dialect));
  for (const Window& one : select.windows)
    if (!one.hidden) names.push_back(quote_name(one.name, dialect));
  std::string out = "SELECT" + layout.items(names) + layout.line() + "FROM ";
  out += layout.parentheses(SelectText(select, dialect, sources, layout.deeper()).text()) + " AS " + std::string(kWindowRows);
  if (select.keep) out += layout.line() + "WHERE " + ExprText{dialect, false}.condition(*select.keep, layout.conjunction());
  return out;
}

std::string_view set_words(SetOp op) {
  switch (op) {
    case SetOp::union_distinct: return "UNION";
    case SetOp::union_all: return "UNION ALL";
    case SetOp::intersect: return "INTERSECT";
    case SetOp::except: return "EXCEPT";
  }
  return "UNION";
}

std::string combined_text(const SpecDraft& draft, Dialect dialect, const Layout& layout) {
  std::string out = layout.parentheses(select_text(draft.select, dialect, layout.deeper()));
  for (std::size_t i = 0; i < draft.combine.size(); ++i) {
    // INTERSECT binds tighter than the others: parentheses keep the order from left to right.
    if (i > 0) out = "(" + out + ")";
    out += layout.line() + std::string(set_words(draft.combine[i].op)) + layout.line();
    out += layout.parentheses(select_text(draft.combine[i].select, dialect, layout.deeper()));
  }
  return out;
}

std::string query_text(const SpecDraft& draft, Dialect dialect, const Layout& layout) {
  const bool by_name = !draft.combine.empty() || !draft.select.windows.empty();
  const std::vector<OrderKey> keys = by_name ? std::vector<OrderKey>{} : draft.order_by;
  std::string out = draft.combine.empty() ? select_text(draft.select, dialect, layout, keys) : combined_text(draft, dialect, layout);
  const SelectText text(draft.select, dialect, needs_sources(draft.select, keys), layout);
  for (std::size_t i = 0; i < draft.order_by.size(); ++i) {
    const OrderKey& key = draft.order_by[i];
    out += i == 0 ? layout.line() + "ORDER BY " : ", ";
    out += by_name ? quote_name(std::get<ColumnRef>(key.value.node).column, dialect) + SelectText::direction(key) : text.key(key);
  }
  if (draft.limit) out += layout.line() + "LIMIT " + std::to_string(*draft.limit);
  if (draft.offset && *draft.offset > 0) out += layout.line() + "OFFSET " + std::to_string(*draft.offset);
  return out;
}

/// Whether a condition on output columns may stand in the query's own WHERE; that rows are distinct changes nothing where only their existence
/// counts.
bool is_plain(const SpecDraft& query) {
  const Select& select = query.select;
  return query.combine.empty() && !query.limit && !query.offset && select.group_by.empty() && !select.having && select.windows.empty() &&
         std::ranges::none_of(select.columns, [](const Named& one) { return has_aggregate(one.value); });
}

void collect_sources(const Expr& expr, std::set<std::string>& out) {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) out.insert(to_lower(ref->source));
  if (const auto* call = std::get_if<Call>(&expr.node))
    for (const Expr& arg : call->args) collect_sources(arg, out);
  if (const auto* inside = std::get_if<Exists>(&expr.node))
    for (const JoinKey& key : inside->on) collect_sources(key.value, out);
}

/// A name for the rows of a query that the values do not use.
std::string free_alias(const std::vector<JoinKey>& on) {
  std::set<std::string> used;
  for (const JoinKey& key : on) collect_sources(key.value, used);
  std::string out = "q";
  for (int n = 2; used.contains(out); ++n) out = "q_" + std::to_string(n);
  return out;
}

}  // namespace

std::string quote_name(std::string_view name, Dialect dialect) {
  const auto plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9') || (dialect == Dialect::duckdb && c >= 'A' && c <= 'Z');
  };
  const bool starts = !name.empty() && !(name.front() >= '0' && name.front() <= '9');
  if (starts && std::ranges::all_of(name, plain) && !is_keyword(to_lower(name))) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += '"';
  }
  return out + "\"";
}

std::string scalar_text(const Scalar& inside, Dialect dialect) {
  SpecDraft query = *inside.query;
  // The name of its only column is of no use to anybody, unless a clause says it.
  if (query.combine.empty() && query.select.windows.empty() && query.order_by.empty()) query.select.columns.front().name.clear();
  return "(" + query_text(query, dialect, Layout::one_line()) + ")";
}

std::string exists_text(const Exists& inside, Dialect dialect) {
  const bool plain = is_plain(*inside.query);
  Select select = plain ? inside.query->select : Select{.from = {{}, inside.query, free_alias(inside.on)}};
  std::vector<Expr> conditions;
  for (const JoinKey& key : inside.on) {
    const auto output = std::ranges::find(inside.query->select.columns, key.column, &Named::name);
    conditions.push_back(call(Fn::eq, {plain ? output->value : column(select.from.alias, key.column), key.value}));
  }
  if (select.where) {
    const auto* all = std::get_if<Call>(&select.where->node);
    if (all != nullptr && all->fn == Fn::logical_and) {
      conditions.insert(conditions.end(), all->args.begin(), all->args.end());
    } else {
      conditions.push_back(*select.where);
    }
  }
  select.where = conditions.size() == 1 ? conditions.front() : call(Fn::logical_and, std::move(conditions));
  select.columns = {{"", integer(1)}};
  select.distinct = false;
  return "EXISTS (" + SelectText(select, dialect, true, Layout::one_line()).text() + ")";
}

std::string render(const Spec& spec, Dialect dialect) { return query_text(spec.draft(), dialect, Layout{}); }

}  // namespace sluice::plan
