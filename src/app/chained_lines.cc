#include "app/chained_lines.h"

#include "base/hash.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kHashMember = ",\"hash\":\"", kHashEnd = "\"}";
constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kTailBytes = kHashMember.size() + kHashDigits + kHashEnd.size();
constexpr int kDepthMax = Json::kDepthMax + 8;  // what a journal holds, and the line around it

std::string next_hash(const std::string& before, std::string_view text) { return sha256_hex(before + "\n" + std::string(text)); }

Error cannot_write(const std::string& why) {
  return {ErrorKind::storage, "E0802", "the export could not be written: " + why, "check the space and permissions where it goes", 0};
}

}  // namespace

Error damaged_export(const std::string& what) {
  return {ErrorKind::input, "E0134", "this is no whole export of a run: " + what,
          "nothing of it was taken in; copy the file again, or export the run again: sluice runs export ID FILE", 0};
}

Result<> ChainedLinesWriter::write(const char* kind, Json data) {
  std::string text = Json::object().set("kind", kind).set("data", std::move(data)).dump();
  hash_ = next_hash(hash_, text);
  text.pop_back();  // its closing brace: the hash stands before it
  text.append(kHashMember).append(hash_).append(kHashEnd).append("\n");
  bytes_ += std::ssize(text);
  if (text.size() > kExportLineBytesMax || ++lines_ > kExportLinesMax || bytes_ > kExportBytesMax)
    return cannot_write("it would be larger than an import takes, " + human_bytes(kExportBytesMax) + " and " + human_bytes(kExportLineBytesMax) +
                        " a line");
  to_.write(text.data(), std::ssize(text));
  return to_ ? Result<>() : cannot_write("the file takes no more");
}

Result<std::string> ChainedLinesWriter::end() {
  TRY_VOID(write("end", Json::object().set("lines", lines_)));
  to_.flush();
  return to_ ? Result<std::string>(hash_) : cannot_write("the file takes no more");
}

/// Without its newline. A line that is too long is not read to its end.
Result<std::string> ChainedLinesReader::read_line() {
  std::string line;
  for (int byte = from_.get(); byte != '\n'; byte = from_.get()) {
    if (byte == std::istream::traits_type::eof())
      return damaged_export(lines_ == 0 && line.empty() ? "it is empty" : "it ends after line " + std::to_string(lines_));
    if (line.size() >= kExportLineBytesMax) return damaged_export("line " + std::to_string(lines_ + 1) + " is too long");
    line.push_back(static_cast<char>(byte));
  }
  ++lines_;
  bytes_ += std::ssize(line) + 1;
  if (lines_ > kExportLinesMax || bytes_ > kExportBytesMax) return damaged_export("it is too large");
  return line;
}

Result<std::optional<ChainedLine>> ChainedLinesReader::next() {
  TRY(const std::string line, read_line());
  const std::string where = "line " + std::to_string(lines_);
  if (line.size() <= kTailBytes || line.compare(line.size() - kTailBytes, kHashMember.size(), kHashMember) != 0 || !line.ends_with(kHashEnd))
    return damaged_export(where + " carries no hash");
  const std::string text = line.substr(0, line.size() - kTailBytes) + "}";
  hash_ = next_hash(hash_, text);
  if (line.compare(line.size() - kTailBytes + kHashMember.size(), kHashDigits, hash_) != 0)
    return damaged_export(where + " is not the one that was written there: it, or one before it, was changed, moved or left out");
  const auto json = Json::parse(text, kDepthMax);
  if (!json) return damaged_export(where + " is no JSON");
  ChainedLine read{std::string(json->text("kind")), (*json)["data"]};
  if (read.kind != "end") return std::optional(std::move(read));
  if (read.data.integer("lines") != lines_ - 1)
    return damaged_export("its last line counts " + std::to_string(read.data.integer("lines")) + " others");
  if (from_.peek() != std::istream::traits_type::eof()) return damaged_export("something follows its last line");
  return std::optional<ChainedLine>();
}

}  // namespace sluice
