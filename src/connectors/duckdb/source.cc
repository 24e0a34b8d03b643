#include "connectors/duckdb/source.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "connectors/duckdb/library.h"

namespace sluice::duckdb_detail {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kFilesMax = 10'000;
constexpr std::chrono::seconds kOpenTimeout{60};

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) out += c == quote ? std::string(2, quote) : std::string(1, c);
  return out + quote;
}

Result<> attach_sqlite(Connection& connection, OpenSource& open, const std::string& path, const Safeguards& safeguards) {
  const std::string extension = library_folder() + "/sqlite_scanner.duckdb_extension";
  std::error_code failure;
  auto loaded = connection.execute("LOAD " + sql_literal(extension));
  if (!loaded && fs::exists(extension, failure))
    return Error{ErrorKind::input, "E0410", "the SQLite extension of DuckDB cannot be loaded: " + loaded.error().message,
                 "`./dev build` puts the one that fits the library into lib/", 0};
  if (!loaded)
    return Error{ErrorKind::not_found, "E0410", "the SQLite extension of DuckDB was not found (looked for " + extension + ")",
                 "`./dev build` puts it into lib/ beside the program", 0};
  const std::string options = safeguards.read_only ? "TYPE sqlite, READ_ONLY" : "TYPE sqlite";
  if (auto attached = connection.execute("ATTACH " + sql_literal(path) + " AS sqlite_file (" + options + ")"); !attached)
    return Error{ErrorKind::input, "E0401", "\"" + show_hidden(path, false) + "\" cannot be opened as an SQLite database",
                 "check the path and the permission; a DuckDB file goes with --duckdb", 0};
  return map_sqlite(connection, open, path, options);
}

Error missing(const std::string& path) {
  std::vector<std::string> names;
  std::error_code failure;
  const fs::path folder = fs::absolute(path, failure).parent_path();
  for (fs::directory_iterator file(folder, failure), end; !failure && file != end && names.size() < kFilesMax; file.increment(failure))
    names.push_back(file->path().filename().string());
  const std::string near = nearest(fs::path(path).filename().string(), names);
  return {ErrorKind::not_found, "E0404",
          "there is no file \"" + show_hidden(path, false) + "\"" + (near.empty() ? "" : "; did you mean \"" + show_hidden(near, false) + "\"?"),
          "check the path in sluice.yaml; Sluice never creates a database", 0};
}

/// Looks at the first bytes: given a file of another kind, DuckDB would go and look for an extension that reads it.
Result<> check_format(const DuckDbSource& source) {
  std::error_code failure;
  const std::string name = "\"" + show_hidden(source.path, false) + "\"";
  if (!fs::exists(source.path, failure)) return missing(source.path);
  if (fs::is_directory(source.path, failure))
    return Error{ErrorKind::input, "E0401", name + " is a folder", "name the database file; a folder's CSV, Parquet and JSON files go with --files",
                 0};
  std::ifstream in(source.path, std::ios::binary);
  if (!in) return Error{ErrorKind::refused, "E0404", name + " may not be read by this user", "ask its owner for permission to read", 0};
  std::string head(16, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  const bool duckdb = std::string_view(head).substr(8, 4) == "DUCK", sqlite = head.starts_with("SQLite format 3");
  if (source.kind == DuckDbSource::Kind::database && !duckdb)
    return Error{ErrorKind::input, "E0401", name + (sqlite ? " is an SQLite database, not a DuckDB one" : " is not a DuckDB database, or is damaged"),
                 "check the path; an SQLite file goes with --sqlite, CSV and Parquet with --files", 0};
  const bool empty = in.gcount() == 0;  // SQLite takes an empty file for an empty database
  if (source.kind == DuckDbSource::Kind::sqlite && !sqlite && !empty)
    return Error{ErrorKind::input, "E0401",
                 name + (duckdb ? " is a DuckDB database, not an SQLite one" : " is not an SQLite database, or is damaged"),
                 "check the path; a DuckDB file goes with --duckdb, CSV and Parquet with --files", 0};
  return {};
}

/// From here on nothing but the source can be reached. `allowed` are the files that views read.
Result<> lock_down(Connection& connection, const std::vector<FileTable>& allowed) {
  if (!allowed.empty()) {
    std::vector<std::string> paths;
    for (const FileTable& table : allowed) {
      const std::string &path = table.paths.front(), pattern = exact_pattern(path);
      paths.push_back(sql_literal(path));
      if (pattern != path) paths.push_back(sql_literal(pattern));  // the pattern is checked too, before it becomes the path
    }
    TRY_VOID(connection.execute("SET allowed_paths = [" + join(paths, ", ") + "]"));
  }
  // DuckDB 1.5.5 lets a join filter what is below a LIMIT of its other side, so that other rows are left, and not the same ones every time
  // (duckdb/duckdb#22924, mended after it).
  TRY_VOID(connection.execute("SET disabled_optimizers = 'join_filter_pushdown'"));
  for (const char* statement : {"SET temp_directory = ''", "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
                                "SET allow_community_extensions = false", "SET enable_external_access = false", "SET lock_configuration = true"})
    TRY_VOID(connection.execute(statement));
  return {};
}

}  // namespace

std::string exact_pattern(std::string_view path) {
  std::string out;
  for (const char c : path) out += c == '*' || c == '?' || c == '[' ? "[" + std::string(1, c) + "]" : std::string(1, c);
  return out;
}

std::string sql_literal(std::string_view text) { return quoted(text, '\''); }
std::string sql_identifier(std::string_view name) { return quoted(name, '"'); }
std::string qualified(const std::string& catalog, const TableName& table) {
  return sql_identifier(catalog) + "." + sql_identifier(table.schema) + "." + sql_identifier(table.name);
}

Result<std::unique_ptr<Connection>> own_connection(const OpenSource& open, const Call& call) {
  TRY(auto connection, Connection::open(open.database, call));
  TRY_VOID(connection->execute("SET search_path = 'temp.main'"));
  return connection;
}

Result<OpenSource> open_source(const DuckDbSource& source, const DuckDbOptions& options, const Safeguards& safeguards) {
  const bool on_disk = source.kind == DuckDbSource::Kind::database;
  if (source.kind != DuckDbSource::Kind::files) TRY_VOID(check_format(source));
  // From the first moment: opening a file may itself ask for an extension, which would come from the network.
  std::vector<std::pair<std::string, std::string>> settings{{"memory_limit", std::to_string(options.memory_limit_bytes) + "B"},
                                                            {"autoinstall_known_extensions", "false"},
                                                            {"autoload_known_extensions", "false"}};
  if (options.threads > 0) settings.emplace_back("threads", std::to_string(options.threads));
  if (on_disk && safeguards.read_only) settings.emplace_back("access_mode", "READ_ONLY");
  OpenSource open;
  std::error_code failure;
  TRY(open.database, Database::open(on_disk ? fs::absolute(source.path, failure).string() : "", settings));
  TRY(const auto connection, Connection::open(open.database, {std::chrono::steady_clock::now() + kOpenTimeout, {}}));
  if (source.kind == DuckDbSource::Kind::files) TRY_VOID(map_files(*connection, open, source.globs));
  if (source.kind == DuckDbSource::Kind::sqlite) TRY_VOID(attach_sqlite(*connection, open, source.path, safeguards));
  if (safeguards.lock) TRY_VOID(lock_down(*connection, open.files));
  TRY(const std::vector<Row> name, connection->rows("SELECT system.main.current_database()"));
  open.catalog = source.kind == DuckDbSource::Kind::sqlite ? "sqlite_file" : value_text(name.at(0).at(0), {});
  return open;
}

std::string source_name(const DuckDbSource& source) {
  const auto whole = [](const std::string& path) {
    std::error_code failure;
    const fs::path absolute = fs::absolute(path, failure);
    return (failure ? fs::path(path) : fs::weakly_canonical(absolute, failure)).string();
  };
  switch (source.kind) {
    case DuckDbSource::Kind::database: return "DuckDB file " + whole(source.path);
    case DuckDbSource::Kind::sqlite: return "SQLite file " + whole(source.path);
    case DuckDbSource::Kind::files: break;
  }
  std::vector<std::string> patterns;
  patterns.reserve(source.globs.size());
  for (const std::string& glob : source.globs) patterns.push_back(whole(glob));
  return "files " + join(patterns, ", ");
}

std::string source_state(const DuckDbSource& source, const OpenSource& open) {
  std::vector<std::string> paths;
  paths.reserve(open.files.size());
  for (const FileTable& file : open.files) paths.push_back(file.paths.front());
  if (source.kind != DuckDbSource::Kind::files) paths = {source.path, source.path + ".wal", source.path + "-wal"};
  std::string out = "6";  // raised when this folder reads catalogs otherwise
  for (const std::string& path : paths) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) continue;
    out += "|" + path + " " + std::to_string(status.st_size) + " " + std::to_string(status.st_ino) + " " + std::to_string(status.st_mtim.tv_sec) +
           "." + std::to_string(status.st_mtim.tv_nsec) + " " + std::to_string(status.st_ctim.tv_sec) + "." + std::to_string(status.st_ctim.tv_nsec);
  }
  return out;
}

}  // namespace sluice::duckdb_detail
