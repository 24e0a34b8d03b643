#pragma once
#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/type.h"

namespace sluice {

/// A table's name within one connection. Connectors always fill in the schema.
struct TableName {
  std::string schema{}, name{};

  auto operator<=>(const TableName&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"schema", &TableName::schema}, Field{"name", &TableName::name}}; }
};

enum class TableKind : std::uint8_t { table, view, materialized_view, foreign_table, file };
template <>
struct EnumNames<TableKind> {
  static constexpr std::array<std::pair<TableKind, std::string_view>, 5> names{{{TableKind::table, "table"},
                                                                                {TableKind::view, "view"},
                                                                                {TableKind::materialized_view, "materialized view"},
                                                                                {TableKind::foreign_table, "foreign table"},
                                                                                {TableKind::file, "file"}}};
};

/// Whether the database declares a key, or Sluice concluded it from names, types and values.
enum class KeyOrigin : std::uint8_t { declared, inferred };
template <>
struct EnumNames<KeyOrigin> {
  static constexpr std::array<std::pair<KeyOrigin, std::string_view>, 2> names{
      {{KeyOrigin::declared, "declared"}, {KeyOrigin::inferred, "inferred"}}};
};

struct Column {
  std::string name{};
  Type type{};
  bool nullable = true;
  bool partition = false;
  std::string comment{};

  bool operator==(const Column&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"name", &Column::name}, Field{"type", &Column::type}, Field{"nullable", &Column::nullable},
                      Field{"partition", &Column::partition}, Field{"comment", &Column::comment}};
  }
};

struct Key {
  std::vector<std::string> columns{};
  KeyOrigin origin = KeyOrigin::declared;

  bool operator==(const Key&) const = default;
  static constexpr auto fields() { return std::tuple{Field{"columns", &Key::columns}, Field{"origin", &Key::origin}}; }
};

/// `columns[i]` of this table refers to `target_columns[i]` of `target`.
struct ForeignKey {
  std::vector<std::string> columns{};
  TableName target{};
  std::vector<std::string> target_columns{};
  KeyOrigin origin = KeyOrigin::declared;

  bool operator==(const ForeignKey&) const = default;
  static constexpr auto fields() {
    return std::tuple{Field{"columns", &ForeignKey::columns}, Field{"target", &ForeignKey::target},
                      Field{"target_columns", &ForeignKey::target_columns}, Field{"origin", &ForeignKey::origin}};
  }
};

struct Table {
  TableName name{};
  TableKind kind = TableKind::table;
  std::string comment{};
  std::vector<Column> columns{};
  std::optional<Key> primary_key{};
  std::vector<Key> unique_keys{};
  std::vector<ForeignKey> foreign_keys{};
  std::optional<std::int64_t> row_count{};  ///< Unset where the engine does not know; exact only where `row_count_exact`.
  bool row_count_exact = false;
  std::optional<std::int64_t> bytes{};
  /// A view's SELECT as the engine stores it; of a table that has expressions which run when it is read (columns that are generated then, row-level
  /// security), a SELECT of those. "" for other tables, and for files that Sluice itself maps.
  std::string definition{};
  /// What makes reading or planning the table run functions that users added, as the engine describes it: "index public.by_key", "type public.mood".
  /// "" where nothing does. Views are judged by their definition.
  std::string user_code{};
  /// Why it may not be asked for, to follow its name: "is a part of another table". "" for tables that may.
  std::string unreadable{};

  const Column* find_column(std::string_view column) const;  ///< Ignoring ASCII case when there is no exact match.
  static constexpr auto fields() {
    return std::tuple{Field{"name", &Table::name},
                      Field{"kind", &Table::kind},
                      Field{"comment", &Table::comment},
                      Field{"columns", &Table::columns},
                      Field{"primary_key", &Table::primary_key},
                      Field{"unique_keys", &Table::unique_keys},
                      Field{"foreign_keys", &Table::foreign_keys},
                      Field{"row_count", &Table::row_count},
                      Field{"row_count_exact", &Table::row_count_exact},
                      Field{"bytes", &Table::bytes},
                      Field{"definition", &Table::definition},
                      Field{"user_code", &Table::user_code},
                      Field{"unreadable", &Table::unreadable}};
  }
};

/// Whether reading it runs what somebody wrote into the database. Nothing has proven that harmless where a catalog is read.
bool runs_on_read(const Table& table);

/// The tables of one connection at one moment.
struct Catalog {
  std::string connection{};
  std::string source{};  ///< Where the data is, without secrets: "PostgreSQL at db:5432/shop as reader", "DuckDB file /data/shop.duckdb".
  Dialect dialect = Dialect::duckdb;
  std::string database{};                  ///< The name by which SQL may qualify a schema (database.schema.table).
  std::vector<std::string> search_path{};  ///< Schemas in which an unqualified name is looked up, first match wins.
  std::vector<Table> tables{};             ///< Sorted by name.
  /// Relations that may not be asked for (Table::unreadable), without columns: their names stand in front of others on the search path, and views
  /// may stand on them. Sorted by name.
  std::vector<Table> others{};
  /// Functions and operators that somebody added to this database (lower case, without schema): never taken for a built-in one. Types of users are
  /// among the functions, as PostgreSQL reads name(x) as a cast to a type of that name.
  std::vector<std::string> user_functions{}, user_operators{};
  /// Those of `user_functions` that the engine may call without their names being written, as they bear a built-in function's name (DuckDB's own
  /// macros and notations look their parts up in the user's database) or stand behind a cast between the engine's own types (PostgreSQL).
  std::vector<std::string> shadowing_functions{};
  /// Enums of users and types of known extensions that run nothing of a user's, as a cast to them is written: "public.mood", and "mood" where only
  /// one type is so called.
  std::vector<std::string> user_types{};

  /// The table (of `tables` or `others`) that the (possibly unqualified) name means, or null.
  const Table* find(std::string_view schema, std::string_view name) const;
  const Table* find(const TableName& name) const { return find(name.schema, name.name); }
  /// "customers", or "sales.customers" where the schema is not on the search path.
  std::string display(const TableName& name) const;
  static constexpr auto fields() {
    return std::tuple{Field{"connection", &Catalog::connection},
                      Field{"source", &Catalog::source},
                      Field{"dialect", &Catalog::dialect},
                      Field{"database", &Catalog::database},
                      Field{"search_path", &Catalog::search_path},
                      Field{"tables", &Catalog::tables},
                      Field{"others", &Catalog::others},
                      Field{"user_functions", &Catalog::user_functions},
                      Field{"user_operators", &Catalog::user_operators},
                      Field{"shadowing_functions", &Catalog::shadowing_functions},
                      Field{"user_types", &Catalog::user_types}};
  }
};

/// The catalog with these of its tables alone.
Catalog part_of(const Catalog& whole, std::span<const TableName> only);

/// SHA-256 over names, kinds, columns, types, declared keys, view definitions and code of users of the given tables (of all, where none are given),
/// and of the functions, operators and types that users added. Row counts, sizes and comments don't count: they move without changing what a query
/// means. A name that is missing from the catalog counts too, so a dropped table changes the fingerprint.
std::string fingerprint(const Catalog& catalog, std::span<const TableName> only = {});

}  // namespace sluice
