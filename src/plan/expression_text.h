#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/expr.h"

namespace sluice::plan {

inline constexpr std::size_t kExpressionBytesMax = 2'000;

/// Reads an expression or a condition as people write them in a glossary: `sum(quantity * unit_price * (1 - discount))`,
/// `country in ('USA', 'Canada') and not closed`. A notation of Sluice's own, the same for every engine:
///
///   numbers, 'text' ('' for a quote in it), true, false; columns, possibly with their table and schema, in "double quotes" where they are no plain
///   word
///   + - * /   = <> < <= > >=   in (…)   is null   and   or   not   ( )
///   sum avg min max median count count_distinct, and count(*)
///
/// Nothing is looked up: the source of a column is its table as it was written (see parse_name), text is text and no date. E0908 with the place.
Result<Expr> parse_expression(std::string_view text);

/// The parts of a name: `order_details`, `sales.orders`, `sales."Order Details".price`. One to three; E0908.
Result<std::vector<std::string>> parse_name(std::string_view text);

/// The name of these parts, quoted where it has to be: what parse_name reads back.
std::string name_text(const std::vector<std::string>& parts);

}  // namespace sluice::plan
