#include "planner/only.h"

#include <algorithm>

#include "planner/lexical.h"
#include "planner/rewrite.h"
#include "planner/shape_error.h"
#include "planner/understood.h"

namespace sluice::planner {
namespace {

using Kind = Condition::Kind;

ConditionPtr made(Condition condition) { return std::make_shared<const Condition>(std::move(condition)); }
ConditionPtr none_of(ConditionPtr part) { return made({.kind = Kind::none, .parts = {std::move(part)}}); }

/// Where the words begin that a condition on values is said by.
std::optional<std::size_t> begin_of(const Condition& condition) {
  if (condition.kind == Kind::value) return condition.value.begin;
  const bool joined = condition.kind == Kind::any && !condition.parts.empty();
  return joined && std::ranges::all_of(condition.parts, [](const ConditionPtr& one) { return one->kind == Kind::value; })
             ? begin_of(*condition.parts.front())
             : std::nullopt;
}

const Link& link_of(const Condition& condition) {
  return condition.kind == Kind::value ? condition.value.links.front() : condition.parts.front()->value.links.front();
}

/// That a row has another value; where it belongs to nothing that has the value, it is not the one either.
ConditionPtr other_than(const Known& known, const ConditionPtr& one, int table) {
  const Link& link = link_of(*one);
  if (link.table == table && !known.column(link).nullable) return none_of(one);
  Condition present{.kind = Kind::present, .what = Quantity{.noun = {.links = {link}}}};
  present.way = one->way;
  present.what->noun.links.front().kind = Link::Kind::column;
  return made({.kind = Kind::any, .parts = {none_of(one), none_of(made(std::move(present)))}});
}

/// One "only", and the words that it is said of.
class Only {
 public:
  Only(const Known& known, std::size_t at) : known_(known), at_(at) {}

  bool placed() const { return placed_; }

  Query said(const Query& query) {
    for (const Output& output : query.outputs.list)
      if (const auto* quantity = std::get_if<Quantity>(&output)) placed_ = placed_ || quantity->noun.begin == at_;
    SetPtr rows = query.outputs.owner;
    for (const Output& output : query.outputs.list)
      if (const auto* quantity = std::get_if<Quantity>(&output); rows == nullptr && quantity != nullptr) rows = quantity->of;
    Query out = rewrite_sets(query, [&](const SetPtr& set) {
      if (set == query.outputs.owner && shows_others(query)) return set;
      placed_ = placed_ || set->noun.begin == at_;
      Set longer = *set;
      longer.conditions = said(set->conditions, set->table, set->column);
      return longer.conditions == set->conditions ? set : std::make_shared<const Set>(std::move(longer));
    });
    if (rows != nullptr) out.conditions = said(query.conditions, rows->table, rows->column);
    return out;
  }

 private:
  bool one_each(int table, int other) const {
    const auto& ways = known_.routes(table, other);
    return table == other || (!ways.empty() && ways.front().to_one);
  }

  /// "playlists with only Rock tracks" counted as those of Rock tracks: said of these alone it would say nothing.
  bool shows_others(const Query& query) const {
    return std::ranges::any_of(query.outputs.list, [&](const Output& output) {
      const auto* quantity = std::get_if<Quantity>(&output);
      if (quantity == nullptr || quantity->kind == Quantity::Kind::everything) return false;
      const int table = quantity->of != nullptr ? quantity->of->table : quantity->noun.links.empty() ? -1 : quantity->noun.links.front().table;
      return table >= 0 && !one_each(query.outputs.owner->table, table);
    });
  }

  std::vector<ConditionPtr> said(const std::vector<ConditionPtr>& conditions, int table, int column) {
    std::vector<ConditionPtr> out = conditions;
    for (const ConditionPtr& one : conditions) {
      ConditionPtr other;
      if (begin_of(*one) == at_) other = no_other_value(one, table, column, conditions.size());
      if (one->kind == Kind::member) other = no_other_member(*one, table, column);
      if (other != nullptr) out.push_back(std::move(other));
    }
    return out;
  }

  /// "fly only to LAX": nothing else of theirs has another value. Null where each has one value anyway.
  ConditionPtr no_other_value(const ConditionPtr& one, int table, int column, std::size_t beside) {
    const Link& link = link_of(*one);
    // "only from JFK to LAX": others from there to elsewhere would have to be left out too.
    placed_ = (column < 0 && one_each(table, link.table)) || beside == 1;
    if (!placed_) return nullptr;
    if (one_each(table, link.table)) return column < 0 ? nullptr : none_of(other_than(known_, one, table));
    Set others{.table = link.table, .conditions = {none_of(one)}};
    return none_of(made({.kind = Kind::member, .set = std::make_shared<const Set>(std::move(others)), .way = one->way}));
  }

  /// "bought only Rock tracks": no others.
  ConditionPtr no_other_member(const Condition& member, int table, int column) {
    const Set& set = *member.set;
    // "only Rock tracks by AC/DC": other tracks are those by others too.
    if (set.ranking || set.conditions.size() != 1) return nullptr;
    const ConditionPtr& one = set.conditions.front();
    if (begin_of(*one) != at_ && (set.noun.begin != at_ || set.noun.end <= at_)) return nullptr;
    placed_ = true;
    if (column < 0 && one_each(table, set.table)) return nullptr;
    Set others{.table = set.table, .conditions = {begin_of(*one) ? other_than(known_, one, set.table) : none_of(one)}};
    return none_of(made({.kind = Kind::member, .set = std::make_shared<const Set>(std::move(others)), .way = member.way}));
  }

  const Known& known_;
  const std::size_t at_;
  bool placed_ = false;
};

/// "considering only": said of all that was asked.
bool confines(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kBack = 3;
  for (std::size_t begin = at - std::min(at, kBack); begin <= at; ++begin)
    for (const auto& one : known.lexicon.phrases_at(words, begin))
      if (one.role == Role::confine && begin + one.words > at) return true;
  return false;
}

/// "only from JFK to LAX": others from there to elsewhere would have to be left out too.
bool limits_beside(const std::vector<Noun>& nouns, std::size_t at) {
  const auto value = [](const Noun& noun) { return !noun.links.empty() && noun.links.front().kind == Link::Kind::value; };
  const auto said = std::ranges::find_if(nouns, [&](const Noun& noun) { return noun.begin == at && value(noun); });
  return said != nouns.end() && std::ranges::any_of(nouns, [&](const Noun& other) {
           if (!value(other)) return false;
           const Link &one = other.links.front(), &only = said->links.front();
           const bool same_table = one.table == only.table;
           return (same_table && one.column != only.column) || (!same_table && other.begin > at);
         });
}

}  // namespace

Result<Query> with_only(const Known& known, const std::vector<Word>& words, std::size_t asked, const Query& query) {
  Query out = query;
  for (std::size_t at = 0; at + 1 < std::min(asked, words.size()); ++at) {
    if (!known.lexicon.says_only(words[at]) || is_number(words[at + 1]) || confines(known, words, at)) continue;
    // Of the words that follow the first that name something.
    const auto nouns = nouns_of(known, words, query);
    std::size_t next = asked;
    for (const Noun& noun : nouns)
      if (noun.end > noun.begin && noun.begin > at) next = std::min(next, noun.begin);
    const bool when = at + 2 < words.size() && (words[at + 1].kind == WordKind::date || is_number(words[at + 2]));  // "only in 2013"
    if (when || limits_beside(nouns, next))
      return shape_error("it is not clear what else \"" + words[at].text + "\" leaves out", "leave it out, or say \"and no other\"");
    Only only(known, next);
    out = only.said(out);
    if (!only.placed()) return shape_error("it is not clear what \"" + words[at].text + "\" is said of", "leave it out, or say \"and no other\"");
  }
  return out;
}

}  // namespace sluice::planner
