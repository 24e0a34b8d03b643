#include "connectors/duckdb/catalog.h"

#include <algorithm>

#include "base/text.h"
#include "connectors/duckdb/decode.h"

namespace sluice::duckdb_detail {
namespace {

constexpr std::size_t kCountedTablesMax = 200;
constexpr char kListSeparator = '\x1f';

std::string text(const Row& row, std::size_t at) { return value_text(row[at], {}); }

/// The tables wanted, as a condition on the named columns.
std::string wanted(std::span<const TableName> only, const char* schema, const char* name) {
  if (only.empty()) return "";
  std::vector<std::string> pairs;
  for (const TableName& table : only) pairs.push_back("(" + sql_literal(table.schema) + ", " + sql_literal(table.name) + ")");
  return " AND (" + std::string(schema) + ", " + name + ") IN (" + join(pairs, ", ") + ")";
}

/// Visits a statement's characters outside of quotes, with the number of parentheses open behind each, until `stops` says so: where that was, or
/// npos.
template <class Stops>
std::size_t first_unquoted(std::string_view statement, const Stops& stops) {
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < statement.size(); ++i) {
    const char c = statement[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    if (c == '(' || c == ')') depth += c == '(' ? 1 : -1;
    if (stops(i, depth)) return i;
  }
  return std::string_view::npos;
}

/// "CREATE VIEW v(a, b) AS SELECT …;" → "SELECT …": what follows the first AS that is outside of quotes and parentheses.
std::string view_body(const std::string& statement) {
  const auto as = first_unquoted(
      statement, [&](std::size_t i, int depth) { return depth == 0 && equals_ignoring_case(std::string_view(statement).substr(i, 4), " as "); });
  if (as == std::string::npos) return statement;
  std::string_view body = trim(std::string_view(statement).substr(as + 4));
  while (body.ends_with(';')) body = trim(body.substr(0, body.size() - 1));
  return std::string(body);
}

/// What reading a table runs: "CREATE TABLE t(a INTEGER, b INTEGER GENERATED ALWAYS AS((a + 1)));" → `SELECT ((a + 1)) FROM "main"."t"`. "" without
/// generated columns. DuckDB writes the statement itself, so that outside of quotes these words are this clause.
std::string generated_columns(const TableName& name, std::string_view statement) {
  constexpr std::string_view kClause = " GENERATED ALWAYS AS";
  std::vector<std::string> expressions;
  const auto starts_clause = [&](std::size_t i, int) { return statement.substr(i).starts_with(kClause); };
  for (std::size_t at = 0; (at = first_unquoted(statement, starts_clause)) != std::string_view::npos;) {
    statement.remove_prefix(at + kClause.size());
    const auto end = first_unquoted(statement, [](std::size_t, int depth) { return depth == 0; });
    expressions.emplace_back(statement.substr(0, end == std::string_view::npos ? end : end + 1));
  }
  if (expressions.empty()) return "";
  return "SELECT " + join(expressions, ", ") + " FROM " + sql_identifier(name.schema) + "." + sql_identifier(name.name);
}

std::vector<std::string> list_of(const Row& row, std::size_t at) {
  std::vector<std::string> out;
  const std::string joined = text(row, at);
  if (!joined.empty())
    for (const std::string_view part : split(joined, kListSeparator)) out.emplace_back(part);
  return out;
}

Table* find_table(Catalog& catalog, const std::string& schema, const std::string& name) {
  const TableName wanted_name{schema, name};
  const auto found = std::lower_bound(catalog.tables.begin(), catalog.tables.end(), wanted_name,
                                      [](const Table& table, const TableName& key) { return table.name < key; });
  return found != catalog.tables.end() && found->name == wanted_name ? &*found : nullptr;
}

/// Schema, name, comment and statement of each view. DuckDB binds every view of an SQLite file to list them, and gives up if one of them is broken.
Result<std::vector<Row>> list_views(Connection& connection, const OpenSource& open, const DuckDbSource& source, std::span<const TableName> only) {
  if (source.kind == DuckDbSource::Kind::sqlite) return list_sqlite_views(source.path, only);
  return connection.rows("SELECT schema_name, view_name, coalesce(comment, ''), sql FROM duckdb_views() WHERE database_name = ? AND NOT internal" +
                             wanted(only, "schema_name", "view_name"),
                         {open.catalog});
}

Result<> read_tables(Connection& connection, const OpenSource& open, const DuckDbSource& source, std::span<const TableName> only, Catalog& catalog) {
  TRY(const auto tables, connection.rows("SELECT schema_name, table_name, coalesce(comment, ''), estimated_size, coalesce(sql, '') FROM "
                                         "duckdb_tables() WHERE database_name = ? AND NOT internal" +
                                             wanted(only, "schema_name", "table_name"),
                                         {open.catalog}));
  for (const MappedTable& mapped : open.mapped) {
    Table table{.name = {"main", mapped.name}};
    if (mapped.view) continue;  // listed with their definitions
    if (only.empty() || std::find(only.begin(), only.end(), table.name) != only.end()) catalog.tables.push_back(std::move(table));
  }
  for (const Row& row : tables) {
    if (source.kind == DuckDbSource::Kind::sqlite && text(row, 1).starts_with("sqlite_")) continue;  // its own: no table may be named so
    Table table{.name = {text(row, 0), text(row, 1)}, .comment = text(row, 2)};
    if (const auto* size = std::get_if<std::int64_t>(&row[3])) table.row_count = *size;
    if (source.kind == DuckDbSource::Kind::database) table.definition = generated_columns(table.name, text(row, 4));
    catalog.tables.push_back(std::move(table));
  }
  TRY(const auto views, list_views(connection, open, source, only));
  for (const Row& row : views) {
    Table view{.name = {text(row, 0), text(row, 1)}, .kind = TableKind::view, .comment = text(row, 2), .definition = view_body(text(row, 3))};
    for (const FileTable& file : open.files) {
      if (file.name != view.name.name) continue;
      view.kind = TableKind::file;  // the view is Sluice's own way to map the file
      view.definition.clear();
      view.bytes = file.bytes;
      view.comment = file.paths.front();
    }
    catalog.tables.push_back(std::move(view));
  }
  std::sort(catalog.tables.begin(), catalog.tables.end(), [](const Table& a, const Table& b) { return a.name < b.name; });
  return {};
}

Result<> read_columns(Connection& connection, const OpenSource& open, std::span<const TableName> only, Catalog& catalog) {
  TRY(const auto columns,
      connection.rows("SELECT schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '') FROM duckdb_columns()"
                      " WHERE database_name = ? AND NOT internal" +
                          wanted(only, "schema_name", "table_name") + " ORDER BY schema_name, table_name, column_index",
                      {open.catalog}));
  for (const Row& row : columns) {
    Table* table = find_table(catalog, text(row, 0), text(row, 1));
    const bool* nullable = std::get_if<bool>(&row[4]);
    if (table != nullptr)
      table->columns.push_back(
          {.name = text(row, 2), .type = type_of_name(text(row, 3)), .nullable = nullable == nullptr || *nullable, .comment = text(row, 5)});
  }
  return {};
}

Result<> read_keys(Connection& connection, const OpenSource& open, std::span<const TableName> only, Catalog& catalog) {
  const std::string separator = "chr(31)";
  TRY(const auto keys,
      connection.rows("SELECT schema_name, table_name, constraint_type, array_to_string(constraint_column_names, " + separator +
                          "), coalesce(referenced_table, ''), array_to_string(referenced_column_names, " + separator +
                          ") FROM duckdb_constraints() WHERE database_name = ? AND constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')" +
                          wanted(only, "schema_name", "table_name") + " ORDER BY ALL",
                      {open.catalog}));
  for (const Row& row : keys) {
    Table* table = find_table(catalog, text(row, 0), text(row, 1));
    const std::vector<std::string> columns = list_of(row, 3);
    if (table == nullptr || columns.empty()) continue;
    if (text(row, 2) == "PRIMARY KEY") table->primary_key = Key{columns};
    if (text(row, 2) == "UNIQUE") table->unique_keys.push_back({columns});
    if (text(row, 2) == "FOREIGN KEY") table->foreign_keys.push_back({columns, {text(row, 0), text(row, 4)}, list_of(row, 5)});
  }
  return {};
}

void tell_read_as_text(const OpenSource& open, Catalog& catalog) {
  for (const MappedTable& mapped : open.mapped) {
    Table* table = find_table(catalog, "main", mapped.name);
    if (table == nullptr) continue;
    for (Column& column : table->columns)
      if (std::find(mapped.read_as_text.begin(), mapped.read_as_text.end(), column.name) != mapped.read_as_text.end())
        column.comment = mapped.view ? "read as text, because SQLite itself runs this view: cast it"
                                     : "read as text, because values do not fit the declared type: cast it";
  }
}

/// DuckDB lists no columns of SQLite's views; what they give tells. On a connection apart: a broken view would end the session's transaction.
Result<> read_view_columns(const Connection& session, const OpenSource& open, Catalog& catalog) {
  std::unique_ptr<Connection> apart;
  for (Table& table : catalog.tables) {
    if (table.kind != TableKind::view || !table.columns.empty()) continue;
    if (apart == nullptr) {
      TRY(apart, own_connection(open, session.call()));
    }
    const auto columns = apart->rows("DESCRIBE SELECT * FROM " + qualified(catalog.database, table.name));
    if (!columns) {
      if (columns.error().kind != ErrorKind::input) return columns.error();
      continue;  // a broken view is no table to ask
    }
    for (const Row& row : *columns) table.columns.push_back({.name = text(row, 0), .type = type_of_name(text(row, 1))});
  }
  std::erase_if(catalog.tables, [](const Table& table) { return table.kind == TableKind::view && table.columns.empty(); });
  return {};
}

/// DuckDB keeps row counts beside its tables: asking is free, and exact.
Result<> count_rows(Connection& connection, Catalog& catalog) {
  std::vector<std::string> counts;
  std::vector<Table*> counted;
  for (Table& table : catalog.tables) {
    if (table.kind != TableKind::table || counted.size() >= kCountedTablesMax) continue;
    counts.push_back("(SELECT count(*) FROM " + qualified(catalog.database, table.name) + ")");
    counted.push_back(&table);
  }
  if (counted.empty() || counted.size() >= kCountedTablesMax) return {};
  TRY(const auto rows, connection.rows("SELECT " + join(counts, ", ")));
  for (std::size_t i = 0; i < counted.size(); ++i) {
    counted[i]->row_count = std::get<std::int64_t>(rows.at(0).at(i));
    counted[i]->row_count_exact = true;
  }
  return {};
}

}  // namespace

Result<> read_user_functions(Connection& connection, Catalog& catalog) {
  TRY(const auto functions,
      connection.rows(
          "SELECT lower(function_name), bool_or(internal)::VARCHAR FROM duckdb_functions() GROUP BY 1 HAVING bool_or(NOT internal) ORDER BY 1"));
  for (const Row& row : functions) {
    catalog.user_functions.push_back(text(row, 0));
    if (text(row, 1) == "true") catalog.shadowing_functions.push_back(text(row, 0));
  }
  return {};
}

Result<Catalog> read_catalog(Connection& connection, const OpenSource& open, const DuckDbSource& source, std::span<const TableName> only) {
  Catalog catalog{.dialect = Dialect::duckdb, .database = open.catalog, .search_path = {"main"}};
  TRY_VOID(read_tables(connection, open, source, only, catalog));
  TRY_VOID(read_columns(connection, open, only, catalog));
  if (source.kind == DuckDbSource::Kind::sqlite) {
    TRY_VOID(read_view_columns(connection, open, catalog));
    tell_read_as_text(open, catalog);
    TRY_VOID(add_sqlite_keys(catalog, source.path));
    return catalog;
  }
  TRY_VOID(read_keys(connection, open, only, catalog));
  if (source.kind == DuckDbSource::Kind::database) TRY_VOID(count_rows(connection, catalog));
  return catalog;
}

}  // namespace sluice::duckdb_detail
