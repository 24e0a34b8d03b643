#include <algorithm>
#include <cctype>

#include "data/key_search.h"

namespace sluice::key_search {
namespace {

using key_names::ColumnName;
using key_names::Ending;
using key_names::Likeness;

/// Why a column may refer to a table, the best reason first.
enum class Match : std::uint8_t {
  named,      ///< customer_id → customers
  same_name,  ///< carrier → airlines.carrier
  bare,       ///< country → countries
  own_kind,   ///< reports_to → the table itself
  part,       ///< maker → car_makers
  role,       ///< caused_by_ship_id → ship, country_a → country
  shortened   ///< dept_id → departments
};

struct Candidate {
  Target target{};
  Match match{};
  std::optional<Containment> seen{};
};

/// A column and the tables it may refer to.
struct Lookup {
  Target from{};
  ColumnName name{};
  bool own_key = false;  ///< it is its table's key: then it refers one to one, or not at all
  std::vector<Candidate> candidates{};
};

constexpr std::size_t kCandidatesMax = 6;
/// References looked at in one catalog; what comes later is judged by its name.
constexpr std::size_t kLookedAtMax = 5000;
constexpr std::size_t kShortLeast = 3;

}  // namespace

class NamedReferences {
 public:
  explicit NamedReferences(const Search& search) : search_(search) {
    for (std::size_t t = 0; t < search_.catalog_.tables.size(); ++t) list_target(t);
  }

  Lookup candidates(std::size_t at, const Column& column) const {
    const Column* own = search_.key_column(at);
    Lookup out{{at, &column}, key_names::read_column(column.name), own == &column, {}};
    add(out, by_whole_, out.name.ending.empty() ? Match::bare : Match::named, out.name.stem_text());
    if (!key_names::is_general(out.name.plain))
      if (const auto found = by_key_.find(out.name.plain); found != by_key_.end()) add(out, found->second, Match::same_name);
    if (!out.own_key) add_weak(out);
    auto& all = out.candidates;
    std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.match < b.match; });
    std::vector<Candidate> kept;
    for (Candidate& one : all)
      if (kept.size() < kCandidatesMax && std::none_of(kept.begin(), kept.end(), [&](const Candidate& other) { return other.target == one.target; }))
        kept.push_back(one);
    all = std::move(kept);
    return out;
  }

  /// The one that the names and the data agree on, or null.
  const Candidate* best(const Lookup& lookup) const {
    const auto& all = lookup.candidates;
    for (std::size_t i = 0; i < all.size();) {
      std::vector<const Candidate*> fitting;
      const Match match = all[i].match;
      for (; i < all.size() && all[i].match == match; ++i)
        if (fits(lookup, all[i])) fitting.push_back(&all[i]);
      if (fitting.empty()) continue;
      // Of several the table that the column is named after, then one of the same schema; else nobody knows which.
      keep(fitting, [&](const Candidate& one) { return key_names::likeness(lookup.name, search_.names_[one.target.table]) == Likeness::whole; });
      keep(fitting,
           [&](const Candidate& one) { return search_.table(one.target.table).name.schema == search_.table(lookup.from.table).name.schema; });
      return fitting.size() == 1 ? fitting.front() : nullptr;
    }
    return nullptr;
  }

 private:
  using Targets = std::map<std::string, std::vector<Target>, std::less<>>;

  void list_target(std::size_t at) {
    const Column* key = search_.key_column(at);
    if (key == nullptr || !can_be_key(*key)) return;
    const Target target{at, key};
    const key_names::TableNames& names = search_.names_[at];
    for (const std::string& form : names.full) by_whole_[form].push_back(target);
    for (const std::string& form : names.part) by_part_[form].push_back(target);
    if (names.joined.size() >= kShortLeast) by_start_[names.joined.substr(0, kShortLeast)].push_back(target);
    const std::string name = key_names::plain(key->name);
    if (!key_names::is_general(name)) by_key_[name].push_back(target);
  }

  void add(Lookup& lookup, const std::vector<Target>& targets, Match match) const {
    for (const Target& target : targets) {
      const bool own = target.table == lookup.from.table;
      if (own && (lookup.own_key || !key_names::names_own_kind(lookup.name))) continue;
      if (!comparable(*lookup.from.column, *target.column)) continue;
      // A column that counts has small whole numbers, as many a key does.
      const bool number = lookup.from.column->type.kind == TypeKind::integer;
      if (number && match != Match::same_name && !may_refer(lookup.name, *target.column)) continue;
      lookup.candidates.push_back({target, match, {}});
    }
  }
  void add(Lookup& lookup, const Targets& index, Match match, const std::string& name) const {
    for (const std::string& form : key_names::forms(name))
      if (const auto found = index.find(form); found != index.end()) add(lookup, found->second, match);
  }

  /// Names that are less than exact: the values have to agree.
  void add_weak(Lookup& lookup) const {
    const ColumnName& name = lookup.name;
    if (name.stem.empty()) return;
    add(lookup, by_part_, Match::part, name.stem_text());
    for (std::size_t i = 1; i < name.stem.size(); ++i) {
      add(lookup, by_whole_, Match::role, name.stem_text(i));
      if (const auto found = by_key_.find(name.stem_text(i) + name.ending); found != by_key_.end()) add(lookup, found->second, Match::role);
    }
    if (const std::string side = without_side(name); !side.empty()) add(lookup, by_whole_, Match::role, side);
    const Column* own = search_.key_column(lookup.from.table);
    if (own != nullptr && key_names::names_own_kind(name)) add(lookup, std::vector{Target{lookup.from.table, own}}, Match::own_kind);
    const std::string stem = name.stem_text();
    if (name.ending.empty() || stem.size() < kShortLeast) return;
    if (const auto found = by_start_.find(stem.substr(0, kShortLeast)); found != by_start_.end())
      for (const Target& target : found->second)
        if (key_names::is_short_for(stem, search_.names_[target.table])) add(lookup, std::vector{target}, Match::shortened);
  }

  /// country_a, player1: the name without what tells one from the other.
  static std::string without_side(const ColumnName& name) {
    std::vector<std::string> words = name.stem;
    if (words.size() > 1 && words.back().size() == 1) {
      words.pop_back();
    } else {
      std::string& last = words.back();
      const std::size_t letters = last.find_last_not_of("0123456789") + 1;
      if (letters == 0 || letters == last.size()) return "";
      last.resize(letters);
    }
    ColumnName rest{.stem = std::move(words)};
    return rest.stem_text();
  }

  /// Whether a whole number of this name identifies, and does not count or number things.
  static bool may_refer(const ColumnName& name, const Column& key) {
    if (key_names::names_an_amount(name)) return false;
    return key_names::ending_of(name) != Ending::number || key_names::ending_of(key_names::read_column(key.name)) == Ending::number;
  }

  /// Named by the key's own ending, or as identifiers are: "country_code" may as well be what telephones need.
  static bool is_exact(const Lookup& lookup, const Candidate& candidate) {
    if (candidate.match == Match::same_name) return true;
    if (candidate.match != Match::named) return false;
    const Ending ending = key_names::ending_of(lookup.name);
    return ending == Ending::identifier || ending == key_names::ending_of(key_names::read_column(candidate.target.column->name));
  }

  bool fits(const Lookup& lookup, const Candidate& candidate) const {
    const bool same_kind = lookup.from.column->type.kind == candidate.target.column->type.kind;
    const bool exact = is_exact(lookup, candidate) && same_kind;
    if (candidate.seen && candidate.seen->target_empty) return false;
    if (lookup.own_key && !is_one_to_one(lookup, candidate)) return false;
    if (exact && !lookup.own_key) return !candidate.seen || candidate.seen->values == 0 || candidate.seen->share() >= kShareNamed;
    // A single value that is there shows little without a name that ends as a reference does.
    const bool tells = !lookup.name.ending.empty() || candidate.match == Match::own_kind;
    // One text that is no number would end every query that compares it with one.
    const double share = same_kind ? kShareWeak : 1;
    return candidate.seen && candidate.seen->values >= (tells ? 1 : 2) && candidate.seen->share() >= share;
  }

  /// Of two tables with the same key the one that the key is named after is referred to, or else the one that holds more.
  bool is_one_to_one(const Lookup& lookup, const Candidate& candidate) const {
    const std::size_t own = lookup.from.table, other = candidate.target.table;
    const Likeness here = key_names::likeness(lookup.name, search_.names_[own]), there = key_names::likeness(lookup.name, search_.names_[other]);
    if (here == Likeness::whole || there < here) return false;
    if (here < there) return true;
    const auto &rows = search_.table(own).row_count, &more = search_.table(other).row_count;
    return rows && more && *rows < *more;
  }

  template <class Preferred>
  static void keep(std::vector<const Candidate*>& fitting, const Preferred& preferred) {
    if (fitting.size() < 2 || std::none_of(fitting.begin(), fitting.end(), [&](const Candidate* one) { return preferred(*one); })) return;
    std::erase_if(fitting, [&](const Candidate* one) { return !preferred(*one); });
  }

  const Search& search_;
  Targets by_whole_{}, by_part_{}, by_key_{}, by_start_{};
};

Result<> Search::find_named_references() {
  const NamedReferences references(*this);
  std::vector<Lookup> lookups;
  for (std::size_t t = 0; t < catalog_.tables.size(); ++t)
    for (const Column& column : table(t).columns) {
      if (table(t).kind == TableKind::view || !can_be_key(column) || refers_already(table(t), column.name)) continue;
      Lookup lookup = references.candidates(t, column);
      if (!lookup.candidates.empty()) lookups.push_back(std::move(lookup));
    }
  std::vector<std::pair<Target, Target>> asked;
  for (const Lookup& lookup : lookups)
    for (const Candidate& candidate : lookup.candidates)
      if (asked.size() < kLookedAtMax) asked.emplace_back(lookup.from, candidate.target);
  TRY(const auto answers, contained(asked));
  std::size_t next = 0;
  for (Lookup& lookup : lookups) {
    for (Candidate& candidate : lookup.candidates)
      if (next < answers.size()) candidate.seen = answers[next++];
    if (const Candidate* best = references.best(lookup)) refer(lookup.from, best->target);
  }
  return {};
}

}  // namespace sluice::key_search
