#include <algorithm>

#include "data/key_search.h"

namespace sluice::key_search {
namespace {

using key_names::ColumnName;
using key_names::Likeness;

/// Why a column may be its table's key, the best reason first.
enum class Reason : std::uint8_t { id, named, shortened, first, text };

struct Candidate {
  std::size_t table = 0;
  const Column* column = nullptr;
  Reason reason{};
  bool leads = false;  ///< the table's first column
};

/// So many candidates of one table are looked at.
constexpr std::size_t kCandidatesMax = 4;
/// A key of text without a telling name is looked for among so many columns.
constexpr std::size_t kTextColumns = 2;

bool is_key(const Candidate& candidate, const std::optional<Uniqueness>& seen) {
  const bool named = candidate.reason == Reason::id || candidate.reason == Reason::named;
  if (!seen) return named && candidate.leads;
  return seen->each_once() && (named || seen->rows >= kFewest);
}

}  // namespace

class PrimaryKeys {
 public:
  explicit PrimaryKeys(const Search& search) : search_(search) {}

  std::vector<Candidate> candidates(std::size_t at) const {
    const Table& table = search_.table(at);
    std::vector<Candidate> out;
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (const auto reason = reason_of(at, c)) out.push_back({at, &table.columns[c], *reason, c == 0});
    std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) { return a.reason < b.reason; });
    if (out.size() > kCandidatesMax) out.resize(kCandidatesMax);
    return out;
  }

  /// By the values known beforehand.
  std::optional<Uniqueness> known(const Candidate& candidate) const {
    const Table& table = search_.table(candidate.table);
    const Known* values = search_.known(table, *candidate.column);
    if (values == nullptr || !table.row_count_exact || !table.row_count) return std::nullopt;
    const auto distinct = static_cast<std::int64_t>(values->values.size());
    if (!values->complete) return std::nullopt;
    return Uniqueness{*table.row_count, distinct, true, {}, {}};
  }

 private:
  std::optional<Reason> reason_of(std::size_t at, std::size_t c) const {
    const Column& column = search_.table(at).columns[c];
    if (!can_be_key(column)) return std::nullopt;
    const ColumnName name = key_names::read_column(column.name);
    if (name.plain == "id") return Reason::id;
    if (const auto reason = reason_by_name(at, c, name)) return reason;
    if (column.type.kind != TypeKind::text || c >= kTextColumns) return std::nullopt;
    const bool refers = !name.ending.empty() && search_.named_elsewhere(name, at) == Likeness::whole;
    return refers ? std::nullopt : std::optional(Reason::text);
  }

  std::optional<Reason> reason_by_name(std::size_t at, std::size_t c, const ColumnName& name) const {
    if (name.ending.empty()) {
      // "code" of a lookup table; edition_year of editions.
      const bool tells = name.plain == "code" || name.plain == "key" || starts_with_table(at, name);
      return tells && c == 0 ? std::optional(Reason::first) : std::nullopt;
    }
    const Likeness own = key_names::likeness(name, search_.names_[at]);
    if (own == Likeness::whole) return Reason::named;
    const Likeness other = search_.named_elsewhere(name, at);
    if (own != Likeness::none && other <= own) return Reason::shortened;
    // rx_id of prescriptions. Where another table bears the name, it is a reference.
    if (c == 0 && other == Likeness::none) return Reason::first;
    return std::nullopt;
  }

  bool starts_with_table(std::size_t at, const ColumnName& name) const {
    if (name.stem.size() < 2) return false;
    const auto first = key_names::forms(name.stem.front());
    return std::any_of(first.begin(), first.end(), [&](const std::string& form) { return search_.names_[at].full.contains(form); });
  }

  const Search& search_;
};

Result<> Search::find_primary_keys() {
  const PrimaryKeys keys(*this);
  std::vector<Candidate> all;
  for (std::size_t t = 0; t < catalog_.tables.size(); ++t)
    if (!table(t).primary_key && table(t).kind != TableKind::view)
      for (Candidate& candidate : keys.candidates(t)) all.push_back(candidate);
  std::vector<std::optional<Uniqueness>> seen(all.size());
  std::vector<KeyColumns> asked;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < all.size(); ++i) {
    seen[i] = keys.known(all[i]);
    // Text that has too many values to be listed is no key that its name does not show.
    const bool listed = all[i].reason == Reason::text && known(table(all[i].table), *all[i].column) != nullptr;
    if (seen[i] || listed) continue;
    asked.push_back({table(all[i].table).name, {all[i].column->name}});
    places.push_back(i);
  }
  if (!asked.empty()) {
    TRY(const auto answers, evidence_.uniqueness(asked));
    for (std::size_t i = 0; i < places.size() && i < answers.size(); ++i) seen[places[i]] = answers[i];
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    Table& found = catalog_.tables[all[i].table];
    if (!found.primary_key && is_key(all[i], seen[i])) found.primary_key = Key{{all[i].column->name}, KeyOrigin::inferred};
  }
  return {};
}

/// A table of pairs: two columns refer to others, and hardly anything is beside them.
Result<> Search::find_link_keys() {
  constexpr std::size_t kBesideMax = 1;
  std::vector<KeyColumns> asked;
  for (const Table& one : catalog_.tables) {
    if (one.primary_key || one.kind == TableKind::view || one.foreign_keys.size() != 2 || one.columns.size() > 2 + kBesideMax) continue;
    KeyColumns pair{one.name, {}};
    for (const ForeignKey& key : one.foreign_keys)
      if (key.columns.size() == 1) pair.columns.push_back(key.columns.front());
    if (pair.columns.size() == 2 && pair.columns[0] != pair.columns[1]) asked.push_back(std::move(pair));
  }
  if (asked.empty()) return {};
  TRY(const auto answers, evidence_.uniqueness(asked));
  for (std::size_t i = 0; i < asked.size() && i < answers.size(); ++i) {
    if (!answers[i] || !answers[i]->each_once() || answers[i]->rows < kFewest) continue;
    for (Table& one : catalog_.tables)
      if (one.name == asked[i].table) one.primary_key = Key{asked[i].columns, KeyOrigin::inferred};
  }
  return {};
}

}  // namespace sluice::key_search
