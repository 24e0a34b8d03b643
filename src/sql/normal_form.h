#pragma once
#include <string>

#include "sql/tree.h"

namespace sluice {

/// The tree as one text with a single meaning: no locations, every string with its length, fields that have their default left out. Two queries
/// have the same text exactly if their trees are the same. It is for comparing and hashing, not for people and not for an engine.
std::string canonical(const Query& query);

/// SHA-256 of `canonical`, in hex: the statement's hash.
std::string statement_hash(const Query& query);

}  // namespace sluice
