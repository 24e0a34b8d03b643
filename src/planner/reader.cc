#include "planner/reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace sluice::planner {
namespace {

constexpr std::array<Rule, 10> kRules{{{"value", read_value},
                                       {"period", read_period},
                                       {"aggregate", read_aggregate},
                                       {"superlative", read_superlative},
                                       {"order", read_order},
                                       {"group", read_group},
                                       {"comparison", read_comparison},
                                       {"absence", read_absence},
                                       {"noun", read_noun},
                                       {"filler", read_filler}}};

}  // namespace

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
    if (found.role != Role::ignore) return;
    if (name().size() > found.words) return;
    take(found.words);
  }
}

MentionId Reader::add(Mention mention) {
  frame.mentions.push_back(std::move(mention));
  return static_cast<MentionId>(frame.mentions.size()) - 1;
}

bool Reader::has_column(MentionId id) const {
  return id >= 0 && std::ranges::any_of(frame.mentions[static_cast<std::size_t>(id)].links, [](const Link& link) { return link.kind == Link::Kind::column; });
}

bool Reader::has_table(MentionId id) const {
  return id >= 0 && std::ranges::any_of(frame.mentions[static_cast<std::size_t>(id)].links, [](const Link& link) { return link.kind == Link::Kind::table; });
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
  if (found.links.size() > kLinksMax) found.links.resize(kLinksMax);
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

MentionId Reader::claim_last_column() {
  if (last_noun == kNoMention || !has_column(last_noun)) return kNoMention;
  for (std::size_t i = last_noun_end; i < at; ++i)
    if (lexicon_.phrase_at(words_, i).role != Role::ignore && lexicon_.phrase_at(words_, i).role != Role::negation) return kNoMention;
  const MentionId claimed = last_noun;
  std::erase(frame.shown, claimed);
  if (frame.subject == claimed) frame.subject = kNoMention;
  last_noun = kNoMention;
  return claimed;
}

std::vector<std::string> read_question(Reader& reader) {
  std::vector<std::string> unplaced;
  while (!reader.done()) {
    const bool taken = std::ranges::any_of(kRules, [&](const Rule& rule) { return rule.apply(reader); });
    if (taken) continue;
    unplaced.push_back(reader.word().text);
    reader.take(1);
  }
  return unplaced;
}

}  // namespace sluice::planner
