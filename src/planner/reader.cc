#include "planner/reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace sluice::planner {
namespace {

constexpr std::array<Rule, 11> kRules{{{"relative", read_relative},
                                       {"value", read_value},
                                       {"period", read_period},
                                       {"aggregate", read_aggregate},
                                       {"superlative", read_superlative},
                                       {"order", read_order},
                                       {"group", read_group},
                                       {"comparison", read_comparison},
                                       {"absence", read_absence},
                                       {"noun", read_noun},
                                       {"filler", read_filler}}};

/// "flights" are the rows of flights, not its column "flight"; of other tables' columns only if nothing better is meant.
void prefer_tables(Mention& mention) {
  const auto best = std::ranges::max_element(mention.links, {}, [](const Link& link) { return link.kind == Link::Kind::table ? link.score : 0; });
  if (best == mention.links.end() || best->kind != Link::Kind::table) return;
  const double score = best->score;
  const int table = best->table;
  for (Link& link : mention.links)
    if (link.kind == Link::Kind::column && link.score <= score) link.score *= link.table == table ? 0.75 : 0.9;
  std::ranges::stable_sort(mention.links, [](const Link& a, const Link& b) { return a.score > b.score; });
}

template <class Part>
void place(Part& part, std::size_t begin, std::size_t end) {
  part.begin = begin;
  part.end = end;
}

}  // namespace

std::string Reader::text(std::size_t count) const {
  std::string out;
  for (std::size_t i = at; i < at + count && i < words_.size(); ++i) out += (out.empty() ? "" : " ") + words_[i].text;
  return out;
}

std::size_t Reader::relative_period() const {
  const std::size_t count = lexicon_.relative_period_at(words_, at);
  return name().size() >= std::max<std::size_t>(count, 1) ? 0 : count;
}

bool Reader::take_if(Role role) {
  if (done()) return false;
  const auto found = phrase();
  if (found.role != role) return false;
  take(found.words);
  return true;
}

void Reader::skip_ignored() {
  while (!done()) {
    const auto found = phrase();
    if ((found.role != Role::ignore && found.role != Role::light) || relative_period() > 0) return;
    // A name that is also a word of the language goes before it, but for "the" and its like.
    const std::size_t named = name().size();
    if (named > found.words || (named == found.words && found.role == Role::light)) return;
    take(found.words);
  }
}

MentionId Reader::add(Mention mention) {
  frame.mentions.push_back(std::move(mention));
  return static_cast<MentionId>(frame.mentions.size()) - 1;
}

bool Reader::has_column(MentionId id) const {
  return id >= 0 &&
         std::ranges::any_of(frame.mentions[static_cast<std::size_t>(id)].links, [](const Link& link) { return link.kind == Link::Kind::column; });
}

bool Reader::has_table(MentionId id) const {
  return id >= 0 &&
         std::ranges::any_of(frame.mentions[static_cast<std::size_t>(id)].links, [](const Link& link) { return link.kind == Link::Kind::table; });
}

std::optional<Mention> Reader::compound(const Mention& first, const Mention& second) const {
  Mention out{first.begin, second.end, {}, second.plural};
  for (const Link& a : first.links)
    for (const Link& b : second.links) {
      if (a.kind == Link::Kind::table && b.kind == Link::Kind::column && a.table == b.table) {
        // "customer id" says its table and its column; that beats the column's name alone.
        out.links.push_back({b.kind, b.table, b.column, std::min(1.0, std::max(b.score, 0.9) * a.score), ""});
      } else if (a.kind == Link::Kind::column && b.kind == Link::Kind::table) {
        const std::string& name = catalog_.tables[static_cast<std::size_t>(a.table)].columns[static_cast<std::size_t>(a.column)].name;
        const int edge = schema_.graph.edge_of(a.table, name);
        if (edge >= 0 && schema_.graph.edge(edge).to == b.table) out.links.push_back({a.kind, a.table, a.column, a.score * b.score, ""});
      }
    }
  if (out.links.empty()) return std::nullopt;
  std::ranges::stable_sort(out.links, [](const Link& a, const Link& b) { return a.score > b.score; });
  return out;
}

MentionId Reader::take_noun() {
  const std::size_t start = at;
  skip_ignored();
  if (done()) {
    at = start;
    return kNoMention;
  }
  Mention found = name();
  if (found.links.empty()) {
    at = start;
    return kNoMention;
  }
  take(found.size());
  if (!done() && phrase().role == Role::none) {
    if (const Mention next = name(); !next.links.empty())
      if (auto both = compound(found, next)) {
        take(next.size());
        found = std::move(*both);
      }
  }
  prefer_tables(found);
  return add(std::move(found));
}

std::optional<std::int64_t> Reader::take_count() {
  if (done() || word().kind != WordKind::number) return std::nullopt;
  std::int64_t out = 0;
  const std::string& digits = word().lower;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  take(1);
  return out;
}

std::optional<plan::Literal> Reader::take_literal() {
  if (done()) return std::nullopt;
  if (const auto whole = take_count()) return plan::Literal{TypeKind::integer, *whole};
  const Word& one = word();
  if (one.kind == WordKind::word) return std::nullopt;
  take(1);
  if (one.kind == WordKind::number) return plan::Literal{TypeKind::decimal, one.lower};
  return plan::Literal{one.kind == WordKind::date ? TypeKind::date : TypeKind::text, one.text};
}

bool Reader::stands_behind_column() const {
  return follows_last_noun(at) && frame.mentions[static_cast<std::size_t>(last_noun)].links.front().kind == Link::Kind::column;
}

bool Reader::follows_last_noun(std::size_t place) const {
  if (last_noun == kNoMention) return false;
  for (std::size_t i = last_noun_end; i < place; ++i) {
    const Role role = lexicon_.phrase_at(words_, i).role;
    if (role != Role::ignore && role != Role::negation && role != Role::equal) return false;
  }
  return true;
}

void Reader::narrow_by_last_noun(Mention& value) {
  if (!follows_last_noun(value.begin)) return;
  const auto& nouns = frame.mentions[static_cast<std::size_t>(last_noun)].links;
  std::vector<Link> of_column, of_table;
  for (const Link& one : value.links)
    for (const Link& noun : nouns) {
      if (noun.table != one.table) continue;
      if (noun.kind == Link::Kind::table) of_table.push_back(one);
      if (noun.kind == Link::Kind::column && noun.column == one.column) of_column.push_back(one);
    }
  if (of_column.empty() && of_table.empty()) return;
  const MentionId noun = last_noun;
  // "customers Germany": rows that were asked for stay what is asked for.
  if (frame.subject == noun) {
    if (of_column.empty() || nouns.front().kind == Link::Kind::table) return;
    frame.subject = kNoMention;
  }
  value.links = of_column.empty() ? of_table : of_column;
  std::erase(frame.shown, noun);
  std::erase(frame.related, noun);
  last_noun = kNoMention;
}

MentionId Reader::claim_last_column() {
  if (!has_column(last_noun) || !follows_last_noun(at)) return kNoMention;
  const MentionId claimed = last_noun;
  auto& links = frame.mentions[static_cast<std::size_t>(claimed)].links;
  // Rows are not compared, columns are.
  if (links.front().kind != Link::Kind::column) return kNoMention;
  std::erase_if(links, [](const Link& link) { return link.kind != Link::Kind::column; });
  std::erase(frame.shown, claimed);
  if (frame.subject == claimed) frame.subject = kNoMention;
  last_noun = kNoMention;
  return claimed;
}

Unplaced read_question(Reader& reader) {
  std::vector<std::string> unplaced, language;
  while (!reader.done()) {
    const std::size_t begin = reader.at, filters = reader.frame.filters.size(), groups = reader.frame.groups.size();
    const std::size_t mentions = reader.frame.mentions.size();
    const bool taken = std::ranges::any_of(kRules, [&](const Rule& rule) {
      if (rule.apply(reader)) return true;
      // What a rule linked before it gave up is no part of the question's reading.
      reader.frame.mentions.resize(mentions);
      return false;
    });
    for (std::size_t i = filters; i < reader.frame.filters.size(); ++i) place(reader.frame.filters[i], begin, reader.at);
    for (std::size_t i = groups; i < reader.frame.groups.size(); ++i) place(reader.frame.groups[i], begin, reader.at);
    if (taken) continue;
    // Words of the language that found nothing to be about are named, as a whole, only where no other word explains it.
    const auto phrase = reader.phrase();
    const std::size_t count = phrase.role == Role::none ? 1 : phrase.words;
    (phrase.role == Role::none ? unplaced : language).push_back(reader.text(count));
    reader.take(count);
  }
  return unplaced.empty() ? Unplaced{std::move(language), true} : Unplaced{std::move(unplaced)};
}

}  // namespace sluice::planner
