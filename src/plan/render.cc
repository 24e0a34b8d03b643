#include "plan/render.h"

#include <algorithm>

#include "base/text.h"
#include "plan/keywords.h"
#include "plan/render_expr.h"

namespace sluice::plan {
namespace {

std::string table_name(const Source& source, Dialect dialect) {
  std::string out = source.table.schema.empty() ? "" : quote_name(source.table.schema, dialect) + ".";
  out += quote_name(source.table.name, dialect);
  if (source.alias != source.table.name) out += " AS " + quote_name(source.alias, dialect);
  return out;
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
         (select.where && any(*select.where)) || (select.having && any(*select.having));
}

class SelectText {
 public:
  SelectText(const Select& select, Dialect dialect, bool sources) : select_(select), dialect_(dialect), expr_{dialect, sources} {}

  std::string lines(const std::string& indent) const {
    std::string out = indent + (select_.distinct ? "SELECT DISTINCT" : "SELECT");
    std::vector<std::string> targets;
    targets.reserve(select_.columns.size() + select_.windows.size());
    for (const Named& one : select_.columns) targets.push_back(target(one));
    for (const Window& one : select_.windows) targets.push_back(window(one) + " AS " + quote_name(one.name, dialect_));
    for (std::size_t i = 0; i < targets.size(); ++i) out += (i == 0 ? "\n" : ",\n") + indent + "  " + targets[i];
    out += "\n" + indent + "FROM " + table_name(select_.from, dialect_);
    for (const Join& join : select_.joins) out += "\n" + indent + join_text(join);
    if (select_.where) out += "\n" + indent + "WHERE " + expr_.condition(*select_.where, indent);
    for (std::size_t i = 0; i < select_.group_by.size(); ++i) out += (i == 0 ? "\n" + indent + "GROUP BY " : ", ") + expr_.text(select_.group_by[i]);
    if (select_.having) out += "\n" + indent + "HAVING " + expr_.condition(*select_.having, indent);
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
    return ref != nullptr && ref->column == one.name ? out : out + " AS " + quote_name(one.name, dialect_);
  }

  std::string join_text(const Join& join) const {
    std::string out = std::string(join.kind == JoinKind::left ? "LEFT JOIN " : "JOIN ") + table_name(join.source, dialect_) + " ON ";
    for (std::size_t i = 0; i < join.on.size(); ++i)
      out += (i == 0 ? "" : " AND ") + expr_.text(join.on[i].right) + " = " + expr_.text(join.on[i].left);
    return out;
  }

  std::string window(const Window& one) const {
    std::string out = std::string(enum_name(one.fn)) + "() OVER (";
    for (std::size_t i = 0; i < one.partition_by.size(); ++i) out += (i == 0 ? "PARTITION BY " : ", ") + expr_.text(one.partition_by[i]);
    if (!one.partition_by.empty()) out += ' ';
    for (std::size_t i = 0; i < one.order_by.size(); ++i)
      out += (i == 0 ? "ORDER BY " : ", ") + expr_.text(one.order_by[i].value) + direction(one.order_by[i]);
    return out + ")";
  }

  const Select& select_;
  Dialect dialect_;
  ExprText expr_;
};

/// A select without its order: windows are filtered from outside, since not every engine has QUALIFY.
std::string select_text(const Select& select, Dialect dialect, const std::string& indent, const std::vector<OrderKey>& order_by = {}) {
  // In an ordered select a bare name is looked up among the outputs first; with sources written it can't be mistaken.
  const SelectText text(select, dialect, needs_sources(select, order_by));
  if (select.windows.empty()) return text.lines(indent);
  std::string out = indent + "SELECT";
  bool first = true;
  const auto add = [&](const std::string& name) {
    out += (first ? "\n" : ",\n") + indent + "  " + quote_name(name, dialect);
    first = false;
  };
  for (const Named& one : select.columns) add(one.name);
  for (const Window& one : select.windows)
    if (!one.hidden) add(one.name);
  out += "\n" + indent + "FROM (\n" + text.lines(indent + "  ") + "\n" + indent + ") AS numbered";
  if (select.keep) out += "\n" + indent + "WHERE " + ExprText{dialect, false}.condition(*select.keep, indent);
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

std::string combined_text(const SpecDraft& draft, Dialect dialect) {
  std::string out = "(\n" + select_text(draft.select, dialect, "  ") + "\n)";
  for (std::size_t i = 0; i < draft.combine.size(); ++i) {
    // INTERSECT binds tighter than the others: parentheses keep the order from left to right.
    if (i > 0) out = "(" + out + ")";
    out += "\n" + std::string(set_words(draft.combine[i].op)) + "\n(\n" + select_text(draft.combine[i].select, dialect, "  ") + "\n)";
  }
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

std::string render(const Spec& spec, Dialect dialect) {
  const SpecDraft& draft = spec.draft();
  const bool by_name = !draft.combine.empty() || !draft.select.windows.empty();
  const std::vector<OrderKey> keys = by_name ? std::vector<OrderKey>{} : draft.order_by;
  std::string out = draft.combine.empty() ? select_text(draft.select, dialect, "", keys) : combined_text(draft, dialect);
  const SelectText text(draft.select, dialect, needs_sources(draft.select, keys));
  for (std::size_t i = 0; i < draft.order_by.size(); ++i) {
    const OrderKey& key = draft.order_by[i];
    out += (i == 0 ? "\nORDER BY " : ", ");
    out += by_name ? quote_name(std::get<ColumnRef>(key.value.node).column, dialect) + SelectText::direction(key) : text.key(key);
  }
  if (draft.limit) out += "\nLIMIT " + std::to_string(*draft.limit);
  if (draft.offset && *draft.offset > 0) out += "\nOFFSET " + std::to_string(*draft.offset);
  return out;
}

}  // namespace sluice::plan
