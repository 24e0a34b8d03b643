#include "connectors/duckdb/failure.h"

#include <array>

#include "base/text.h"

namespace sluice::duckdb_detail {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// A stream that breaks off wraps the reason: "… unsuccessful or closed pending query result\nError: Conversion Error: …".
std::string_view unwrapped(std::string_view message) {
  constexpr std::string_view kWrapped = "closed pending query result\nError: ";
  const auto at = message.find(kWrapped);
  return at == std::string_view::npos ? message : message.substr(at + kWrapped.size());
}

/// What follows `mark` up to the end of its line; "" where it is not there.
std::string_view after(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return "";
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find('\n'));
}

/// A CSV error in our words: "line 3 of a CSV file has 1 column, and the first line has 2". "" for other errors.
std::string csv_reason(std::string_view message) {
  if (has(message, "Error when sniffing file")) return "its lines do not agree on what separates, quotes or ends them, or it is no text in UTF-8";
  const std::string_view number = after(message, "CSV Error on Line: ");
  if (number.empty()) return "";
  const std::string line = "line " + show_hidden(number, false) + " of the CSV file ";
  const std::string_view columns = after(message, "\nExpected Number of Columns: "), found = after(columns, " Found: ");
  if (!found.empty())
    return line + "has " + std::string(found) + (found == "1" ? " column" : " columns") + ", and the first line has " +
           std::string(columns.substr(0, columns.find(' ')));
  if (has(message, "unterminated quote")) return line + "has a value that begins with a quote, and no quote that ends it";
  if (has(message, "Invalid unicode")) return line + "is no text in UTF-8";
  const std::string_view value = after(message, "\nError when ");
  return line + "does not fit" + (value.empty() ? "" : ": error when " + show_hidden(value, false));
}

/// "Binder Error: Referenced column …\nLINE 1: …" → kind "Binder", text "Referenced column …".
std::pair<std::string, std::string> taken_apart(std::string_view message) {
  std::string_view line = message.substr(0, message.find('\n'));
  const auto colon = line.find(" Error: ");
  if (colon == std::string_view::npos) return {"", show_hidden(line, false)};
  return {std::string(line.substr(0, colon)), show_hidden(line.substr(colon + 8), false)};
}

}  // namespace

Error open_failed(std::string_view path, std::string_view message) {
  const std::string name = "\"" + show_hidden(path, false) + "\"";
  if (has(message, "Could not set lock") || has(message, "onflicting lock"))
    return {ErrorKind::transient, "E0402", "the DuckDB file " + name + " is open for writing in another program",
            "close it there (or let it open the file read-only), then try again", 0};
  if (has(message, "not a valid DuckDB") || has(message, "not a DuckDB") || has(message, "Serialization Error") || has(message, "orrupt"))
    return {ErrorKind::input, "E0401", name + " is not a DuckDB database, or is damaged",
            "check the path; an SQLite file goes with --sqlite, CSV and Parquet with --files", 0};
  if (has(message, "newer version") || has(message, "version number"))
    return {ErrorKind::input, "E0403", name + " was written by another version of DuckDB than this Sluice reads",
            "open it with the version that wrote it and export it, or use a newer Sluice", 0};
  if (has(message, "ermission denied"))
    return {ErrorKind::refused, "E0404", name + " may not be read by this user", "ask its owner for permission to read", 0};
  if (has(message, "does not exist") || has(message, "No such file"))
    return {ErrorKind::not_found, "E0404", "there is no file " + name, "check the path in sluice.yaml", 0};
  return {ErrorKind::input, "E0401", name + " cannot be opened: " + taken_apart(message).second, "check the path, and that it is a DuckDB database",
          0};
}

Error statement_failed(std::string_view message) {
  struct Kind {
    std::string_view name;
    ErrorKind kind;
    const char* hint;
  };
  static constexpr std::array<Kind, 11> kKinds{
      {{"Permission", ErrorKind::refused, "Sluice locks the engine: only the connection's own tables can be read"},
       {"Out of Memory", ErrorKind::exhausted, "raise limits.memory_bytes in sluice.yaml, or read less"},
       {"IO", ErrorKind::transient, "check that the connection's files are still there and readable"},
       {"HTTP", ErrorKind::refused, "Sluice's engine does not reach the network"},
       {"Connection", ErrorKind::transient, "try again"},
       {"FATAL", ErrorKind::transient, "the database became unusable; start again"},
       {"INTERNAL", ErrorKind::transient, "the engine reported a defect of its own; rephrase the query"},
       {"Invalid Input", ErrorKind::input, "check the statement and the values in it; a CSV file may hold a value that does not fit its column"},
       {"Mismatch Type", ErrorKind::input,
        "the SQLite file holds a value of another type than its column declares, behind the rows that were looked at; correct the value, declare the "
        "column TEXT, or leave it out"},
       {"Conversion", ErrorKind::input, "a value does not fit its type; use TRY_CAST to get NULL instead"},
       {"Out of Range", ErrorKind::input, "a number is too large for its type; cast it to a wider one"}}};
  message = unwrapped(message);
  const auto [name, line] = taken_apart(message);
  const std::string csv = csv_reason(message), text = csv.empty() ? line : csv;
  if (has(text, "database is locked"))
    return {ErrorKind::transient, "E0402", "the SQLite file is being written by another program", "try again when that has finished its transaction",
            0};
  if (!csv.empty())
    return {ErrorKind::input, "E0406", "the engine stopped: " + text,
            "correct that line of the file: its values do not fit what the first rows look like", 0};
  for (const Kind& kind : kKinds)
    if (equals_ignoring_case(kind.name, name)) return {kind.kind, "E0406", "the engine stopped: " + text, kind.hint, 0};
  return {ErrorKind::input, "E0406", "the engine refused the statement: " + text,
          "correct the statement; `sluice catalog show` lists tables and columns", 0};
}

}  // namespace sluice::duckdb_detail
