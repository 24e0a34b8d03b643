#include "plan/spec.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.h"
#include "plan/scope.h"
#include "plan/typing.h"

namespace sluice {

Json Codec<std::shared_ptr<const plan::SpecDraft>>::encode(const std::shared_ptr<const plan::SpecDraft>& query) {
  return query == nullptr ? Json() : sluice::encode(*query);
}

Result<std::shared_ptr<const plan::SpecDraft>> Codec<std::shared_ptr<const plan::SpecDraft>>::decode(const Json& json) {
  if (json.is_null()) return std::shared_ptr<const plan::SpecDraft>();
  TRY(plan::SpecDraft query, sluice::decode<plan::SpecDraft>(json));
  return std::make_shared<const plan::SpecDraft>(std::move(query));
}

namespace plan {

bool same_query(const std::shared_ptr<const SpecDraft>& a, const std::shared_ptr<const SpecDraft>& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

bool Source::operator==(const Source& other) const { return table == other.table && alias == other.alias && same_query(query, other.query); }

std::optional<Fn> aggregate_of(const Window& window) {
  switch (window.fn) {
    case WindowFn::sum: return Fn::sum;
    case WindowFn::avg: return Fn::avg;
    case WindowFn::min: return Fn::min;
    case WindowFn::max: return Fn::max;
    case WindowFn::count: return window.args.empty() ? Fn::count_rows : Fn::count;
    default: return std::nullopt;
  }
}

Source from_query(SpecDraft query, std::string alias) { return {{}, std::make_shared<const SpecDraft>(std::move(query)), std::move(alias)}; }

namespace {

Error refuse(std::string code, std::string message, std::string hint) {
  return {ErrorKind::input, std::move(code), std::move(message), std::move(hint), 0};
}

std::vector<Expr> columns_of(const std::vector<Expr>& group_by) {
  std::vector<Expr> out;
  std::ranges::copy_if(group_by, std::back_inserter(out), [](const Expr& key) { return std::holds_alternative<ColumnRef>(key.node); });
  return out;
}

/// SQL's rule: outside aggregates, only what rows were grouped by.
Result<> check_grouped(const Expr& expr, const std::vector<Expr>& group_by, bool inside) {
  if (!inside && std::ranges::find(group_by, expr) != group_by.end()) return {};
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
    if (inside) return {};
    return refuse("E0903", "column " + show({*ref}) + " has no single value in a group", "group by it, or aggregate it with min, max, sum or count");
  }
  if (const auto* query = std::get_if<Exists>(&expr.node)) {
    // Inside a query, PostgreSQL knows by their names alone what rows were grouped by.
    for (const JoinKey& key : query->on) TRY_VOID(check_grouped(key.value, columns_of(group_by), inside));
    return {};
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
  SelectCheck(Select& select, Scope scope, Queries& queries) : select_(select), scope_(std::move(scope)), queries_(queries) {}

  Result<std::vector<ResultColumn>> run() {
    TRY_VOID(scope_.derive(select_.derived));
    TRY_VOID(check_where());
    for (Expr& key : select_.group_by) {
      TRY_VOID(resolve(key, nullptr));
      if (std::holds_alternative<Literal>(key.node) || std::holds_alternative<Scalar>(key.node))
        return refuse("E0903", "the spec groups by the constant " + show(key), "group by a column or an expression of one");
      if (has_aggregate(key)) return refuse("E0903", "the spec groups by the aggregate " + show(key), "group by columns");
    }
    TRY_VOID(check_columns());
    TRY_VOID(check_having());
    TRY_VOID(check_windows());
    TRY_VOID(check_keep());
    return visible();
  }

  /// Whether all rows are one group.
  bool one_group() const { return grouped_ && select_.group_by.empty(); }

  /// Order keys of a select that stands alone, without windows: any expression that rows have a value of.
  Result<> check_order(std::vector<OrderKey>& order_by) {
    for (OrderKey& key : order_by) {
      TRY_VOID(resolve(key.value, &select_.columns));
      TRY_VOID(check_key(key.value));
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
    TRY_VOID(resolve_windows());
    grouped_ = !select_.group_by.empty() || select_.having.has_value() ||
               std::ranges::any_of(select_.columns, [](const Named& one) { return has_aggregate(one.value); }) ||
               std::ranges::any_of(select_.windows, aggregates);
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
    if (!names_.insert(to_lower(name)).second) return refuse("E0904", "two output columns are called \"" + name + "\"", "rename one");
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

  /// A resolved key that rows are ordered by.
  Result<> check_key(const Expr& key) const {
    // A bare constant would be the number of a column to SQL; the name of an output column that is constant orders by nothing, and is fine.
    const bool output = std::ranges::find(select_.columns, key, &Named::value) != select_.columns.end();
    if (std::holds_alternative<Literal>(key.node) && !output)
      return refuse("E0906", "rows cannot be ordered by the constant " + show(key), "order by a column");
    if (!grouped_ && has_aggregate(key))
      return refuse("E0903", "rows are not grouped, and so cannot be ordered by " + show(key), "group by something");
    return grouped(key);
  }

  static bool aggregates(const Window& window) {
    return std::ranges::any_of(window.args, has_aggregate) || std::ranges::any_of(window.partition_by, has_aggregate) ||
           std::ranges::any_of(window.order_by, [](const OrderKey& key) { return has_aggregate(key.value); });
  }

  Result<> resolve_windows() {
    for (Window& window : select_.windows) {
      for (Expr& arg : window.args) TRY_VOID(resolve(arg, &select_.columns));
      for (Expr& key : window.partition_by) TRY_VOID(resolve(key, &select_.columns));
      for (OrderKey& key : window.order_by) TRY_VOID(resolve(key.value, &select_.columns));
    }
    return {};
  }

  Result<> check_windows() {
    for (Window& window : select_.windows) {
      for (const Expr& arg : window.args) TRY_VOID(grouped(arg));
      for (const Expr& key : window.partition_by) TRY_VOID(grouped(key));
      for (const OrderKey& key : window.order_by) TRY_VOID(check_key(key.value));
      TRY(TypeKind kind, window_type(window));
      TRY_VOID(add_output(window.name, kind));
    }
    return {};
  }

  Result<TypeKind> window_type(const Window& window) const {
    const std::optional<Fn> aggregate = aggregate_of(window);
    const bool lag = window.fn == WindowFn::lag;
    if (window.order_by.empty() && !aggregate)
      return refuse("E0906", "the window \"" + window.name + "\" has no order", "name at least one order key");
    if (aggregate) return scope_.type(call(*aggregate, window.args));
    if (window.args.size() != (lag ? 1 : 0))
      return refuse("E0905", "the window \"" + window.name + "\" has " + std::to_string(window.args.size()) + " arguments",
                    lag ? "lag takes one" : "a place in an order takes none");
    return lag ? scope_.type(window.args.front()) : Result<TypeKind>(TypeKind::integer);
  }

  Result<> check_keep() {
    if (!select_.keep) return {};
    if (select_.windows.empty()) return refuse("E0905", "\"keep\" has no window to choose by", "use \"where\" or \"having\"");
    if (has_aggregate(*select_.keep)) return refuse("E0903", "\"keep\" uses an aggregate", "name an output column instead");
    const Scope rows = Scope::of_rows(columns_, queries_);
    TRY(Expr resolved, rows.resolve(*select_.keep, nullptr));
    TRY(TypeKind kind, rows.type(resolved));
    if (kind != TypeKind::boolean) return refuse("E0902", "\"keep\" " + show(*select_.keep) + " is no condition", "compare it with something");
    select_.keep = std::move(resolved);
    return {};
  }

  /// What comes out: without the windows that only `keep` needed.
  std::vector<ResultColumn> visible() const {
    std::vector<ResultColumn> out;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (i < select_.columns.size() || !select_.windows[i - select_.columns.size()].hidden) out.push_back(columns_[i]);
    return out;
  }

  Select& select_;
  Scope scope_;
  Queries& queries_;
  bool grouped_ = false;
  std::set<std::string> names_{};
  std::vector<ResultColumn> columns_{};  ///< all, also hidden windows
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

Result<> check_combined(const std::vector<ResultColumn>& columns, const std::vector<ResultColumn>& others) {
  if (others.size() != columns.size())
    return refuse("E0906", "a set operation combines " + std::to_string(columns.size()) + " columns with " + std::to_string(others.size()),
                  "give both the same columns");
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!comparable(columns[i].type.kind, others[i].type.kind))
      return refuse("E0906", "a set operation combines \"" + columns[i].name + "\" with \"" + others[i].name + "\", which is of another kind",
                    "give both the same kinds");
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

Result<CheckedDraft> check_draft(SpecDraft& draft, Queries& queries, const std::vector<std::string>& taken) {
  TRY_VOID(check_bounds(draft));
  TRY(Scope scope, Scope::open(draft.select, queries, taken));
  SelectCheck check(draft.select, std::move(scope), queries);
  TRY(auto columns, check.run());
  for (Combine& one : draft.combine) {
    TRY(Scope inner, Scope::open(one.select, queries, taken));
    SelectCheck other(one.select, std::move(inner), queries);
    TRY(auto others, other.run());
    TRY_VOID(check_combined(columns, others));
  }
  if (draft.combine.empty() && draft.select.windows.empty()) {
    TRY_VOID(check.check_order(draft.order_by));
  } else {
    TRY_VOID(check_names_only(draft.order_by, columns));
  }
  return CheckedDraft{std::move(columns), (draft.combine.empty() && check.one_group()) || draft.limit.value_or(2) <= 1};
}

Result<Spec> Spec::create(SpecDraft draft, const Catalog& catalog) {
  Queries queries(catalog);
  TRY(CheckedDraft checked, check_draft(draft, queries, {}));
  return Spec(std::move(draft), std::move(checked.columns));
}

}  // namespace plan
}  // namespace sluice
