#include "eval/match.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/text.h"

namespace sluice::eval {
namespace {

using Places = std::vector<std::size_t>;
using RowRefs = std::vector<const CellRow*>;

/// The columns of `row` that a comparison looks at, in that order.
CellRow picked(const CellRow& row, const Places& places) {
  CellRow out;
  out.reserve(places.size());
  for (const std::size_t place : places) out.push_back(row[place]);
  return out;
}

std::vector<CellRow> picked(const std::vector<CellRow>& rows, const Places& places) {
  std::vector<CellRow> out;
  out.reserve(rows.size());
  for (const CellRow& row : rows) out.push_back(picked(row, places));
  return out;
}

/// All of a row that must be exactly equal: numbers, which need not, are only marked.
std::string texts_of(const CellRow& row) {
  std::string out;
  for (const Cell& cell : row) {
    if (const auto* text = std::get_if<std::string>(&cell))
      out += "t" + std::to_string(text->size()) + ":" + *text;
    else
      out += std::holds_alternative<Number>(cell) ? '#' : '-';
  }
  return out;
}

bool less_by_numbers(const CellRow* a, const CellRow* b) {
  for (std::size_t i = 0; i < a->size(); ++i) {
    const auto *x = std::get_if<Number>(&(*a)[i]), *y = std::get_if<Number>(&(*b)[i]);
    if (x != nullptr && y != nullptr && x->value != y->value) return x->value < y->value;
  }
  return false;
}

bool same_row(const CellRow& a, const CellRow& b) { return std::ranges::equal(a, b, same_cell); }

/// Each wanted row has one of its own among the given; sorted alike, so that mostly it is the next.
bool matched(const RowRefs& wanted, const RowRefs& given) {
  std::vector<bool> used(given.size(), false);
  std::size_t first = 0;
  for (const CellRow* row : wanted) {
    while (first < given.size() && used[first]) ++first;
    std::size_t place = first;
    while (place < given.size() && (used[place] || !same_row(*row, *given[place]))) ++place;
    if (place == given.size()) return false;
    used[place] = true;
  }
  return true;
}

std::map<std::string, RowRefs> by_texts(std::span<const CellRow> rows) {
  std::map<std::string, RowRefs> groups;
  for (const CellRow& row : rows) groups[texts_of(row)].push_back(&row);
  for (auto& [key, group] : groups) std::ranges::sort(group, less_by_numbers);
  return groups;
}

bool same_order(const std::vector<CellRow>& gold, const std::vector<CellRow>& answer, std::span<const std::size_t> ties) {
  std::size_t begin = 0;
  for (const std::size_t size : ties) {
    if (!same_rows(std::span(gold).subspan(begin, size), std::span(answer).subspan(begin, size))) return false;
    begin += size;
  }
  return true;
}

/// Chooses the answer's columns, in an order in which each holds the values of the gold's column, and compares the rows.
class Columns {
 public:
  Columns(const Gold& gold, const Compared& answer) : gold_(gold), answer_(answer) {
    const std::size_t count = gold.result.rows.size();
    ties_ = gold.ties.value_or(std::vector<std::size_t>{count});
    for (std::size_t i = 0; i < gold.result.width; ++i) {
      const auto wanted = picked(gold.result.rows, {i});
      Places places;
      for (std::size_t j = 0; j < answer.width; ++j)
        if (same_rows(wanted, picked(answer.rows, {j}))) places.push_back(j);
      fits_.push_back(std::move(places));
    }
  }

  bool same() {
    if (std::ranges::any_of(fits_, &Places::empty)) return false;
    return extend();
  }

 private:
  bool extend() {  // NOLINT(misc-no-recursion): as deep as the gold has columns, and kStepsMax bounds the steps
    if (++steps_ > kStepsMax || permutations_ >= kPermutationsMax) return false;
    if (taken_.size() == fits_.size()) {
      ++permutations_;
      return same_order(gold_.result.rows, picked(answer_.rows, taken_), ties_);
    }
    for (const std::size_t place : fits_[taken_.size()]) {
      if (std::ranges::find(taken_, place) != taken_.end()) continue;
      taken_.push_back(place);
      if (extend()) return true;
      taken_.pop_back();
    }
    return false;
  }

  const Gold& gold_;
  const Compared& answer_;
  std::vector<std::size_t> ties_{};
  std::vector<Places> fits_{};
  Places taken_{};
  std::size_t steps_ = 0, permutations_ = 0;
};

Gold only_columns(const Gold& gold, const Places& places) {
  Gold out{.names = {}, .result = {places.size(), picked(gold.result.rows, places)}, .ties = gold.ties, .reading = gold.reading};
  for (const std::size_t place : places) out.names.push_back(gold.names[place]);
  return out;
}

/// Whether the answer has columns of the gold alone, among them all of the subset's.
bool fits_subset(const Gold& gold, const Places& subset, const Compared& answer) {
  if (answer.width < subset.size() || answer.width >= gold.result.width) return false;
  Places others;
  for (std::size_t i = 0; i < gold.result.width; ++i)
    if (std::ranges::find(subset, i) == subset.end()) others.push_back(i);
  std::vector<bool> chosen(others.size(), false);
  std::fill_n(chosen.begin(), answer.width - subset.size(), true);
  for (std::size_t n = 0; n < kChoicesMax; ++n) {
    Places places = subset;
    for (std::size_t i = 0; i < others.size(); ++i)
      if (chosen[i]) places.push_back(others[i]);
    if (same_answer(only_columns(gold, places), answer)) return true;
    if (!std::prev_permutation(chosen.begin(), chosen.end())) return false;
  }
  return false;
}

std::optional<Places> places_of(const Gold& gold, const std::vector<std::string>& names) {
  Places out;
  for (const std::string& name : names) {
    const auto place = column_named(gold, name);
    if (!place) return std::nullopt;
    if (std::ranges::find(out, *place) == out.end()) out.push_back(*place);
  }
  return out;
}

/// Rows that say the same, once.
Compared distinct(const Compared& given) {
  Compared out{.width = given.width, .rows = {}};
  std::map<std::string, bool> seen;
  for (const CellRow& row : given.rows) {
    std::string key = texts_of(row);
    for (const Cell& cell : row)
      if (const auto* number = std::get_if<Number>(&cell)) key += "," + number_text(number->value);
    if (seen.emplace(std::move(key), true).second) out.rows.push_back(row);
  }
  return out;
}

std::string near_miss(const Gold& gold, const Compared& answer) {
  const Gold unordered{.names = gold.names, .result = gold.result, .ties = {}, .reading = gold.reading};
  const bool as_wide = gold.result.width == answer.width;
  if (as_wide && gold.ties && same_answer(unordered, answer)) return "order";
  const Gold once{.names = gold.names, .result = distinct(gold.result), .ties = {}, .reading = gold.reading};
  if (as_wide && same_answer(once, distinct(answer))) return "distinct";
  if (answer.width > gold.result.width && !answer.rows.empty() && same_answer(gold, answer)) return "extra columns";
  if (answer.width < gold.result.width && !answer.rows.empty() && answer.width > 0) {
    if (fits_subset(unordered, {}, answer)) return "missing columns";
  }
  return "rows";
}

}  // namespace

bool same_rows(std::span<const CellRow> gold, std::span<const CellRow> answer) {
  if (gold.size() != answer.size()) return false;
  const auto given = by_texts(answer);
  for (const auto& [key, wanted] : by_texts(gold)) {
    const auto found = given.find(key);
    if (found == given.end() || found->second.size() != wanted.size() || !matched(wanted, found->second)) return false;
  }
  return true;
}

bool same_answer(const Gold& gold, const Compared& answer) {
  if (gold.result.rows.size() != answer.rows.size()) return false;
  if (answer.rows.empty()) return answer.width >= gold.result.width;
  return Columns(gold, answer).same();
}

std::optional<std::size_t> column_named(const Gold& gold, const std::string& name) {
  const auto found = std::ranges::find_if(gold.names, [&](const std::string& one) { return equals_ignoring_case(one, name); });
  if (found == gold.names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - gold.names.begin());
}

Match match(const Gold& gold, std::span<const std::vector<std::string>> subsets, const Compared& answer) {
  if (gold.result.width == answer.width && same_answer(gold, answer)) return {.right = true, .why = ""};
  for (const auto& names : subsets) {
    const auto places = places_of(gold, names);
    if (places && fits_subset(gold, *places, answer)) return {.right = true, .why = ""};
  }
  return {.right = false, .why = near_miss(gold, answer)};
}

Match match_any(std::span<const Gold> golds, std::span<const std::vector<std::string>> subsets, const Compared& typed, const Compared& loose) {
  Match nearest{.right = false, .why = "rows"};
  for (const Gold& gold : golds) {
    Match found = match(gold, subsets, gold.reading == Reading::loose ? loose : typed);
    if (found.right) return found;
    if (nearest.why == "rows") nearest = std::move(found);
  }
  return nearest;
}

}  // namespace sluice::eval
