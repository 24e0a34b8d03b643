#include "planner/lexical.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "planner/duration_words.h"
#include "planner/link_limit.h"
#include "planner/repeated_names.h"
#include "planner/role_links.h"
#include "planner/trade.h"
#include "planner/verbs.h"

namespace sluice::planner {
namespace {

constexpr double kTrade = 0.05, kEither = -0.02, kCoordinated = -0.02;
constexpr std::size_t kMisspeltMax = 3, kMisspeltBack = 5;
constexpr double kLinkMin = 0.5, kTurnedMin = 0.85, kWordAsValue = 0.6, kMisspelt = 0.75, kNameAsValue = 0.3, kWithinLonger = 0.25, kCapitals = 0.05;

constexpr std::string_view kNumbers[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};

class Words {
 public:
  Words(const Known& known, const std::vector<Word>& words, Said said) : known_(known), words_(words), said_(said) {}

  std::vector<Item> run(std::size_t from) {
    for (std::size_t at = from; at < words_.size(); ++at) {
      for (const Lexicon::Phrase& phrase : known_.lexicon.phrases_at(words_, at)) role(at, phrase);
      for (const Lexicon::AdjectivePhrase& phrase : known_.lexicon.adjectives_at(words_, at)) adjective(at, phrase);
      names(at);
      for (const Mention& mention : known_.schema.index.values_at(words_, at, known_.lexicon)) value(mention);
      if (const Noun dates = dates_of_event(known_, words_, at); !dates.links.empty()) add(Cat::event, Span{at, dates.end}, dates, 0);
      if (auto trade = trade_of(known_, words_, at)) {
        // What deals come to, or how many there are: only the person knows.
        const double said = trade->rivals.empty() ? kTrade : kEither;
        add(Cat::quantity, Span{at, at + 1}, *std::move(trade), said);
      }
      if (const Noun deals = deals_of(known_, words_, at); !deals.links.empty()) add(Cat::noun, Span{at, deals.end}, deals, 0);
      coordinated(at);
      literal(at);
    }
    add_durations(known_, words_, items_, from);
    misspelt();
    add_role_links(known_, items_);
    limit_links(known_, items_);
    return std::move(items_);
  }

 private:
  template <class T>
  void add(Cat cat, const auto& span, T meaning, double cost) {
    Item item{.cat = cat, .begin = static_cast<std::uint16_t>(span.begin), .end = static_cast<std::uint16_t>(span.end), .cost = cost};
    item.meaning = std::make_shared<const Meaning>(std::move(meaning));
    items_.push_back(std::move(item));
  }

  struct Span {
    std::size_t begin = 0, end = 0;
  };

  void role(std::size_t at, const Lexicon::Phrase& phrase) {
    if (said_ == Said::question && only_in_feedback(phrase.role)) return;
    // "Sort the names by age": what is sorted follows, and by what comes later.
    const bool names_results = phrase.words > 1 && words_[at + phrase.words - 1].lower == "by";  // "Order the results by month"
    if (phrase.role == Role::order && (at == 0 || (words_[at - 1].kind == WordKind::stop && !names_results))) return;
    Item item{.cat = Cat::role, .role = phrase.role, .begin = static_cast<std::uint16_t>(at), .end = static_cast<std::uint16_t>(at + phrase.words)};
    if (within_longer(at, phrase)) item.cost = kWithinLonger;
    if (phrase.role == Role::month_name || phrase.role == Role::quarter_name || phrase.role == Role::weekday_name || phrase.role == Role::over_before)
      item.meaning = std::make_shared<const Meaning>(plan::Literal{TypeKind::integer, Value{std::int64_t{phrase.number}}});
    items_.push_back(std::move(item));
  }

  /// Whether the words are a part of a longer phrase that does something: "least" of "at least".
  bool within_longer(std::size_t at, const Lexicon::Phrase& phrase) const {
    constexpr std::size_t kBack = 3;
    for (std::size_t begin = at >= kBack ? at - kBack : 0; begin <= at; ++begin)
      for (const Lexicon::Phrase& longer : known_.lexicon.phrases_at(words_, begin))
        if (!is_filler(longer.role) && longer.role != phrase.role && longer.words > phrase.words && begin + longer.words >= at + phrase.words)
          return true;
    return false;
  }

  static Noun noun_of(const Mention& mention) {
    Noun noun{mention.links, mention.begin, mention.end, mention.plural};
    return noun;
  }

  /// The point of "flights.dep_delay", and no slash.
  bool joins_names(std::size_t at) const { return words_[at].glued && words_[at].kind == WordKind::stop; }

  /// "flights.dep_delay", "main.flights": the very column or table.
  void qualified(std::size_t at) {
    constexpr std::size_t kPartsMax = 3;
    std::vector<std::string> parts{words_[at].lower};
    for (std::size_t i = at + 1; i + 1 < words_.size() && joins_names(i) && parts.size() < kPartsMax; i += 2) parts.push_back(words_[i + 1].lower);
    for (; parts.size() > 1; parts.pop_back()) {
      Noun noun{.begin = at, .end = at + 2 * parts.size() - 1};
      for (int t = 0; t < static_cast<int>(known_.real.tables.size()); ++t) {
        const Table& table = known_.table(t);
        const std::string name = to_lower(table.name.name);
        if (parts.size() == 2 && parts[0] == to_lower(table.name.schema) && parts[1] == name) noun.links.push_back({Link::Kind::table, t, -1, 1, ""});
        if (parts[parts.size() - 2] != name || (parts.size() == kPartsMax && parts[0] != to_lower(table.name.schema))) continue;
        for (int c = 0; c < static_cast<int>(table.columns.size()); ++c)
          if (to_lower(table.columns[static_cast<std::size_t>(c)].name) == parts.back()) noun.links.push_back({Link::Kind::column, t, c, 1, ""});
      }
      if (!noun.links.empty()) return add(Cat::noun, Span{noun.begin, noun.end}, noun, 0);
    }
  }

  void names(std::size_t at) {
    if (at + 1 < words_.size() && joins_names(at + 1)) qualified(at);
    for (Mention& mention : known_.schema.index.names_at(words_, at, known_.lexicon)) {
      const bool happened = mention.size() == 1 && says_where(at);
      std::erase_if(mention.links, [&](const Link& link) { return link.score < kLinkMin || (happened && is_no_place(link)); });
      keep_exact(mention);
      keep_done(mention);
      keep_event(mention);
      prefer_written_so(mention);
      keep_units_of_deals(known_, words_, mention);
      if (!mention.links.empty()) add(Cat::noun, mention, noun_of(mention), 0);
    }
    turned(at);
  }

  /// Where a table is called so, others that only stand for it are not meant ("products" are no order items), nor are dates and keys of its own that
  /// have it in their names.
  void keep_exact(Mention& mention) const {
    const auto exact = std::ranges::find_if(mention.links, [](const Link& link) { return link.kind == Link::Kind::table && link.score == 1; });
    if (exact == mention.links.end() || !mention.plural) return;
    const int named = exact->table;
    std::erase_if(mention.links, [&](const Link& link) {
      if (link.score == 1) return false;
      return link.kind == Link::Kind::table || (link.table == named && (known_.is_key(link) || known_.column(link).type.is_temporal()));
    });
  }

  /// "payment amount received": of payments_received, and not of payments_made.
  void keep_done(Mention& mention) const {
    const auto said = [&](const Link& link) {
      for (std::size_t at = 0; at < words_.size(); ++at)
        if (ends_table_name(known_, words_, at, link.table)) return true;
      return false;
    };
    const auto other = [&](const Link& link) {
      const auto name = name_pieces(known_.table(link.table).name.name);
      return known_.lexicon.is_done(name.back()) && !said(link);
    };
    if (std::ranges::any_of(mention.links, said)) std::erase_if(mention.links, other);
  }

  static auto same_column(const Link& link) {
    return [&](const Link& other) { return other.table == link.table && other.column == link.column; };
  }

  /// "shipped" tells a date of orders, and names no shippers, unless these did it: "shipped by …".
  void keep_event(Mention& mention) const {
    const std::size_t at = mention.begin;
    if (mention.size() != 1 || !words_[at].lower.ends_with("ed") || !known_.lexicon.phrases_at(words_, at).empty()) return;
    const Noun dates = dates_of_event(known_, words_, at);
    if (dates.links.empty()) return;
    if (at + 1 < words_.size() && known_.lexicon.does(words_, at + 1, Role::by)) {
      // But who is said to have done it names no date.
      if (at > 0)
        std::erase_if(mention.links, [&](const Link& link) { return std::ranges::find_if(dates.links, same_column(link)) != dates.links.end(); });
      return;
    }
    std::erase_if(mention.links, [&](const Link& link) {
      const auto own = [&](const Link& date) { return date.table == link.table; };
      return link.kind == Link::Kind::table && link.score < 1 && std::ranges::none_of(dates.links, own);
    });
  }

  /// "engine" is the column of that name, and not that of engines.
  void prefer_written_so(Mention& mention) const {
    constexpr double kOtherNumber = 0.97;
    const auto same = [&](const Link& link) {
      return link.kind == Link::Kind::column && to_lower(known_.column(link).name) == words_[mention.begin].lower;
    };
    if (mention.size() != 1 || std::ranges::none_of(mention.links, same)) return;
    for (Link& link : mention.links)
      if (link.kind == Link::Kind::column && link.score == 1 && !same(link)) link.score = kOtherNumber;
    std::ranges::stable_sort(mention.links, std::ranges::greater{}, &Link::score);
  }

  /// "shipped to Germany": says what happened and where, so that no shippers are meant, nor a date.
  bool says_where(std::size_t at) const {
    if (!words_[at].lower.ends_with("ed") || at + 2 >= words_.size() || words_[at + 2].kind != WordKind::word) return false;
    return known_.lexicon.says_to(words_[at + 1]) || known_.lexicon.says_from(words_[at + 1]);
  }
  bool is_no_place(const Link& link) const { return link.kind == Link::Kind::table || known_.column(link).type.is_temporal() || known_.is_key(link); }

  /// "shipped to Germany": the ship_country is said by its verb, and not that of the customer.
  void keep_said_by_verb(Mention& mention) const {
    if (mention.begin < 2 || !says_where(mention.begin - 2)) return;
    const auto said = [&](const Link& link) { return is_named_by(known_, link, words_[mention.begin - 2]); };
    if (std::ranges::any_of(mention.links, said)) std::erase_if(mention.links, std::not_fn(said));
  }

  /// A word that the language needs is seldom meant as a value.
  void value(Mention mention) {
    keep_said_by_verb(mention);
    leave_out_repeated_names(known_, items_, mention);
    const bool word = mention.end == mention.begin + 1 && words_[mention.begin].kind == WordKind::word;
    if (word && within_longer(mention.begin, {Role::none, 1, 0})) return;  // the "many" of "how many"
    const bool of_language = word && !known_.lexicon.phrases_at(words_, mention.begin).empty();
    if (of_language && !is_written_so(mention)) std::erase_if(mention.links, [&](const Link& link) { return !says_state(mention, link); });
    if (mention.links.empty()) return;
    const double said = !of_language ? 0 : is_written_so(mention) || is_before_own(mention) ? kCapitals : kWordAsValue;
    add(Cat::value, mention, noun_of(mention), said + (word && only_a_name(mention) ? kNameAsValue : 0));
  }

  /// "completed" of a status 'Completed': where a verb is written otherwise than the value, it is one before its rows, or after "are".
  bool says_state(const Mention& value, const Link& link) const {
    if (link.value == words_[value.begin].text) return true;
    const bool being = value.begin > 0 && known_.lexicon.says_being(words_[value.begin - 1]);
    return being || is_before_own({value.begin, value.end, {link}, false});
  }

  /// "completed appointments", "paid amount": a verb that is a value of the rows which the next word names, or of which it is an amount; or of the
  /// column.
  bool is_before_own(const Mention& value) const {
    const auto phrases = known_.lexicon.phrases_at(words_, value.begin);
    if (value.end >= words_.size() || std::ranges::any_of(phrases, [](const auto& one) { return one.role != Role::light && one.role != Role::deed; }))
      return false;
    const auto names = known_.schema.index.names_at(words_, value.end, known_.lexicon);
    const auto of_rows = [&](const Link& link) { return std::ranges::any_of(value.links, [&](const Link& one) { return one.table == link.table; }); };
    const bool named = std::ranges::any_of(names, [&](const Mention& name) {
      const Link& link = name.links.front();
      const bool amount = link.kind == Link::Kind::column && (known_.is_amount(link) || std::ranges::any_of(value.links, same_column(link)));
      return (link.kind == Link::Kind::table || amount) && link.score >= kTurnedMin && of_rows(link);
    });
    // "used Yamahas"
    return named || std::ranges::any_of(known_.schema.index.values_at(words_, value.end, known_.lexicon),
                                        [&](const Mention& next) { return std::ranges::any_of(next.links, of_rows); });
  }

  /// "the town that hosted it": the name of a table, though some rows have 'Town' as a value.
  bool only_a_name(const Mention& value) const {
    constexpr double kSurely = 0.95;
    const auto same_text = [&](const Link& link) { return link.value == words_[value.begin].text; };
    if (std::ranges::any_of(value.links, same_text)) return false;
    return std::ranges::any_of(known_.schema.index.names_at(words_, value.begin, known_.lexicon),
                               [&](const Mention& name) { return name.end == value.end && name.links.front().score >= kSurely; });
  }

  /// "US", in capitals as the value is: no "us".
  bool is_written_so(const Mention& mention) const {
    const Word& word = words_[mention.begin];
    const bool capitals = word.text.size() > 1 && std::ranges::none_of(word.text, [](char c) { return c >= 'a' && c <= 'z'; });
    return capitals && word.text != word.lower && std::ranges::any_of(mention.links, [](const Link& link) { return link.score == 1; });
  }

  /// "first and last names": what the first lacks is said once, at the end.
  void coordinated(std::size_t at) {
    if (at + 3 >= words_.size() || words_[at].kind != WordKind::word || (words_[at + 1].lower != "and" && words_[at + 1].lower != "or")) return;
    std::vector<Quantity> both;
    for (const std::size_t first : {at, at + 2}) {
      const std::vector<Word> name{words_[first], words_[at + 3]};
      for (Mention& mention : known_.schema.index.names_at(name, 0, known_.lexicon)) {
        if (mention.end != 2) continue;
        std::erase_if(mention.links, [](const Link& link) { return link.score < kTurnedMin || link.kind != Link::Kind::column; });
        mention.begin = first;
        mention.end = first + 1;
        if (!mention.links.empty()) both.push_back({.noun = noun_of(mention)});
      }
    }
    // Surer than the same columns by a part of their names each.
    if (both.size() == 2) add(Cat::quantities, Span{at, at + 4}, std::move(both), kCoordinated);
  }

  /// "type of pet", "date of birth", "year of release": the name may put the last first; "number of products": or have no "of".
  void turned(std::size_t at) {
    if (at + 2 >= words_.size() || words_[at + 1].lower != "of" || words_[at].kind != WordKind::word) return;
    std::size_t rest = at + 2;
    if (words_[rest].lower == "the" || words_[rest].lower == "a") ++rest;
    if (rest >= words_.size() || words_[rest].kind != WordKind::word || words_[rest].lower == "each") return;
    for (const bool turn : {true, false}) {
      std::vector<Word> name{words_[turn ? rest : at], words_[turn ? at : rest]};
      for (Mention& mention : known_.schema.index.names_at(name, 0, known_.lexicon)) {
        if (mention.end != 2) continue;
        std::erase_if(mention.links, [](const Link& link) { return link.score < kTurnedMin || link.kind != Link::Kind::column; });
        // The "number of flights" is how many there are, unless a column has that number.
        if (words_[at].stem == "number" || words_[at].stem == "count")
          std::erase_if(mention.links, [&](const Link& link) { return !known_.column(link).type.is_numeric() || known_.is_key(link); });
        if (mention.links.empty()) continue;
        mention.plural = words_[at].stem != words_[at].lower;
        mention.begin = at;
        mention.end = rest + 1;
        add(Cat::noun, mention, noun_of(mention), 0.02);
      }
    }
  }

  /// Words that nothing is known for, read as what one wrong letter leaves of a name or value.
  void misspelt() {
    std::vector<bool> placed(words_.size(), false);
    for (const Item& item : items_)
      for (std::size_t i = item.begin; i < item.end; ++i) placed[i] = true;
    std::vector<Word> spelt = words_;
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < words_.size() && places.size() < kMisspeltMax; ++at) {
      const Word& word = words_[at];
      const Lexicon& language = known_.lexicon;
      if (placed[at] || like_verb(word) || language.is_measure(word) || !language.equivalents(word.stem).empty() ||
          !language.forms(word.lower).empty())
        continue;
      const std::string meant = known_.schema.index.spelt(words_, at);
      if (meant.empty()) continue;
      spelt[at].text = spelt[at].lower = spelt[at].stem = meant;
      places.push_back(at);
    }
    for (const std::size_t at : places)
      for (std::size_t begin = at - std::min(at, kMisspeltBack); begin <= at; ++begin) {
        const auto covers = [&](const Mention& mention) { return mention.begin <= at && at < mention.end; };
        for (Mention& mention : known_.schema.index.names_at(spelt, begin, known_.lexicon))
          if (covers(mention)) guessed(Cat::noun, std::move(mention));
        for (Mention& mention : known_.schema.index.values_at(spelt, begin, known_.lexicon))
          if (covers(mention)) guessed(Cat::value, std::move(mention));
      }
  }
  void guessed(Cat cat, Mention mention) {
    for (Link& link : mention.links) link.score *= kMisspelt;
    std::erase_if(mention.links, [](const Link& link) { return link.score < kLinkMin; });
    if (!mention.links.empty()) add(cat, mention, noun_of(mention), 0);
  }

  void adjective(std::size_t at, const Lexicon::AdjectivePhrase& phrase) {
    const Span span{at, at + phrase.words};
    // "the best wine" has the highest rating, and not the most ratings.
    const bool judges = phrase.words == 1 && known_.lexicon.judges(words_[at]);
    const auto links = [&](const std::vector<std::string>& pieces) {
      Noun noun{.begin = span.begin, .end = span.end};
      std::set<std::pair<int, int>> seen;
      for (const std::string& piece : pieces)
        for (const Link& link : known_.schema.index.columns_like(piece)) {
          const Column& column = known_.column(link);
          if (judges && (!column.type.is_numeric() || known_.is_key(link) || name_pieces(column.name).back() != piece)) continue;
          const bool ordered = column.type.is_numeric() || column.type.is_temporal() || column.type.kind == TypeKind::text;
          if (ordered && seen.emplace(link.table, link.column).second) noun.links.push_back(link);
        }
      return noun;
    };
    Adjective adjective{links(phrase.means.more), links(phrase.means.less)};
    if (!adjective.more.links.empty() || !adjective.less.links.empty()) add(Cat::adjective, span, std::move(adjective), 0);
  }

  void literal(std::size_t at) {
    const Word& word = words_[at];
    const Span span{at, at + 1};
    if (word.kind == WordKind::number) {
      const bool floating = word.lower.find('.') != std::string::npos;
      if (floating) {
        add(Cat::literal, span, plan::Literal{TypeKind::decimal, Value{word.lower}}, 0);
      } else if (word.lower.size() <= 18) {
        add(Cat::literal, span, plan::Literal{TypeKind::integer, Value{std::int64_t{std::stoll(word.lower)}}}, 0);
      }
    }
    scaled(at);
    numbered(word, at, Role::day_number, {"st", "nd", "rd", "th"});
    numbered(word, at, Role::decade, {"s"});
    if (word.kind == WordKind::date) add(Cat::literal, span, plan::Literal{TypeKind::date, Value{word.text}}, 0);
    if (word.kind == WordKind::quoted) add(Cat::literal, span, plan::Literal{TypeKind::text, Value{word.text}}, 0);
    const auto number = std::ranges::find(kNumbers, word.lower);
    // "each one" is no number.
    const bool each = at > 0 && std::ranges::any_of(known_.lexicon.phrases_at(words_, at - 1), [](const auto& one) { return one.role == Role::per; });
    if (word.kind == WordKind::word && !each && number != std::end(kNumbers))
      add(Cat::literal, span, plan::Literal{TypeKind::integer, Value{std::int64_t{number - std::begin(kNumbers)}}}, 0.02);
  }

  /// "1.5 million"
  void scaled(std::size_t at) {
    constexpr std::size_t kDigitsMax = 9;
    const Word& word = words_[at];
    if (word.kind != WordKind::number || word.lower.size() > kDigitsMax || at + 1 >= words_.size()) return;
    const int scale = known_.lexicon.scale_of(words_[at + 1].stem);
    if (scale == 0) return;
    std::string digits = word.lower;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::size_t after = digits.size() - std::min(point + 1, digits.size());
    if (after > static_cast<std::size_t>(scale)) return;
    if (point < digits.size()) digits.erase(point, 1);
    digits.append(static_cast<std::size_t>(scale) - after, '0');
    add(Cat::literal, Span{at, at + 2}, plan::Literal{TypeKind::integer, Value{std::int64_t{std::stoll(digits)}}}, 0);
  }

  /// "5th", "1990s": a number with one of the endings.
  void numbered(const Word& word, std::size_t at, Role role, std::initializer_list<std::string_view> endings) {
    constexpr std::size_t kDigitsMax = 4;
    const std::size_t digits = std::min(word.lower.find_first_not_of("0123456789"), word.lower.size());
    if (word.kind != WordKind::word || digits == 0 || digits > kDigitsMax) return;
    if (std::ranges::find(endings, std::string_view(word.lower).substr(digits)) == endings.end()) return;
    Item item{.cat = Cat::role, .role = role, .begin = static_cast<std::uint16_t>(at), .end = static_cast<std::uint16_t>(at + 1)};
    item.meaning = std::make_shared<const Meaning>(plan::Literal{TypeKind::integer, Value{std::int64_t{std::stoll(word.lower.substr(0, digits))}}});
    items_.push_back(std::move(item));
  }

  const Known& known_;
  const std::vector<Word>& words_;
  const Said said_;
  std::vector<Item> items_{};
};

}  // namespace

bool is_number(const Word& word) {
  return word.kind == WordKind::number || (word.kind == WordKind::word && std::ranges::find(kNumbers, word.lower) != std::end(kNumbers));
}

std::vector<Item> lexical_items(const Known& known, const std::vector<Word>& words, Said said, std::size_t from) {
  return Words(known, words, said).run(from);
}

}  // namespace sluice::planner
