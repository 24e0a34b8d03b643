#include <algorithm>

#include "data/key_search.h"

namespace sluice::key_search {
namespace {

using key_names::ColumnName;
using key_names::Likeness;

/// Keys below this are counted from one, as most are: a column's values are among them by chance.
constexpr std::int64_t kTellingLeast = 100;
/// Two tables' keys are one key only if they share so many values.
constexpr std::int64_t kSharedLeast = 20;
/// Pairs of columns looked at of each kind: many databases have hundreds of columns of text.
constexpr std::size_t kPairsMax = 200;

using Pair = std::pair<Target, Target>;

}  // namespace

class ReferencesByValues {
 public:
  explicit ReferencesByValues(Search& search) : search_(search) {}

  /// A text column refers to the one text key that holds its values, whatever its name.
  Result<> find_texts() {
    const std::vector<Target> keys = keys_of(TypeKind::text);
    std::vector<Pair> pairs;
    each_free_column([&](const Target& from) {
      if (from.column->type.kind != TypeKind::text) return;
      for (const Target& key : keys)
        if (key.table != from.table && (is_known(from, key) || pairs.size() < kPairsMax)) pairs.emplace_back(from, key);
    });
    return refer_where_one_fits(
        pairs, [](const Containment& seen) { return seen.values >= kFewest && seen.share() >= kShareWeak; }, [](const Pair&) { return true; });
  }

  /// A text column of the same name in the table that the name resembles (car_names.model → model_list.model), if each value is there once: a key
  /// beside the table's own.
  Result<> find_unique_texts() {
    std::vector<Pair> pairs;
    std::vector<KeyColumns> asked;
    each_free_column([&](const Target& from) {
      const ColumnName name = key_names::read_column(from.column->name);
      if (from.column->type.kind != TypeKind::text || !name.ending.empty() || key_names::is_general(name.plain)) return;
      for (const std::size_t t : resembling(name)) {
        const Table& table = search_.table(t);
        const Column* column = table.find_column(from.column->name);
        if (t == from.table || table.kind == TableKind::view || column == nullptr || column->type.kind != TypeKind::text || pairs.size() >= kPairsMax)
          continue;
        pairs.emplace_back(from, Target{t, column});
        asked.push_back({table.name, {column->name}});
      }
    });
    if (pairs.empty()) return {};
    TRY(const auto seen, search_.evidence_.uniqueness(asked));
    std::vector<Pair> unique;
    for (std::size_t i = 0; i < pairs.size(); ++i)
      if (seen[i] && seen[i]->whole && seen[i]->each_once()) unique.push_back(pairs[i]);
    TRY_VOID(refer_where_one_fits(
        unique, [](const Containment& one) { return one.values >= kFewest && one.share() >= kShareWeak; }, [](const Pair&) { return true; }));
    for (const Pair& pair : unique) search_.add_unique_key(pair.second);
    return {};
  }

  /// A number that is called an identifier (winner_id) refers to the one key that holds its values, if that is one of which values tell.
  Result<> find_numbers() {
    const std::vector<Target> keys = keys_of(TypeKind::integer);
    std::vector<Target> columns;
    each_free_column([&](const Target& from) {
      const ColumnName name = key_names::read_column(from.column->name);
      if (from.column->type.kind == TypeKind::integer && key_names::ending_of(name) == key_names::Ending::identifier && columns.size() < kPairsMax)
        columns.push_back(from);
    });
    if (columns.empty() || keys.empty()) return {};
    std::vector<KeyColumns> asked;
    for (const auto list : {std::span<const Target>(keys), std::span<const Target>(columns)})
      for (const Target& one : list) asked.push_back({search_.table(one.table).name, {one.column->name}});
    TRY(const auto seen, search_.evidence_.uniqueness(asked));
    const auto ranges = std::span(seen).first(keys.size());
    // One more key might hold them too.
    if (std::any_of(ranges.begin(), ranges.end(), [](const auto& range) { return !range; })) return {};
    std::vector<Pair> pairs;
    for (std::size_t c = 0; c < columns.size(); ++c)
      for (std::size_t k = 0; k < keys.size() && pairs.size() < kPairsMax; ++k)
        if (is_within(seen[keys.size() + c], *ranges[k])) pairs.emplace_back(columns[c], keys[k]);
    const auto tells = [&](const Pair& pair) {
      const auto k = std::find(keys.begin(), keys.end(), pair.second) - keys.begin();
      return pair.first.table != pair.second.table && *ranges[static_cast<std::size_t>(k)]->least >= kTellingLeast;
    };
    return refer_where_one_fits(pairs, [](const Containment& one) { return one.values >= kFewest && one.found == one.values; }, tells);
  }

  /// cars_data.Id and car_names.MakeId: two tables about one thing, of which neither names its key after itself. With the same values in both, one
  /// is the other's key.
  Result<> find_shared_keys() {
    std::map<std::string, std::vector<Target>> by_word;
    for (const TypeKind kind : {TypeKind::integer, TypeKind::text})
      for (const Target& key : keys_of(kind))
        if (const auto& words = search_.names_[key.table].words; words.size() > 1) by_word[*key_names::forms(words.front()).begin()].push_back(key);
    std::vector<Pair> pairs;
    for (const auto& [word, keys] : by_word)
      for (std::size_t i = 0; i < keys.size() && !search_.by_name_.contains(word); ++i)
        for (std::size_t j = 0; j < keys.size() && pairs.size() < kPairsMax; ++j)
          if (are_halves(keys[i], keys[j])) pairs.insert(pairs.end(), {{keys[i], keys[j]}, {keys[j], keys[i]}});
    TRY(const auto seen, search_.contained(pairs));
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      const auto &there = seen[i], &back = seen[i + 1];
      const bool same = there && back && there->values >= kSharedLeast && there->values == there->found && back->values == back->found &&
                        there->values == back->values;
      if (same && !refers_already(search_.table(pairs[i].first.table), pairs[i].first.column->name)) search_.refer(pairs[i].first, pairs[i].second);
    }
    return {};
  }

 private:
  /// Tables of which the name is the whole or a part: models, model_list, car_models.
  std::vector<std::size_t> resembling(const ColumnName& name) const {
    std::vector<std::size_t> out;
    for (const auto* index : {&search_.by_name_, &search_.by_part_})
      if (const auto found = index->find(name.plain); found != index->end()) out.insert(out.end(), found->second.begin(), found->second.end());
    return out;
  }

  template <class Visit>
  void each_free_column(const Visit& visit) const {
    for (std::size_t t = 0; t < search_.catalog_.tables.size(); ++t)
      for (const Column& column : search_.table(t).columns)
        if (search_.table(t).kind != TableKind::view && !refers_already(search_.table(t), column.name) && search_.key_column(t) != &column)
          visit(Target{t, &column});
  }

  std::vector<Target> keys_of(TypeKind kind) const {
    std::vector<Target> out;
    for (std::size_t t = 0; t < search_.catalog_.tables.size(); ++t)
      if (const Column* key = search_.key_column(t); key != nullptr && key->type.kind == kind) out.push_back({t, key});
    return out;
  }

  bool is_known(const Target& from, const Target& key) const {
    const Known* keys = search_.known(search_.table(key.table), *key.column);
    return keys != nullptr && keys->complete && search_.known(search_.table(from.table), *from.column) != nullptr;
  }

  static bool is_within(const std::optional<Uniqueness>& column, const Uniqueness& key) {
    return column && column->least && key.least && *column->least >= *key.least && *column->most <= *key.most;
  }

  bool is_general(const Target& key) const { return key_names::is_general(key_names::plain(key.column->name)); }

  /// The first with a key of no name, the second with one that is named after something else than the table.
  bool are_halves(const Target& general, const Target& named) const {
    if (general.table == named.table || general.column->type.kind != named.column->type.kind || !is_general(general) || is_general(named))
      return false;
    return key_names::likeness(key_names::read_column(named.column->name), search_.names_[named.table]) == Likeness::none;
  }

  /// Pairs come by column. Where several keys fit nobody knows which; the one that does has to tell.
  template <class Fits, class Tells>
  Result<> refer_where_one_fits(const std::vector<Pair>& pairs, const Fits& fits, const Tells& tells) {
    TRY(const auto seen, search_.contained(pairs));
    for (std::size_t i = 0; i < pairs.size();) {
      std::vector<Pair> fitting;
      const Target from = pairs[i].first;
      for (; i < pairs.size() && pairs[i].first == from; ++i)
        if (seen[i] && !seen[i]->target_empty && fits(*seen[i])) fitting.push_back(pairs[i]);
      if (fitting.size() == 1 && tells(fitting.front())) search_.refer(from, fitting.front().second);
    }
    return {};
  }

  Search& search_;
};

Result<> Search::find_references_by_values() {
  ReferencesByValues references(*this);
  TRY_VOID(references.find_texts());
  TRY_VOID(references.find_unique_texts());
  TRY_VOID(references.find_numbers());
  return references.find_shared_keys();
}

}  // namespace sluice::key_search
