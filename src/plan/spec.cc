#include "plan/spec.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "plan/scope.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

Error refuse(std::string code, std::string message, std::string hint) {
  return {ErrorKind::input, std::move(code), std::move(message), std::move(hint), 0};
}

/// SQL's rule: outside aggregates, only what rows were grouped by.
Result<> check_grouped(const Expr& expr, const std::vector<Expr>& group_by, bool inside) {
  if (!inside && std::ranges::find(group_by, expr) != group_by.end()) return {};
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
    if (inside) return {};
    return refuse("E0903", "column " + show({*ref}) + " has no single value in a group", "group by it, or aggregate it with min, max, sum or count");
  }
  const auto* inner = std::get_if<Call>(&expr.node);
  if (inner == nullptr) return {};
  if (inside && is_aggregate(inner->fn)) return refuse("E0903", show(expr) + " is an aggregate of an aggregate", "aggregate once");
  for (const Expr& arg : inner->args) TRY_VOID(check_grouped(arg, group_by, inside || is_aggregate(inner->fn)));
  return {};
}

/// Checks one select; `columns` gets its output.
class SelectCheck {
 public:
  SelectCheck(Select& select, Scope scope) : select_(select), scope_(std::move(scope)) {}

  Result<std::vector<ResultColumn>> run() {
    TRY_VOID(scope_.derive(select_.derived));
    TRY_VOID(check_where());
    for (Expr& key : select_.group_by) {
      TRY_VOID(resolve(key, nullptr));
      if (std::holds_alternative<Literal>(key.node))
        return refuse("E0903", "the spec groups by the constant " + show(key), "group by a column or an expression of one");
      if (has_aggregate(key)) return refuse("E0903", "the spec groups by the aggregate " + show(key), "group by columns");
    }
    TRY_VOID(check_columns());
    TRY_VOID(check_having());
    TRY_VOID(check_windows());
    TRY_VOID(check_keep());
    return columns_;
  }

  /// Order keys of a select that stands alone, without windows: any expression that rows have a value of.
  Result<> check_order(std::vector<OrderKey>& order_by) {
    for (OrderKey& key : order_by) {
      TRY_VOID(check_key(key));
      if (select_.distinct && std::ranges::none_of(select_.columns, [&](const Named& one) { return one.value == key.value; }))
        return refuse("E0906", "distinct rows cannot be ordered by " + show(key.value) + ", which is not in the output",
                      "add it to the output columns");
    }
    return {};
  }

 private:
  Result<> resolve(Expr& expr, const std::vector<Named>* outputs) {
    TRY(Expr resolved, scope_.resolve(expr, outputs));
    TRY_VOID(scope_.type(resolved));
    expr = std::move(resolved);
    return {};
  }

  Result<> grouped(const Expr& expr) const {
    if (!grouped_) return {};
    return check_grouped(expr, select_.group_by, false);
  }

  Result<> check_where() {
    if (!select_.where) return {};
    TRY_VOID(resolve(*select_.where, nullptr));
    TRY(TypeKind kind, scope_.type(*select_.where));
    if (kind != TypeKind::boolean) return refuse("E0902", "the filter " + show(*select_.where) + " is no condition", "compare it with something");
    if (has_aggregate(*select_.where)) return refuse("E0903", "the filter " + show(*select_.where) + " uses an aggregate", "put it under \"having\"");
    return {};
  }

  Result<> check_columns() {
    if (select_.columns.empty() || select_.columns.size() > kColumnsMax)
      return refuse("E0905", "the spec has " + std::to_string(select_.columns.size()) + " output columns",
                    "give it 1 to " + std::to_string(kColumnsMax));
    for (Named& one : select_.columns) TRY_VOID(resolve(one.value, nullptr));
    grouped_ = !select_.group_by.empty() || select_.having.has_value() ||
               std::ranges::any_of(select_.columns, [](const Named& one) { return has_aggregate(one.value); });
    for (const Named& one : select_.columns) {
      TRY_VOID(grouped(one.value));
      TRY(TypeKind kind, scope_.type(one.value));
      TRY_VOID(add_output(one.name, kind));
    }
    return {};
  }

  Result<> add_output(const std::string& name, TypeKind kind) {
    if (name.empty() || name.find('\0') != std::string::npos || !is_valid_utf8(name))
      return refuse("E0904", "an output column has no name", "name it");
    if (!kinds_.emplace(to_lower(name), kind).second) return refuse("E0904", "two output columns are called \"" + name + "\"", "rename one");
    columns_.push_back({name, Type{kind, ""}});
    return {};
  }

  Result<> check_having() {
    if (!select_.having) return {};
    TRY_VOID(resolve(*select_.having, &select_.columns));
    TRY(TypeKind kind, scope_.type(*select_.having));
    if (kind != TypeKind::boolean) return refuse("E0902", "\"having\" " + show(*select_.having) + " is no condition", "compare it with something");
    return grouped(*select_.having);
  }

  Result<> check_key(OrderKey& key) {
    TRY_VOID(resolve(key.value, &select_.columns));
    // A bare constant would be the number of a column to SQL; the name of an output column that is constant orders by nothing, and is fine.
    const bool output = std::ranges::find(select_.columns, key.value, &Named::value) != select_.columns.end();
    if (std::holds_alternative<Literal>(key.value.node) && !output)
      return refuse("E0906", "rows cannot be ordered by the constant " + show(key.value), "order by a column");
    if (!grouped_ && has_aggregate(key.value))
      return refuse("E0903", "rows are not grouped, and so cannot be ordered by " + show(key.value), "group by something");
    return grouped(key.value);
  }

  Result<> check_windows() {
    for (Window& window : select_.windows) {
      if (window.order_by.empty()) return refuse("E0906", "the window \"" + window.name + "\" has no order", "name at least one order key");
      for (Expr& key : window.partition_by) {
        TRY_VOID(resolve(key, &select_.columns));
        TRY_VOID(grouped(key));
      }
      for (OrderKey& key : window.order_by) TRY_VOID(check_key(key));
      TRY_VOID(add_output(window.name, TypeKind::integer));
      if (window.hidden) columns_.pop_back();
    }
    return {};
  }

  Result<> check_keep() {
    if (!select_.keep) return {};
    if (select_.windows.empty()) return refuse("E0905", "\"keep\" has no window to choose by", "use \"where\" or \"having\"");
    if (has_aggregate(*select_.keep)) return refuse("E0903", "\"keep\" uses an aggregate", "name an output column instead");
    TRY(TypeKind kind, type_of(*select_.keep, [this](const ColumnRef& ref) -> Result<TypeKind> {
          const auto found = kinds_.find(to_lower(ref.column));
          if (ref.source.empty() && found != kinds_.end()) return found->second;
          return refuse("E0901", "\"keep\" names " + show({ref}) + ", which is neither an output column nor a window", "name one of these");
        }));
    return kind == TypeKind::boolean ? Result<>()
                                     : refuse("E0902", "\"keep\" " + show(*select_.keep) + " is no condition", "compare it with something");
  }

  Select& select_;
  Scope scope_;
  bool grouped_ = false;
  std::map<std::string, TypeKind> kinds_{};
  std::vector<ResultColumn> columns_{};
};

/// Order keys that only name output columns: what is left to order by after a window or a set operation.
Result<> check_names_only(std::vector<OrderKey>& order_by, const std::vector<ResultColumn>& columns) {
  for (OrderKey& key : order_by) {
    auto* ref = std::get_if<ColumnRef>(&key.value.node);
    const auto found = ref == nullptr || !ref->source.empty()
                           ? columns.end()
                           : std::ranges::find_if(columns, [&](const ResultColumn& one) { return equals_ignoring_case(one.name, ref->column); });
    if (found == columns.end())
      return refuse("E0906", "after a window or a set operation rows cannot be ordered by " + show(key.value), "name an output column");
    ref->column = found->name;
  }
  return {};
}

Result<> check_bounds(const SpecDraft& draft) {
  if (draft.combine.size() > kCombinesMax)
    return refuse("E0905", "the spec combines more than " + std::to_string(kCombinesMax) + " selects", "split it");
  for (const auto& bound : {draft.limit, draft.offset})
    if (bound && *bound < 0) return refuse("E0905", "the limit or offset " + std::to_string(*bound) + " is negative", "use 0 or more");
  return {};
}

}  // namespace

Result<Spec> Spec::create(SpecDraft draft, const Catalog& catalog) {
  TRY_VOID(check_bounds(draft));
  TRY(Scope scope, Scope::open(draft.select, catalog));
  SelectCheck check(draft.select, std::move(scope));
  TRY(auto columns, check.run());
  for (Combine& one : draft.combine) {
    TRY(Scope inner, Scope::open(one.select, catalog));
    SelectCheck other(one.select, std::move(inner));
    TRY(auto others, other.run());
    if (others.size() != columns.size())
      return refuse("E0906", "a set operation combines " + std::to_string(columns.size()) + " columns with " + std::to_string(others.size()),
                    "give both the same columns");
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (!comparable(columns[i].type.kind, others[i].type.kind))
        return refuse("E0906", "a set operation combines \"" + columns[i].name + "\" with \"" + others[i].name + "\", which is of another kind",
                      "give both the same kinds");
  }
  if (draft.combine.empty() && draft.select.windows.empty()) {
    TRY_VOID(check.check_order(draft.order_by));
  } else {
    TRY_VOID(check_names_only(draft.order_by, columns));
  }
  return Spec(std::move(draft), std::move(columns));
}

}  // namespace sluice::plan
