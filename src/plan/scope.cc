#include "plan/scope.h"

#include <algorithm>

#include "base/text.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto it = std::ranges::find_if(all, [&](const Named& one) { return equals_ignoring_case(one.name, name); });
  return it == all.end() ? nullptr : &*it;
}

/// Leaves room for what tells an alias from another of its name.
constexpr std::size_t kNameBytesMax = 56;

std::string name_of(const Source& source) { return source.alias.empty() ? source.table.name : source.alias; }

bool any_ignoring_case(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](const std::string& one) { return equals_ignoring_case(one, name); });
}

/// To DuckDB (PostgreSQL asks for parentheses) `orders.id` is a part of a column "orders" of the nearest query, where it has one whose values have
/// parts, before it is a column of a table further out.
bool has_parts(TypeKind kind) { return kind == TypeKind::unknown || kind == TypeKind::json || kind == TypeKind::list || kind == TypeKind::structure; }

Error hides_source(const std::string& name) {
  return {ErrorKind::input, "E0904", "a column \"" + name + "\" inside \"exists\" hides the source \"" + name + "\" outside",
          "give the source outside another alias", 0};
}

Error too_many_parts() {
  return {ErrorKind::input, "E0905", "an expression has more than " + std::to_string(Queries::kPartsMax) + " parts", "split the spec", 0};
}

Error wrong_query(std::string message, std::string hint) { return {ErrorKind::input, "E0905", std::move(message), std::move(hint), 0}; }

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known, std::string otherwise) {
  const std::string near = nearest(word, known);
  return near.empty() ? std::move(otherwise) : "did you mean \"" + near + "\"?";
}

/// The column that a side of a join is, as it is or as text.
const ColumnRef* key_column(const Expr& side) {
  const auto* inner = std::get_if<Call>(&side.node);
  return std::get_if<ColumnRef>(inner != nullptr && inner->fn == Fn::to_text && inner->args.size() == 1 ? &inner->args.front().node : &side.node);
}

}  // namespace

Result<Scope> Scope::open(Select& select, Queries& queries, const std::vector<std::string>& taken) {
  Scope scope(queries);
  if (select.joins.size() + 1 > kSourcesMax)
    return Error{ErrorKind::input, "E0905", "the spec reads more than " + std::to_string(kSourcesMax) + " tables", "split it", 0};
  scope.taken_ = taken;
  scope.used_ = taken;
  scope.used_.push_back(name_of(select.from));
  for (const Join& join : select.joins) scope.used_.push_back(name_of(join.source));
  TRY_VOID(scope.add(select.from));
  for (Join& join : select.joins) {
    TRY_VOID(scope.add(join.source));
    TRY_VOID(scope.check_join(join));
  }
  return scope;
}

Scope Scope::of_rows(const std::vector<ResultColumn>& columns, Queries& queries) {
  Scope scope(queries);
  scope.entries_.push_back(rows_of(std::string(kWindowRows), columns));
  return scope;
}

Scope::Entry Scope::rows_of(const std::string& name, const std::vector<ResultColumn>& columns) {
  auto rows = std::make_unique<Table>();
  for (const ResultColumn& one : columns) rows->columns.push_back({one.name, one.type, true, false, ""});
  const Table* table = rows.get();
  return {name, name, table, std::move(rows)};
}

Result<Scope::Entry> Scope::find_source(Source& source) const {
  if (source.query != nullptr) {
    if (source.alias.empty() || !source.table.name.empty())
      return Error{ErrorKind::input, "E0904", "a query that is read like a table has no name of its own", "give it an alias, and no table", 0};
    TRY(const CheckedQuery* query, queries_->check(source.query, {}));
    source.query = query->draft;
    return rows_of(source.alias, query->columns);
  }
  const Catalog& catalog = queries_->catalog();
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
  return Entry{source.alias, source.alias, table, nullptr};
}

bool Scope::may_hide(TypeKind kind) const { return queries_->catalog().dialect != Dialect::postgres && has_parts(kind); }

Result<> Scope::add(Source& source) {
  TRY(Entry entry, find_source(source));
  for (const Entry& one : entries_)
    if (equals_ignoring_case(one.name, entry.name))
      return Error{ErrorKind::input, "E0904", "two sources are called \"" + entry.name + "\"", "give one of them another alias", 0};
  for (const Column& column : entry.table->columns)
    if (may_hide(column.type.kind) && any_ignoring_case(taken_, column.name)) return hides_source(column.name);
  if (any_ignoring_case(taken_, entry.name)) {
    // PostgreSQL cuts names after 63 bytes.
    const std::string base = entry.name.size() <= kNameBytesMax ? entry.name : "inner";
    for (int n = 2; any_ignoring_case(used_, entry.alias); ++n) entry.alias = base + "_" + std::to_string(n);
    used_.push_back(entry.alias);
    source.alias = entry.alias;
  }
  entries_.push_back(std::move(entry));
  return {};
}

std::vector<std::string> Scope::aliases() const {
  std::vector<std::string> out;
  out.reserve(entries_.size());
  for (const Entry& entry : entries_) out.push_back(entry.alias);
  return out;
}

Result<> Scope::check_join(Join& join) const {
  const std::string& name = join.source.alias;
  if (join.kind == JoinKind::cross) {
    const CheckedQuery* query = join.source.query == nullptr ? nullptr : queries_->find(join.source.query);
    if (query == nullptr || !query->one_row || !join.on.empty())
      return wrong_query("the cross join with \"" + name + "\" is none with the one row of a query",
                         "cross join a query of aggregates without groups, or with limit 1, and no \"on\"");
    return {};
  }
  if (join.on.empty()) return wrong_query("the join with \"" + name + "\" has no columns to match", "name at least one pair under \"on\"");
  for (JoinPair& pair : join.on) {
    for (Expr* side : {&pair.left, &pair.right}) {
      TRY(Expr resolved, resolve(*side, nullptr));
      *side = std::move(resolved);
    }
    const ColumnRef *left = key_column(pair.left), *right = key_column(pair.right);
    if (left == nullptr || right == nullptr || right->source != name || left->source == name)
      return wrong_query("the join with \"" + name + "\" does not match a column of an earlier source with one of its own",
                         "write left: a column of an earlier source, right: a column of this one");
    TRY_VOID(type(call(Fn::eq, {pair.left, pair.right})));
  }
  return {};
}

Error Scope::no_such_column(const ColumnRef& ref) const {
  std::vector<std::string> known;
  bool source_known = ref.source.empty();
  for (const Entry& entry : entries_) {
    if (!ref.source.empty() && !equals_ignoring_case(entry.name, ref.source)) continue;
    source_known = true;
    for (const Column& one : entry.table->columns) known.push_back(one.name);
  }
  if (!source_known) {
    for (const Entry& entry : entries_) known.push_back(entry.name);
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
    if (!ref.source.empty() && !equals_ignoring_case(entry.name, ref.source)) continue;
    if (entry.table->find_column(ref.column) == nullptr) continue;
    if (found != nullptr)
      return Error{ErrorKind::input, "E0904", "column \"" + ref.column + "\" is in \"" + found->name + "\" and in \"" + entry.name + "\"",
                   "name its source", 0};
    found = &entry;
  }
  if (found == nullptr) return no_such_column(ref);
  return column(found->alias, found->table->find_column(ref.column)->name);
}

Result<Expr> Scope::resolve_node(const Expr& expr, const std::vector<Named>* outputs, std::int64_t& parts) const {
  if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
    TRY(Expr found, resolve_ref(*ref, outputs));
    parts += queries_->parts(found);
    return parts > Queries::kPartsMax ? Result<Expr>(too_many_parts()) : Result<Expr>(std::move(found));
  }
  ++parts;
  if (const auto* inside = std::get_if<Exists>(&expr.node)) return resolve_exists(*inside, outputs, parts);
  if (const auto* inside = std::get_if<Scalar>(&expr.node)) return resolve_scalar(*inside, parts);
  const auto* inner = std::get_if<Call>(&expr.node);
  if (inner == nullptr) return expr;
  Call out{inner->fn, {}};
  for (const Expr& arg : inner->args) {
    TRY(Expr value, resolve_node(arg, outputs, parts));
    out.args.push_back(std::move(value));
  }
  return Expr{std::move(out)};
}

Result<Expr> Scope::resolve_exists(const Exists& inside, const std::vector<Named>* outputs, std::int64_t& parts) const {
  if (inside.on.empty()) return wrong_query("\"exists\" has nothing to match", "name at least one value and column under \"on\"");
  const std::vector<std::string> names = aliases();
  TRY(const CheckedQuery* query, queries_->check(inside.query, names));
  for (const ResultColumn& one : query->columns)
    if (may_hide(one.type.kind) && any_ignoring_case(names, one.name)) return hides_source(one.name);
  Exists out{query->draft, {}};
  for (const JoinKey& key : inside.on) {
    TRY(Expr value, resolve_node(key.value, outputs, parts));
    const auto found = std::ranges::find_if(query->columns, [&](const ResultColumn& one) { return equals_ignoring_case(one.name, key.column); });
    if (found == query->columns.end())
      return Error{ErrorKind::input, "E0901", "the query inside \"exists\" gives no column \"" + key.column + "\"", "name one of its output columns",
                   0};
    if (has_aggregate(value))
      return Error{ErrorKind::input, "E0903", "\"exists\" looks for the aggregate " + show(value), "look for a column of a source that is a query",
                   0};
    TRY(TypeKind kind, type(value));
    if (!comparable(kind, found->type.kind))
      return Error{ErrorKind::input, "E0902",
                   "\"exists\" compares " + show(value) + ", " + std::string(enum_name(kind)) + ", with \"" + found->name + "\", " +
                       std::string(enum_name(found->type.kind)),
                   "compare values of one kind", 0};
    out.on.push_back({std::move(value), found->name});
  }
  parts += query->parts;
  return parts > Queries::kPartsMax ? Result<Expr>(too_many_parts()) : Result<Expr>(Expr{std::move(out)});
}

Result<Expr> Scope::resolve_scalar(const Scalar& inside, std::int64_t& parts) const {
  TRY(const CheckedQuery* query, queries_->check(inside.query, {}));
  if (query->columns.size() != 1 || !query->one_row)
    return wrong_query("the query inside \"scalar\" does not give one value", "give it one column, and aggregates without groups or limit 1");
  parts += query->parts;
  return parts > Queries::kPartsMax ? Result<Expr>(too_many_parts()) : Result<Expr>(Expr{Scalar{query->draft}});
}

Result<Expr> Scope::resolve(const Expr& expr, const std::vector<Named>* outputs) const {
  std::int64_t parts = 0;
  return resolve_node(expr, outputs, parts);
}

Result<TypeKind> Scope::type(const Expr& resolved) const {
  const auto column_type = [this](const ColumnRef& ref) -> Result<TypeKind> {
    for (const Entry& entry : entries_)
      if (entry.alias == ref.source)
        if (const Column* found = entry.table->find_column(ref.column)) return found->type.kind;
    return no_such_column(ref);
  };
  const auto query_type = [this](const Scalar& inside) -> Result<TypeKind> {
    const CheckedQuery* query = queries_->find(inside.query);
    return query == nullptr ? Result<TypeKind>(Error::bug("a query that was not checked has no type")) : query->columns.front().type.kind;
  };
  return type_of(resolved, {column_type, query_type});
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
