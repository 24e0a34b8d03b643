#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "connectors/duckdb/source.h"

namespace sluice::duckdb_detail {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kFilesMax = 10'000;
/// Words that stand for a missing value where everything else in the column is a number, a date or a flag.
constexpr std::string_view kMissing = "'NA', 'N/A', 'NULL', 'null', 'None', '\\N'";

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
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
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

/// What DuckDB finds out from a CSV file's first rows.
struct Dialect {
  std::string delimiter{}, quote{}, escape{}, new_line{}, comment{}, skip{}, date_format{}, timestamp_format{};
  bool header = true;
  std::vector<std::pair<std::string, std::string>> columns{};  ///< names and types
};

Result<Dialect> sniff(Connection& connection, const std::string& path, const std::string& options) {
  TRY(const auto found,
      connection.rows("SELECT Delimiter, Quote, Escape, NewLineDelimiter, Comment, SkipRows::VARCHAR, coalesce(DateFormat, ''), "
                      "coalesce(TimestampFormat, ''), HasHeader, c.name, c.type FROM (SELECT *, unnest(Columns) AS c FROM sniff_csv(" +
                      sql_literal(exact_pattern(path)) + options + "))"));
  if (found.empty()) return Error::bug("DuckDB's sniff_csv told nothing");
  const auto text = [&](std::size_t at) {
    std::string out = value_text(found[0].at(at), {});
    return out == "(empty)" ? "" : out;
  };
  Dialect dialect{text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7), true, {}};
  if (const bool* header = std::get_if<bool>(&found[0].at(8))) dialect.header = *header;
  // The first rows may have had no need of quotes.
  if (dialect.quote.empty()) dialect.quote = dialect.escape = "\"";
  for (const Row& row : found) dialect.columns.emplace_back(value_text(row.at(9), {}), value_text(row.at(10), {}));
  return dialect;
}

/// A column of text as another type, with NULL for the words that stand for it. "" for types that are not tried.
std::string converted(const std::string& column, const std::string& type, const Dialect& dialect) {
  const std::string value = "CASE WHEN " + column + " NOT IN (" + std::string(kMissing) + ") THEN " + column + " END";
  const std::string& format = type == "DATE" ? dialect.date_format : dialect.timestamp_format;
  const bool temporal = type == "DATE" || type == "TIMESTAMP";
  if (!temporal && type != "BIGINT" && type != "DOUBLE" && type != "BOOLEAN") return "";
  const std::string read = temporal && !format.empty() ? "strptime(" + value + ", " + sql_literal(format) + ")" : value;
  return "CAST(" + read + " AS " + type + ") AS " + column;
}

/// The SELECT of a CSV file's view, with everything said that was found out: else DuckDB reads the first 20,000 rows again for every statement. A
/// column that would hold numbers if it were not for "NA" is one of numbers with NULLs; in columns of words "NA" stays, it may be Namibia.
Result<std::string> csv_select(Connection& connection, const std::string& path) {
  TRY(const Dialect dialect, sniff(connection, path, ""));
  const auto is_text = [](const auto& column) { return column.second == "VARCHAR"; };
  std::vector<std::string> replaced, columns;
  if (std::any_of(dialect.columns.begin(), dialect.columns.end(), is_text)) {
    const auto without = sniff(connection, path, ", nullstr = ['', " + std::string(kMissing) + "]");
    for (std::size_t i = 0; without && without->columns.size() == dialect.columns.size() && i < dialect.columns.size(); ++i) {
      const auto& [name, type] = without->columns[i];
      if (!is_text(dialect.columns[i]) || name != dialect.columns[i].first) continue;
      if (std::string column = converted(sql_identifier(name), type, *without); !column.empty()) replaced.push_back(std::move(column));
    }
  }
  for (const auto& [name, type] : dialect.columns) columns.push_back(sql_literal(name) + ": " + sql_literal(type));
  std::string options = ", auto_detect = false, delim = " + sql_literal(dialect.delimiter) + ", quote = " + sql_literal(dialect.quote) +
                        ", escape = " + sql_literal(dialect.escape) + ", comment = " + sql_literal(dialect.comment) + ", skip = " + dialect.skip +
                        ", header = " + (dialect.header ? "true" : "false") + ", columns = {" + join(columns, ", ") + "}";
  if (!dialect.new_line.empty()) options += ", new_line = " + sql_literal(dialect.new_line);
  if (!dialect.date_format.empty()) options += ", dateformat = " + sql_literal(dialect.date_format);
  if (!dialect.timestamp_format.empty()) options += ", timestampformat = " + sql_literal(dialect.timestamp_format);
  return "SELECT *" + (replaced.empty() ? "" : " REPLACE (" + join(replaced, ", ") + ")") + " FROM read_csv(" + sql_literal(exact_pattern(path)) +
         options + ")";
}

Result<> make_view(Connection& connection, const std::string& name, const std::string& select) {
  constexpr int kRowsTried = 100;
  TRY_VOID(connection.execute("CREATE OR REPLACE VIEW " + sql_identifier(name) + " AS " + select));
  TRY_VOID(connection.rows("SELECT count(*) FROM (SELECT * FROM " + sql_identifier(name) + " LIMIT " + std::to_string(kRowsTried) + ")"));
  return {};
}

Result<> map_file(Connection& connection, const FileTable& table) {
  const std::string &path = table.paths.front(), reader = reader_of(path).first;
  if (reader == "read_csv") {
    const auto select = csv_select(connection, path);
    if (select && make_view(connection, table.name, *select)) return {};
  }
  // DuckDB's own way, as it is: for what is no CSV, and for a CSV file that is too odd to be described.
  auto made = make_view(connection, table.name, "SELECT * FROM " + reader + "(" + sql_literal(exact_pattern(path)) + ")");
  if (made) return {};
  return Error{ErrorKind::input, "E0411", "\"" + show_hidden(path, false) + "\" cannot be read as a table: " + made.error().message,
               "correct the file, or leave it out of the pattern", 0};
}

}  // namespace

Result<> map_files(Connection& connection, OpenSource& open, const std::vector<std::string>& patterns) {
  TRY(open.files, file_tables(patterns));
  for (const FileTable& table : open.files) TRY_VOID(map_file(connection, table));
  return {};
}

}  // namespace sluice::duckdb_detail
