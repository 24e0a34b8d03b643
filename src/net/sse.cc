#include "net/sse.h"

#include <algorithm>

#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Where the first CR or LF is, or the size. find_first_of calls the C library for each byte.
std::size_t line_end(std::string_view bytes) {
  const auto found = std::ranges::find_if(bytes, [](char c) { return c == '\n' || c == '\r'; });
  return static_cast<std::size_t>(found - bytes.begin());
}

}  // namespace

Result<> SseParser::too_large() {
  broken_ = true;
  return Error{ErrorKind::exhausted, "E1108", "an event of the stream is larger than " + human_bytes(static_cast<std::int64_t>(bytes_max_)),
               "ask for a shorter answer"};
}

Result<> SseParser::feed(std::string_view bytes) {
  while (!bytes.empty() && !broken_) {
    // A CR has ended the line already; the LF of a CRLF may come with the next bytes.
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = line_end(bytes);
    if (line_.size() + data_.size() + end > bytes_max_) return too_large();
    line_ += bytes.substr(0, end);
    if (end == bytes.size()) break;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (auto read = line_ended(); !read) {
      broken_ = true;
      return read;
    }
  }
  return {};
}

Result<> SseParser::line_ended() {
  const std::string whole = std::exchange(line_, {});
  std::string_view line = whole;
  if (std::exchange(first_line_, false) && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.empty()) return dispatch();
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_ = value;
  } else if (field == "data") {
    if (std::exchange(has_data_, true)) data_ += '\n';
    data_ += value;
  }
  return {};
}

Result<> SseParser::dispatch() {
  const std::string event = std::exchange(event_, {}), data = std::exchange(data_, {});
  if (!std::exchange(has_data_, false)) return {};
  return on_event_(event.empty() ? "message" : event, data);
}

}  // namespace sluice
