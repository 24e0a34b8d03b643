#include "data/key_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace sluice::key_names {
namespace {

using Words = std::vector<std::string>;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

enum class Letter : std::uint8_t { other, lower, upper, digit };
Letter letter(char c) {
  if (c >= 'a' && c <= 'z') return Letter::lower;
  if (c >= 'A' && c <= 'Z') return Letter::upper;
  if (c >= '0' && c <= '9') return Letter::digit;
  return static_cast<unsigned char>(c) >= 0x80 ? Letter::lower : Letter::other;
}

/// "HomeTeam" before the T, "TVSeries" before the S; digits stay with what stands before them.
bool begins_word(std::string_view name, std::size_t at) {
  const Letter before = letter(name[at - 1]), here = letter(name[at]);
  if (here != Letter::upper) return false;
  const bool next_lower = at + 1 < name.size() && letter(name[at + 1]) == Letter::lower;
  // An ID after lower-case letters is a word (TeamID); so is a last capital before small letters (TVSeries).
  return before == Letter::lower || before == Letter::digit || (before == Letter::upper && next_lower);
}

std::string joined(const Words& words, std::size_t from, std::size_t to) {
  std::string out;
  for (std::size_t i = from; i < to; ++i) out += words[i];
  return out;
}

bool is_subsequence(std::string_view part, std::string_view whole) {
  std::size_t at = 0;
  for (const char c : whole)
    if (at < part.size() && part[at] == c) ++at;
  return at == part.size();
}

bool is_plural(std::string_view word) {
  return word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
}

constexpr std::array<std::string_view, 12> kEndings{"id", "code", "cd", "no", "nr", "num", "number", "key", "sk", "uuid", "guid", "pk"};
/// Words of a table's name that say nothing of what its rows are.
constexpr std::array<std::string_view, 15> kNoise{"list", "data",   "info",    "details", "detail", "table", "tbl", "master",
                                                  "dim",  "record", "records", "lookup",  "tab",    "stg",   "fact"};

}  // namespace

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : to_lower(name))
    if (letter(c) != Letter::other) out += c;
  return out;
}

Words words(std::string_view name) {
  Words out;
  bool open = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (letter(name[i]) == Letter::other) {
      open = false;
      continue;
    }
    if (!open || begins_word(name, i)) out.emplace_back();
    open = true;
    out.back() += to_lower(name.substr(i, 1));
  }
  return out;
}

std::set<std::string> forms(const std::string& name) {
  std::set<std::string> out{name};
  const auto without = [&](std::size_t letters, const char* then = "") { out.insert(name.substr(0, name.size() - letters) + then); };
  if (name.ends_with("people")) without(6, "person");
  if (name.ends_with("children")) without(3);
  if (name.size() <= 3 || !is_plural(name)) return out;
  without(1);
  if (name.ends_with("ies")) without(3, "y");
  for (const char* ending : {"ses", "xes", "zes", "ches", "shes"})
    if (name.ends_with(ending)) without(2);
  return out;
}

bool abbreviates(std::string_view abbreviation, std::string_view name) {
  return !abbreviation.empty() && abbreviation.size() < name.size() && abbreviation.front() == name.front() && is_subsequence(abbreviation, name);
}

std::string ColumnName::stem_text(std::size_t from) const { return joined(stem, from, stem.size()); }

ColumnName read_column(std::string_view name) {
  ColumnName out{.plain = plain(name), .stem = words(name)};
  if (out.stem.empty()) return out;
  if (out.stem.size() > 1 && is_one_of(kEndings, out.stem.back())) {
    out.ending = out.stem.back();
    out.stem.pop_back();
    return out;
  }
  // Written in one: customerid, aid, countrycode.
  std::string& last = out.stem.back();
  for (const std::string_view ending : {"id", "code"}) {
    if (out.stem.size() > 1 || !last.ends_with(ending) || last.size() == ending.size()) continue;
    out.ending = ending;
    last.resize(last.size() - ending.size());
    return out;
  }
  return out;
}

bool is_general(const std::string& plain_column) {
  static constexpr std::array<std::string_view, 14> kGeneral{"id",   "name", "code",  "key",  "number", "no",    "title",
                                                             "date", "year", "month", "type", "status", "label", "description"};
  return is_one_of(kGeneral, plain_column);
}

bool names_an_amount(const ColumnName& column) {
  static constexpr std::array<std::string_view, 36> kAmounts{
      "order", "rank",   "age",   "year",  "month",  "day", "hour",  "minute", "size",     "weight",   "height", "length",
      "price", "cost",   "count", "score", "rating", "qty", "total", "amount", "quantity", "capacity", "level",  "points",
      "grade", "number", "num",   "no",    "avg",    "sum", "max",   "min",    "mean",     "percent",  "pct",    "position"};
  if (!column.ending.empty() || column.stem.empty()) return false;
  const bool counts = std::any_of(column.stem.begin(), column.stem.end(), [](const std::string& word) {
    return word == "number" || word == "num" || word == "no" || word == "total" || word == "count" || word == "max" || word == "min" || word == "avg";
  });
  return counts || is_plural(column.stem.back()) || is_one_of(kAmounts, column.stem.back());
}

bool names_own_kind(const ColumnName& column) {
  static constexpr std::array<std::string_view, 20> kRoles{"parent",      "manager",   "mgr",    "supervisor", "boss",      "superior", "reports",
                                                           "predecessor", "successor", "mentor", "previous",   "prev",      "next",     "root",
                                                           "referrer",    "original",  "lead",   "ancestor",   "duplicate", "replaces"};
  return !column.stem.empty() && is_one_of(kRoles, column.stem.front());
}

Ending ending_of(const ColumnName& column) {
  static constexpr std::array<std::string_view, 4> kNumbers{"no", "nr", "num", "number"};
  if (column.ending.empty()) return Ending::none;
  if (column.ending == "code" || column.ending == "cd") return Ending::code;
  return is_one_of(kNumbers, column.ending) ? Ending::number : Ending::identifier;
}

TableNames read_table(std::string_view name) {
  TableNames out{.words = words(name)};
  Words& all = out.words;
  while (all.size() > 1 && is_one_of(kNoise, all.front())) all.erase(all.begin());
  if (all.empty()) return out;
  out.joined = joined(all, 0, all.size());
  out.full = forms(out.joined);
  for (const std::string& word : all) out.initials += word.front();
  std::size_t end = all.size();
  while (end > 1 && is_one_of(kNoise, all[end - 1])) --end;
  if (end < all.size())
    out.part = forms(joined(all, 0, end));
  else if (end > 1)
    out.part = forms(all.back());
  return out;
}

bool is_short_for(const std::string& stem, const TableNames& table) {
  return table.words.size() == 1 ? abbreviates(stem, table.joined) : stem == table.initials;
}

Likeness likeness(const ColumnName& column, const TableNames& table) {
  if (column.stem.empty() || table.words.empty()) return Likeness::none;
  const std::string stem = column.stem_text();
  const auto stems = forms(stem);
  const auto overlap = [&](const std::set<std::string>& names) {
    return std::any_of(stems.begin(), stems.end(), [&](const std::string& form) { return names.contains(form); });
  };
  if (overlap(table.full)) return Likeness::whole;
  if (is_short_for(stem, table)) return Likeness::abbreviation;
  const bool of_a_word = std::any_of(table.words.begin(), table.words.end(),
                                     [&](const std::string& word) { return forms(word).contains(stem) || abbreviates(stem, word); });
  return overlap(table.part) || of_a_word || abbreviates(stem, table.joined) ? Likeness::part : Likeness::none;
}

}  // namespace sluice::key_names
