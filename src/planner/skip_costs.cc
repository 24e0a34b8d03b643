#include <algorithm>
#include <ranges>

#include "planner/duration_words.h"
#include "planner/lexical.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

/// Costs: of a word that only holds the sentence together, of one that the data has a name or value for, of a verb that nobody knows.
constexpr double kGlue = 0, kLight = 0.02, kPlaced = 0.3, kUnknownVerb = 0.35, kPlacedGlue = 0.04, kEach = 0.12, kBy = 0.3, kByCount = 1,
                 kValue = 0.4, kComma = 0.02, kStop = 0.5, kMuch = 0.15;
constexpr std::size_t kVerbBack = 3;

/// "reversed transactions": which of them is said, and must not be passed over.
bool describes(const std::vector<Item>& items, std::size_t at) {
  const auto named = [](const Item& item) { return item.cat == Cat::noun || item.cat == Cat::value; };
  return std::ranges::any_of(items, [&](const Item& item) { return item.cat == Cat::noun && item.begin == at + 1; }) &&
         std::ranges::none_of(items, [&](const Item& item) { return named(item) && item.end == at; });
}

/// "average visit length": a verb's form that says of what the column is, though the data has no name for it.
bool modifies_measure(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  const auto has = [&](std::size_t i, Role role) { return known.lexicon.does(words, i, role); };
  if ((!has(at, Role::light) && !has(at, Role::deed)) || like_verb(words[at])) return false;
  static constexpr Role kMeasures[] = {Role::average, Role::sum, Role::median, Role::highest, Role::lowest};
  if (std::ranges::none_of(kMeasures, [&](Role role) { return has(at - 1, role); })) return false;
  return std::ranges::any_of(items, [&](const Item& item) {
    return item.cat == Cat::noun && item.begin == at + 1 && item.as<Noun>().links.front().kind == Link::Kind::column;
  });
}

/// "hires by department": what is asked for, though the data has no name for it.
bool is_asked_for(const Known& known, const std::vector<Word>& words, std::size_t at) {
  const auto has = [&](std::size_t i, Role role) { return known.lexicon.does(words, i, role); };
  if ((!has(at, Role::light) && !has(at, Role::deed)) || words[at].lower != words[at].stem + "s" || at + 1 >= words.size()) return false;
  if (!has(at + 1, Role::per) && !has(at + 1, Role::by)) return false;
  return std::ranges::all_of(std::views::iota(std::size_t{0}, at), [&](std::size_t i) { return has(i, Role::glue) || has(i, Role::count); });
}

/// Roles that a word has beside holding the sentence together: passing over it costs no more for them.
bool shadows(Role role) {
  using enum Role;
  return role == comma || role == stop || role == predicate || role == existence || role == universal || role == altogether || role == owning ||
         role == inside || role == than || role == by_how_much || role == defined || role == used_up || role == sold_for || role == same_as ||
         role == against || role == before_last;
}

/// "orders with the names of their customers": what a question names first is asked for, though its word may be a verb's form elsewhere.
bool is_subject(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  const auto opens = [&](std::size_t i) {
    return std::ranges::any_of(known.lexicon.phrases_at(words, i), [](const auto& one) { return is_filler(one.role) || shadows(one.role); });
  };
  if (!std::ranges::all_of(std::views::iota(std::size_t{0}, at), opens)) return false;
  return std::ranges::any_of(items, [&](const Item& item) {
    if (item.cat != Cat::noun || item.begin != at || item.end != at + 1U || !item.as<Noun>().plural) return false;
    const Link& link = item.as<Noun>().links.front();
    return link.kind == Link::Kind::table && link.score == 1;
  });
}

/// "in each of the last 3 months": not the same as in all of them.
bool before_period(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kFar = 3;
  for (std::size_t i = at + 1; i < words.size() && i <= at + kFar; ++i)
    if (std::ranges::any_of(known.lexicon.phrases_at(words, i),
                            [](const auto& one) { return one.role == Role::relative_last || one.role == Role::relative_past; }))
      return true;
  return false;
}

/// "customers with their orders"
bool is_theirs(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return at > 0 && known.lexicon.says_own(words[at - 1]) && names_table(known, words, at);
}

/// "each order's customer" is one of each order, though several may have the same.
bool each_owns(const std::vector<Item>& items, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kOwned = 2;  // "each", whose, and what
  return at + kOwned < words.size() && words[at + 1].owns &&
         std::ranges::any_of(
             items,
             [&](const Item& item) {
               return item.cat == Cat::noun && item.begin == at + kOwned && item.as<Noun>().links.front().kind == Link::Kind::table;
             });
}

/// "customers who ordered all products": after a verb, and something before it, the word is not there for its sound.
bool says_all(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  const auto has = [&](std::size_t i, Role role) { return known.lexicon.does(words, i, role); };
  // "whose flights all cost …", "that only have cats", "who like each other": what is said of some rows is not meant.
  constexpr std::size_t kClauseBack = 4;
  bool in_clause = false;
  for (std::size_t i = at; i > 1 && at - i < kClauseBack; --i) in_clause = in_clause || known.lexicon.opens_clause(words[i - 1]);
  if (has(at, Role::list) || (in_clause && (has(at, Role::universal) || has(at, Role::just)))) return true;
  if (has(at, Role::universal) && has(at - 1, Role::predicate) && at > 2) return true;
  if (!has(at, Role::universal) || (!has(at - 1, Role::light) && !has(at - 1, Role::deed) && !like_verb(words[at - 1]))) return false;
  return std::ranges::any_of(items, [&](const Item& item) { return item.cat == Cat::noun && item.end <= at - 1; });
}

/// "chronologically": words after which "by" says what rows are put in order by.
bool arranges(Role role) {
  return role == Role::ascending || role == Role::descending || role == Role::alphabetical || role == Role::reverse_alphabetical ||
         role == Role::chronological;
}

/// Whether the language has a use for the word: "running", "containing".
bool does_something(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return std::ranges::any_of(known.lexicon.phrases_at(words, at), [](const auto& one) { return !is_filler(one.role) && !shadows(one.role); });
}

/// "count them by city": what follows "by" is not what is counted.
bool counts_before(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kBack = 2;
  for (std::size_t back = 1; back <= std::min(at, kBack); ++back)
    if (known.lexicon.does(words, at - back, Role::count)) return true;
  return false;
}

/// "shipped to Germany": the verb is a part of the name of the column that has the value.
bool says_column_of_next(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  return std::ranges::any_of(items, [&](const Item& item) {
    if (item.cat != Cat::value || item.begin != at + 2) return false;
    return std::ranges::any_of(item.as<Noun>().links, [&](const Link& link) { return is_named_by(known, link, words[at]); });
  });
}

/// "the success rate, defined as …": what is defined is said by what follows; [begin, end) of the words that only name it.
std::pair<std::size_t, std::size_t> defined_words(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items) {
  const auto has = [&](std::size_t at, Role role) { return known.lexicon.does(words, at, role); };
  std::size_t at = 0;
  while (at < words.size() && !has(at, Role::defined)) ++at;
  if (at == words.size()) return {0, 0};
  std::size_t begin = at;
  while (begin > 0 && words[begin - 1].kind != WordKind::stop) --begin;
  while (begin < at && has(begin, Role::glue)) ++begin;
  std::size_t end = begin;
  while (end < at && words[end].kind == WordKind::word && !has(end, Role::glue) && !has(end, Role::per)) ++end;
  // What says more than a name is no name ("the rate of German customers, defined as …"), unless the definition says it again.
  const auto again = [&](const Item& item) {
    const Link& link = item.as<Noun>().links.front();
    return std::ranges::any_of(items, [&](const Item& other) {
      return other.cat == Cat::value && other.begin > at && std::ranges::any_of(other.as<Noun>().links, [&](const Link& one) {
               return one.table == link.table && one.column == link.column && one.value == link.value;
             });
    });
  };
  const bool value =
      std::ranges::any_of(items, [&](const Item& item) { return item.cat == Cat::value && item.begin < end && item.end > begin && !again(item); });
  const bool named = end == at || words[end].kind == WordKind::comma || has(end, Role::per);
  return value || !named ? std::pair<std::size_t, std::size_t>{0, 0} : std::pair{begin, end};
}

/// The words that only name what is defined may be passed over; but what a definition says must not be said of something else.
void skip_defined(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::vector<double>& out) {
  const auto [begin, end] = defined_words(known, words, items);
  for (std::size_t i = begin; i < end; ++i) out[i] = kGlue;
  for (std::size_t i = 0; i < words.size() && begin == end; ++i)
    if (known.lexicon.does(words, i, Role::defined)) out[i] = Chart::kNoSkip;
}

/// "ordered by birth year": says more than "products ordered by customers", who did it.
bool puts_in_order(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  for (const Lexicon::Phrase& phrase : known.lexicon.phrases_at(words, at)) {
    if (phrase.role != Role::order || phrase.words < 2) continue;
    const auto column = [&](const Item& item) {
      return item.cat == Cat::noun && item.begin == at + phrase.words && item.as<Noun>().links.front().kind == Link::Kind::column;
    };
    if (std::ranges::any_of(items, column)) return true;
  }
  return false;
}

/// "only one carrier": so many of what comes next, and not "the one with …".
bool counts_next(const std::vector<Item>& items, std::size_t at) {
  const auto number = [&](const Item& item) { return item.cat == Cat::literal && item.begin == at && item.end == at + 1; };
  const auto thing = [&](const Item& item) { return (item.cat == Cat::noun || item.cat == Cat::value) && item.begin == at + 1; };
  return std::ranges::any_of(items, number) && std::ranges::any_of(items, thing);
}

/// Roles; "what share of freight", where no verb is meant; "left out", "out of stock": phrases of words that may else be passed over.
void keep_phrases(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t i, std::vector<double>& out) {
  if (known.names_role(i)) out[i] = Chart::kNoSkip;
  for (const Lexicon::Phrase& phrase : known.lexicon.phrases_at(words, i))
    for (std::size_t at = i; at < i + phrase.words; ++at) {
      const bool share = phrase.role == Role::percentage && phrase.words > 1 && known.lexicon.does(words, at, Role::deed);
      if (share || phrase.role == Role::omitted) out[at] = Chart::kNoSkip;
    }
  for (std::size_t n = used_up(known, words, items, i); n > 0; --n) out[i + n - 1] = Chart::kNoSkip;
}

/// Whether the sign takes one amount from another, and is no dash: "price - cost".
bool takes_away(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  constexpr std::size_t kFar = 4;
  const auto ends = [&](std::size_t i) { return words[i].kind == WordKind::comma || words[i].kind == WordKind::stop; };
  std::size_t begin = at, end = at + 1;
  while (begin > 0 && at - begin < kFar && !ends(begin - 1)) --begin;
  while (end < words.size() && end - at <= kFar && !ends(end)) ++end;
  const auto amount = [&](const Item& item) {
    const auto is = [&](const Link& link) { return link.kind == Link::Kind::column && known.is_amount(link); };
    return item.cat == Cat::quantity || item.cat == Cat::literal || (item.cat == Cat::noun && std::ranges::any_of(item.as<Noun>().links, is));
  };
  return std::ranges::any_of(items, [&](const Item& item) { return item.begin >= begin && item.end <= at && amount(item); }) &&
         std::ranges::any_of(items, [&](const Item& item) { return item.begin > at && item.end <= end && amount(item); });
}

/// Words that a duration is told with say nothing else, nor does a dash between words.
void skip_beside(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::vector<double>& out) {
  for (const std::size_t i : beside_durations(known, words, items)) out[i] = kGlue;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (words[i].lower == "-") out[i] = takes_away(known, words, items, i) ? Chart::kNoSkip : kComma;
}

/// "by how many minutes": where the unit is; nowhere for other words.
std::size_t by_how_much(const Known& known, const std::vector<Word>& words, std::size_t at) {
  for (const Lexicon::Phrase& phrase : known.lexicon.phrases_at(words, at))
    if (phrase.role == Role::by_how_much) return at + phrase.words;
  return words.size();
}

/// "transactions of any status"; but "the most orders of any city" compares cities.
bool says_no_more(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  static constexpr Role kCompares[] = {Role::most,   Role::fewest,   Role::highest,   Role::lowest,     Role::top,  Role::bottom,
                                       Role::latest, Role::earliest, Role::most_used, Role::least_used, Role::rare, Role::common};
  for (std::size_t i = 0; i < words.size(); ++i)
    if (std::ranges::any_of(kCompares, [&](Role role) { return known.lexicon.does(words, i, role); })) return false;
  const std::size_t end = at > 0 && words[at - 1].kind == WordKind::comma ? at - 1 : at;
  return std::ranges::any_of(
      items, [&](const Item& item) { return item.cat == Cat::noun && item.end == end && item.as<Noun>().links.front().kind == Link::Kind::table; });
}

/// "transactions of any status", "regardless of status": nothing is said by it.
void skip_whatever(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::vector<double>& out) {
  for (std::size_t i = 0; i < words.size(); ++i)
    for (const Lexicon::Phrase& phrase : known.lexicon.phrases_at(words, i)) {
      if (phrase.role != Role::whatever || (words[i].lower == "of" && !says_no_more(known, words, items, i))) continue;
      for (const Item& item : items) {
        const bool column = item.cat == Cat::noun && item.begin == i + phrase.words && item.as<Noun>().links.front().kind == Link::Kind::column;
        for (std::size_t at = i; column && at < item.end; ++at) out[at] = kGlue;
      }
    }
}

/// "a count by plan": what follows is no thing that is counted, but "owned by students" says who does it.
void skip_by(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::vector<double>& out) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool by = known.lexicon.does(words, i, Role::by);
    bool verb = follows_passive(known, words, i);
    const bool done =
        verb || like_verb(words[i - 1]) || known.lexicon.does(words, i - 1, Role::light) || known.lexicon.does(words, i - 1, Role::deed);
    for (std::size_t back = 1; back <= std::min(i, kVerbBack); ++back)
      verb = verb || (back == 1 && like_verb(words[i - 1])) || std::ranges::any_of(known.lexicon.phrases_at(words, i - back), [&](const auto& one) {
               return (back == 1 && (one.role == Role::light || one.role == Role::deed)) || one.role == Role::order || arranges(one.role);
             });
    const bool names = std::ranges::any_of(items, [&](const Item& item) { return item.cat == Cat::noun && item.begin == i + 1; }) &&
                       std::ranges::none_of(items, [&](const Item& item) { return item.cat == Cat::value && item.begin == i + 1; });
    const bool ranks =
        std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), [&](const Word& word) { return known.lexicon.judges(word); });
    // "…, by class name": what is said apart is no part of what stands before it.
    const auto before_comma = [&](const Item& item) {
      return item.cat == Cat::noun && item.begin == i + 1 && item.end < words.size() && words[item.end].kind == WordKind::comma;
    };
    if (by && (words[i - 1].kind == WordKind::comma || (!done && std::ranges::any_of(items, before_comma)))) out[i] = Chart::kNoSkip;
    if (by && !verb && names) out[i] = std::max(out[i], ranks || counts_before(known, words, i) ? kByCount : kBy);
  }
}

}  // namespace

bool begins_order(const Known& known, const std::vector<Word>& words) {
  if (!known.lexicon.does(words, 0, Role::order) || known.lexicon.does(words, 0, Role::rank)) return false;
  if (words[0].lower.ends_with("ed")) return false;  // "ordered products"
  if (words.size() < 2) return true;
  const bool counts = known.lexicon.does(words, 1, Role::tally) || known.lexicon.does(words, 1, Role::sum);
  return !counts && (!names_table(known, words, 0) || known.lexicon.does(words, 1, Role::glue));
}

std::vector<double> skip_costs(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items) {
  std::vector<double> out(words.size(), Chart::kNoSkip);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].kind == WordKind::comma) out[i] = kComma;
    if (i == 0 && begins_order(known, words)) out[0] = kGlue;
    if (i > 0 && known.lexicon.is_measure(words[i]) && (words[i - 1].kind == WordKind::number || words[i - 1].lower == "in")) out[i] = kLight;
    if (words[i].kind == WordKind::stop) out[i] = i + 1 == words.size() ? 0 : kStop;
    if (words[i].lower == "how" && i + 1 < words.size() && words[i + 1].lower == "much" && !known.says_altogether()) out[i + 1] = kMuch;
    if (like_verb(words[i]) && !describes(items, i) && i + 1 < words.size() && words[i + 1].kind != WordKind::stop &&
        !does_something(known, words, i))
      out[i] = denies(known, words[i]) || (i > 0 && words[i - 1].lower == "how") ? Chart::kNoSkip : kUnknownVerb;
    if (const std::size_t end = by_how_much(known, words, i); end < words.size() && known.lexicon.is_measure(words[end])) out[end] = kLight;
  }
  std::vector<bool> placed(words.size(), false);
  for (const Item& item : items) {
    const bool filler = item.cat == Cat::role && is_filler(item.role);
    for (std::size_t i = item.begin; i < item.end; ++i) {
      // Every word of a phrase that says nothing may be passed over, each for its part.
      if (filler) out[i] = std::min(out[i], item.role == Role::glue ? kGlue : kLight);
      const bool matters =
          item.cat == Cat::noun || item.cat == Cat::value || item.cat == Cat::adjective || (item.cat == Cat::role && !filler && !shadows(item.role));
      if (matters && !only_names_date(known, item, words)) placed[i] = true;
    }
  }
  for (const Item& item : items)
    // "US" is no "us".
    if (item.cat == Cat::value && item.end == item.begin + 1 && words[item.begin].text != words[item.begin].lower && item.begin > 0)
      out[item.begin] += std::ranges::any_of(item.as<Noun>().links, [](const Link& link) { return link.score == 1; }) ? kValue : 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (placed[i] && out[i] < Chart::kNoSkip) out[i] += out[i] > kGlue ? kPlaced : kPlacedGlue;
    if (like_verb(words[i]) && says_column_of_next(known, words, items, i)) out[i] = kLight;
    if ((words[i].lower == "each" || words[i].lower == "every") && !before_period(known, words, i))
      out[i] = agent_before(known, words, i) || each_owns(items, words, i) ? Chart::kNoSkip : kEach;
  }
  skip_defined(known, words, items, out);
  // "height in cm" says of no other column that it is one.
  for (std::size_t i = 2; i < words.size(); ++i)
    if (words[i - 1].lower == "in" && words[i - 2].kind == WordKind::word && known.lexicon.is_measure(words[i])) out[i] = std::min(out[i], kLight);
  skip_by(known, words, items, out);
  for (std::size_t i = 0; i < words.size(); ++i) keep_phrases(known, words, items, i, out);
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (counts_next(items, i)) {
      out[i] = Chart::kNoSkip;
      if (i > 0 && known.lexicon.does(words, i - 1, Role::equal)) out[i - 1] = Chart::kNoSkip;
    }
  for (std::size_t i = 0; i < words.size(); ++i)
    if (puts_in_order(known, words, items, i) || (i + 1 < words.size() && is_attribute(known, words, items, i))) out[i] = Chart::kNoSkip;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (is_said_alone(known, words, items, i) || modifies_measure(known, words, items, i)) out[i] = Chart::kNoSkip;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].owns || is_asked_for(known, words, i) || is_subject(known, words, items, i) || is_theirs(known, words, i)) out[i] = Chart::kNoSkip;
  skip_beside(known, words, items, out);
  skip_whatever(known, words, items, out);
  for (std::size_t i = 1; i < words.size(); ++i)
    if (says_all(known, words, items, i)) out[i] = Chart::kNoSkip;
  for (std::size_t i = 0; i + 2 < words.size(); ++i)
    if (values_beside(known, words, items, i)) out[i] = out[i + 2] = Chart::kNoSkip;
  return out;
}

}  // namespace sluice::planner
