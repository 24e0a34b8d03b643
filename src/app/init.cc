#include "app/init.h"

#include <filesystem>

#include "base/text.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kNeighboursMax = 1000;

Error is_a_folder(const std::string& path) {
  const std::string shown = show_hidden(path, false);
  return {ErrorKind::input, "E0812", "\"" + shown + "\" is a folder, and --files takes files",
          "say which of its files: --files '" + (fs::path(shown) / "*.csv").string() + "'; nothing was written", 0};
}

/// The path made absolute, if there is a file.
Result<std::string> existing_file(const std::string& folder, const std::string& path) {
  std::error_code failure;
  const fs::path absolute = fs::absolute(fs::path(folder) / path, failure).lexically_normal();
  if (fs::is_regular_file(absolute, failure)) return absolute.string();
  if (fs::is_directory(absolute, failure))
    return Error{ErrorKind::input, "E0812", "\"" + show_hidden(path, false) + "\" is a folder, not a database file",
                 "name the file in it, or give a folder of CSV, Parquet or JSON files as a pattern: --files 'FOLDER/*.csv'; nothing was written", 0};
  std::vector<std::string> neighbours;
  for (fs::directory_iterator entry(absolute.parent_path(), failure), end; !failure && entry != end && neighbours.size() < kNeighboursMax;
       entry.increment(failure))
    neighbours.push_back(entry->path().filename().string());
  const std::string meant = nearest(absolute.filename().string(), neighbours);
  return Error{ErrorKind::not_found, "E0812",
               "there is no file \"" + show_hidden(path, false) + "\"" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"),
               "name an existing file; nothing was written", 0};
}

}  // namespace

Result<AddedConnection> init_connection(const std::string& folder, const InitRequest& request, const ConnectionCheck& works) {
  ConnectionConfig connection{.name = request.name};
  if (!request.duckdb.empty()) {
    TRY(connection.path, existing_file(folder, request.duckdb));
  } else if (!request.sqlite.empty()) {
    connection.kind = ConnectionKind::sqlite;
    TRY(connection.path, existing_file(folder, request.sqlite));
  } else if (!request.files.empty()) {
    connection.kind = ConnectionKind::files;
    for (const std::string& pattern : request.files) {
      connection.globs.push_back((fs::path(folder) / pattern).lexically_normal().string());
      if (std::error_code failure; fs::is_directory(connection.globs.back(), failure)) return is_a_folder(pattern);
    }
  } else if (!request.dbt_profile.empty()) {
    connection.dbt = DbtTarget{.profile = request.dbt_profile, .target = request.dbt_target};
  } else {
    connection.kind = ConnectionKind::postgres;
    TRY(connection.url, SecretText::parse_url(request.postgres));
    if (!request.replica.empty()) {
      TRY(connection.replica_url, SecretText::parse_url(request.replica));
    }
  }
  return add_connection((fs::path(folder) / "sluice.yaml").string(), connection, PasswordPolicy::move_to_variable, process_environment(), works);
}

}  // namespace sluice
