#pragma once
#include <string>
#include <vector>

#include "data/rows.h"

namespace sluice {

/// SHA-256 of a result as a set of facts: the same for the same rows in another order, with columns in another order or called otherwise. Numbers
/// are taken by their value, whatever their type: whole ones exactly, others to twelve digits. Results that differ have different digests; equal ones
/// may, in rare cases, have different ones (columns that hold the same values in another order of rows), so that it can serve to see that two agree,
/// not that they differ.
std::string result_digest(const std::vector<ResultColumn>& columns, const std::vector<Row>& rows);

}  // namespace sluice
