#pragma once
#include <vector>

#include "cli/session.h"

namespace sluice {

/// Records for programs: a JSON array, a JSON object a line, or CSV with the members of `shape` as its columns (members within members as
/// JSON). Returns the exit status.
int print_records(const Session& session, const Json::Array& records, const Json& shape);
/// One of them: a JSON object, which is also a line, or CSV with its own members.
int print_record(const Session& session, const Json& record);

/// A list for people (`table`, or `when_empty` on standard error) or for programs. A default item names CSV's columns, so that an empty list has its
/// header too.
template <class Item, class Record>
int print_list(const Session& session, const std::vector<Item>& items, Record record, const TableView& table, const std::string& when_empty) {
  if (session.output == OutputFormat::table) return print_table(session, table, when_empty);
  Json::Array records;
  for (const Item& item : items) records.push_back(record(item));
  return print_records(session, records, record(Item{}));
}

}  // namespace sluice
