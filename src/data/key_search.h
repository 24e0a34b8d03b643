#pragma once
// Private to this folder: what the steps of the search for keys share.
#include <map>

#include "data/column_values.h"
#include "data/key_evidence.h"
#include "data/key_names.h"

namespace sluice::key_search {

/// A share of values that has to be in the key: where the name is exactly that of a reference, and where it is not.
constexpr double kShareNamed = 0.5, kShareWeak = 0.95;
/// Fewer values or rows than this are too few to tell anything without a name.
constexpr std::int64_t kFewest = 3;

/// The values of a text column that were read beforehand.
struct Known {
  std::set<std::string, std::less<>> values{};
  bool complete = false;
};

/// A table's column by which others may refer to it.
struct Target {
  std::size_t table = 0;
  const Column* column = nullptr;

  bool operator==(const Target&) const = default;
};

class Search {
 public:
  Search(Catalog& catalog, std::span<const ColumnValues> values, KeyEvidence& evidence);

  /// The search, step by step: each uses what those before it have found.
  Result<> find_primary_keys();
  Result<> find_named_references();
  Result<> find_references_by_values();
  Result<> find_link_keys();

 private:
  friend class NamedReferences;
  friend class PrimaryKeys;
  friend class ReferencesByValues;

  const Table& table(std::size_t at) const { return catalog_.tables[at]; }
  const Known* known(const Table& table, const Column& column) const;
  /// How well another table than this is named by the column.
  key_names::Likeness named_elsewhere(const key_names::ColumnName& column, std::size_t own) const;
  /// The only column of the table's primary key, or null.
  const Column* key_column(std::size_t at) const;
  /// By the values known beforehand; unset where they do not tell.
  std::optional<Containment> known_containment(std::size_t from, const Column& column, const Target& target) const;
  /// Of all of them, from the values known or else from the data.
  Result<std::vector<std::optional<Containment>>> contained(std::span<const std::pair<Target, Target>> references) const;
  void refer(const Target& from, const Target& to);
  /// Of a column that is referred to and is not the table's primary key.
  void add_unique_key(const Target& target);

  Catalog& catalog_;
  KeyEvidence& evidence_;
  std::vector<key_names::TableNames> names_{};
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_name_{}, by_part_{};  ///< forms of whole names, and of parts
  std::map<char, std::vector<std::size_t>> by_letter_{};                                ///< first letters
  std::map<std::pair<TableName, std::string>, Known> known_{};
};

/// Whether values of the two kinds can be compared: of one kind, or a text column and a number.
bool comparable(const Column& from, const Column& to);
/// Kinds of which keys are: whole numbers, text, UUIDs.
bool can_be_key(const Column& column);
bool refers_already(const Table& table, const std::string& column);

}  // namespace sluice::key_search
