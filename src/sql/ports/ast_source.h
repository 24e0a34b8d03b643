#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice {

/// DuckDB's own parser. Implemented by the DuckDB connector over an empty, locked in-memory database: nothing that is parsed is executed.
/// Any thread.
class AstSource {
 public:
  virtual ~AstSource() = default;
  /// The syntax tree that `json_serialize_sql` gives, as JSON text, also where it reports an error ({"error": true, …}).
  virtual Result<std::string> serialize(std::string_view sql) = 0;
  /// SQL text from such a tree (`json_deserialize_sql`).
  virtual Result<std::string> deserialize(std::string_view ast) = 0;
  /// The kinds of the statements in the text, as DuckDB names them ("SELECT", "INSERT", "ATTACH", …), without executing any.
  virtual Result<std::vector<std::string>> statement_kinds(std::string_view sql) = 0;
};

}  // namespace sluice
