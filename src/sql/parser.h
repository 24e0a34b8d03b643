#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/normal_form.h"
#include "sql/ports/ast_source.h"
#include "sql/tree.h"

namespace sluice {

/// The longest text that is parsed.
inline constexpr std::size_t kSqlBytesMax = 1'000'000;
/// DuckDB's parser takes time in the square of a chain of ANDs: 1 MB of them took it a minute.
inline constexpr std::size_t kDuckdbSqlBytesMax = 200'000;
/// The deepest nesting of queries, relations and expressions in a tree; whoever walks a `Query` recursively may rely on it.
inline constexpr int kTreeDepthMax = 200;

/// Reads one SQL statement with an engine's own parser. Nothing is executed. Any thread; needs little of the caller's stack.
///
/// The world is closed: a statement is `read` only where every part of it is known. A statement that parses but isn't a read, and one
/// with a part that Sluice doesn't know, is a `Parsed` of class write, ddl or other with the reason, and without a tree.
class Parser {
 public:
  virtual ~Parser() = default;

  /// One statement; a trailing `;` and comments are fine. Errors: E0300 does not parse, E0301 nothing there, E0302 several statements,
  /// E0303 too long, E0304 NUL or invalid UTF-8, E0305 nested too deeply, E0307 the engine's parser gave no tree.
  virtual Result<Parsed> parse(std::string_view sql) const = 0;

  /// The meaning of a statement that reads as one canonical text (see normal_form.h): the same for texts that differ in white space, comments
  /// or the case of unquoted names, another where a literal differs. Errors: those of `parse`, and E0306 for what isn't a read.
  Result<std::string> normal_form(std::string_view sql) const;
  /// For `canonical` and `statement_hash` of this parser's trees.
  virtual NameCase name_case() const { return NameCase::significant; }
};

/// PostgreSQL's parser (libpg_query). It assumes standard_conforming_strings = on: the session that executes has to set it.
std::unique_ptr<Parser> make_postgres_parser();

/// DuckDB's parser, through `source`, which has to outlive it. Where `source` may be used from any thread, so may the parser.
std::unique_ptr<Parser> make_duckdb_parser(AstSource& source);

}  // namespace sluice
