#include <algorithm>

#include "planner/labels.h"
#include "planner/rules/ranked_by.h"

namespace sluice::planner {
namespace {

constexpr double kSaid = 0.02, kAdjectiveBefore = 0.02, kOf = 0.25, kValueOf = 0.6, kFarAdjective = 1.5, kNumberCounted = 0.8;
constexpr int kChoiceMax = 10'000;

bool ranks(const Quantity& quantity) { return quantity.kind != Quantity::Kind::everything; }

std::optional<int> count_of(const plan::Literal& literal) {
  if (literal.type != TypeKind::integer) return std::nullopt;
  const auto count = std::get<std::int64_t>(literal.value);
  if (count < 1 || count > kChoiceMax) return std::nullopt;
  return static_cast<int>(count);
}

/// The quantity as something that there can be more or less of: numbers, and times where `times` come early or late.
std::optional<Quantity> ranked_by(const RuleOutput& out, Quantity by, bool times) {
  if (!ranks(by)) return std::nullopt;
  if (by.kind != Quantity::Kind::column) return by;
  if (times && out.known.lexicon.is_measure(out.words[by.noun.begin])) return std::nullopt;  // "the last hour"
  std::erase_if(by.noun.links, [&](const Link& link) {
    if (out.known.is_key(link)) return true;
    const Column& column = out.known.column(link);
    if (!times) return !column.type.is_numeric();
    return !tells_when(out.known, link);
  });
  return by.noun.links.empty() ? std::nullopt : std::optional(std::move(by));
}

/// "the highest capacity"
template <bool descending, bool times>
void extreme(RuleOutput& out, Parts parts) {
  if (auto by = ranked_by(out, parts.back()->as<Quantity>(), times))
    out.add(Cat::ranking, Ranking{.by = *std::move(by), .descending = descending}, kSaid);
}
/// "flights in the last hour": a unit of which the calendar has no periods. ("Last year" may be the latest there is.)
bool is_bare_unit(const RuleOutput& out, std::size_t at) {
  if (at >= out.words.size() || !out.known.lexicon.is_measure(out.words[at])) return false;
  return std::ranges::none_of(out.known.lexicon.phrases_at(out.words, at),
                              [](const auto& one) { return one.role >= Role::year && one.role <= Role::day; });
}
/// "the title and number of pages of the longest book": the book is the longest, and not the number.
bool said_of_next(const RuleOutput& out, std::size_t from, std::size_t to) {
  return std::any_of(out.words.begin() + static_cast<std::ptrdiff_t>(from), out.words.begin() + static_cast<std::ptrdiff_t>(to),
                     [&](const Word& word) { return out.known.lexicon.says_of(word) || out.known.lexicon.opens_context(word); });
}
/// "whose number of products is the largest", "which was founded first"
template <bool descending, bool times>
void extreme_after(RuleOutput& out, Parts parts) {
  if ((times && is_bare_unit(out, parts.back()->end)) || said_of_next(out, parts.front()->end, parts.back()->begin)) return;
  if (auto by = ranked_by(out, parts.front()->as<Quantity>(), times))
    out.add(Cat::ranking, Ranking{.by = *std::move(by), .descending = descending}, kSaid);
}
/// "the most concerts"
template <bool descending>
void most(RuleOutput& out, Parts parts) {
  const auto& set = parts.back()->as<SetPtr>();
  if (set->ranking) return;
  // "the most horsepower" is no number of different ones.
  const bool number = set->column >= 0 && !set->distinct && (!set->noun.plural || out.known.column(set->table, set->column).type.is_numeric());
  out.add(Cat::ranking, Ranking{.by = {.kind = Quantity::Kind::rows, .distinct = set->distinct, .of = set}, .descending = descending},
          kSaid + (number ? kNumberCounted : 0));
}
bool is_superlative(const RuleOutput& out, const Item& adjective) {
  const std::string& word = out.words[adjective.begin].lower;
  return word.ends_with("st") || word == "top";
}
/// The columns without years that are only a part of a date: the latest day is not any of the last year.
Noun whole_dates(const Known& known, Noun noun) {
  std::erase_if(noun.links, [&](const Link& link) {
    if (link.kind != Link::Kind::column || !known.column(link).type.is_numeric()) return false;
    return name_pieces(known.column(link).name).back() == known.lexicon.say(Role::year) && number_beside(known, link, Role::month).has_value();
  });
  return noun;
}
/// "youngest"
void adjective(RuleOutput& out, Parts parts) {
  const auto& one = parts[0]->as<Adjective>();
  const std::size_t end = parts[0]->end;
  if (!is_superlative(out, *parts[0]) || (end < out.words.size() && out.known.lexicon.is_measure(out.words[end]))) return;  // "the last hour"
  for (const auto& [noun, descending] : {std::pair{whole_dates(out.known, one.more), true}, std::pair{whole_dates(out.known, one.less), false}})
    if (!noun.links.empty()) out.add(Cat::ranking, Ranking{.by = {.noun = noun}, .descending = descending}, kSaid);
}
/// "best" says of a delay neither that it is high nor that it is low: only those stay that it is said of. False where none does.
bool keep_judged(const RuleOutput& out, const Item& adjective, Quantity& by) {
  if (!out.known.lexicon.judges(out.words[adjective.begin])) return true;
  const auto& one = adjective.as<Adjective>();
  std::erase_if(by.noun.links, [&](const Link& link) {
    const auto same = [&](const Link& other) { return other.table == link.table && other.column == link.column; };
    return std::ranges::none_of(one.more.links, same) && std::ranges::none_of(one.less.links, same);
  });
  const auto ranked = [&](const Link& link) {
    return std::ranges::any_of(one.less.links, [&](const Link& other) { return other.table == link.table && other.column == link.column; });
  };
  // One of them is high where it is good, another low.
  return !by.noun.links.empty() &&
         std::ranges::none_of(by.noun.links, [&](const Link& link) { return ranked(link) != ranked(by.noun.links.front()); });
}
/// Whether the adjective says that much of the quantity is meant, and that little is.
std::pair<bool, bool> ends_of(const RuleOutput& out, const Item& adjective, const Quantity& by) {
  const auto& one = adjective.as<Adjective>();
  if (!out.known.lexicon.judges(out.words[adjective.begin])) return {!one.more.links.empty(), !one.less.links.empty()};
  const Link& link = by.noun.links.front();
  const bool more = std::ranges::any_of(one.more.links, [&](const Link& other) { return other.table == link.table && other.column == link.column; });
  return {more, !more};
}
/// "the longest average distance": the adjective says which end
void adjective_quantity(RuleOutput& out, Parts parts) {
  Quantity by = parts[1]->as<Quantity>();
  if (!out.words[parts[0]->begin].lower.ends_with("st") || !ranks(by) || by.kind != Quantity::Kind::column) return;
  if (!keep_judged(out, *parts[0], by)) return;
  if (out.known.lexicon.is_measure(out.words[by.noun.begin])) return;  // "the last hour"
  if (of_time(out, *parts[0])) std::erase_if(by.noun.links, [&](const Link& link) { return !tells_when(out.known, link); });
  if (by.noun.links.empty() && !by.fn) return;
  const auto [more, less] = ends_of(out, *parts[0], by);
  if (more) out.add(Cat::ranking, Ranking{.by = by, .descending = true}, kSaid);
  if (less) out.add(Cat::ranking, Ranking{.by = by, .descending = false}, kSaid);
}
/// "the second highest"
template <int skip>
void later(RuleOutput& out, Parts parts) {
  Ranking ranking = parts[1]->as<Ranking>();
  ranking.skip = skip;
  out.add(Cat::ranking, std::move(ranking), 0);
}
/// "3 oldest"
void several(RuleOutput& out, Parts parts) {
  Ranking ranking = parts.back()->as<Ranking>();
  ranking.count = count_of(parts[parts.size() - 2]->as<plan::Literal>());
  if (ranking.count && ranking.skip == 0) out.add(Cat::ranking, std::move(ranking), 0);
}

void set_ranking(RuleOutput& out, Parts parts) {
  if (!asked_between(out, *parts[0], *parts.back())) rank_set(out, *parts[0]->as<SetPtr>(), parts.back()->as<Ranking>(), 0.01);
}
/// "the youngest singer", "the youngest of the singers"; but "the smallest weight of the cars" is a weight.
void ranking_set(RuleOutput& out, Parts parts) {
  // "the maximum number of goals among players" is that number, and no player.
  const auto number = [](const Lexicon::Phrase& one) { return one.words > 2 && (one.role == Role::most || one.role == Role::fewest); };
  if (std::ranges::any_of(out.known.lexicon.phrases_at(out.words, parts[0]->begin), number)) return;
  const auto& ranking = parts[0]->as<Ranking>();
  // "the highest closing price" ranks by a column that is called so, and no prices by their closing.
  const auto longer = [&](const Mention& one) {
    return one.end > parts[0]->end && std::ranges::any_of(one.links, [](const Link& link) { return link.kind == Link::Kind::column; });
  };
  if (ranking.by.noun.begin > parts[0]->begin && parts[0]->end == parts[1]->begin &&
      std::ranges::any_of(out.known.schema.index.names_at(out.words, ranking.by.noun.begin, out.known.lexicon), longer))
    return;
  const bool of = said_of_next(out, parts[0]->end, parts[1]->begin), named = ranking.by.noun.begin > parts[0]->begin;
  rank_set(out, *parts[1]->as<SetPtr>(), ranking, !of ? kAdjectiveBefore : named ? kValueOf : kOf);
}

/// "5 products with the highest price", "top 5 products with the most orders"
void number_set_ranking(RuleOutput& out, Parts parts) {
  const bool top = parts.size() == 4;
  Ranking ranking = parts.back()->as<Ranking>();
  ranking.count = count_of(parts[top ? 1 : 0]->as<plan::Literal>());
  if (ranking.count) rank_set(out, *parts[top ? 2 : 1]->as<SetPtr>(), ranking, kSaid);
}
/// "the oldest 3 students", "best 3 wines"
void adjective_number_set(RuleOutput& out, Parts parts) {
  constexpr int kYearMin = 1000;
  const auto& one = parts[0]->as<Adjective>();
  const auto count = count_of(parts[1]->as<plan::Literal>());
  if (!is_superlative(out, *parts[0]) || !count || *count >= kYearMin || out.known.lexicon.is_measure(out.words[parts[2]->begin])) return;
  const Set& set = *parts[2]->as<SetPtr>();
  if (!one.more.links.empty()) rank_set(out, set, {.by = {.noun = one.more}, .descending = true, .count = count}, kSaid);
  if (!one.less.links.empty()) rank_set(out, set, {.by = {.noun = one.less}, .descending = false, .count = count}, kSaid);
}
}  // namespace

bool has_several(const Known& known, const Set& set, const Link& link) {
  if (set.column >= 0) {
    const auto labels = label_columns(known.table(set.table));
    const std::string& name = known.column(set.table, set.column).name;
    const auto& key = known.table(set.table).primary_key;
    const bool one_each = std::ranges::find(labels, name) != labels.end() || (key && key->columns == std::vector{name});
    return !one_each && (link.table != set.table || link.column != set.column);
  }
  const auto& ways = known.routes(set.table, link.table);
  return link.table != set.table && !ways.empty() && !ways.front().to_one;
}

Quantity of_all(const Known& known, Quantity by) {
  by.fn = plan::Fn::sum;
  if (std::ranges::all_of(by.noun.links, [&](const Link& link) { return known.lexicon.adds_up(name_pieces(known.column(link).name)); })) return by;
  const Quantity sum = by;
  by.fn = plan::Fn::avg;
  by.rivals = {sum};
  return by;
}

namespace {

/// "top 5 products by price", "the 3 largest planes by seats"
template <bool descending>
void top_by(RuleOutput& out, Parts parts) {
  const Quantity& by = parts.back()->as<Quantity>();
  Ranking ranking{.by = by, .descending = descending};
  for (const Item* part : parts.first(parts.size() - 3))
    if (part->cat == Cat::literal) {
      ranking.count = count_of(part->as<plan::Literal>());
      if (!ranking.count) return;
    }
  if (!ranks(by)) return;
  const Set& set = *parts[parts.size() - 3]->as<SetPtr>();
  if (by.kind != Quantity::Kind::column || by.fn) return rank_set(out, set, ranking, kSaid);
  for (const Link& link : by.noun.links) {
    Ranking one = ranking;
    one.by.noun.links = {link};
    const bool several = has_several(out.known, set, link);
    if (several && !out.known.is_amount(link)) continue;
    if (several) one.by = of_all(out.known, one.by);
    rank_set(out, set, one, kSaid);
  }
}
/// "the most expensive hotel by price range"
void adjective_by(RuleOutput& out, Parts parts) {
  const auto& one = parts[0]->as<Adjective>();
  if (!is_superlative(out, *parts[0]) || !ranks(parts.back()->as<Quantity>())) return;
  // What is best by a price is not said, but by a rating it is.
  if (out.known.lexicon.judges(out.words[parts[0]->begin])) {
    Quantity by = parts.back()->as<Quantity>();
    if (by.kind != Quantity::Kind::column || by.fn || !keep_judged(out, *parts[0], by)) return;
    return rank_set(out, *parts[1]->as<SetPtr>(), {.by = by, .descending = ends_of(out, *parts[0], by).first}, kSaid);
  }
  if (!one.more.links.empty()) top_by<true>(out, parts);
  if (!one.less.links.empty()) top_by<false>(out, parts);
}
/// The table whose rows refer to those of a table, where there is just one; -1 where there is none, nothing where there are several.
std::optional<int> user_of(const Known& known, int table) {
  std::optional<int> user = -1;
  for (const int edge : known.schema.graph.edges_to(table)) {
    const int from = known.schema.graph.edge(edge).from;
    if (*user >= 0 && *user != from) return std::nullopt;
    user = from;
  }
  return user;
}

/// "the most common nationality"; "the most frequently used coupon codes", where `used` means by rows that refer to theirs.
template <bool descending, bool used>
void common(RuleOutput& out, Parts parts) {
  const Set& set = *parts.back()->as<SetPtr>();
  const auto user = used ? user_of(out.known, set.table) : -1;
  // "the most popular product": how often it is referred to, which only a guess can tell
  if (!user || (set.column < 0 && *user < 0 && !set.ranking)) return;
  // What tells rows apart is as common as any other.
  if (set.column >= 0 && *user < 0 && out.known.is_key({Link::Kind::column, set.table, set.column, 1, ""}) &&
      out.known.schema.graph.edge_of(set.table, out.known.column(set.table, set.column).name) < 0)
    return;
  Set counted{.table = set.table, .conditions = set.conditions};
  if (*user >= 0) counted = {.table = *user};
  Ranking ranking{.by = {.kind = Quantity::Kind::rows, .of = set_of(std::move(counted))}, .descending = descending};
  // "the most common title in the job history": it is counted there.
  Set values = set;
  for (const ConditionPtr& one : set.conditions) {
    if (*user >= 0 || one->kind != Condition::Kind::member || one->set->table == set.table) continue;
    const auto& ways = out.known.routes(one->set->table, set.table);
    if (ways.empty() || !ways.front().to_one || set.conditions.size() > 1) return;
    ranking.by.of = one->set;
    values.conditions.clear();
  }
  for (const Item* part : parts)
    if (part->cat == Cat::literal) {
      ranking.count = count_of(part->as<plan::Literal>());
      if (!ranking.count) return;
    }
  rank_set(out, values, ranking, kSaid);
}
/// "the second most common destination"
template <bool descending, int skip>
void later_common(RuleOutput& out, Parts parts) {
  const Set& set = *parts.back()->as<SetPtr>();
  if (set.column < 0 || set.ranking) return;
  Ranking ranking{.by = {.kind = Quantity::Kind::rows, .of = set_of({.table = set.table, .conditions = set.conditions})}, .descending = descending};
  ranking.skip = skip;
  rank_set(out, set, ranking, kSaid);
}
/// "the nationality that is most common"
template <bool descending>
void common_after(RuleOutput& out, Parts parts) {
  const Item* turned[] = {parts[1], parts[0]};
  common<descending, false>(out, turned);
}

}  // namespace

void rank_set(RuleOutput& out, const Set& set, const Ranking& ranking, double cost) {
  if (set.ranking) return;
  for (auto& [one, more] : resolve(out.known, ranking, set.table)) {
    if (one.by.kind == Quantity::Kind::column && !one.by.fn && out.known.is_key(one.by.noun.links.front())) continue;
    // "the 5 customers with the highest freight": of single orders, one could come up five times.
    const bool plain = one.by.kind == Quantity::Kind::column && !one.by.fn;
    if (plain && one.count.value_or(1) > 1 && has_several(out.known, set, one.by.noun.links.front())) continue;
    // "the biggest airline" has no size of its own: that of its planes is a guess.
    const Noun& noun = one.by.noun;
    const bool adjective = !noun.links.empty() && !one.by.fn && !out.known.lexicon.adjectives_at(out.words, noun.begin).empty();
    if (adjective && (noun.links.front().table != set.table || (set.column >= 0 && noun.links.front().column != set.column))) more += kFarAdjective;
    Set longer = set;
    longer.ranking = std::move(one);
    out.add(Cat::set, set_of(std::move(longer)), cost + more);
  }
}

std::vector<Rule> ranking_rules() {
  const Symbol quantity = sym(Cat::quantity), set = sym(Cat::set), ranking = sym(Cat::ranking), literal = sym(Cat::literal), top = role(Role::top),
               bottom = role(Role::bottom), by = role(Role::by);
  return {{"highest", {role(Role::highest), quantity}, true, extreme<true, false>},
          {"lowest", {role(Role::lowest), quantity}, true, extreme<false, false>},
          {"latest", {role(Role::latest), quantity}, true, extreme<true, true>},
          {"earliest", {role(Role::earliest), quantity}, true, extreme<false, true>},
          {"is the highest", {quantity, role(Role::highest)}, true, extreme_after<true, false>},
          {"is the lowest", {quantity, role(Role::lowest)}, true, extreme_after<false, false>},
          {"was first", {quantity, role(Role::earliest)}, true, extreme_after<false, true>},
          {"was last", {quantity, role(Role::latest)}, true, extreme_after<true, true>},
          {"most rows", {role(Role::most), set}, true, most<true>},
          {"fewest rows", {role(Role::fewest), set}, true, most<false>},
          {"most of a quantity", {role(Role::most), quantity}, true, extreme<true, false>},
          {"fewest of a quantity", {role(Role::fewest), quantity}, true, extreme<false, false>},
          {"adjective", {sym(Cat::adjective)}, true, adjective},
          {"adjective of a quantity", {sym(Cat::adjective), quantity}, true, adjective_quantity},
          {"second", {role(Role::second), ranking}, true, later<1>},
          {"third", {role(Role::third), ranking}, true, later<2>},
          {"several", {literal, ranking}, true, several},
          {"top several", {top, literal, ranking}, true, several},
          {"set ranking", {set, ranking}, true, set_ranking},
          {"ranking set", {ranking, set}, true, ranking_set},
          {"number set ranking", {literal, set, ranking}, true, number_set_ranking},
          {"top number set ranking", {top, literal, set, ranking}, true, number_set_ranking},
          {"adjective number set", {sym(Cat::adjective), literal, set}, true, adjective_number_set},
          {"top by", {top, literal, set, by, quantity}, true, top_by<true>},
          {"bottom by", {bottom, literal, set, by, quantity}, true, top_by<false>},
          {"top one by", {top, set, by, quantity}, true, top_by<true>},
          {"bottom one by", {bottom, set, by, quantity}, true, top_by<false>},
          {"highest by", {role(Role::highest), set, by, quantity}, true, top_by<true>},
          {"lowest by", {role(Role::lowest), set, by, quantity}, true, top_by<false>},
          {"adjective by", {sym(Cat::adjective), set, by, quantity}, true, adjective_by},
          {"several highest by", {literal, role(Role::highest), set, by, quantity}, true, top_by<true>},
          {"several lowest by", {literal, role(Role::lowest), set, by, quantity}, true, top_by<false>},
          {"most common", {role(Role::common), set}, true, common<true, false>},
          {"least common", {role(Role::rare), set}, true, common<false, false>},
          {"several most common", {role(Role::common), literal, set}, true, common<true, false>},
          {"number most common", {literal, role(Role::common), set}, true, common<true, false>},
          {"top number most common", {top, literal, role(Role::common), set}, true, common<true, false>},
          {"most used", {role(Role::most_used), set}, true, common<true, true>},
          {"least used", {role(Role::least_used), set}, true, common<false, true>},
          {"several most used", {role(Role::most_used), literal, set}, true, common<true, true>},
          {"number most used", {literal, role(Role::most_used), set}, true, common<true, true>},
          {"top number most used", {top, literal, role(Role::most_used), set}, true, common<true, true>},
          {"second most common", {role(Role::second), role(Role::common), set}, true, later_common<true, 1>},
          {"third most common", {role(Role::third), role(Role::common), set}, true, later_common<true, 2>},
          {"is most common", {set, role(Role::common)}, true, common_after<true>},
          {"is least common", {set, role(Role::rare)}, true, common_after<false>}};
}

}  // namespace sluice::planner
