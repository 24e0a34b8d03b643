#include <algorithm>

#include "planner/reader.h"

namespace sluice::planner {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000;

std::optional<plan::Fn> aggregate_of(Role role) {
  switch (role) {
    case Role::average: return plan::Fn::avg;
    case Role::sum: return plan::Fn::sum;
    case Role::median: return plan::Fn::median;
    case Role::minimum: return plan::Fn::min;
    case Role::maximum: return plan::Fn::max;
    case Role::count: return plan::Fn::count_rows;
    default: return std::nullopt;
  }
}

/// "average and maximum arrival delay", "number of different carriers"; empty and nothing moved where there is none.
std::vector<Measure> take_measures(Reader& reader) {
  const std::size_t start = reader.at;
  std::vector<Measure> out;
  const bool named = !reader.done() && !reader.name().links.empty();
  for (;;) {
    const auto fn = reader.done() ? std::nullopt : aggregate_of(reader.phrase().role);
    if (!fn) break;
    reader.take(reader.phrase().words);
    out.push_back({fn, kNoMention, false});
    const std::size_t before = reader.at;
    reader.take_if(Role::conjunction);
    if (reader.done() || !aggregate_of(reader.phrase().role)) {
      reader.at = before;
      break;
    }
  }
  reader.skip_ignored();
  const bool distinct = reader.take_if(Role::distinct);
  MentionId of = out.empty() ? kNoMention : reader.take_noun();
  // "how many rock tracks": a value may stand before the noun.
  const std::size_t filters = reader.frame.filters.size();
  if (!out.empty() && of == kNoMention && !reader.done() && read_value(reader)) {
    of = reader.take_noun();
    if (of == kNoMention) reader.frame.filters.resize(filters);
  }
  if (of == kNoMention) {
    reader.at = start;
    return {};
  }
  for (Measure& one : out) {
    one.of = of;
    one.distinct = distinct;
    // "total flights" are counted: rows have no sum. But "total invoices" may mean their column "total".
    const bool rows = reader.frame.mentions[static_cast<std::size_t>(of)].links.front().kind == Link::Kind::table;
    if (one.fn == plan::Fn::sum && rows && !named) one.fn = plan::Fn::count_rows;
  }
  return out;
}

void limit_to(Reader& reader, std::optional<std::int64_t> count) {
  if (count) reader.frame.limit = static_cast<int>(std::clamp<std::int64_t>(*count, 0, kLimitMax));
}

/// The rows asked for are the first of an order that has yet to be said: "top 5 planes by seats", "largest plane by seats".
bool open_order(Reader& reader, MentionId rows, bool descending, std::optional<std::int64_t> count) {
  Frame& frame = reader.frame;
  // "which manufacturer has the biggest planes" asks for two things at once.
  if (rows != kNoMention && frame.subject != kNoMention) return false;
  if (rows != kNoMention) {
    frame.subject = rows;
    frame.which = true;
    reader.last_noun = kNoMention;
  }
  limit_to(reader, count);
  if (!frame.order) frame.order = Order{{}, descending, true, false, true};
  return true;
}

bool top_n(Reader& reader, bool descending) {
  const std::size_t start = reader.at;
  reader.take(reader.phrase().words);
  const auto count = reader.take_count();
  const MentionId noun = reader.take_noun();
  if ((noun != kNoMention || count) && open_order(reader, noun, descending, count)) return true;
  reader.at = start;
  return false;
}

/// Whether "by number of flights" comes next.
bool by_aggregate_follows(const Reader& reader) {
  Reader ahead = reader;
  return ahead.take_if(Role::by) && !ahead.done() && aggregate_of(ahead.phrase().role);
}

/// "the highest average arrival delay", "most flights", "3 lowest prices".
bool superlative(Reader& reader, Role role) {
  const std::size_t start = reader.at;
  reader.take(reader.phrase().words);
  const bool descending = role == Role::highest || role == Role::most;
  const bool amount = role == Role::most || role == Role::fewest;
  const auto count = reader.take_count();
  std::vector<Measure> measures = take_measures(reader);
  if (measures.empty()) {
    const MentionId noun = reader.take_noun();
    if (noun == kNoMention) {
      reader.at = start;
      return false;
    }
    Measure one{std::nullopt, noun, false};
    // Only most and fewest count rows; of rows the highest are so by something.
    const bool rows = reader.frame.mentions[static_cast<std::size_t>(noun)].links.front().kind == Link::Kind::table;
    if (!amount && (rows || by_aggregate_follows(reader))) {
      if (open_order(reader, noun, descending, count)) return true;
      reader.at = start;
      return false;
    }
    if (!reader.has_column(noun)) {
      one.fn = plan::Fn::count_rows;
    } else if (amount) {
      one.fn = reader.has_table(noun) ? plan::Fn::count_rows : plan::Fn::sum;
      one.of_rows = true;
    }
    measures.push_back(one);
  }
  limit_to(reader, count);
  reader.frame.order = Order{measures.front(), descending, true, false};
  if (measures.size() > 1) reader.frame.measures.insert(reader.frame.measures.end(), measures.begin(), measures.end());
  return true;
}

bool latest(Reader& reader, bool descending) {
  const std::size_t start = reader.at;
  reader.take(reader.phrase().words);
  const auto count = reader.take_count();
  const MentionId noun = reader.take_noun();
  if (noun == kNoMention) {
    reader.at = start;
    return false;
  }
  reader.frame.order = Order{{std::nullopt, noun, false}, descending, true, true};
  reader.frame.limit = reader.frame.mentions[static_cast<std::size_t>(noun)].plural ? kTopDefault : 1;
  limit_to(reader, count);
  if (reader.has_table(noun) && reader.frame.subject == kNoMention) {
    reader.frame.subject = noun;
    reader.frame.which = true;
  }
  return true;
}

}  // namespace

bool read_aggregate(Reader& reader) {
  if (reader.name().size() > reader.phrase().words) return false;
  auto measures = take_measures(reader);
  if (measures.empty()) return false;
  reader.last_noun = measures.front().of;
  reader.last_noun_end = reader.at;
  // "sorted by number of orders" and "top 5 carriers by number of flights" ask for the order that was left open.
  if (reader.frame.order && reader.frame.order->by.of == kNoMention) {
    reader.frame.order->by = measures.front();
    return true;
  }
  reader.frame.measures.insert(reader.frame.measures.end(), measures.begin(), measures.end());
  return true;
}

bool read_superlative(Reader& reader) {
  const auto found = reader.phrase();
  switch (found.role) {
    case Role::top:
    case Role::bottom: return top_n(reader, found.role == Role::top);
    case Role::highest:
    case Role::lowest:
    case Role::most:
    case Role::fewest: return superlative(reader, found.role);
    case Role::latest:
    case Role::earliest: return latest(reader, found.role == Role::latest);
    default: break;
  }
  // "the 3 lowest prices": the number belongs to the word after it.
  const Word* next = reader.word_after(1);
  if (next == nullptr || reader.word().kind != WordKind::number) return false;
  const std::size_t start = reader.at;
  const auto count = reader.take_count();
  if (count && reader.phrase().role == Role::none && reader.frame.subject == kNoMention) {
    // "the 3 planes with the most seats": the order comes later, and has to.
    const MentionId noun = reader.take_noun();
    if (noun == kNoMention) {
      reader.at = start;
      return false;
    }
    reader.frame.subject = noun;
    reader.frame.which = reader.frame.needs_order = true;
  } else if (!count || !read_superlative(reader)) {
    reader.at = start;
    return false;
  }
  limit_to(reader, count);
  return true;
}

bool read_order(Reader& reader) {
  const auto found = reader.phrase();
  if ((found.role == Role::descending || found.role == Role::ascending) && reader.frame.order && !reader.frame.order->superlative) {
    reader.take(found.words);
    reader.frame.order->descending = found.role == Role::descending;
    return true;
  }
  if (found.role != Role::order) return false;
  const std::size_t start = reader.at;
  reader.take(found.words);
  auto measures = take_measures(reader);
  const MentionId noun = measures.empty() ? reader.take_noun() : kNoMention;
  if (measures.empty() && noun == kNoMention) {
    reader.at = start;
    return false;
  }
  reader.frame.order = Order{measures.empty() ? Measure{std::nullopt, noun, false} : measures.front(), false, false, false};
  return true;
}

}  // namespace sluice::planner
