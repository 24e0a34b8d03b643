#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/rows.h"

namespace sluice::postgres {

/// What a type is to Sluice, from pg_type: the name of the type (of a domain: of its base type), its category and its sort (typtype).
TypeKind kind_of(std::string_view base_name, char category, char sort);

/// A built-in type by its oid and modifier as PostgreSQL writes it ("numeric(18,3)"); none for types that have to be looked up.
std::optional<Type> built_in_type(std::uint32_t oid, int modifier);

/// A value in PostgreSQL's text format, as data/rows.h wants it. A text that does not fit its kind stays text.
Value decode_value(std::string_view text, const Type& type);

}  // namespace sluice::postgres
