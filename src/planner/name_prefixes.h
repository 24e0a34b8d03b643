#pragma once
#include <string>
#include <vector>

#include "data/catalog.h"

namespace sluice::planner {

/// The pieces that all tables' names begin with, which therefore say nothing: "sb" of sbCustomer, sbTicker and sbTransaction.
std::vector<std::string> shared_by_tables(const Catalog& catalog);
/// The same of a table's columns: "sb", "tx" of sbTxId, sbTxAmount and sbTxStatus. Keys may be called otherwise.
std::vector<std::string> shared_by_columns(const Table& table);
/// Whether the column is one of a key, the table's own or one that refers to others.
bool is_in_key(const Table& table, const std::string& column);

}  // namespace sluice::planner
