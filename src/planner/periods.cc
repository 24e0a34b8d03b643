#include "planner/periods.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/text.h"

namespace sluice::planner {
namespace {

using plan::Fn;

struct Unit {
  Role role;
  const char* name;
  Fn part, trunc;
};
constexpr std::array<Unit, 6> kUnits{{{Role::year, "year", Fn::year, Fn::year},
                                      {Role::quarter, "quarter", Fn::quarter, Fn::trunc_quarter},
                                      {Role::month, "month", Fn::month, Fn::trunc_month},
                                      {Role::week, "week", Fn::week, Fn::trunc_week},
                                      {Role::day, "day", Fn::day, Fn::trunc_day},
                                      {Role::weekday, "weekday", Fn::weekday, Fn::weekday}}};

const Column* number_column(const Table& table, std::string_view name) {
  for (const Column& column : table.columns)
    if (column.type.kind == TypeKind::integer && name_pieces(column.name) == std::vector<std::string>{std::string(name)}) return &column;
  return nullptr;
}

/// "order_date" is when an order happened, "created_at" when any row did.
bool named_after(const Column& column, const Table& table) {
  const auto own = name_pieces(table.name.name);
  return std::ranges::all_of(name_pieces(column.name), [&](const std::string& piece) {
    return std::ranges::find(own, piece) != own.end() || piece == "date" || piece == "time" || piece == "created" || piece == "at" || piece == "on" ||
           piece == "timestamp";
  });
}

struct Dated {
  const Column* column = nullptr;
  int candidates = 0;
  bool guessed = false;
};

Dated date_of(const Table& table) {
  Dated out;
  const Column* named = nullptr;
  int named_count = 0;
  for (const Column& column : table.columns) {
    if (!column.type.is_temporal()) continue;
    out.column = &column;
    ++out.candidates;
    if (!named_after(column, table)) continue;
    named = &column;
    ++named_count;
  }
  if (out.candidates > 1 && named_count == 1) return {named, 1, true};
  return out;
}

Error no_date(const Table& table, int candidates) {
  if (candidates > 1)
    return {ErrorKind::unanswerable, "E0603", "\"" + table.name.name + "\" has several dates, and the question doesn't say which is meant",
            "name the date column", 0};
  return {ErrorKind::unanswerable, "E0602", "\"" + table.name.name + "\" has no date to tell the period by",
          "ask without the period, or name the column that holds it", 0};
}

/// The date of the root's rows, or of the one row of another table that each refers to.
Result<PeriodColumn> date_column(JoinTree& tree, const Catalog& catalog, const Schema& schema, Missing missing) {
  const Table& root = catalog.tables[static_cast<std::size_t>(tree.root())];
  Dated own = date_of(root);
  std::string alias = root.name.name;
  if (own.candidates == 0) {
    int from = -1;
    for (const int edge : schema.graph.edges_from(tree.root())) {
      const int target = schema.graph.edge(edge).to;
      const Dated other = date_of(catalog.tables[static_cast<std::size_t>(target)]);
      // Dates such as a birthday are of the other row itself; only a date named after its table says when something happened.
      if (other.candidates != 1 || !named_after(*other.column, catalog.tables[static_cast<std::size_t>(target)])) continue;
      own = from < 0 ? Dated{other.column, 1, true} : Dated{nullptr, 2, false};
      from = target;
    }
    if (own.candidates == 1) {
      TRY(alias, tree.reach(from, missing));
    }
  }
  if (own.candidates != 1) return no_date(root, own.candidates);
  PeriodColumn out;
  out.column = plan::column(alias, own.column->name);
  out.column_name = own.column->name;
  out.guessed = own.guessed ? 1 : 0;
  return out;
}

std::string iso(int year, int month) {
  const std::string m = std::to_string(month), y = std::to_string(year);
  return std::string(4 - std::min<std::size_t>(4, y.size()), '0') + y + "-" + (m.size() < 2 ? "0" : "") + m + "-01";
}

std::string next_day(const std::string& date) {
  using namespace std::chrono;
  const year_month_day day{year{std::stoi(date.substr(0, 4))}, month{static_cast<unsigned>(std::stoi(date.substr(5, 2)))},
                           std::chrono::day{static_cast<unsigned>(std::stoi(date.substr(8, 2)))}};
  const year_month_day next{sys_days{day} + days{1}};
  const std::string first = iso(static_cast<int>(next.year()), static_cast<int>(static_cast<unsigned>(next.month())));
  const unsigned number = static_cast<unsigned>(next.day());
  return first.substr(0, 8) + (number < 10 ? "0" : "") + std::to_string(number);
}

void add_range(std::vector<plan::Expr>& out, const plan::Expr& column, const std::string& begin, const std::string& end) {
  out.push_back(plan::call(Fn::ge, {column, plan::date(begin)}));
  out.push_back(plan::call(Fn::lt, {column, plan::date(end)}));
}

/// "orders.order_date"
std::string shown(const plan::Expr& column) {
  const auto& ref = std::get<plan::ColumnRef>(column.node);
  return ref.source + "." + ref.column;
}

std::string compared(plan::Fn fn) {
  switch (fn) {
    case Fn::eq: return " on ";
    case Fn::ne: return " not on ";
    case Fn::gt: return " after ";
    case Fn::ge: return " from ";
    case Fn::lt: return " before ";
    case Fn::le: return " up to ";
    default: return " between ";
  }
}

/// A date of the rows, in one column or in its parts, which are compared one after the other.
struct Moment {
  std::vector<plan::Expr> columns{};
  int guessed = 0;
  std::string meaning{};

  plan::Expr from(const std::string& day) const { return beyond(day, Fn::gt, Fn::ge); }
  plan::Expr before(const std::string& day) const { return beyond(day, Fn::lt, Fn::lt); }
  plan::Expr on(const std::string& day) const {
    std::vector<plan::Expr> out;
    if (columns.size() == 1) add_range(out, columns.front(), day, next_day(day));
    for (std::size_t i = 0; columns.size() > 1 && i < columns.size(); ++i)
      out.push_back(plan::call(Fn::eq, {columns[i], plan::integer(numbers(day)[i])}));
    return plan::call(Fn::logical_and, std::move(out));
  }

 private:
  static std::array<int, 3> numbers(const std::string& day) {
    return {std::stoi(day.substr(0, 4)), std::stoi(day.substr(5, 2)), std::stoi(day.substr(8, 2))};
  }
  plan::Expr beyond(const std::string& day, Fn strictly, Fn last) const {
    if (columns.size() == 1) return plan::call(last, {columns.front(), plan::date(day)});
    const auto parts = numbers(day);
    std::size_t depth = parts.size();
    // Of a first day, and of a first month, the parts before it say all.
    while (depth > 1 && parts[depth - 1] == 1) --depth;
    plan::Expr out = plan::call(last, {columns[depth - 1], plan::integer(parts[depth - 1])});
    for (std::size_t i = depth - 1; i-- > 0;)
      out = plan::call(Fn::logical_or, {plan::call(strictly, {columns[i], plan::integer(parts[i])}),
                                        plan::call(Fn::logical_and, {plan::call(Fn::eq, {columns[i], plan::integer(parts[i])}), std::move(out)})});
    return out;
  }
};

Result<Moment> moment(JoinTree& tree, const Catalog& catalog, const Schema& schema) {
  const Table& root = catalog.tables[static_cast<std::size_t>(tree.root())];
  Moment out;
  for (const std::string& name : date_parts(root)) out.columns.push_back(plan::column(root.name.name, name));
  out.meaning = root.name.name + "." + join(date_parts(root), ", ");
  if (!out.columns.empty()) return out;
  TRY(PeriodColumn when, date_column(tree, catalog, schema, Missing::match));
  return Moment{{when.column}, when.guessed, shown(when.column)};
}

bool is_day(const std::string& day) {
  using namespace std::chrono;
  return year_month_day{year{std::stoi(day.substr(0, 4))}, month{static_cast<unsigned>(std::stoi(day.substr(5, 2)))},
                        std::chrono::day{static_cast<unsigned>(std::stoi(day.substr(8, 2)))}}
      .ok();
}

/// A comparison with a day: of a timestamp the whole day is meant.
Result<PeriodFilter> compare_day(const Moment& when, const Filter& filter) {
  for (const plan::Literal& operand : filter.operands) {
    if (operand.type != TypeKind::date) return Error::bug("a period was compared with no date");
    if (const auto& day = std::get<std::string>(operand.value); !is_day(day))
      return Error{ErrorKind::unanswerable, "E0606", "there is no day " + day, "write a date as year-month-day, such as 2013-02-28", 0};
  }
  const std::string& day = std::get<std::string>(filter.operands.front().value);
  const std::string& last = std::get<std::string>(filter.operands.back().value);
  PeriodFilter out{{}, when.guessed, when.meaning + compared(filter.fn) + day};
  if (filter.fn == Fn::between) out.meaning += " and " + last;
  switch (filter.fn) {
    case Fn::eq: out.conditions.push_back(when.on(day)); break;
    case Fn::ne: out.conditions.push_back(plan::call(Fn::logical_not, {when.on(day)})); break;
    case Fn::gt: out.conditions.push_back(when.from(next_day(day))); break;
    case Fn::ge: out.conditions.push_back(when.from(day)); break;
    case Fn::le: out.conditions.push_back(when.before(next_day(day))); break;
    case Fn::lt: out.conditions.push_back(when.before(day)); break;
    default: out.conditions.push_back(plan::call(Fn::logical_and, {when.from(day), when.before(next_day(last))})); break;
  }
  return out;
}

}  // namespace

std::vector<std::string> date_parts(const Table& table) {
  const Column *year = number_column(table, "year"), *month = number_column(table, "month"), *day = number_column(table, "day");
  if (year == nullptr || month == nullptr || day == nullptr) return {};
  return {year->name, month->name, day->name};
}

bool is_day_of_month(const Column& column, const Table& table) {
  const auto parts = date_parts(table);
  return !parts.empty() && parts.back() == column.name;
}

Result<PeriodColumn> period_column(JoinTree& tree, const Catalog& catalog, const Schema& schema, Role period) {
  const Table& root = catalog.tables[static_cast<std::size_t>(tree.root())];
  const auto unit = std::ranges::find(kUnits, period, &Unit::role);
  if (unit == kUnits.end()) return date_column(tree, catalog, schema, Missing::keep);
  if (const auto parts = date_parts(root); period == Role::day && !parts.empty()) {
    PeriodColumn out;
    for (const std::string& name : parts) out.groups.push_back({name, plan::column(root.name.name, name)});
    out.meaning = "columns " + root.name.name + "." + join(parts, ", ");
    return out;
  }
  // A day of the month is no day: where months are a column of their own, the date has to say it.
  const bool part_only = period == Role::day && number_column(root, "month") != nullptr;
  if (const Column* number = part_only ? nullptr : number_column(root, unit->name)) {
    const plan::Expr column = plan::column(root.name.name, number->name);
    return PeriodColumn{column, number->name, {{number->name, column}}, 0, "column " + shown(column)};
  }
  TRY(PeriodColumn out, date_column(tree, catalog, schema, Missing::keep));
  out.groups = {{unit->name, plan::call(unit->trunc, {out.column})}};
  out.meaning = std::string(unit->name) + " of " + shown(out.column);
  return out;
}

Result<PeriodFilter> period_filter(JoinTree& tree, const Catalog& catalog, const Schema& schema, const Filter& filter) {
  const Table& root = catalog.tables[static_cast<std::size_t>(tree.root())];
  if (filter.kind == Filter::Kind::compare) {
    TRY(Moment when, moment(tree, catalog, schema));
    return compare_day(when, filter);
  }
  PeriodFilter out;
  const Column* year = number_column(root, "year");
  const Column* month = number_column(root, "month");
  const bool numbers = (filter.year == 0 || year != nullptr) && (filter.month == 0 || month != nullptr);
  std::vector<plan::Expr> parts;
  if (numbers) {
    const auto add = [&](const std::string& name, int number) {
      parts.push_back(plan::call(Fn::eq, {plan::column(root.name.name, name), plan::integer(number)}));
      out.meaning += (out.meaning.empty() ? "" : " and ") + root.name.name + "." + name + " = " + std::to_string(number);
    };
    if (filter.year != 0) add(year->name, filter.year);
    if (filter.month != 0) add(month->name, filter.month);
  } else {
    TRY(PeriodColumn when, date_column(tree, catalog, schema, Missing::match));
    out.guessed = when.guessed;
    if (filter.year == 0) {
      parts.push_back(plan::call(Fn::eq, {plan::call(Fn::month, {when.column}), plan::integer(filter.month)}));
      out.meaning = "month of " + shown(when.column) + " = " + std::to_string(filter.month);
    } else {
      const int first = filter.month == 0 ? 1 : filter.month;
      const bool december = filter.month == 0 || filter.month == 12;
      const std::string begin = iso(filter.year, first), end = december ? iso(filter.year + 1, 1) : iso(filter.year, filter.month + 1);
      add_range(parts, when.column, begin, end);
      out.meaning = shown(when.column) + " from " + begin + " to before " + end;
    }
  }
  // Negated, both halves together are what is not meant.
  if (filter.negated && parts.size() > 1) {
    out.conditions.push_back(plan::call(Fn::logical_and, std::move(parts)));
  } else {
    out.conditions = std::move(parts);
  }
  return out;
}

}  // namespace sluice::planner
