#pragma once
#include <span>

#include "data/catalog.h"
#include "data/column_values.h"

namespace sluice {

/// Adds keys that the database does not declare but that names and values show, marked as inferred. Conservative: a wrong key makes wrong joins.
///
/// A table without a declared primary key gets one where a column is named like one (`id`, `customer_id` or `customerid` in `customers`, as the first
/// column) or where a text column among the first two holds each of its values once (`values` complete, as many as rows). A column refers to
/// another table's single-column key where it has that key's name (if that is not a general one such as `id`), or is named after that table
/// (`customer_id`, `CustomerID` → customers), and the types are of one kind; where the values of both are known, at least half of its values have to
/// be there. A text column of another name refers to a text key where at least 95 % of its three or more values are there, and only one key fits.
void infer_keys(Catalog& catalog, std::span<const ColumnValues> values = {});

}  // namespace sluice
