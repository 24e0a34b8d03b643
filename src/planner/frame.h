#pragma once
#include <optional>
#include <string>
#include <vector>

#include "plan/expr.h"
#include "planner/catalog_index.h"

namespace sluice::planner {

/// Places in Frame::mentions.
using MentionId = int;
inline constexpr MentionId kNoMention = -1;

/// What a superlative without a number shows of many.
inline constexpr int kTopDefault = 10;

/// Something computed over rows: `fn` of a column, or the number of a table's rows. Without `fn` it is the column itself.
struct Measure {
  std::optional<plan::Fn> fn{};
  MentionId of = kNoMention;
  bool distinct = false;
  bool of_rows = false;  ///< "most seats": of rows that have a number of seats it is that number, else the sum
};

/// A period by which rows are grouped: `fn` is year, quarter, month, …
struct Group {
  MentionId of = kNoMention;
  std::optional<Role> period{};
  std::size_t begin = 0, end = 0;  ///< the words that say so
};

struct Filter {
  enum class Kind : std::uint8_t { value, compare, null, period, count } kind = Kind::value;
  MentionId of = kNoMention;  ///< a value, a column, or (count) a table
  plan::Fn fn = plan::Fn::eq;
  std::vector<plan::Literal> operands{};
  bool negated = false;
  int year = 0, month = 0;                                           ///< period; 0: any
  enum class Way : std::uint8_t { none, from, to } way = Way::none;  ///< "from JFK", "to LAX"
  std::size_t begin = 0, end = 0;                                    ///< the words that say so
  std::string unit{};                                                ///< of the operands, where the question says one
};

struct Order {
  Measure by{};
  bool descending = false, superlative = false;
  bool by_time = false;  ///< "latest": `of` is the subject
  bool top = false;      ///< "top 5 … by …": does not say how values of many rows become one
};

/// What a question asks for, before it is decided which of its readings is meant.
struct Frame {
  std::vector<Mention> mentions{};
  MentionId subject = kNoMention;
  bool which = false;  ///< the subject is asked for: "which carriers …", "top 5 carriers …"
  std::vector<MentionId> shown{}, related{};
  std::vector<Measure> measures{};
  std::vector<Group> groups{};
  std::vector<Filter> filters{};
  std::optional<Order> order{};
  std::optional<int> limit{};
  bool needs_order = false;  ///< "3 planes" mean nothing without an order
  bool either_or = false;    ///< conditions were joined by "or"
  bool instead = false;      ///< feedback: what it says replaces what was there
  bool distinct = false;
  std::string relative{};  ///< "last year": words that say a time by what day it is today
};

}  // namespace sluice::planner
