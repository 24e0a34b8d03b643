#include "plan/glossary_binding.h"

#include <algorithm>

#include "base/text.h"
#include "plan/expression_text.h"
#include "plan/typing.h"

namespace sluice::plan {
namespace {

bool temporal(TypeKind kind) { return kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamptz; }

Error unknown_name(std::string message, std::string_view written, const std::vector<std::string>& known, std::string otherwise) {
  const std::string near = nearest(written, known);
  return {ErrorKind::input, "E0741", std::move(message), near.empty() ? std::move(otherwise) : "did you mean \"" + near + "\"?", 0};
}

Error cannot_be_meant(std::string message, std::string hint) { return {ErrorKind::input, "E0742", std::move(message), std::move(hint), 0}; }

std::string shown(std::string_view text) { return "\"" + show_hidden(text, false) + "\""; }

/// Whether a column stands outside of every aggregate, or an aggregate inside of one.
bool mixes_rows_and_groups(const Expr& expr, bool inside) {
  if (std::holds_alternative<ColumnRef>(expr.node)) return !inside;
  const auto* inner = std::get_if<Call>(&expr.node);
  if (inner == nullptr) return false;
  const bool aggregate = is_aggregate(inner->fn);
  if (aggregate && inside) return true;
  return std::ranges::any_of(inner->args, [&](const Expr& arg) { return mixes_rows_and_groups(arg, inside || aggregate); });
}

class Binder {
 public:
  Binder(const Glossary& glossary, const Catalog& catalog) : glossary_(glossary), catalog_(catalog) {}

  BoundGlossary bind() {
    each(glossary_.terms, out_.terms, &Binder::term);
    each(glossary_.values, out_.values, &Binder::value);
    each(glossary_.measures, out_.measures, &Binder::measure);
    each(glossary_.defaults, out_.defaults, &Binder::defaults);
    return std::move(out_);
  }

 private:
  template <class Entry, class Bound>
  void each(const std::vector<Entry>& entries, std::vector<Bound>& bound, Result<Bound> (Binder::*one)(const Entry&) const) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      auto made = (this->*one)(entries[i]);
      if (made) {
        made->entry = i;
        bound.push_back(*std::move(made));
        continue;
      }
      Error problem = std::move(made).error();
      problem.message = glossary_.path + " line " + std::to_string(entries[i].line) + ": " + problem.message;
      out_.problems.push_back(std::move(problem));
    }
  }

  const Table& at(std::size_t table) const { return catalog_.tables[table]; }
  std::string display(std::size_t table) const { return catalog_.display(at(table).name); }

  /// The table of that schema ("": on the search path) and name, if it may be asked for.
  std::optional<std::size_t> table_called(const std::string& schema, const std::string& name) const {
    const Table* found = catalog_.find(schema, name);
    const auto place = std::ranges::find_if(catalog_.tables, [&](const Table& one) { return &one == found; });
    return place == catalog_.tables.end() ? std::nullopt : std::optional(static_cast<std::size_t>(place - catalog_.tables.begin()));
  }

  std::optional<std::size_t> column_called(std::size_t table, const std::string& name) const {
    const Column* found = at(table).find_column(name);
    return found == nullptr ? std::nullopt : std::optional(static_cast<std::size_t>(found - at(table).columns.data()));
  }

  Error no_such_table(const std::string& written) const {
    std::vector<std::string> known;
    known.reserve(catalog_.tables.size());
    for (const Table& one : catalog_.tables) known.push_back(catalog_.display(one.name));
    return unknown_name("table " + shown(written) + " is not in connection \"" + catalog_.connection + "\"", written, known,
                        "`sluice catalog show` lists the tables; an entry for other connections says so: connections: [NAME]");
  }
  Error no_such_column(std::size_t table, const std::string& name) const {
    std::vector<std::string> known;
    for (const Column& one : at(table).columns) known.push_back(one.name);
    return unknown_name("table \"" + display(table) + "\" has no column " + shown(name), name, known,
                        "`sluice catalog show " + display(table) + "` lists its columns");
  }

  Result<std::size_t> table_named(const std::string& text) const {
    TRY(const std::vector<std::string> parts, parse_name(text));
    if (parts.size() > 2) return no_such_table(text);
    if (const auto found = table_called(parts.size() == 2 ? parts[0] : "", parts.back())) return *found;
    return no_such_table(text);
  }

  Result<std::size_t> column_named(std::size_t table, const std::string& name) const {
    if (const auto found = column_called(table, name)) return *found;
    return no_such_column(table, name);
  }

  Result<BoundGlossary::Term> term(const GlossaryTerm& entry) const {
    TRY(const std::vector<std::string> parts, parse_name(entry.means));
    const auto whole = parts.size() > 2 ? std::nullopt : table_called(parts.size() == 2 ? parts[0] : "", parts.back());
    const auto owner = parts.size() == 1 ? std::nullopt : table_called(parts.size() == 3 ? parts[0] : "", parts[parts.size() - 2]);
    const auto column = owner ? column_called(*owner, parts.back()) : std::nullopt;
    if (whole && column)
      return Error{ErrorKind::input, "E0741",
                   shown(entry.means) + " is a table of schema " + shown(parts[0]) + " and a column of table " + shown(parts[0]),
                   "write the column with its schema: " + name_text({at(*owner).name.schema, at(*owner).name.name, parts[1]}), 0};
    if (whole) return BoundGlossary::Term{.table = *whole};
    if (column) return BoundGlossary::Term{.table = *owner, .column = column};
    return owner ? no_such_column(*owner, parts.back()) : no_such_table(entry.means);
  }

  /// The place of a column that may stand without its table where there is a table to take it from.
  Result<std::pair<std::size_t, std::size_t>> place_of(const ColumnRef& ref, std::optional<std::size_t> home) const {
    if (ref.source.empty() && !home)
      return cannot_be_meant("of which table is column " + shown(ref.column) + "?", "write it with its table: customers." + ref.column);
    std::size_t table = home.value_or(0);
    if (!ref.source.empty()) {
      TRY(table, table_named(ref.source));
    }
    TRY(const std::size_t column, column_named(table, ref.column));
    return std::pair{table, column};
  }

  /// The expression with the catalog's names. All its columns are of one table, `table`.
  Result<Expr> resolved(const Expr& expr, std::optional<std::size_t>& table, bool fixed) const {
    if (const auto* ref = std::get_if<ColumnRef>(&expr.node)) {
      TRY(const auto place, place_of(*ref, fixed ? table : std::nullopt));
      if (table && *table != place.first)
        return cannot_be_meant("it names columns of \"" + display(*table) + "\" and of \"" + display(place.first) + "\"",
                               "an entry is about the rows of one table; where it needs two, make a view in the database");
      table = place.first;
      return column(display(place.first), at(place.first).columns[place.second].name);
    }
    const auto* inner = std::get_if<Call>(&expr.node);
    if (inner == nullptr) return expr;
    Call out{inner->fn, {}};
    for (const Expr& arg : inner->args) {
      TRY(Expr one, resolved(arg, table, fixed));
      out.args.push_back(std::move(one));
    }
    return Expr{std::move(out)};
  }

  TypeKind kind_of(std::size_t table, const ColumnRef& ref) const {
    const Column* found = at(table).find_column(ref.column);
    return found == nullptr ? TypeKind::unknown : found->type.kind;
  }

  /// Text beside a date or a timestamp is one: the notation has no other way to write it.
  void date_texts(Expr& expr, std::size_t table) const {
    auto* inner = std::get_if<Call>(&expr.node);
    if (inner == nullptr) return;
    TypeKind beside = TypeKind::unknown;
    for (Expr& arg : inner->args) {
      date_texts(arg, table);
      if (const auto* ref = std::get_if<ColumnRef>(&arg.node); ref != nullptr && temporal(kind_of(table, *ref))) beside = kind_of(table, *ref);
    }
    if (beside == TypeKind::unknown) return;
    for (Expr& arg : inner->args)
      if (auto* literal = std::get_if<Literal>(&arg.node); literal != nullptr && literal->type == TypeKind::text) {
        constexpr std::size_t kDateSize = 10;
        const bool day = std::get<std::string>(literal->value).size() == kDateSize;
        literal->type = day ? TypeKind::date : TypeKind::timestamp;
      }
  }

  Result<TypeKind> typed(Expr& expr, std::size_t table) const {
    date_texts(expr, table);
    // The notation has no way to write a query within an expression.
    return type_of(expr, {.column = [&](const ColumnRef& ref) -> Result<TypeKind> { return kind_of(table, ref); },
                          .scalar = [](const Scalar&) -> Result<TypeKind> { return Error::bug("a query in a glossary's expression"); }});
  }

  /// A condition on the rows of one table: of `table`, where there is one.
  Result<Expr> condition(const std::string& text, std::optional<std::size_t>& table) const {
    TRY(const Expr read, parse_expression(text));
    TRY(Expr out, resolved(read, table, table.has_value()));
    if (!table) return cannot_be_meant(shown(text) + " names no column", "write for example customers.country = 'USA'");
    if (has_aggregate(out)) return cannot_be_meant(shown(text) + " is about many rows at once", "test a row's own columns, without sum and the like");
    TRY(const TypeKind kind, typed(out, *table));
    if (kind != TypeKind::boolean) return cannot_be_meant(shown(text) + " is no condition", "compare it with something: quantity > 100");
    return out;
  }

  Result<BoundGlossary::Value> value(const GlossaryValue& entry) const {
    std::optional<std::size_t> table;
    TRY(Expr out, condition(entry.condition, table));
    return BoundGlossary::Value{.table = *table, .condition = std::move(out)};
  }

  Result<BoundGlossary::Measure> measure(const GlossaryMeasure& entry) const {
    TRY(const std::size_t home, table_named(entry.table));
    TRY(const Expr read, parse_expression(entry.expression));
    std::optional<std::size_t> table = home;
    TRY(Expr out, resolved(read, table, true));
    if (!has_aggregate(out))
      return cannot_be_meant(shown(entry.expression) + " has a value for each row", "say what becomes of many rows: sum(" + entry.expression + ")");
    if (mixes_rows_and_groups(out, false))
      return cannot_be_meant(shown(entry.expression) + " has a column outside of its sums and the like, or one of these inside of another",
                             "put every column into exactly one of sum, avg, min, max, median, count and count_distinct");
    TRY_VOID(typed(out, home));
    return BoundGlossary::Measure{.table = home, .value = std::move(out)};
  }

  Result<BoundGlossary::Defaults> defaults(const TableDefaults& entry) const {
    TRY(const std::size_t home, table_named(entry.table));
    BoundGlossary::Defaults out{.table = home};
    if (const auto twice = std::ranges::find(out_.defaults, home, &BoundGlossary::Defaults::table); twice != out_.defaults.end())
      return cannot_be_meant(
          "table \"" + display(home) + "\" has its defaults already in line " + std::to_string(glossary_.defaults[twice->entry].line),
          "put them into one entry");
    if (!entry.filter.empty()) {
      std::optional<std::size_t> table = home;
      TRY(out.filter, condition(entry.filter, table));
    }
    if (!entry.date.empty()) {
      TRY(const std::vector<std::string> parts, parse_name(entry.date));
      if (parts.size() > 1) return cannot_be_meant(shown(entry.date) + " is no column's name", "write the column alone: " + parts.back());
      TRY(out.date, column_named(home, parts.back()));
      const Column& column = at(home).columns[*out.date];
      if (!temporal(column.type.kind))
        return cannot_be_meant("column \"" + column.name + "\" is no date: its type is " + column.type.native,
                               "name a column of dates or timestamps");
    }
    return out;
  }

  const Glossary& glossary_;
  const Catalog& catalog_;
  BoundGlossary out_{};
};

}  // namespace

BoundGlossary bind_glossary(const Glossary& glossary, const Catalog& catalog) { return Binder(glossary, catalog).bind(); }

}  // namespace sluice::plan
