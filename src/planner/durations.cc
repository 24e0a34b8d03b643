#include "planner/durations.h"

#include <algorithm>

#include "base/text.h"
#include "planner/words.h"

namespace sluice::planner {
namespace {

using plan::Expr;
using plan::Fn;

constexpr std::string_view kTimePieces[] = {"ts", "time", "date", "at", "timestamp", "on", "dt", "datetime"};

const Column& column_at(const Table& table, int id) { return table.columns[static_cast<std::size_t>(id)]; }

bool has_hours(const Column& column) { return column.type.kind == TypeKind::timestamp || column.type.kind == TypeKind::timestamptz; }
/// Whether the time of the day is known of both.
bool has_hours(const Table& table, const Duration& of) {
  const Column &first = column_at(table, of.first), &last = column_at(table, of.last);
  return has_hours(first) && first.type.kind == last.type.kind;
}

/// How many of the smaller unit one is: of seconds, or of days.
int size_of(TimeUnit unit, bool of_days) {
  constexpr int kMinute = 60, kHour = 3600, kDay = 86400, kWeek = 7;
  switch (unit) {
    case TimeUnit::second: return 1;
    case TimeUnit::minute: return kMinute;
    case TimeUnit::hour: return kHour;
    case TimeUnit::week: return of_days ? kWeek : kWeek * kDay;
    default: return of_days ? 1 : kDay;
  }
}

std::string_view name_of(TimeUnit unit) {
  constexpr std::string_view kNames[] = {"seconds", "minutes", "hours", "days", "nights", "weeks"};
  return kNames[static_cast<std::size_t>(unit)];
}

/// Takes from both ends what two names share; returns it.
std::vector<std::string> take_shared(std::vector<std::string>& first, std::vector<std::string>& last) {
  std::vector<std::string> front, back;
  while (first.size() > 1 && last.size() > 1 && first.front() == last.front()) {
    front.push_back(first.front());
    first.erase(first.begin());
    last.erase(last.begin());
  }
  while (first.size() > 1 && last.size() > 1 && first.back() == last.back()) {
    back.insert(back.begin(), first.back());
    first.pop_back();
    last.pop_back();
  }
  // "check" of check_in and check_out alone says nothing.
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

bool is_one_of(const std::vector<std::vector<std::string>>& list, const std::vector<std::string>& pieces) {
  return std::ranges::find(list, pieces) != list.end();
}

/// Which kinds two names are of, as they are or without what they share, or without the name of their table.
std::vector<const Lasting*> kinds_of(const std::vector<std::string>& first, const std::vector<std::string>& last, const Lexicon& lexicon) {
  std::vector<const Lasting*> out;
  for (const Lasting& one : lexicon.lasting())
    if (is_one_of(one.begins, first) && is_one_of(one.ends, last)) out.push_back(&one);
  return out;
}

void take_out(std::vector<std::string>& pieces, const std::vector<std::string>& own) {
  auto rest = pieces;
  std::erase_if(rest, [&](const std::string& piece) { return std::ranges::find(own, piece) != own.end(); });
  if (!rest.empty()) pieces = std::move(rest);
}

}  // namespace

std::vector<std::string> event_pieces(const std::string& name) {
  auto out = name_pieces(name);
  // "on" of "hired_on" and "at" of "opened_at"
  std::erase_if(out, [](const std::string& piece) { return std::ranges::find(kTimePieces, piece) != std::end(kTimePieces); });
  return out;
}

int number_of(const Duration& duration, std::size_t columns) {
  const int n = static_cast<int>(columns);
  return n + (duration.first * n + duration.last) * static_cast<int>(kTimeUnits) + static_cast<int>(duration.unit);
}

Duration duration_of(int number, std::size_t columns) {
  const int n = static_cast<int>(columns), units = static_cast<int>(kTimeUnits);
  const int of = (number - n) / units;
  return {of / n, of % n, static_cast<TimeUnit>((number - n) % units)};
}

bool may_be_told(const Table& table, const Duration& duration) {
  const bool parts_of_days = duration.unit == TimeUnit::second || duration.unit == TimeUnit::minute || duration.unit == TimeUnit::hour;
  return !parts_of_days || has_hours(table, duration);
}

Duration in_own_unit(const Table& table, int first, int last) {
  const Duration out{first, last, TimeUnit::second};
  return has_hours(table, out) ? out : Duration{first, last, TimeUnit::day};
}

Expr value_of(const Table& table, const Duration& duration) {
  // Nights are counted by their dates, also where the hours are known.
  const bool of_days = duration.unit == TimeUnit::night || !has_hours(table, duration);
  Expr value = plan::call(of_days ? Fn::days_between : Fn::seconds_between,
                          {plan::column("", column_at(table, duration.first).name), plan::column("", column_at(table, duration.last).name)});
  const int size = size_of(duration.unit, of_days);
  return size == 1 ? value : plan::call(Fn::divide, {std::move(value), plan::integer(size)});
}

Column column_of(const Table& table, const Duration& duration) {
  auto first = event_pieces(column_at(table, duration.first).name), last = event_pieces(column_at(table, duration.last).name);
  const std::string whole = join(first, "_") + "_to_" + join(last, "_");
  auto shared = take_shared(first, last);
  const auto is = [](const std::vector<std::string>& pieces, std::initializer_list<std::string_view> words) {
    return pieces.size() == 1 && std::ranges::find(words, pieces.front()) != words.end();
  };
  const bool plain = is(first, {"start", "started"}) && is(last, {"end", "ended"});
  shared.emplace_back("duration");
  const std::string unit(name_of(duration.unit));
  return {(plain ? join(shared, "_") : whole) + "_" + unit, Type{TypeKind::floating, ""}, true, false, "in " + unit};
}

std::vector<NamedDuration> named_durations(const Table& table, int id, const Lexicon& lexicon) {
  std::vector<NamedDuration> out;
  for (const Column& column : table.columns)
    if (column.type.is_numeric() && lexicon.is_lasting(name_pieces(column.name))) return out;
  const auto own = name_pieces(table.name.name);
  for (int f = 0; f < static_cast<int>(table.columns.size()); ++f)
    for (int l = 0; l < static_cast<int>(table.columns.size()); ++l) {
      if (f == l || !column_at(table, f).type.is_temporal() || !column_at(table, l).type.is_temporal()) continue;
      auto first = event_pieces(column_at(table, f).name), last = event_pieces(column_at(table, l).name);
      NamedDuration one{.table = id, .first = f, .last = l, .kinds = kinds_of(first, last, lexicon)};
      if (one.kinds.empty()) {
        one.of = take_shared(first, last);
        one.kinds = kinds_of(first, last, lexicon);
      }
      if (one.kinds.empty()) {
        take_out(first, own);
        take_out(last, own);
        one.kinds = kinds_of(first, last, lexicon);
      }
      one.whole = std::ranges::any_of(one.kinds, &Lasting::whole);
      if (!one.kinds.empty()) out.push_back(std::move(one));
    }
  return out;
}

}  // namespace sluice::planner
