#include "planner/trade.h"

#include <algorithm>
#include <span>

namespace sluice::planner {
namespace {

constexpr std::size_t kMeaningsMax = 3;

/// "total" before it, or "per" after it: something is added up.
bool is_added_up(const Known& known, const std::vector<Word>& words, std::size_t at) {
  static constexpr Role kBefore[] = {Role::by,     Role::sum,       Role::how_much, Role::running, Role::monthly,
                                     Role::yearly, Role::quarterly, Role::weekly,   Role::per_day};
  static constexpr Role kAfter[] = {Role::per, Role::by, Role::altogether};
  const auto does = [&](std::size_t i, std::span<const Role> roles) {
    const auto one_of = [&](const Lexicon::Phrase& one) { return std::ranges::find(roles, one.role) != roles.end(); };
    return i < words.size() && std::ranges::any_of(known.lexicon.phrases_at(words, i), one_of);
  };
  return (at > 0 && does(at - 1, kBefore)) || does(at + 1, kAfter);
}

/// The tables that the word names, else those of deals.
std::vector<int> tables_of(const Known& known, const std::vector<Word>& words, std::size_t at) {
  std::vector<int> out;
  for (const Mention& mention : known.schema.index.names_at(words, at, known.lexicon)) {
    if (mention.size() > 1) return {};  // "sales person"
    for (const Link& link : mention.links)
      if (link.kind == Link::Kind::table && link.score == 1) out.push_back(link.table);
  }
  if (!out.empty()) return out;
  for (int t = 0; t < static_cast<int>(known.real.tables.size()); ++t)
    if (known.lexicon.is_deal(name_pieces(known.table(t).name.name))) out.push_back(t);
  return out;
}

/// The column of what each row of a table of deals brings in: the whole amount, else the price of deals in single pieces.
std::vector<Link> earned_by(const Known& known, int t) {
  std::vector<Link> whole, price;
  bool pieces = false;
  for (int c = 0; c < static_cast<int>(known.real_columns(t)); ++c) {
    const Link link{Link::Kind::column, t, c, 1, ""};
    const auto name = name_pieces(known.column(link).name);
    pieces = pieces || known.lexicon.says_quantity(name);
    if (!known.is_amount(link)) continue;
    if (known.lexicon.is_whole_of_deal(name)) whole.push_back(link);
    if (name.size() == 2 && known.lexicon.is_trade(name.front())) price.push_back(link);  // "sale_price"
  }
  return !whole.empty() ? whole : pieces ? std::vector<Link>{} : price;
}

Quantity sum_of(const Noun& noun, const Link& link) {
  Quantity out{.noun = noun, .fn = plan::Fn::sum};
  out.noun.links = {link};
  return out;
}

/// The first, with the others as what else may be meant.
Quantity either_of(const std::vector<Quantity>& meanings) {
  Quantity out = meanings.front();
  out.rivals.assign(meanings.begin() + 1, meanings.end());
  return out;
}

/// "revenue", where no column is called so: what the deals come to.
std::optional<Quantity> revenue_of(const Known& known, const std::vector<Word>& words, std::size_t at) {
  for (const Mention& mention : known.schema.index.names_at(words, at, known.lexicon))
    for (const Link& link : mention.links)
      if ((link.kind == Link::Kind::column && known.is_amount(link)) || mention.size() > 1) return std::nullopt;
  std::vector<Quantity> meanings;
  for (const std::string& word : known.lexicon.earned()) {
    for (int t = 0; t < static_cast<int>(known.real.tables.size()) && meanings.size() <= kMeaningsMax; ++t) {
      const auto name = name_pieces(known.table(t).name.name);
      if (std::ranges::find(name, word) == name.end()) continue;
      for (const Link& link : earned_by(known, t)) meanings.push_back(sum_of({.begin = at, .end = at + 1}, link));
    }
    if (!meanings.empty()) break;
  }
  if (meanings.empty() || meanings.size() > kMeaningsMax) return std::nullopt;
  return either_of(meanings);
}

}  // namespace

std::optional<Quantity> trade_of(const Known& known, const std::vector<Word>& words, std::size_t at) {
  if (known.lexicon.is_revenue(words[at].stem)) return revenue_of(known, words, at);
  if (!known.lexicon.is_trade(words[at].stem) || !is_added_up(known, words, at)) return std::nullopt;
  std::vector<Quantity> meanings;
  const Noun noun{.begin = at, .end = at + 1, .plural = true};
  std::vector<int> tables;
  for (const int t : tables_of(known, words, at)) {
    const std::size_t before = meanings.size();
    for (const Link& link : earned_by(known, t)) meanings.push_back(sum_of(noun, link));
    if (meanings.size() > before) tables.push_back(t);
  }
  for (const int t : tables) {
    Set deals{.table = t, .noun = noun};
    deals.noun.links = {{Link::Kind::table, t, -1, 1, ""}};
    meanings.push_back({.kind = Quantity::Kind::rows, .noun = noun, .of = std::make_shared<const Set>(std::move(deals))});
  }
  if (meanings.size() < 2 || meanings.size() > kMeaningsMax) return std::nullopt;
  return either_of(meanings);
}

namespace {

/// "products never sold", "not sold in 2026": a verb that is denied, and nothing is named that it was done to.
bool is_denied_sale(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr std::size_t kBack = 3;
  const bool ends = at + 1 >= words.size() || words[at + 1].kind == WordKind::stop || known.lexicon.says_within(words[at + 1]);
  if (!known.lexicon.is_sale(words[at]) || !ends) return false;
  for (std::size_t i = at; i > 0 && at - i < kBack; --i) {
    if (known.lexicon.does(words, i - 1, Role::negation)) return known.schema.index.names_at(words, at, known.lexicon).empty();
    if (!known.lexicon.does(words, i - 1, Role::glue)) return false;
  }
  return false;
}

}  // namespace

Noun deals_of(const Known& known, const std::vector<Word>& words, std::size_t at) {
  constexpr double kSaid = 0.95;
  if (is_denied_sale(known, words, at)) {
    // Of orders and their lines, those are meant that have to do with what was not sold.
    Noun out{.begin = at, .end = at + 1, .plural = true};
    for (int t = 0; t < static_cast<int>(known.real.tables.size()); ++t)
      if (const auto name = name_pieces(known.table(t).name.name);
          !name.empty() && (known.lexicon.is_deal(name) || known.lexicon.is_purchase(name.back())))
        out.links.push_back({Link::Kind::table, t, -1, kSaid, ""});
    return out;
  }
  const bool anything = known.lexicon.is_sale(words[at]) && at + 1 < words.size() && known.lexicon.says_anything(words[at + 1]);
  Noun out{.begin = at, .end = at + (anything ? 2 : 1)};
  if (!anything && (!known.lexicon.is_purchase(words[at].stem) || !known.schema.index.names_at(words, at, known.lexicon).empty())) return out;
  out.plural = words[at].lower != words[at].stem;
  for (const std::string& word : known.lexicon.earned()) {
    for (int t = 0; t < static_cast<int>(known.real.tables.size()); ++t)
      if (const auto name = name_pieces(known.table(t).name.name); !name.empty() && name.back() == word)
        out.links.push_back({Link::Kind::table, t, -1, kSaid, ""});
    if (!out.links.empty()) break;
  }
  return out;
}

bool is_dealt_after(const Known& known, const std::vector<Word>& words, std::size_t at) {
  for (std::size_t i = at + 1; i < words.size() && words[i].kind != WordKind::stop; ++i)
    if (known.lexicon.is_sale(words[i])) return true;
  return false;
}

void keep_units_of_deals(const Known& known, const std::vector<Word>& words, Mention& mention) {
  constexpr double kNamed = 0.9;
  const auto called_so = [&](const Link& link) {
    return link.kind != Link::Kind::column || name_pieces(known.column(link).name).size() == 1 ||
           known.lexicon.is_deal(name_pieces(known.table(link.table).name.name));
  };
  if (mention.size() != 1 || mention.links.empty() || called_so(mention.links.front())) return;
  if (!known.lexicon.says_quantity({words[mention.begin].stem}) || !is_dealt_after(known, words, mention.begin)) return;
  std::vector<Link> dealt;
  for (int t = 0; t < static_cast<int>(known.real.tables.size()); ++t) {
    if (!known.lexicon.is_deal(name_pieces(known.table(t).name.name))) continue;
    for (int c = 0; c < static_cast<int>(known.real_columns(t)); ++c) {
      const Link link{Link::Kind::column, t, c, kNamed, ""};
      const auto name = name_pieces(known.column(link).name);
      if (known.is_amount(link) && name.size() == 1 && known.lexicon.says_quantity(name)) dealt.push_back(link);
    }
  }
  mention.links = dealt.size() == 1 ? std::move(dealt) : std::vector<Link>{};
}

}  // namespace sluice::planner
