#pragma once
#include <cstdint>
#include <string>

#include "sql/tree.h"

namespace sluice {

/// Whether A and a name the same thing: in PostgreSQL's tree they don't (its parser has lowered what was unquoted), in DuckDB they do.
enum class NameCase : std::uint8_t { significant, ignored };

/// The tree as one text with a single meaning: no locations, every string with its length, fields that have their default left out. Two queries
/// have the same text exactly if their trees are the same. It is for comparing and hashing, not for people and not for an engine.
std::string canonical(const Query& query, NameCase names = NameCase::significant);
std::string canonical(const Expr& expr, NameCase names = NameCase::significant);

/// SHA-256 of `canonical`, in hex: the statement's hash.
std::string statement_hash(const Query& query, NameCase names = NameCase::significant);

}  // namespace sluice
