#include <algorithm>

#include "planner/reader.h"

namespace sluice::planner {
namespace {

bool is_period(Role role) {
  return role == Role::year || role == Role::quarter || role == Role::month || role == Role::week || role == Role::day || role == Role::weekday;
}

bool take_group(Reader& reader) {
  reader.skip_ignored();
  if (reader.done()) return false;
  Group group;
  const auto found = reader.phrase();
  const Mention name = reader.name();
  if (is_period(found.role) && name.size() <= found.words) {
    group.period = found.role;
    // A column of that name may be meant instead; which one is decided when the tables are known.
    if (!name.links.empty()) group.of = reader.add(name);
    reader.take(found.words);
  } else {
    group.of = reader.take_noun();
    if (group.of == kNoMention) return false;
  }
  reader.frame.groups.push_back(group);
  return true;
}

}  // namespace

bool read_group(Reader& reader) {
  const auto found = reader.phrase();
  const bool by = found.role == Role::by;
  if (found.role != Role::per && !by) return false;
  const std::size_t start = reader.at;
  reader.take(found.words);
  // "top 5 products by unit price": the order was left open, and this is it.
  if (by && reader.frame.order && reader.frame.order->by.of == kNoMention) {
    if (read_aggregate(reader)) return true;
    const MentionId noun = reader.take_noun();
    if (noun != kNoMention) {
      reader.frame.order->by = {reader.has_column(noun) ? std::nullopt : std::optional(plan::Fn::count_rows), noun, false};
      return true;
    }
  } else if (take_group(reader)) {
    // "by origin and month"
    for (std::size_t before = reader.at; reader.take_if(Role::conjunction); before = reader.at) {
      const std::size_t mentions = reader.frame.mentions.size();
      if (!reader.done() && reader.phrase().role != Role::none && !is_period(reader.phrase().role)) {
        reader.at = before;
        break;
      }
      if (take_group(reader)) continue;
      reader.frame.mentions.resize(mentions);
      reader.at = before;
      break;
    }
    reader.last_noun = kNoMention;
    return true;
  }
  reader.at = start;
  return false;
}

bool read_noun(Reader& reader) {
  const auto phrase = reader.phrase();
  if (phrase.role == Role::ignore && reader.name().size() <= phrase.words) return false;
  if (phrase.role != Role::none && reader.name().links.empty()) return false;
  const bool language = phrase.role != Role::none && phrase.role != Role::light && !is_period(phrase.role) && phrase.role != Role::sum &&
                        phrase.role != Role::count && phrase.role != Role::distinct;
  if (language && reader.name().size() <= phrase.words) return false;
  const MentionId noun = reader.take_noun();
  if (noun == kNoMention) return false;
  Frame& frame = reader.frame;
  const bool table = reader.has_table(noun);
  // "average arrival delay of flights": the table whose rows are meant; "names of customers": the rows whose columns are shown.
  if (frame.subject == kNoMention && (table || (frame.which && frame.shown.empty()))) {
    frame.subject = noun;
  } else if (table && !reader.has_column(noun)) {
    frame.related.push_back(noun);
  } else {
    frame.shown.push_back(noun);
  }
  reader.last_noun = noun;
  reader.last_noun_end = reader.at;
  return true;
}

bool read_filler(Reader& reader) {
  const auto found = reader.phrase();
  switch (found.role) {
    case Role::by: {
      // "albums by Queen"
      const std::size_t start = reader.at;
      reader.take(found.words);
      const bool value = !reader.done() && !reader.value().links.empty();
      reader.at = start;
      if (!value) return false;
      break;
    }
    case Role::which: reader.frame.which = reader.frame.subject == kNoMention; break;
    case Role::distinct: reader.frame.distinct = true; break;
    case Role::from: reader.way = Filter::Way::from; break;
    case Role::to: reader.way = Filter::Way::to; break;
    case Role::either_or: reader.frame.either_or = true; break;
    case Role::instead: reader.frame.instead = true; break;
    case Role::ignore:
    case Role::light:
    case Role::list:
    case Role::conjunction: break;
    default: return false;
  }
  reader.take(found.words);
  return true;
}

}  // namespace sluice::planner
