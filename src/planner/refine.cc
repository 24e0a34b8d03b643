#include "planner/refine.h"

#include <algorithm>
#include <set>

namespace sluice::planner {
namespace {

bool same_column(const Mention& a, const Mention& b) {
  return std::ranges::any_of(a.links, [&](const Link& x) {
    return std::ranges::any_of(b.links, [&](const Link& y) { return x.table == y.table && x.column == y.column && x.column >= 0; });
  });
}

/// Moves the refinement's mentions behind the others; its ids grow by the same number.
void shift(Frame& frame, int by) {
  const auto move = [&](MentionId& id) {
    if (id != kNoMention) id += by;
  };
  move(frame.subject);
  for (MentionId& id : frame.shown) move(id);
  for (MentionId& id : frame.related) move(id);
  for (Measure& one : frame.measures) move(one.of);
  for (Group& one : frame.groups) move(one.of);
  for (Filter& one : frame.filters) move(one.of);
  if (frame.order) move(frame.order->by.of);
}

/// The mentions that a part of the frame is about.
std::set<MentionId> about(const Frame& frame) {
  std::set<MentionId> out(frame.shown.begin(), frame.shown.end());
  out.insert(frame.related.begin(), frame.related.end());
  out.insert(frame.subject);
  for (const Measure& one : frame.measures) out.insert(one.of);
  for (const Group& one : frame.groups) out.insert(one.of);
  for (const Filter& one : frame.filters) out.insert(one.of);
  if (frame.order) out.insert(frame.order->by.of);
  return out;
}

void merge_filters(Frame& asked, const Frame& refinement) {
  for (const Filter& one : refinement.filters) {
    std::erase_if(asked.filters, [&](const Filter& old) {
      if (old.kind == Filter::Kind::period && one.kind == Filter::Kind::period)
        return (old.year != 0 && one.year != 0) || (old.month != 0 && one.month != 0);
      return old.of != kNoMention && one.of != kNoMention && old.kind == one.kind &&
             same_column(asked.mentions[static_cast<std::size_t>(old.of)], asked.mentions[static_cast<std::size_t>(one.of)]);
    });
  }
  asked.filters.insert(asked.filters.end(), refinement.filters.begin(), refinement.filters.end());
}

void merge(Frame& asked, Frame refinement) {
  shift(refinement, static_cast<int>(asked.mentions.size()));
  asked.mentions.insert(asked.mentions.end(), refinement.mentions.begin(), refinement.mentions.end());
  merge_filters(asked, refinement);
  if (!refinement.groups.empty()) {
    if (refinement.instead) {
      asked.groups.clear();
      if (asked.which) asked.subject = kNoMention;
      asked.which = false;
    }
    asked.groups.insert(asked.groups.end(), refinement.groups.begin(), refinement.groups.end());
  }
  if (!refinement.measures.empty()) {
    if (refinement.instead) asked.measures.clear();
    if (refinement.instead && asked.order && asked.order->by.fn) asked.order->by = refinement.measures.front();
    asked.measures.insert(asked.measures.end(), refinement.measures.begin(), refinement.measures.end());
  }
  if (refinement.order && refinement.order->by.of != kNoMention) asked.order = refinement.order;
  // "top 5" alone keeps the order that is there.
  if (refinement.order && refinement.order->by.of == kNoMention) {
    if (asked.order) asked.order->descending = refinement.order->descending;
    if (!asked.order) asked.order = refinement.order;
  }
  if (refinement.limit) asked.limit = refinement.limit;
  asked.distinct = asked.distinct || refinement.distinct;
  asked.either_or = asked.either_or || refinement.either_or;
  asked.shown.insert(asked.shown.end(), refinement.shown.begin(), refinement.shown.end());
  asked.related.insert(asked.related.end(), refinement.related.begin(), refinement.related.end());
  if (refinement.subject == kNoMention) return;
  if (asked.subject == kNoMention) {
    asked.subject = refinement.subject;
    asked.which = refinement.which;
  } else {
    asked.related.push_back(refinement.subject);
  }
}

}  // namespace

void refine(Frame& asked, Frame refinement) {
  const std::set<MentionId> before = about(asked);
  merge(asked, std::move(refinement));
  const std::set<MentionId> after = about(asked);
  for (const MentionId id : before)
    if (id != kNoMention && !after.contains(id)) asked.mentions[static_cast<std::size_t>(id)].replaced = true;
}

}  // namespace sluice::planner
