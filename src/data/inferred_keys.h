#pragma once
#include <span>

#include "data/catalog.h"
#include "data/column_values.h"
#include "data/key_evidence.h"

namespace sluice {

/// Adds keys that the database does not declare but that names and values show, marked as inferred. Conservative: a wrong key makes wrong joins, so
/// what names alone do not show beyond doubt is inferred only where the data agree.
///
/// A table's key is a column that holds each of its values once and is called `id`, or by the table (`customer_id` in `customers`, `contid` in
/// `continents`), or is its first and called a key (`rx_id`), or is of text among the first two; or two columns that refer to other tables, where the
/// pairs are unique and hardly anything is beside them. Without evidence only a first column `id` or `customer_id` is taken for one.
///
/// A column refers to another table's key of one column where it has the key's name (if that is not a general one such as `id`), or an identifier's
/// that the table gives (`customer_id` → customers): then at least half of its values have to be there, as far as that is known. Where its name only
/// resembles the table's (`country`, `maker` → car_makers, `caused_by_ship_id` → ship, `country_a`, `reports_to`) 95 % of the values have to be
/// there, and where it is text and the key a number all of them. Without a resemblance a text column refers to the only text key that holds its
/// values, and a number called an identifier to the only key that does if that key is not counted from one, as most are: small numbers are in all of
/// those. Nothing refers to an empty table, and two keys are one only if the tables' names or the values say which refers to which.
///
/// Errors: those of `evidence`.
Result<> infer_keys(Catalog& catalog, std::span<const ColumnValues> values, KeyEvidence& evidence);
/// The same without looking at the data.
void infer_keys(Catalog& catalog, std::span<const ColumnValues> values = {});

}  // namespace sluice
