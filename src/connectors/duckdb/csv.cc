#include <algorithm>

#include "base/text.h"
#include "connectors/duckdb/source.h"

namespace sluice::duckdb_detail {
namespace {

/// Words that stand for a missing value where everything else in the column is a number, a date or a flag.
constexpr std::string_view kMissing = "'NA', 'N/A', 'NULL', 'null', 'None', '\\N'";

constexpr std::string_view kDelimiters = ",;\t|";  ///< those that DuckDB tries
constexpr int kLinesSniffed = 20'480;              ///< as many as DuckDB looks at to find the dialect

/// What DuckDB finds out from a CSV file's first rows. Told to take no line for a comment: it would take `# total,3` for one.
struct Dialect {
  std::string delimiter{}, quote{}, escape{}, new_line{}, skip{}, date_format{}, timestamp_format{};
  bool header = true;
  std::vector<std::pair<std::string, std::string>> columns{};  ///< names and types
};

Result<Dialect> sniff(Connection& connection, const std::string& path, const std::string& options) {
  TRY(const auto found,
      connection.rows("SELECT Delimiter, Quote, Escape, NewLineDelimiter, SkipRows::VARCHAR, coalesce(DateFormat, ''), "
                      "coalesce(TimestampFormat, ''), HasHeader, c.name, c.type FROM (SELECT *, unnest(Columns) AS c FROM sniff_csv(" +
                      sql_literal(exact_pattern(path)) + ", comment = ''" + options + "))"));
  if (found.empty()) return Error::bug("DuckDB's sniff_csv told nothing");
  const auto text = [&](std::size_t at) {
    std::string out = value_text(found[0].at(at), {});
    return out == "(empty)" ? "" : out;
  };
  Dialect dialect{text(0), text(1), text(2), text(3), text(4), text(5), text(6), true, {}};
  if (const bool* header = std::get_if<bool>(&found[0].at(7))) dialect.header = *header;
  // The first rows may have had no need of quotes.
  if (dialect.quote.empty()) dialect.quote = dialect.escape = "\"";
  for (const Row& row : found) dialect.columns.emplace_back(value_text(row.at(8), {}), value_text(row.at(9), {}));
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

/// Columns of a line that is read with this delimiter.
std::size_t columns_in(std::string_view line, char delimiter) {
  std::size_t columns = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    columns += c == delimiter && !quoted ? 1 : 0;
  }
  return columns;
}

/// The delimiter by which the first line looks to be several columns where DuckDB read one, since lines below do not fit it. "" where it does not.
std::string overlooked_delimiter(const Dialect& dialect) {
  if (dialect.columns.size() != 1) return "";
  const auto at = dialect.columns.front().first.find_first_of(kDelimiters);
  return at == std::string::npos ? "" : dialect.columns.front().first.substr(at, 1);
}

/// DuckDB leaves lines at the beginning out, or takes each line for one column, where that makes the others agree. Rows would be lost without a word,
/// so the lines have to agree with the first one that is not blank; the error tells which does not.
Result<> check_lines(Connection& connection, const std::string& path, const Dialect& dialect) {
  const std::string overlooked = overlooked_delimiter(dialect), delimiter = overlooked.empty() ? dialect.delimiter : overlooked;
  if (dialect.skip == "0" && overlooked.empty()) return {};
  const auto read = [&](const std::string& options) {
    return "SELECT * FROM read_csv(" + sql_literal(exact_pattern(path)) + ", auto_detect = false, header = false, comment = '', " + options + ")";
  };
  TRY(const auto first, connection.rows("SELECT l FROM (" + read("quote = '', escape = '', delim = '\x01', columns = {l: 'VARCHAR'}") + " LIMIT " +
                                        (dialect.skip == "0" ? "1" : dialect.skip) + ") WHERE trim(l) <> '' LIMIT 1"));
  if (first.empty()) return {};  // blank lines
  std::vector<std::string> columns;
  const std::size_t count = columns_in(value_text(first[0].at(0), {}), delimiter.empty() ? ',' : delimiter[0]);
  columns.reserve(count);
  for (std::size_t i = 0; i < count; ++i) columns.push_back("c" + std::to_string(i) + ": 'VARCHAR'");
  TRY_VOID(connection.rows("SELECT count(*) FROM (" +
                           read("quote = '\"', escape = '\"', delim = " + sql_literal(delimiter) + ", columns = {" + join(columns, ", ") + "}") +
                           " LIMIT " + std::to_string(kLinesSniffed) + ")"));
  if (dialect.skip == "0") return {};  // one column, whose name holds a delimiter in quotes
  return Error{ErrorKind::input, "E0411", "its first " + counted(std::stoll(dialect.skip), "line") + " do not fit the others", "", 0};
}

}  // namespace

Result<std::string> csv_select(Connection& connection, const std::string& path) {
  TRY(const Dialect dialect, sniff(connection, path, ""));
  TRY_VOID(check_lines(connection, path, dialect));
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
                        ", escape = " + sql_literal(dialect.escape) + ", comment = '', skip = " + dialect.skip +
                        ", header = " + (dialect.header ? "true" : "false") + ", columns = {" + join(columns, ", ") + "}";
  if (!dialect.new_line.empty()) options += ", new_line = " + sql_literal(dialect.new_line);
  if (!dialect.date_format.empty()) options += ", dateformat = " + sql_literal(dialect.date_format);
  if (!dialect.timestamp_format.empty()) options += ", timestampformat = " + sql_literal(dialect.timestamp_format);
  return "SELECT *" + (replaced.empty() ? "" : " REPLACE (" + join(replaced, ", ") + ")") + " FROM read_csv(" + sql_literal(exact_pattern(path)) +
         options + ")";
}

}  // namespace sluice::duckdb_detail
