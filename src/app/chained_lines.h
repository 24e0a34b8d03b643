#pragma once
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "base/json.h"
#include "base/result.h"

namespace sluice {

/// Lines of JSON of which each carries the hash of itself and all before it: {"kind": …, "data": …, "hash": "…"}. A line's hash is SHA-256 over the
/// hash of the line before ("" for the first), a newline, and the line's text without `,"hash":"…"`. The last line, of kind "end", says how many
/// there are before it: what is changed, missing, moved, added or cut off is found.
class ChainedLinesWriter {
 public:
  explicit ChainedLinesWriter(std::ostream& to) : to_(to) {}
  /// E0802 where it cannot be written.
  Result<> write(const char* kind, Json data);
  /// The last line. Returns its hash: that of the whole.
  Result<std::string> end();
  std::int64_t bytes() const { return bytes_; }

 private:
  std::ostream& to_;
  std::string hash_{};
  std::int64_t lines_ = 0, bytes_ = 0;
};

struct ChainedLine {
  std::string kind{};
  Json data{};
};

/// Reads them, and finds what is wrong: E0134.
class ChainedLinesReader {
 public:
  explicit ChainedLinesReader(std::istream& from) : from_(from) {}
  /// Nothing after the last line, which is checked here as well.
  Result<std::optional<ChainedLine>> next();
  /// Of the whole, once there is nothing more.
  const std::string& hash() const { return hash_; }
  std::int64_t bytes() const { return bytes_; }

 private:
  Result<std::string> read_line();
  std::istream& from_;
  std::string hash_{};
  std::int64_t lines_ = 0, bytes_ = 0;
};

/// E0134: what is wrong with an exported file.
Error damaged_export(const std::string& what);
constexpr std::int64_t kExportLinesMax = 5'000'000;
constexpr std::int64_t kExportBytesMax = 4'000'000'000;
constexpr std::size_t kExportLineBytesMax = 256'000'000;

}  // namespace sluice
