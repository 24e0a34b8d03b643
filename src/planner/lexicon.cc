#include "planner/lexicon.h"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include "base/check.h"
#include "base/text.h"

namespace sluice::planner {
namespace {

constexpr std::string_view kText =
#include "planner/lexicon.inc"
    ;
constexpr std::size_t kPhraseWordsMax = 7;
constexpr double kSame = 0.9, kShort = 0.95;

constexpr std::pair<std::string_view, Role> kRoles[] = {
    {"glue", Role::glue},
    {"light", Role::light},
    {"deed", Role::deed},
    {"list", Role::list},
    {"average", Role::average},
    {"sum", Role::sum},
    {"how_much", Role::how_much},
    {"how", Role::how},
    {"median", Role::median},
    {"minimum", Role::minimum},
    {"maximum", Role::maximum},
    {"count", Role::count},
    {"distinct", Role::distinct},
    {"highest", Role::highest},
    {"lowest", Role::lowest},
    {"most", Role::most},
    {"fewest", Role::fewest},
    {"common", Role::common},
    {"rare", Role::rare},
    {"top", Role::top},
    {"bottom", Role::bottom},
    {"per", Role::per},
    {"by", Role::by},
    {"order", Role::order},
    {"descending", Role::descending},
    {"ascending", Role::ascending},
    {"alphabetical", Role::alphabetical},
    {"reverse_alphabetical", Role::reverse_alphabetical},
    {"first", Role::first},
    {"more", Role::more},
    {"fewer", Role::fewer},
    {"greater", Role::greater},
    {"less", Role::less},
    {"at_least", Role::at_least},
    {"at_most", Role::at_most},
    {"or_more", Role::or_more},
    {"or_less", Role::or_less},
    {"equal", Role::equal},
    {"unequal", Role::unequal},
    {"between", Role::between},
    {"up_to", Role::up_to},
    {"until", Role::until},
    {"negation", Role::negation},
    {"most_used", Role::most_used},
    {"least_used", Role::least_used},
    {"is_null", Role::is_null},
    {"known", Role::known},
    {"contains", Role::contains},
    {"starts", Role::starts},
    {"ends", Role::ends},
    {"either_or", Role::either_or},
    {"either", Role::either},
    {"both", Role::both},
    {"conjunction", Role::conjunction},
    {"and_also", Role::and_also},
    {"since", Role::since},
    {"before", Role::before},
    {"after", Role::after},
    {"latest", Role::latest},
    {"earliest", Role::earliest},
    {"everything", Role::everything},
    {"percentage", Role::percentage},
    {"ratio", Role::ratio},
    {"difference", Role::difference},
    {"growth", Role::growth},
    {"change", Role::change},
    {"against", Role::against},
    {"before_last", Role::before_last},
    {"rank", Role::rank},
    {"of_those", Role::of_those},
    {"running", Role::running},
    {"second", Role::second},
    {"third", Role::third},
    {"duplicate", Role::duplicate},
    {"empty_too", Role::empty_too},
    {"predicate", Role::predicate},
    {"existence", Role::existence},
    {"universal", Role::universal},
    {"ago", Role::ago},
    {"relative_last", Role::relative_last},
    {"relative_this", Role::relative_this},
    {"current", Role::current},
    {"today", Role::today},
    {"yesterday", Role::yesterday},
    {"year", Role::year},
    {"quarter", Role::quarter},
    {"month", Role::month},
    {"week", Role::week},
    {"day", Role::day},
    {"weekday", Role::weekday},
    {"hour", Role::hour},
    {"instead", Role::instead},
    {"just", Role::just},
    {"also", Role::also},
    {"leave_out", Role::leave_out},
    {"instead_of", Role::instead_of},
    {"change_to", Role::change_to},
    {"limit", Role::limit},
    {"as_share", Role::as_share},
    {"weekend", Role::weekend},
    {"relative_past", Role::relative_past},
    {"inclusive", Role::inclusive},
    {"exclusive", Role::exclusive},
    {"tally", Role::tally},
    {"altogether", Role::altogether},
    {"chronological", Role::chronological},
    {"reverse_chronological", Role::reverse_chronological},
    {"owning", Role::owning},
    {"inside", Role::inside},
    {"inside_it", Role::inside_it},
    {"than", Role::than},
    {"how_many_more", Role::how_many_more},
    {"how_many_fewer", Role::how_many_fewer},
    {"how_much_more", Role::how_much_more},
    {"how_much_less", Role::how_much_less},
    {"by_how_much", Role::by_how_much},
    {"as_percent", Role::as_percent},
    {"monthly", Role::monthly},
    {"yearly", Role::yearly},
    {"quarterly", Role::quarterly},
    {"weekly", Role::weekly},
    {"per_day", Role::per_day},
    {"over_time", Role::over_time},
    {"divided", Role::divided},
    {"plus", Role::plus},
    {"minus", Role::minus},
    {"times", Role::times},
    {"percent_of", Role::percent_of},
    {"sold_for", Role::sold_for},
    {"same_as", Role::same_as},
    {"defined", Role::defined},
    {"confine", Role::confine},
    {"used_up", Role::used_up},
    {"omit", Role::omit},
    {"omitted", Role::omitted},
    {"whatever", Role::whatever},
};
constexpr std::array<std::string_view, 12> kMonths{"january", "february", "march",     "april",   "may",      "june",
                                                   "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 4> kQuarters{"q1", "q2", "q3", "q4"};
constexpr std::array<std::string_view, 4> kOverBefore{"wow", "mom", "qoq", "yoy"};
constexpr std::array<std::string_view, 7> kWeekdays{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

constexpr std::array<std::string_view, kTimeUnits> kTimeUnitNames{"second", "minute", "hour", "day", "night", "week"};

/// The place of a key in a list, from 0; -1 where it isn't there.
int place_in(std::span<const std::string_view> list, std::string_view key) {
  const auto found = std::ranges::find(list, key);
  return found == list.end() ? -1 : static_cast<int>(found - list.begin());
}

bool any_of(const std::vector<std::string>& pieces, const std::vector<std::string>& words) {
  return std::ranges::any_of(pieces, [&](const std::string& piece) { return std::ranges::find(words, piece) != words.end(); });
}

/// "~forms of country": of a column of countries.
constexpr std::string_view kFormsOf = "~forms of ";

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (const std::string_view word : split(text, separator))
    if (!trim(word).empty()) out.emplace_back(trim(word));
  return out;
}

template <class T>
const T& find_or_none(const std::map<std::string, T, std::less<>>& map, const std::string& key) {
  static const T kNone{};
  const auto found = map.find(key);
  return found == map.end() ? kNone : found->second;
}

/// The texts that begin at a place, by their number of words.
std::vector<std::string> texts_at(const std::vector<Word>& words, std::size_t at) {
  std::vector<std::string> out;
  std::string text;
  for (std::size_t i = at; i < words.size() && i < at + kPhraseWordsMax && words[i].kind == WordKind::word; ++i) {
    text += (i == at ? "" : " ") + words[i].lower;
    out.push_back(text);
  }
  return out;
}

}  // namespace

Lexicon::Lexicon() {
  for (const std::string_view line : split(kText, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) read_line(trim(line.substr(0, colon)), line.substr(colon + 1));
  }
}

void Lexicon::read_list(std::string_view key, const List& words) {
  const std::pair<std::string_view, List*> named[] = {
      {"~from", &from_},         {"~to", &to_},         {"~away", &away_},         {"~toward", &toward_},
      {"~which", &which_},       {"~scales", &scales_}, {"~who", &who_},           {"~person", &person_},
      {"~clause", &clause_},     {"~turns", &turns_},   {"~context", &context_},   {"~asks", &asks_},
      {"~own", &own_},           {"~ones", &ones_},     {"~being", &being_},       {"~of", &of_},
      {"~measures", &measures_}, {"~flag", &flag_},     {"~within", &within_},     {"~tail", &tail_},
      {"~apart", &apart_},       {"~times", &times_},   {"~adds", &adds_},         {"~averaged", &averaged_},
      {"~trade", &trade_},       {"~deal", &deal_},     {"~whole", &whole_},       {"~denying", &denying_},
      {"~revenue", &revenue_},   {"~earned", &earned_}, {"~quantity", &quantity_}, {"~on", &on_},
      {"~sale", &sale_},         {"~only", &only_},     {"~judges", &judges_},     {"~long", &long_},
      {"~none", &none_},         {"~having", &having_}, {"~any", &any_},           {"~write", &write_},
      {"~span", &span_},         {"~taking", &taking_}, {"~passing", &passing_},   {"~purchase", &purchase_},
      {"~anything", &anything_}, {"~done", &done_},     {"~closed", &closed_},     {"~preposition", &preposition_},
      {"~stage", &stage_},       {"~level", &level_},   {"~over", &over_}};
  for (const auto& [name, list] : named)
    if (key == name) *list = words;
}

void Lexicon::read_line(std::string_view key, std::string_view values) {
  const auto words = words_of(values, ',');
  read_list(key, words);
  if (key == "~role") {
    RoleWords one;
    std::vector<std::vector<std::string>>* const lists[] = {&one.names, &one.verbs, &one.referring};
    const auto parts = split(values, '|');
    for (std::size_t i = 0; i < parts.size() && i < std::size(lists); ++i)
      for (const std::string& name : words_of(parts[i], ',')) lists[i]->push_back(name_pieces(name));
    roles_.push_back(std::move(one));
  }
  if (key == "~lasts" || key == "~leads") {
    Lasting one{.whole = key == "~lasts"};
    std::vector<std::vector<std::string>>* const lists[] = {&one.begins, &one.ends, &one.names, &one.rows};
    const auto parts = split(values, '|');
    for (std::size_t i = 0; i < parts.size() && i < std::size(lists); ++i)
      for (const std::string& name : words_of(parts[i], ',')) lists[i]->push_back(name_pieces(name));
    lasting_.push_back(std::move(one));
  }
  if (key == "~told")
    for (const std::string& unit : words_of(values, ';')) {
      const auto colon = unit.find(':');
      const int place = place_in(kTimeUnitNames, unit.substr(0, colon));
      CHECK(place >= 0);
      for (const std::string& word : words_of(std::string_view(unit).substr(colon + 1), ',')) told_.emplace(word, static_cast<TimeUnit>(place));
    }
  if (key == "~same" || key == "~short")
    for (const std::string& a : words)
      for (const std::string& b : words)
        if (a != b) equivalents_[a].emplace_back(b, key == "~same" ? kSame : kShort);
  if (key.starts_with("~forms"))
    for (const std::string& group : words_of(values, ';')) {
      const auto forms = words_of(group, ',');
      for (const std::string& a : forms)
        for (const std::string& b : forms)
          if (a != b) forms_[a].push_back({b, std::string(key.substr(std::min(key.size(), kFormsOf.size())))});
    }
  if (key == "~unit" || key == "~when")
    if (const auto colon = values.find(':'); colon != std::string_view::npos)
      for (const std::string& word : words_of(values.substr(0, colon), ','))
        (key == "~unit" ? units_ : when_)[word] = words_of(values.substr(colon + 1), ',');
  if (key == "~say")
    for (const auto& [name, one] : kRoles)
      if (const auto colon = values.find(':'); name == trim(values.substr(0, colon))) said_[one] = trim(values.substr(colon + 1));
  if (key == "~split") pieces_[words[0]] = words_of(words[1], ' ');
  if (key == "~adjective") {
    const auto colon = values.find(':');
    const auto bar = values.find('|');
    const AdjectiveWords means{words_of(values.substr(colon + 1, bar - colon - 1), ','), words_of(values.substr(bar + 1), ',')};
    for (const std::string& word : words_of(values.substr(0, colon), ',')) adjectives_[word].push_back(means);
  }
  if (key.starts_with('~')) return;
  Role role = Role::none;
  int number = 0;
  for (const auto& [name, one] : kRoles)
    if (name == key) role = one;
  const std::tuple<std::span<const std::string_view>, Role, int> numbered[] = {
      {kMonths, Role::month_name, 1}, {kQuarters, Role::quarter_name, 1}, {kWeekdays, Role::weekday_name, 0}, {kOverBefore, Role::over_before, 0}};
  for (const auto& [list, one, first] : numbered)
    if (const int place = place_in(list, key); place >= 0) {
      role = one;
      number = place + first;
    }
  CHECK(role != Role::none);
  for (const std::string& word : words) phrases_[word].emplace_back(role, number);
}

std::vector<Lexicon::Phrase> Lexicon::phrases_at(const std::vector<Word>& words, std::size_t at) const {
  std::vector<Phrase> out;
  if (at >= words.size()) return {};
  if (words[at].kind == WordKind::comma) return {{Role::comma, 1, 0}};
  if (words[at].kind == WordKind::stop) return {{Role::stop, 1, 0}};
  if (words[at].glued) return {};
  const auto texts = texts_at(words, at);
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (const auto& [role, number] : find_or_none(phrases_, texts[i])) out.push_back({role, i + 1, number});
  if (out.empty() && !texts.empty())
    for (const auto& [role, number] : find_or_none(phrases_, words[at].stem)) out.push_back({role, 1, number});
  return out;
}

std::vector<Lexicon::AdjectivePhrase> Lexicon::adjectives_at(const std::vector<Word>& words, std::size_t at) const {
  std::vector<AdjectivePhrase> out;
  const auto texts = texts_at(words, at);
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (const AdjectiveWords& means : find_or_none(adjectives_, texts[i])) out.push_back({means, i + 1});
  return out;
}

const std::vector<std::pair<std::string, double>>& Lexicon::equivalents(const std::string& stem) const { return find_or_none(equivalents_, stem); }
const std::vector<Lexicon::Form>& Lexicon::forms(const std::string& lower) const { return find_or_none(forms_, lower); }
const std::vector<std::string>& Lexicon::pieces_of(const std::string& piece) const { return find_or_none(pieces_, piece); }

bool Lexicon::is_measure(const Word& word) const {
  return word.kind == WordKind::word &&
         (std::ranges::find(measures_, word.lower) != measures_.end() || std::ranges::find(measures_, word.stem) != measures_.end());
}

bool Lexicon::says_when(const Word& word, const std::string& piece) const {
  constexpr std::size_t kRootMin = 4, kEndingMax = 3;
  const List& pieces = find_or_none(when_, word.lower);
  if (word.stem == piece || std::ranges::find(pieces, piece) != pieces.end()) return true;
  // "shipping" for shipped_date, "hired" for hire_date: the words share all but their endings.
  const auto shared = static_cast<std::size_t>(std::ranges::mismatch(piece, word.stem).in1 - piece.begin());
  return shared >= kRootMin && shared + kEndingMax >= std::max(piece.size(), word.stem.size());
}

bool Lexicon::is_level(const List& pieces) const { return any_of(pieces, level_); }
bool Lexicon::is_over(const List& pieces) const { return any_of(pieces, over_); }
bool Lexicon::is_stage(const std::vector<std::string>& pieces) const { return any_of(pieces, stage_); }
bool Lexicon::is_lasting(const std::vector<std::string>& pieces) const { return any_of(pieces, long_) && !any_of(pieces, averaged_); }
bool Lexicon::says_span(const Word& word) const { return word.kind == WordKind::word && std::ranges::find(span_, word.stem) != span_.end(); }
bool Lexicon::says_taking(const Word& word) const { return word.kind == WordKind::word && std::ranges::find(taking_, word.lower) != taking_.end(); }
std::size_t Lexicon::says_passing(const std::vector<Word>& words, std::size_t at) const {
  const auto texts = texts_at(words, at);
  for (std::size_t i = texts.size(); i > 0; --i)
    if (std::ranges::find(passing_, texts[i - 1]) != passing_.end()) return i;
  return 0;
}
std::optional<TimeUnit> Lexicon::unit_of(const Word& word) const {
  const auto found = word.kind == WordKind::word ? told_.find(word.stem) : told_.end();
  return found == told_.end() ? std::nullopt : std::optional(found->second);
}

std::string Lexicon::say(Role role) const {
  const auto found = said_.find(role);
  return found == said_.end() ? "" : found->second;
}
bool Lexicon::says_from(const Word& word) const { return std::ranges::find(away_, word.lower) != away_.end(); }
bool Lexicon::says_to(const Word& word) const { return std::ranges::find(toward_, word.lower) != toward_.end(); }
bool Lexicon::asks_which(const Word& word) const { return std::ranges::find(which_, word.lower) != which_.end(); }
int Lexicon::scale_of(const std::string& stem) const {
  const auto found = std::ranges::find(scales_, stem);
  return found == scales_.end() ? 0 : 3 * static_cast<int>(found - scales_.begin() + 1);
}
bool Lexicon::asks_who(const Word& word) const { return std::ranges::find(who_, word.lower) != who_.end(); }
bool Lexicon::names_person(const std::string& piece) const { return std::ranges::find(person_, piece) != person_.end(); }
bool Lexicon::opens_clause(const Word& word) const { return std::ranges::find(clause_, word.lower) != clause_.end(); }
bool Lexicon::is_sale(const Word& word) const { return std::ranges::find(sale_, word.lower) != sale_.end(); }
bool Lexicon::says_only(const Word& word) const { return std::ranges::find(only_, word.lower) != only_.end(); }
bool Lexicon::may_be_none(const List& pieces) const {
  return std::ranges::any_of(pieces, [&](const std::string& piece) { return std::ranges::find(none_, piece) != none_.end(); });
}
bool Lexicon::says_having(const Word& word) const { return std::ranges::find(having_, word.lower) != having_.end(); }
bool Lexicon::says_any(const Word& word) const { return std::ranges::find(any_, word.lower) != any_.end(); }
bool Lexicon::says_write(const Word& word) const { return std::ranges::find(write_, word.lower) != write_.end(); }
bool Lexicon::judges(const Word& word) const { return std::ranges::find(judges_, word.lower) != judges_.end(); }
bool Lexicon::is_price_of_deal(const std::vector<std::string>& pieces) const {
  return std::ranges::find(closed_, join(pieces, " ")) != closed_.end();
}
bool Lexicon::turns(const Word& word) const { return std::ranges::find(turns_, word.lower) != turns_.end(); }
bool Lexicon::asks(const Word& word) const { return std::ranges::find(asks_, word.lower) != asks_.end(); }
bool Lexicon::says_on(const Word& word) const { return std::ranges::find(on_, word.lower) != on_.end(); }
bool Lexicon::opens_context(const Word& word) const { return std::ranges::find(context_, word.lower) != context_.end(); }
bool Lexicon::says_ones(const Word& word) const { return std::ranges::find(ones_, word.lower) != ones_.end(); }
bool Lexicon::says_own(const Word& word) const { return std::ranges::find(own_, word.lower) != own_.end(); }
bool Lexicon::says_being(const Word& word) const { return std::ranges::find(being_, word.lower) != being_.end(); }
bool Lexicon::says_of(const Word& word) const { return std::ranges::find(of_, word.lower) != of_.end(); }

Lexicon::RoleWords Lexicon::role_words(const std::vector<std::string>& pieces) const {
  RoleWords out;
  const auto has = [&](const auto& list) { return std::ranges::find(list, pieces) != list.end(); };
  const auto add = [](auto& list, const auto& more) {
    for (const auto& name : more)
      if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  };
  // A key may be named for a verb, "reports_to"; those whom it refers to are called by the noun.
  for (const RoleWords& one : roles_) {
    if (!has(one.names) && !has(one.verbs)) continue;
    if (has(one.names)) add(out.names, std::vector<std::vector<std::string>>{pieces});
    add(out.names, one.names);
    add(out.verbs, one.verbs);
    add(out.referring, one.referring);
  }
  if (out.names.empty()) out.names.push_back(pieces);
  return out;
}

bool Lexicon::fits_unit(const std::vector<std::string>& name, const std::vector<std::string>& comment, const std::string& unit) const {
  const List& pieces = find_or_none(units_, unit);
  const auto says = [&](const std::string& piece) { return piece == unit || std::ranges::find(pieces, piece) != pieces.end(); };
  return std::ranges::any_of(name, says) || std::ranges::any_of(comment, says);
}
bool Lexicon::is_preposition(const std::string& piece) const { return std::ranges::find(preposition_, piece) != preposition_.end(); }
bool Lexicon::says_within(const Word& word) const { return std::ranges::find(within_, word.lower) != within_.end(); }
bool Lexicon::does(const std::vector<Word>& words, std::size_t at, Role role) const {
  return std::ranges::any_of(phrases_at(words, at), [&](const Phrase& one) { return one.role == role; });
}
bool Lexicon::is_flag(const std::string& piece) const { return std::ranges::find(flag_, piece) != flag_.end(); }
bool Lexicon::is_tail(const std::string& piece) const { return std::ranges::find(tail_, piece) != tail_.end(); }
bool Lexicon::tells_when(const std::vector<std::string>& pieces) const { return any_of(pieces, times_); }
bool Lexicon::is_apart(const std::vector<std::string>& pieces) const { return any_of(pieces, apart_); }
bool Lexicon::adds_up(const std::vector<std::string>& pieces) const { return any_of(pieces, adds_) && !any_of(pieces, averaged_); }
bool Lexicon::is_trade(const std::string& stem) const { return std::ranges::find(trade_, stem) != trade_.end(); }
bool Lexicon::is_deal(const std::vector<std::string>& pieces) const { return any_of(pieces, deal_) || any_of(pieces, trade_); }
bool Lexicon::is_purchase(const std::string& stem) const { return std::ranges::find(purchase_, stem) != purchase_.end(); }
bool Lexicon::says_anything(const Word& word) const { return std::ranges::find(anything_, word.lower) != anything_.end(); }
bool Lexicon::is_done(const std::string& piece) const { return std::ranges::find(done_, piece) != done_.end(); }
bool Lexicon::is_revenue(const std::string& stem) const { return std::ranges::find(revenue_, stem) != revenue_.end(); }
bool Lexicon::says_quantity(const std::vector<std::string>& pieces) const { return any_of(pieces, quantity_); }
bool Lexicon::is_whole_of_deal(const std::vector<std::string>& pieces) const { return any_of(pieces, whole_) && !any_of(pieces, averaged_); }
bool Lexicon::points_from(const std::vector<std::string>& pieces) const { return any_of(pieces, from_); }
bool Lexicon::points_to(const std::vector<std::string>& pieces) const { return any_of(pieces, to_); }

}  // namespace sluice::planner
