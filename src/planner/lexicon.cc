#include "planner/lexicon.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace sluice::planner {
namespace {

constexpr std::string_view kText =
#include "planner/lexicon.inc"
    ;
constexpr std::size_t kPhraseWordsMax = 5;
constexpr double kSame = 0.9, kShort = 0.95;

constexpr std::array<std::pair<std::string_view, Role>, 49> kRoles{{
    {"light", Role::light},
    {"ignore", Role::ignore},
    {"list", Role::list},
    {"which", Role::which},
    {"average", Role::average},
    {"sum", Role::sum},
    {"median", Role::median},
    {"minimum", Role::minimum},
    {"maximum", Role::maximum},
    {"count", Role::count},
    {"distinct", Role::distinct},
    {"highest", Role::highest},
    {"lowest", Role::lowest},
    {"most", Role::most},
    {"fewest", Role::fewest},
    {"top", Role::top},
    {"bottom", Role::bottom},
    {"per", Role::per},
    {"by", Role::by},
    {"order", Role::order},
    {"descending", Role::descending},
    {"ascending", Role::ascending},
    {"greater", Role::greater},
    {"less", Role::less},
    {"at_least", Role::at_least},
    {"at_most", Role::at_most},
    {"equal", Role::equal},
    {"unequal", Role::unequal},
    {"between", Role::between},
    {"negation", Role::negation},
    {"is_null", Role::is_null},
    {"is_not_null", Role::is_not_null},
    {"contains", Role::contains},
    {"starts", Role::starts},
    {"ends", Role::ends},
    {"either_or", Role::either_or},
    {"conjunction", Role::conjunction},
    {"since", Role::since},
    {"before", Role::before},
    {"after", Role::after},
    {"latest", Role::latest},
    {"earliest", Role::earliest},
    {"from", Role::from},
    {"to", Role::to},
    {"year", Role::year},
    {"quarter", Role::quarter},
    {"month", Role::month},
    {"week", Role::week},
    {"day", Role::day},
}};
constexpr std::array<std::string_view, 12> kMonths{"january", "february", "march",     "april",   "may",      "june",
                                                   "july",    "august",   "september", "october", "november", "december"};

bool any_of(const std::vector<std::string>& pieces, const std::vector<std::string>& words) {
  return std::ranges::any_of(pieces, [&](const std::string& piece) { return std::ranges::find(words, piece) != words.end(); });
}

}  // namespace

Lexicon::Lexicon() {
  for (const std::string_view line : split(kText, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) read_line(trim(line.substr(0, colon)), line.substr(colon + 1));
  }
}

void Lexicon::read_line(std::string_view key, std::string_view values) {
  std::vector<std::string> words;
  for (const std::string_view value : split(values, ',')) words.emplace_back(trim(value));
  if (key == "~from") from_ = words;
  if (key == "~to") to_ = words;
  if (key == "~today") today_ = words;
  if (key == "~relative") relative_ = words;
  if (key == "~units") units_ = words;
  if (key == "~measures") measures_ = words;
  if (key == "~same" || key == "~short")
    for (const std::string& a : words)
      for (const std::string& b : words)
        if (a != b) equivalents_[a].emplace_back(b, key == "~same" ? kSame : kShort);
  if (key.starts_with('~')) return;
  Role role = key == "weekday" ? Role::weekday : key == "instead" ? Role::instead : Role::none;
  int number = 0;
  for (const auto& [name, one] : kRoles)
    if (name == key) role = one;
  if (const auto month = std::ranges::find(kMonths, key); month != kMonths.end()) {
    role = Role::month_name;
    number = static_cast<int>(month - kMonths.begin()) + 1;
  }
  CHECK(role != Role::none);
  for (const std::string& word : words) phrases_.emplace(word, std::pair{role, number});
}

Lexicon::Phrase Lexicon::phrase_at(const std::vector<Word>& words, std::size_t at) const {
  Phrase best;
  std::string phrase;
  for (std::size_t i = at; i < words.size() && i < at + kPhraseWordsMax && words[i].kind == WordKind::word; ++i) {
    phrase += (i == at ? "" : " ") + words[i].lower;
    auto found = phrases_.find(phrase);
    if (found == phrases_.end() && i == at) found = phrases_.find(words[i].stem);
    if (found != phrases_.end()) best = {found->second.first, i - at + 1, found->second.second};
  }
  return best;
}

const std::vector<std::pair<std::string, double>>& Lexicon::equivalents(const std::string& stem) const {
  static const std::vector<std::pair<std::string, double>> kNone;
  const auto found = equivalents_.find(stem);
  return found == equivalents_.end() ? kNone : found->second;
}

std::size_t Lexicon::relative_period_at(const std::vector<Word>& words, std::size_t at) const {
  const auto in = [&](const std::vector<std::string>& known, std::size_t place) {
    return place < words.size() && words[place].kind == WordKind::word &&
           (std::ranges::find(known, words[place].lower) != known.end() || std::ranges::find(known, words[place].stem) != known.end());
  };
  // "Now only JFK" begins a refinement; "flights now" is a time.
  if (in(today_, at)) return words[at].sentence_start && phrase_at(words, at).role == Role::ignore ? 0 : 1;
  if (!in(relative_, at)) return 0;
  std::size_t unit = at + 1;
  if (unit < words.size() && words[unit].kind == WordKind::number) ++unit;
  const bool named = unit < words.size() && phrase_at(words, unit).role == Role::month_name;
  return named || in(units_, unit) ? unit - at + 1 : 0;
}

bool Lexicon::is_measure(const Word& word) const {
  return word.kind == WordKind::word &&
         (std::ranges::find(measures_, word.lower) != measures_.end() || std::ranges::find(measures_, word.stem) != measures_.end());
}

bool Lexicon::points_from(const std::vector<std::string>& pieces) const { return any_of(pieces, from_); }
bool Lexicon::points_to(const std::vector<std::string>& pieces) const { return any_of(pieces, to_); }

}  // namespace sluice::planner
