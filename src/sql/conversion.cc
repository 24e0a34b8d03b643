#include "sql/conversion.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sql/parser.h"

namespace sluice {
namespace {

constexpr std::size_t kNearBytesMax = 40;
/// Both lexers take time in the square of the length of a run of operator characters (1 MB of `/*` takes half an hour).
constexpr std::size_t kOperatorRunMax = 500;

struct Place {
  std::size_t line = 1, column = 1;
};

Place place_of(std::string_view sql, std::size_t at) {
  Place place;
  for (const char c : sql.substr(0, at)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      ++place.column;
    }
  }
  return place;
}

/// The text at `at`, cut at a line's end, a bound, and never inside a character.
std::string near_text(std::string_view sql, std::size_t at) {
  std::string_view rest = sql.substr(std::min(at, sql.size()));
  rest = rest.substr(0, rest.find('\n'));
  const bool cut = rest.size() > kNearBytesMax;
  if (cut) {
    std::size_t length = kNearBytesMax;
    while (length > 0 && (static_cast<unsigned char>(rest[length]) & 0xC0U) == 0x80U) --length;
    rest = rest.substr(0, length);
  }
  return show_hidden(rest, false) + (cut ? "…" : "");
}

bool has_long_operator_run(std::string_view sql) {
  constexpr std::string_view kOperatorChars = "~!@#^&|`?+-*/%<>=";
  std::size_t run = 0;
  for (const char c : sql) {
    run = kOperatorChars.find(c) == std::string_view::npos ? 0 : run + 1;
    if (run > kOperatorRunMax) return true;
  }
  return false;
}

}  // namespace

Result<> check_sql_text(std::string_view sql, std::size_t bytes_max) {
  if (sql.size() > bytes_max)
    return Error{ErrorKind::refused, "E0303",
                 "the SQL text is " + human_bytes(static_cast<std::int64_t>(sql.size())) + " long; at most " +
                     human_bytes(static_cast<std::int64_t>(bytes_max)) + " are read",
                 "put long lists of values into a table and join it", 0};
  if (const auto at = sql.find('\0'); at != std::string_view::npos)
    return Error{ErrorKind::input, "E0304", "the SQL text has a NUL byte at byte " + std::to_string(at), "remove it: engines end the text there", 0};
  if (!is_valid_utf8(sql)) return Error{ErrorKind::input, "E0304", "the SQL text is not valid UTF-8", "save or send it as UTF-8", 0};
  if (trim(sql).empty()) return nothing_there();
  if (has_long_operator_run(sql))
    return Error{ErrorKind::refused, "E0305", "the SQL text has more than " + std::to_string(kOperatorRunMax) + " operator characters in a row",
                 "shorten the run, or the line drawn in a comment", 0};
  return {};
}

Error syntax_error(std::string_view sql, std::string_view engine, std::string_view words, std::size_t at) {
  constexpr std::size_t kWordsMax = 500;  // the engine repeats the text that it stumbled over, however long
  std::string message = std::string(engine) + " cannot parse the statement: " + show_hidden(words.substr(0, kWordsMax), false);
  if (at != std::string_view::npos) {
    const Place place = place_of(sql, at);
    message += ", at line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
    if (const std::string near = near_text(sql, at); !near.empty()) message += " (near `" + near + "`)";
  }
  return {ErrorKind::input, "E0300", std::move(message), "correct the statement there; it has to be in the dialect of " + std::string(engine), 0};
}

Error several_statements(std::size_t count) {
  return {ErrorKind::refused, "E0302", "the text holds " + std::to_string(count) + " statements; exactly one is proven and run at a time",
          "send each statement by itself", 0};
}

Error nothing_there() { return {ErrorKind::input, "E0301", "the SQL text holds no statement", "write one SELECT statement", 0}; }

Error too_deep() {
  return {ErrorKind::refused, "E0305",
          "the statement nests deeper than " + std::to_string(kTreeDepthMax) + " levels (parentheses, operators, subqueries or joins)",
          "write long chains as IN (…) lists, UNION over a table of values, or several CTEs", 0};
}

Error no_tree(std::string_view engine, std::string_view what) {
  return {ErrorKind::refused, "E0307", "the parser of " + std::string(engine) + " gave no tree that can be checked: " + show_hidden(what, false),
          "rewrite the statement more simply; what cannot be checked is not run", 0};
}

Result<Json> read_tree(std::string_view engine, std::string_view json) {
  if (json.size() > kTreeJsonBytesMax)
    return Error{ErrorKind::refused, "E0305", "the statement has too many parts to be checked", "put long lists of values into a table and join it",
                 0};
  auto tree = Json::parse(json, kTreeJsonDepthMax);
  if (tree) return tree;
  if (tree.error().message.starts_with("nested deeper")) return too_deep();
  return no_tree(engine, tree.error().message);
}

bool is_empty(const Json& value) {
  if (value.is_null()) return true;
  if (const auto* flag = value.as_bool()) return !*flag;
  if (const auto* text = value.as_string()) return text->empty();
  return (value.as_array() != nullptr || value.as_object() != nullptr) && value.size() == 0;
}

Error Conversion::refuse(StatementClass statement, std::string reason) {
  if (!refused_) refusal_ = Parsed{statement, std::move(reason), {}};
  refused_ = true;
  return {ErrorKind::refused, "E0306", refusal_.reason, "", 0};
}

Result<> Conversion::known(const Json& node, std::string_view what, std::initializer_list<std::string_view> members) {
  if (node.as_object() == nullptr) return refuse(StatementClass::other, "a part that Sluice does not know (" + std::string(what) + ")");
  for (const auto& [name, value] : *node.as_object()) {
    if (std::find(members.begin(), members.end(), name) != members.end() || is_empty(value)) continue;
    return refuse(StatementClass::other, "a part that Sluice does not know (" + std::string(what) + "." + name + ")");
  }
  return {};
}

Result<Parsed> Conversion::finish(Result<Query> query) const {
  if (query) return Parsed{StatementClass::read, "", *std::move(query)};
  if (refused_) return refusal_;
  return std::move(query).error();
}

bool Conversion::Level::ok() const { return depth_ <= kTreeDepthMax; }

}  // namespace sluice
