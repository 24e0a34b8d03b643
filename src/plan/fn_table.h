#pragma once
#include <span>
#include <string_view>

#include "plan/expr.h"

namespace sluice::plan {

/// What a function accepts and gives: the rule that types it, and its number of arguments.
enum class FnRule : std::uint8_t {
  compare,      ///< two comparable values → boolean
  between,      ///< three comparable values → boolean
  in,           ///< a value and comparable values → boolean
  match,        ///< text, text → boolean
  any_to_bool,  ///< anything → boolean
  logic,        ///< booleans → boolean
  arithmetic,   ///< numbers → number, integers stay integers
  to_floating,  ///< numbers → floating
  same_number,  ///< a number → the same type
  round,        ///< number, integer literal → number
  text_to_text,
  text_to_integer,
  integer_to_text,
  concat,
  common,  ///< comparable values → their common type
  case_when,
  date_part,   ///< date or timestamp → integer
  time_part,   ///< timestamp → integer
  date_trunc,  ///< date or timestamp → date
  make_date,   ///< three integers → date
  days_between,
  seconds_between,
  count_rows,
  count,
  sum,
  same_ordered,  ///< min, max
};

struct FnInfo {
  Fn fn{};
  std::string_view name{};
  FnRule rule{};
  std::size_t args_min = 0, args_max = 0;
  bool aggregate = false;
};

std::span<const FnInfo> all_functions();
const FnInfo& info_of(Fn fn);

}  // namespace sluice::plan
