#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "sql/tree.h"

namespace sluice {

/// The largest tree, as the engine's JSON, that is read: a 1 MB list of numbers would otherwise take gigabytes.
inline constexpr std::size_t kTreeJsonBytesMax = 16'000'000;
/// How deep the engines' JSON nests for a tree of kTreeDepthMax (at most twelve levels a node).
inline constexpr int kTreeJsonDepthMax = 3000;

/// What every text has to fulfil before a parser sees it: E0301, E0303, E0304, E0305.
Result<> check_sql_text(std::string_view sql, std::size_t bytes_max);
/// E0300: the parser's words with line, column and the text there. `at` is a byte offset, npos where the parser gave none.
Error syntax_error(std::string_view sql, std::string_view engine, std::string_view words, std::size_t at);
Error several_statements(std::size_t count);
Error nothing_there();
Error too_deep();
/// E0307: the engine's parser gave something that isn't its tree.
Error no_tree(std::string_view engine, std::string_view what);
/// The engine's JSON as a value, within the two bounds above.
Result<Json> read_tree(std::string_view engine, std::string_view json);

/// The state of one conversion from an engine's tree into ours: how deep it is, and why the statement was refused.
class Conversion {
 public:
  /// Remembers the first reason and gives the error that ends the conversion.
  Error refuse(StatementClass statement, std::string reason);
  /// Refuses a node with a member that is not listed, unless its value is empty (null, false, "", [], {}), and what isn't an object.
  Result<> known(const Json& node, std::string_view what, std::initializer_list<std::string_view> members);
  /// The outcome: a read, a refusal, or another error (too deep).
  Result<Parsed> finish(Result<Query> query) const;

  /// One level deeper for as long as it lives; `ok` says whether the tree may be that deep.
  class Level {
   public:
    explicit Level(Conversion& conversion) : depth_(conversion.depth_) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    bool ok() const;

   private:
    int& depth_;
  };

 private:
  int depth_ = 0;
  bool refused_ = false;
  Parsed refusal_{};
};

/// null, false, "", [] or {}.
bool is_empty(const Json& value);

}  // namespace sluice
