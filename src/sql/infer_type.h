#pragma once
#include <span>
#include <string_view>

#include "data/type.h"
#include "sql/tree.h"

namespace sluice {

/// The kind behind a type's name as SQL writes it ("VARCHAR(40)", "int8", "double precision", "DATE[]"); `unknown` for a name not known here.
/// `native` is the text as given.
Type type_named(std::string_view text);
Type literal_type(LiteralKind kind);
/// What count, sum, avg, min, max and their like return for an argument of the given type; `unknown` for anything else.
Type aggregate_type(std::string_view function, const Type& argument, Dialect dialect);
/// What an operator returns: comparisons a boolean, arithmetic over numbers a number, || over texts a text; `unknown` where it depends on more.
Type operator_type(std::string_view op, std::span<const Type> arguments);
/// The type that holds values of both: CASE branches, UNION. NULLs (unknown with native "null") yield to the other.
Type common_type(const Type& a, const Type& b);
bool is_comparison(std::string_view op);

}  // namespace sluice
