#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/text.h"
#include "connectors/duckdb/source.h"

namespace sluice::duckdb_detail {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kFilesMax = 10'000;
struct Format {
  std::string_view ending, reader;
};
constexpr std::array<Format, 7> kFormats{{{".csv", "read_csv"},
                                          {".tsv", "read_csv"},
                                          {".parquet", "read_parquet"},
                                          {".json", "read_json"},
                                          {".jsonl", "read_json"},
                                          {".ndjson", "read_json"},
                                          {".csv.gz", "read_csv"}}};

/// The reader for a file name, and the name without the ending. "" for a kind of file that is not known.
std::pair<std::string, std::string> reader_of(const std::string& file) {
  for (const auto& [ending, reader] : kFormats)
    if (to_lower(file).ends_with(ending)) return {std::string(reader), file.substr(0, file.size() - ending.size())};
  return {};
}

/// A file's name as a table's: letters, digits and "_".
std::string table_name(const std::string& stem) {
  std::string out;
  for (const char c : stem) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    out += kept ? c : '_';
  }
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out = "t_" + out;
  return out;
}

Result<std::vector<std::string>> expanded(const std::vector<std::string>& patterns) {
  std::vector<std::string> paths;
  std::set<std::string> known;
  for (const std::string& pattern : patterns) {
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)  // NOLINT(concurrency-mt-unsafe): only ~ would read shared state
      for (std::size_t i = 0; i < found.gl_pathc && paths.size() <= kFilesMax; ++i) {
        std::error_code failure;
        const std::string path = fs::absolute(found.gl_pathv[i], failure).lexically_normal().string();
        if (fs::is_regular_file(path, failure) && known.insert(path).second) paths.push_back(path);
      }
    globfree(&found);
  }
  if (paths.empty())
    return Error{ErrorKind::not_found, "E0409", "no file matches " + show_hidden(join(patterns, ", "), false),
                 "check the pattern in sluice.yaml; quote it in the shell", 0};
  if (paths.size() > kFilesMax)
    return Error{ErrorKind::input, "E0409", "more than " + with_thousands(kFilesMax) + " files match", "narrow the pattern", 0};
  return paths;
}

/// One table a file; a name that occurs again (other folder, other ending) gets "_2", "_3", ….
Result<std::vector<FileTable>> file_tables(const std::vector<std::string>& patterns) {
  TRY(const std::vector<std::string> paths, expanded(patterns));
  std::vector<FileTable> tables;
  std::set<std::string> taken;
  for (const std::string& path : paths) {
    const auto [reader, stem] = reader_of(fs::path(path).filename().string());
    if (reader.empty())
      return Error{ErrorKind::input, "E0409", "\"" + show_hidden(path, false) + "\" is no CSV, Parquet or JSON file",
                   "narrow the pattern to files that end in .csv, .tsv, .parquet, .json or .jsonl", 0};
    const std::string base = table_name(stem);
    std::string name = base;
    for (int n = 2; !taken.insert(to_lower(name)).second; ++n) name = base + "_" + std::to_string(n);
    std::error_code failure;
    tables.push_back({name, {path}, static_cast<std::int64_t>(fs::file_size(path, failure))});
  }
  return tables;
}

Result<> make_view(Connection& connection, const std::string& name, const std::string& select) {
  constexpr int kRowsTried = 100;
  TRY_VOID(connection.execute("CREATE OR REPLACE VIEW " + sql_identifier(name) + " AS " + select));
  TRY_VOID(connection.rows("SELECT count(*) FROM (SELECT * FROM " + sql_identifier(name) + " LIMIT " + std::to_string(kRowsTried) + ")"));
  return {};
}

/// What the file is like before anybody parses it. An empty one has no columns; of bytes that are no text DuckDB would tell in its own words.
Result<> check_text(const std::string& path) {
  constexpr std::size_t kHead = 4096;
  std::ifstream in(path, std::ios::binary);
  std::string head(kHead, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  if (!in.is_open()) return Error{ErrorKind::refused, "E0411", "it may not be read by this user", "", 0};
  if (head.empty()) return Error{ErrorKind::input, "E0411", "it is empty", "", 0};
  const bool text = !path.ends_with(".gz") && reader_of(path).first != "read_parquet";
  if (text && head.find('\0') != std::string::npos) return Error{ErrorKind::input, "E0411", "it is no text in UTF-8: it holds NUL bytes", "", 0};
  return {};
}

Result<> map_file(Connection& connection, const FileTable& table) {
  const std::string &path = table.paths.front(), reader = reader_of(path).first;
  const auto map = [&]() -> Result<> {
    TRY_VOID(check_text(path));
    std::string select = "SELECT * FROM " + reader + "(" + sql_literal(exact_pattern(path)) + ")";
    if (reader == "read_csv") {
      TRY(select, csv_select(connection, path));
    }
    return make_view(connection, table.name, select);
  };
  auto mapped = map();
  if (mapped || mapped.error().kind == ErrorKind::cancelled) return mapped;
  constexpr std::string_view kStopped = "the engine stopped: ";
  std::string_view why = mapped.error().message;
  if (why.starts_with(kStopped)) why.remove_prefix(kStopped.size());
  return Error{ErrorKind::input, "E0411", "\"" + show_hidden(path, false) + "\" cannot be read as a table: " + std::string(why),
               "correct the file, or leave it out of the pattern", 0};
}

}  // namespace

Result<> map_files(Connection& connection, OpenSource& open, const std::vector<std::string>& patterns) {
  TRY(open.files, file_tables(patterns));
  for (const FileTable& table : open.files) TRY_VOID(map_file(connection, table));
  return {};
}

}  // namespace sluice::duckdb_detail
