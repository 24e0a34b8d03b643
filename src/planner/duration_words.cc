#include "planner/duration_words.h"

#include <algorithm>
#include <set>

namespace sluice::planner {
namespace {

constexpr double kGeneral = 0.97, kPartOfName = 0.97;

bool is_article(const Known& known, const std::vector<Word>& words, std::size_t at) {
  return words[at].kind == WordKind::word &&
         std::ranges::any_of(known.lexicon.phrases_at(words, at), [](const auto& one) { return one.words == 1 && one.role == Role::glue; });
}

bool has_unit(const Known& known, const Word& word) { return known.lexicon.unit_of(word).has_value(); }

/// Whether the words from a place are those of a name; how many.
std::size_t says(const std::vector<Word>& words, std::size_t at, const std::vector<std::string>& name) {
  if (at + name.size() > words.size()) return 0;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (words[at + i].kind != WordKind::word || (words[at + i].stem != name[i] && words[at + i].lower != name[i])) return 0;
  return name.size();
}

/// How many words from a place are one of the names; the longest.
std::size_t says_one_of(const std::vector<Word>& words, std::size_t at, const std::vector<std::vector<std::string>>& names) {
  std::size_t out = 0;
  for (const auto& name : names) out = std::max(out, says(words, at, name));
  return out;
}

class Durations {
 public:
  Durations(const Known& known, const std::vector<Word>& words, std::vector<Item>& items, std::size_t from)
      : known_(known), words_(words), items_(items), from_(from) {}

  void run() {
    for (std::size_t at = from_; at < words_.size(); ++at) {
      named(at);
      between(at);
      if (!known_.schema.house.durations.empty()) {
        rows(at);
        span_of_end(at);
        to_end(at);
        taken(at);
      }
    }
    said_again();
    std::vector<Item> kept;
    for (Item& item : items_)
      if (decide_units(item)) kept.push_back(std::move(item));
    items_ = std::move(kept);
  }

  /// "take … to ship": where the verb is; nowhere where no such time is meant.
  std::optional<std::size_t> end_of_taking(std::size_t at) const {
    constexpr std::size_t kFar = 5;
    if (!known_.lexicon.says_taking(words_[at])) return std::nullopt;
    for (std::size_t i = at + 1; i + 1 < words_.size() && i <= at + kFar && words_[i].kind != WordKind::stop; ++i) {
      if (!known_.lexicon.does(words_, i, Role::up_to)) continue;
      std::size_t verb = i + 1;
      if (verb + 1 < words_.size() && known_.lexicon.says_being(words_[verb])) ++verb;  // "to be shipped"
      if (!ending_in(verb).empty()) return verb;
    }
    return std::nullopt;
  }

 private:
  struct Span {
    std::size_t begin = 0, end = 0;
  };
  using Named = std::vector<const NamedDuration*>;

  Link link_of(const NamedDuration& one, double score) const {
    const Table& table = known_.table(one.table);
    return {Link::Kind::column, one.table, number_of(in_own_unit(table, one.first, one.last), table.columns.size()), score, ""};
  }
  void add(std::size_t begin, std::size_t end, std::vector<Link> links, bool plural = false) {
    if (links.empty() || begin < from_) return;
    Item item{.cat = Cat::noun, .begin = static_cast<std::uint16_t>(begin), .end = static_cast<std::uint16_t>(end)};
    item.meaning = std::make_shared<const Meaning>(Noun{.links = std::move(links), .begin = begin, .end = end, .plural = plural});
    items_.push_back(std::move(item));
  }
  void add(std::size_t begin, std::size_t end, const Named& durations, double score) {
    std::vector<Link> links;
    for (const NamedDuration* one : durations) links.push_back(link_of(*one, score));
    add(begin, end, std::move(links));
  }

  /// "… Return the patient and the total hours": what was asked for before, by its unit alone.
  void said_again() {
    const auto is_duration = [&](const Item& item) { return item.cat == Cat::noun && known_.is_duration(item.as<Noun>().links.front()); };
    const auto is_whole = [&](const Item& item) {
      return is_duration(item) && std::ranges::none_of(items_, [&](const Item& other) {
               const bool within = other.begin <= item.begin && item.end <= other.end && other.end - other.begin > item.end - item.begin;
               return is_duration(other) && within;
             });
    };
    const auto first = std::ranges::find_if(items_, is_whole);
    if (first == items_.end()) return;
    const Noun said = first->as<Noun>();
    if (!std::ranges::all_of(items_, [&](const Item& item) { return !is_whole(item) || item.as<Noun>().links == said.links; })) return;
    bool later = false;
    for (std::size_t at = said.end; at < words_.size(); ++at) {
      later = later || words_[at].kind == WordKind::stop;
      const bool unit = has_unit(known_, words_[at]) && words_[at].lower != words_[at].stem;
      const auto covered = [&](const Item& item) { return is_duration(item) && item.begin <= at && at < item.end; };
      if (!later || !(unit || known_.lexicon.says_span(words_[at])) || std::ranges::any_of(items_, covered)) continue;
      const auto computes = [](const auto& one) {
        return one.role == Role::sum || one.role == Role::average || one.role == Role::median || one.role == Role::count ||
               one.role == Role::maximum || one.role == Role::minimum;
      };
      bool computed = false;
      for (std::size_t back = 1; back <= std::min<std::size_t>(at, 2); ++back)
        for (const Lexicon::Phrase& phrase : known_.lexicon.phrases_at(words_, at - back))
          computed = computed || (phrase.words == back && computes(phrase));
      if (computed) add(at, at + 1, said.links);
    }
  }

  /// "length of stay", "nights", "tenure"
  void named(std::size_t at) {
    std::size_t longest = 0;
    Named found;
    for (const NamedDuration& one : known_.schema.house.durations)
      for (const Lasting* kind : one.kinds) {
        const std::size_t length = says_one_of(words_, at, kind->names);
        if (length == 0 || length < longest) continue;
        if (length > longest) found.clear();
        longest = length;
        if (std::ranges::find(found, &one) == found.end()) found.push_back(&one);
      }
    add(at, at + longest, found, 1);
  }

  /// The durations whose end the word names: "ship", "delivery".
  Named ending_in(std::size_t at) const {
    Named out;
    for (const NamedDuration& one : known_.schema.house.durations) {
      const auto of_kind = [&](const Lasting* kind) { return says_one_of(words_, at, kind->ends) == 1; };
      if (words_[at].kind == WordKind::word && std::ranges::any_of(one.kinds, of_kind)) out.push_back(&one);
    }
    // What the column itself is called is surer than another word for it.
    const auto exact = [&](const NamedDuration* one) {
      const auto pieces = event_pieces(known_.column(one->table, one->last).name);
      return std::ranges::any_of(pieces, [&](const std::string& piece) { return known_.lexicon.says_when(words_[at], piece); });
    };
    if (std::ranges::any_of(out, exact)) std::erase_if(out, [&](const NamedDuration* one) { return !exact(one); });
    return out;
  }

  /// "stays", "the longest stay", "average stay"
  void rows(std::size_t at) {
    constexpr double kRows = 0.9;
    if (words_[at].kind != WordKind::word) return;
    std::vector<Link> tables;
    Named durations;
    for (const NamedDuration& one : known_.schema.house.durations)
      for (const Lasting* kind : one.kinds)
        if (says_one_of(words_, at, kind->rows) == 1) {
          tables.push_back({Link::Kind::table, one.table, -1, kRows, ""});
          durations.push_back(&one);
        }
    if (tables.empty()) return;
    static constexpr std::string_view kArticles[] = {"a", "the", "each", "every", "per"};
    const bool plural = words_[at].lower != words_[at].stem;
    const std::string before = at == 0 ? "" : words_[at - 1].lower;
    const auto computes = [](const auto& one) { return one.role == Role::average || one.role == Role::median; };
    if (at > 0 && !plural && std::ranges::any_of(known_.lexicon.phrases_at(words_, at - 1), computes)) return add(at, at + 1, durations, kGeneral);
    const bool ranked = at > 0 && !known_.lexicon.adjectives_at(words_, at - 1).empty();
    if (!plural && !ranked && std::ranges::find(kArticles, before) == std::end(kArticles)) return;
    add(at, at + 1, std::move(tables), plural);
  }

  /// "resolution time", "delivery times"
  void span_of_end(std::size_t at) {
    if (at + 1 < words_.size() && known_.lexicon.says_span(words_[at + 1])) add(at, at + 2, ending_in(at), kGeneral);
  }
  /// "time to resolve", "days to ship", "time it takes to deliver"
  void to_end(std::size_t at) {
    constexpr std::size_t kBetween = 3;
    if (!known_.lexicon.says_span(words_[at]) && !has_unit(known_, words_[at])) return;
    std::size_t to = at + 1;
    const auto joins = [&] { return known_.lexicon.does(words_, to, Role::up_to); };
    while (to < words_.size() && to <= at + kBetween && !joins() && (known_.lexicon.says_taking(words_[to]) || is_article(known_, words_, to))) ++to;
    if (to + 1 < words_.size() && joins()) add(at, to + 2, ending_in(to + 1), kGeneral);
  }
  /// "how long did orders take to ship", "orders that took more than 10 days to ship", "took the longest"
  void taken(std::size_t at) {
    constexpr double kAboutRows = 0.9;
    if (!known_.lexicon.says_taking(words_[at])) return;
    const auto verb = end_of_taking(at);
    if (!verb && takes_to(at)) return;
    std::vector<Link> meant;
    if (verb)
      for (const NamedDuration* one : ending_in(*verb)) meant.push_back(link_of(*one, kGeneral));
    if (!verb)
      for (const NamedDuration& one : known_.schema.house.durations) meant.push_back(link_of(one, one.whole ? kGeneral : kAboutRows));
    std::ranges::stable_sort(meant, std::ranges::greater{}, &Link::score);
    if (const auto asked = asked_before(at)) {
      // "how long" is no distance, nor how far it is.
      std::erase_if(items_, [&](const Item& item) { return item.cat == Cat::adjective && item.begin >= asked->begin && item.end <= asked->end; });
      return add(asked->begin, asked->end, std::move(meant));
    }
    std::size_t next = at + 1;
    if (next < words_.size() && is_article(known_, words_, next)) ++next;  // "the longest"
    const auto compares = [](const auto& one) {
      using enum Role;
      return one.role == greater || one.role == less || one.role == at_least || one.role == at_most || one.role == between || one.role == highest ||
             one.role == lowest;
    };
    if (next >= words_.size() || std::ranges::none_of(known_.lexicon.phrases_at(words_, next), compares)) return;
    std::erase_if(items_, [&](const Item& item) { return item.cat == Cat::adjective && item.begin == next; });
    add(at, at + 1, std::move(meant));
  }
  /// "take to process": something that no date tells.
  bool takes_to(std::size_t at) const {
    for (std::size_t i = at + 1; i + 1 < words_.size() && words_[i].kind != WordKind::stop; ++i)
      if (known_.lexicon.does(words_, i, Role::up_to) && words_[i + 1].kind == WordKind::word && !has_unit(known_, words_[i + 1])) return true;
    return false;
  }
  /// "how long", "how many days": where it is asked how long something takes.
  std::optional<Span> asked_before(std::size_t at) const {
    for (std::size_t i = at; i >= 2 && words_[i - 1].kind != WordKind::stop; --i) {
      if (known_.lexicon.does(words_, i - 2, Role::how) && known_.lexicon.says_span(words_[i - 1])) return Span{i - 2, i};
      for (std::size_t begin = i >= 3 ? i - 3 : 0; begin + 1 < i; ++begin)
        for (const Lexicon::Phrase& phrase : known_.lexicon.phrases_at(words_, begin))
          if (phrase.role == Role::count && begin + phrase.words + 1 == i && has_unit(known_, words_[i - 1])) return Span{i - 1, i};
    }
    return std::nullopt;
  }

  /// "days between order and shipping", "turnaround time in hours from order to result", "how long from order to delivery"
  void between(std::size_t at) {
    const bool pair = known_.lexicon.does(words_, at, Role::between);
    const bool way = !pair && known_.lexicon.says_from(words_[at]) && is_article(known_, words_, at);
    if (!pair && !way) return;
    const auto begin = head_before(at);
    if (!begin) return;
    constexpr std::size_t kWords = 5;
    const Role joins = pair ? Role::conjunction : Role::up_to;
    for (std::size_t middle = at + 2; middle < words_.size() && middle <= at + kWords + 1; ++middle) {
      if (!known_.lexicon.does(words_, middle, joins)) continue;
      // The longest that names a date.
      for (std::size_t end = std::min(words_.size(), middle + 1 + kWords); end > middle + 1; --end)
        if (auto links = links_between({at + 1, middle}, {middle + 1, end}); !links.empty()) return add(*begin, end, std::move(links));
    }
  }

  /// Where the words begin that ask for a time, right before a place: "turnaround time in hours", "days that passed".
  std::optional<std::size_t> head_before(std::size_t at) const {
    std::size_t i = at;
    const auto is_end_of_passing = [&](std::size_t end) {
      constexpr std::size_t kLongest = 2;
      for (std::size_t length = kLongest; length > 0; --length)
        if (end > length && known_.lexicon.says_passing(words_, end - length) == length) return length;
      return std::size_t{0};
    };
    for (bool again = true; again && i > 0;) {
      again = false;
      if (i >= 2 && has_unit(known_, words_[i - 1]) && known_.lexicon.says_within(words_[i - 2])) {
        i -= 2;
        again = true;
      } else if (const std::size_t passing = is_end_of_passing(i); passing > 0) {
        i -= passing;
        if (i > 0 && known_.lexicon.opens_clause(words_[i - 1])) --i;
        again = true;
      }
    }
    if (i == 0 || !(known_.lexicon.says_span(words_[i - 1]) || has_unit(known_, words_[i - 1]))) return std::nullopt;
    --i;
    // "turnaround time", "processing time", "how long"
    if (i > 0 && known_.lexicon.does(words_, i - 1, Role::how)) return i - 1;
    const auto& all = known_.lexicon.lasting();
    const bool named = i > 0 && std::ranges::any_of(all, [&](const Lasting& one) {
                         return says_one_of(words_, i - 1, one.names) == 2 || says_one_of(words_, i - 1, one.ends) == 1;
                       });
    return named ? i - 1 : i;
  }

  /// The durations of each table between the dates that the words name.
  std::vector<Link> links_between(Span first, Span last) const {
    std::vector<Link> out;
    for (int t = 0; t < static_cast<int>(known_.real.tables.size()); ++t) {
      const Table& table = known_.table(t);
      for (int f = 0; f < static_cast<int>(known_.real_columns(t)); ++f) {
        const double begins = names_date(first, t, f);
        if (begins == 0) continue;
        for (int l = 0; l < static_cast<int>(known_.real_columns(t)); ++l) {
          const double ends = l == f ? 0 : names_date(last, t, l);
          if (ends > 0) out.push_back({Link::Kind::column, t, number_of(in_own_unit(table, f, l), table.columns.size()), begins * ends, ""});
        }
      }
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &Link::score);
    return out;
  }

  /// How surely the words name the date; 0 where they don't.
  double names_date(Span span, int t, int c) const {
    const Column& column = known_.column(t, c);
    if (!column.type.is_temporal()) return 0;
    static constexpr std::string_view kDates[] = {"date", "time", "timestamp", "day"};
    const auto pieces = event_pieces(column.name);
    const auto own = name_pieces(known_.table(t).name.name);
    std::set<std::size_t> said;
    for (std::size_t i = span.begin; i < span.end;) {
      const Word& word = words_[i];
      if (word.kind != WordKind::word) return 0;
      bool found = false;
      for (std::size_t p = 0; p < pieces.size() && !found; ++p)
        if (!said.contains(p) && names_piece(i, pieces[p])) {
          said.insert(p);
          found = true;
        }
      if (!found && !is_article(known_, words_, i) && std::ranges::find(kDates, word.stem) == std::end(kDates) &&
          std::ranges::find(own, word.stem) == own.end())
        return 0;
      ++i;
    }
    // "shipped date of orders": what follows the date says more than that.
    if (said.empty()) return 0;
    if (std::ranges::find(kDates, words_[span.end - 1].stem) == std::end(kDates) && !names_any(span.end - 1, pieces)) return 0;
    return said.size() == pieces.size() ? 1 : kPartOfName;
  }
  bool names_any(std::size_t at, const std::vector<std::string>& pieces) const {
    return std::ranges::any_of(pieces, [&](const std::string& piece) { return names_piece(at, piece); });
  }
  bool names_piece(std::size_t at, const std::string& piece) const {
    const Word& word = words_[at];
    if (word.stem == piece || word.lower == piece || known_.lexicon.says_when(word, piece)) return true;
    const auto& same = known_.lexicon.equivalents(word.stem);
    if (std::ranges::any_of(same, [&](const auto& one) { return one.first == piece; })) return true;
    // "admission" for admitted_ts: words for one beginning, or for one end.
    const std::vector<std::string> said{word.lower}, stem{word.stem}, named{piece};
    const auto has = [](const std::vector<std::vector<std::string>>& list, const std::vector<std::string>& one) {
      return std::ranges::find(list, one) != list.end();
    };
    constexpr std::size_t kShared = 3;
    return piece.starts_with(word.lower.substr(0, kShared)) && std::ranges::any_of(known_.lexicon.lasting(), [&](const Lasting& one) {
             const auto both = [&](const auto& list) { return has(list, named) && (has(list, said) || has(list, stem)); };
             return both(one.begins) || both(one.ends);
           });
  }

  /// "3 days", "in hours", "number of nights": whether the word says in what something is told, and not when it was.
  bool is_measured(std::size_t at) const {
    if (!has_unit(known_, words_[at]) || at == 0) return false;
    const auto does = [&](std::size_t i, Role role) { return i < words_.size() && known_.lexicon.does(words_, i, role); };
    if (does(at + 1, Role::ago)) return false;
    if (words_[at].lower == words_[at].stem && words_[at - 1].kind != WordKind::number && words_[at - 1].lower != "one") return false;  // "per day"
    // "the last 30 days", "the past few weeks"
    constexpr std::size_t kBack = 3;
    for (std::size_t back = 1; back <= std::min(at, kBack); ++back)
      if (does(at - back, Role::relative_last) || does(at - back, Role::relative_past) || does(at - back, Role::relative_this)) return false;
    return !does(at - 1, Role::per);
  }

  /// Where the question says the unit of what words [begin, end) name: in them, else the nearest after them, else before.
  std::optional<std::size_t> unit_beside(std::size_t begin, std::size_t end) const {
    for (std::size_t i = begin; i < end; ++i)
      if (has_unit(known_, words_[i])) return i;
    for (std::size_t i = end; i < words_.size(); ++i)
      if (is_measured(i)) return i;
    for (std::size_t i = begin; i > 0; --i)
      if (is_measured(i - 1)) return i - 1;
    return std::nullopt;
  }

  /// Links of durations in the unit that is said; none where they cannot be told in it.
  void tell(std::vector<Link>& links, TimeUnit unit) const {
    std::erase_if(links, [&](Link& link) {
      if (!known_.is_duration(link)) return false;
      const Table& table = known_.table(link.table);
      Duration duration = duration_of(link.column, table.columns.size());
      duration.unit = unit;
      link.column = number_of(duration, table.columns.size());
      return !may_be_told(table, duration);
    });
  }
  /// False where nothing is left that the item could mean.
  bool decide_units(Item& item) const {
    if (item.cat != Cat::noun && item.cat != Cat::adjective) return true;
    const auto has = [&](const std::vector<Link>& links) {
      return std::ranges::any_of(links, [&](const Link& link) { return known_.is_duration(link); });
    };
    Meaning meaning = *item.meaning;
    auto* noun = std::get_if<Noun>(&meaning);
    auto* adjective = std::get_if<Adjective>(&meaning);
    if (noun != nullptr ? !has(noun->links) : !has(adjective->more.links) && !has(adjective->less.links)) return true;
    const auto at = unit_beside(item.begin, item.end);
    if (!at) return true;
    const TimeUnit unit = *known_.lexicon.unit_of(words_[*at]);
    if (noun != nullptr) {
      tell(noun->links, unit);
      // What has no such unit is refused by its name where the unit is said of a number (units.cc).
      const bool checked =
          *at > 0 && (words_[*at - 1].kind == WordKind::number || words_[*at - 1].lower == "in") && known_.lexicon.is_measure(words_[*at]);
      if (noun->links.empty()) return checked;
    } else {
      tell(adjective->more.links, unit);
      tell(adjective->less.links, unit);
      if (adjective->more.links.empty() && adjective->less.links.empty()) return false;
    }
    item.meaning = std::make_shared<const Meaning>(std::move(meaning));
    return true;
  }

  const Known& known_;
  const std::vector<Word>& words_;
  std::vector<Item>& items_;
  const std::size_t from_;
};

}  // namespace

void add_durations(const Known& known, const std::vector<Word>& words, std::vector<Item>& items, std::size_t from) {
  Durations(known, words, items, from).run();
}

std::vector<std::size_t> beside_durations(const Known& known, const std::vector<Word>& words, const std::vector<Item>& items) {
  std::vector<std::size_t> out;
  const auto meant = [&](const Item& item) {
    const auto has = [&](const Noun& noun) { return !noun.links.empty() && known.is_duration(noun.links.front()); };
    if (item.cat == Cat::adjective) return has(item.as<Adjective>().more) || has(item.as<Adjective>().less);
    return item.cat == Cat::noun && has(item.as<Noun>());
  };
  if (std::ranges::none_of(items, meant)) return out;
  std::vector<Item> none;
  const Durations durations(known, words, none, 0);
  for (std::size_t at = 0; at < words.size(); ++at) {
    // "7 nights" of what is told in days
    const bool unit = at > 0 && words[at - 1].kind == WordKind::number && known.lexicon.unit_of(words[at]) == TimeUnit::night;
    const auto covers = [&](const Item& item) { return item.cat == Cat::noun && item.begin <= at && at < item.end; };
    if (unit && std::ranges::none_of(items, covers)) out.push_back(at);
    if (!known.lexicon.says_taking(words[at])) continue;
    out.push_back(at);
    if (const auto verb = durations.end_of_taking(at)) {
      out.push_back(*verb);
      for (std::size_t i = *verb - 1; i > at && !known.lexicon.does(words, i, Role::up_to); --i) out.push_back(i);
    }
  }
  return out;
}

}  // namespace sluice::planner
