#include "planner/verbs.h"

#include <algorithm>
#include <ranges>

#include "planner/resolve.h"

namespace sluice::planner {
namespace {

constexpr double kSurely = 0.75;
/// How words end that say what happened to something.
constexpr std::string_view kEvents = "ed";

/// Whether the word can only be a verb that says little.
bool is_verb(const Known& known, const std::vector<Word>& words, std::size_t at, Role role) {
  const auto phrases = known.lexicon.phrases_at(words, at);
  return known.lexicon.does(words, at, role) && std::ranges::all_of(phrases, [&](const auto& one) {
           return one.role == role || one.role == Role::glue || one.role == Role::order || one.words > 1;
         });
}

/// What is named by words that begin at a place and are no verb themselves.
const Item* thing_at(const std::vector<Item>& items, std::size_t at) {
  const auto found = std::ranges::find_if(items, [&](const Item& item) {
    return item.begin == at &&
           (item.cat == Cat::noun || item.cat == Cat::value || (item.cat == Cat::literal && item.as<plan::Literal>().type == TypeKind::text));
  });
  return found == items.end() ? nullptr : &*found;
}

/// Whether a comparison, and no period, may begin there: "who paid more than 100".
bool compares(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return std::ranges::any_of(known.lexicon.phrases_at(words, at), [](const auto& one) {
    using enum Role;
    return one.role == greater || one.role == less || one.role == at_least || one.role == at_most || one.role == count || one.role == most ||
           one.role == fewest;
  });
}

/// "units were sold": how many, where the column says so.
bool says_units(const Known& known, const Word& next, const Link& link) {
  return known.lexicon.says_being(next) && known.is_amount(link) && known.lexicon.says_quantity(name_pieces(known.column(link).name));
}

bool is_time_unit(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return std::ranges::any_of(known.lexicon.phrases_at(words, at), [](const auto& one) { return one.role >= Role::year && one.role <= Role::day; });
}

/// "used instruments": a value that rows of the thing after it have, and no verb.
bool is_value_of_next(const std::vector<Item>& items, std::size_t at) {
  constexpr double kLikely = 0.5;
  const auto of_next = [&](const Link& link) {
    return link.score >= kLikely && std::ranges::any_of(items, [&](const Item& next) {
             return next.begin == at + 1 && (next.cat == Cat::noun || next.cat == Cat::value) && next.as<Noun>().links.front().table == link.table;
           });
  };
  return std::ranges::any_of(items, [&](const Item& item) {
    return item.cat == Cat::value && item.begin == at && item.end == at + 1 && std::ranges::any_of(item.as<Noun>().links, of_next);
  });
}

/// Whether it ends the name of any table.
bool ends_any_name(const Known& known, const std::vector<Word>& words, std::size_t at) {
  if (!known.lexicon.is_done(words[at].lower)) return false;
  return std::ranges::any_of(std::views::iota(0, static_cast<int>(known.real.tables.size())),
                             [&](int table) { return ends_table_name(known, words, at, table); });
}

}  // namespace

bool names_table(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return std::ranges::any_of(known.schema.index.names_at(words, at, known.lexicon),
                             [](const Mention& one) { return one.links.front().kind == Link::Kind::table && one.links.front().score == 1; });
}

bool like_verb(const Word& word) {
  const std::string& text = word.lower;
  const bool name = !word.sentence_start && word.text != word.lower;  // "United"
  return word.kind == WordKind::word && !name && text.size() >= 5 && (text.ends_with("ed") || text.ends_with("ing"));
}

bool ends_table_name(const Known& known, const std::vector<Word>& words, std::size_t at, int table) {
  if (table >= static_cast<int>(known.real.tables.size())) return false;  // no role
  const auto name = name_pieces(known.table(table).name.name);
  if (name.size() < 2 || name.back() != words[at].lower || !known.lexicon.is_done(words[at].lower)) return false;
  return std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at), [&](const Word& word) { return word.stem == name.front(); });
}

bool is_said_alone(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  // "orders" are rows, and say nothing about others.
  if (words[at].lower == words[at].stem + "s" && names_table(known, words, at)) return false;
  if (ends_any_name(known, words, at)) return false;
  const bool deed = is_verb(known, words, at, Role::deed);
  // Of what only says that something is there, no more is said than the name that the data has for it.
  const bool light = is_verb(known, words, at, Role::light) && words[at].lower != words[at].stem + "s" &&
                     !known.schema.index.names_at(words, at, known.lexicon).empty();
  const bool unknown = like_verb(words[at]) && known.lexicon.phrases_at(words, at).empty();
  if (!deed && !light && !unknown) return false;
  const auto ends = [&](std::size_t i) { return words[i].kind == WordKind::stop || known.lexicon.opens_clause(words[i]); };
  for (std::size_t i = at + 1; i < words.size() && !ends(i); ++i) {
    // "sold per category" says what the groups are, "sold by each shop" who did it; "opened per year" when it was.
    if (known.lexicon.does(words, i, Role::per) && words[i].lower != "by") {
      if (i + 1 < words.size() && is_time_unit(known, words, i + 1) && !dates_of_event(known, words, at).links.empty()) return false;
      break;
    }
    if (thing_at(items, i) != nullptr || compares(known, words, i)) return false;
  }
  // Before it: "the products that customers bought", "which products did each customer buy".
  std::size_t begin = at;
  while (begin > 0 && !ends(begin - 1)) --begin;
  const bool clause = begin > 1 && known.lexicon.opens_clause(words[begin - 1]);
  std::size_t things = 0;
  bool column = false;
  for (std::size_t i = begin; i < at;) {
    const Item* thing = thing_at(items, i);
    if (thing == nullptr) {
      ++i;
      continue;
    }
    ++things;
    const auto& links = thing->cat == Cat::literal ? std::vector<Link>{} : thing->as<Noun>().links;
    column = !links.empty() && links.front().kind == Link::Kind::column && links.front().score >= kSurely &&
             (thing->end == at || (thing->end + 1U == at && says_units(known, words[thing->end], links.front())));
    i = std::max<std::size_t>(thing->end, i + 1);
  }
  // "the amount paid"
  if (column) return false;
  return things < (clause ? 1U : 2U);
}

bool is_attribute(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  const Word& word = words[at];
  const bool deed = is_verb(known, words, at, Role::deed) || is_verb(known, words, at, Role::light);
  const bool unknown = like_verb(word) && known.lexicon.phrases_at(words, at).empty();
  if ((!deed && !unknown) || word.lower == word.stem + "s") return false;
  const bool value = is_value_of_next(items, at);
  if (deed && !value && dates_of_event(known, words, at).links.empty()) return false;
  const auto table = [&](const Item& item) {
    return item.cat == Cat::noun && item.begin == at + 1 && item.as<Noun>().links.front().kind == Link::Kind::table;
  };
  if (!value && std::ranges::none_of(items, table)) return false;
  if (at == 0) return true;
  // What ends before it did it.
  if (std::ranges::any_of(items, [&](const Item& item) { return item.end == at && (item.cat == Cat::noun || item.cat == Cat::value); })) return false;
  return !known.lexicon.opens_clause(words[at - 1]) && !known.lexicon.asks_which(words[at - 1]) &&
         !known.lexicon.does(words, at - 1, Role::predicate) && !known.lexicon.does(words, at - 1, Role::negation) &&
         !known.lexicon.does(words, at - 1, Role::existence);
}

Noun dates_of_event(const Known& known, const std::vector<Word>& words, std::size_t at) {
  Noun out{.begin = at, .end = at + 1};
  const Word& word = words[at];
  const bool verb = word.lower.ends_with(kEvents) || known.lexicon.does(words, at, Role::deed) || known.lexicon.does(words, at, Role::light);
  if (word.kind != WordKind::word || !verb || word.lower == word.stem + "s") return out;
  for (const auto& [piece, columns] : known.schema.index.dates())
    if (known.lexicon.says_when(word, piece))
      for (const Link& link : columns)
        if (std::ranges::find(out.links, link) == out.links.end()) out.links.push_back(link);
  // Sales that were "made" have a date of their own: the word says nothing of when any row was created.
  if (std::ranges::any_of(out.links, [&](const Link& link) { return is_record_date(known, link); }))
    std::erase_if(out.links, [&](const Link& link) { return tells_creation(known, link); });
  // "checked in": of check_in and check_out the word after it says which.
  if (at + 1 >= words.size() || words[at + 1].kind != WordKind::word) return out;
  const auto says_both = [&](const Link& link) {
    const auto pieces = name_pieces(known.column(link).name);
    for (std::size_t i = 0; i + 2 < pieces.size(); ++i)
      if (known.lexicon.says_when(word, pieces[i]) && pieces[i + 1] == words[at + 1].lower) return true;
    return false;
  };
  if (std::ranges::none_of(out.links, says_both)) return out;
  std::erase_if(out.links, [&](const Link& link) { return !says_both(link); });
  out.end = at + 2;
  return out;
}

bool only_names_date(const Known& known, const Item& item, const std::vector<Word>& words) {
  if (item.cat != Cat::noun || item.end != item.begin + 1 || !known.lexicon.does(words, item.begin, Role::light)) return false;
  return std::ranges::all_of(item.as<Noun>().links, [&](const Link& link) {
    return link.kind == Link::Kind::table ? link.score < 1 : link.kind == Link::Kind::column && known.column(link).type.is_temporal();
  });
}

bool values_beside(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  if (!known.lexicon.does(words, at + 1, Role::conjunction) && !known.lexicon.does(words, at + 1, Role::either_or)) return false;
  const auto value_at = [&](std::size_t begin) -> const Noun* {
    const auto found =
        std::ranges::find_if(items, [&](const Item& item) { return item.cat == Cat::value && item.begin == begin && item.end == begin + 1; });
    return found == items.end() ? nullptr : &found->as<Noun>();
  };
  const Noun *first = value_at(at), *second = value_at(at + 2);
  return first != nullptr && second != nullptr && std::ranges::any_of(first->links, [&](const Link& one) {
           return std::ranges::any_of(second->links, [&](const Link& other) { return one.table == other.table && one.column == other.column; });
         });
}

bool denies(const Known& known, const Word& word) {
  return std::ranges::any_of(known.lexicon.denying(), [&](const std::string& prefix) {
    if (!word.lower.starts_with(prefix)) return false;
    Word rest = word;
    rest.lower = word.lower.substr(prefix.size());
    rest.text = rest.lower;
    rest.stem = stem(rest.lower);
    return !known.lexicon.phrases_at({rest}, 0).empty() || !known.schema.index.names_at({rest}, 0, known.lexicon).empty();
  });
}

std::size_t used_up(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items, std::size_t at) {
  for (const Lexicon::Phrase& phrase : known.lexicon.phrases_at(words, at)) {
    const auto amount = [&](const Item& item) {
      return item.cat == Cat::noun && item.begin == at + phrase.words && std::ranges::any_of(item.as<Noun>().links, [&](const Link& link) {
               return link.kind == Link::Kind::column && known.lexicon.may_be_none(name_pieces(known.column(link).name));
             });
    };
    if (phrase.role == Role::used_up && std::ranges::any_of(items, amount)) return phrase.words;
  }
  return 0;
}

bool agent_before(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return at > 0 && (known.lexicon.does(words, at - 1, Role::by) || known.lexicon.opens_context(words[at - 1]));
}

bool follows_passive(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kBack = 10;
  for (std::size_t back = 1; back < kBack && back < at && words[at - back].kind != WordKind::stop; ++back)
    if (like_verb(words[at - back]) && known.lexicon.says_being(words[at - back - 1])) return true;
  return false;
}

bool is_named_by(const Known& known, const Link& link, const Word& verb) {
  const auto pieces = name_pieces(known.column(link).name);
  return std::ranges::any_of(pieces, [&](const std::string& piece) { return known.lexicon.says_when(verb, piece); });
}

}  // namespace sluice::planner
