#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace sluice {

/// A file that is built into the program.
struct Asset {
  std::string_view path{};  ///< "/assets/index-x1y2.js"
  std::string_view type{};
  std::string_view etag{};  ///< with its quotes
  std::string_view gzip{};  ///< its bytes, compressed
};

/// Null where there is none of that path.
const Asset* find_asset(std::string_view path);
/// Whether the pages were built in: a build without Node has the API alone.
bool has_pages();

/// Whether a path, without its query, is one of the pages.
bool is_page(std::string_view path);
/// A file, the page itself for an address of a page, or nothing where it is neither.
std::optional<WebResponse> page_response(const WebRequest& request);

/// gzip's bytes (RFC 1952), and back. `gunzip` is for what was built in.
std::string gzip(std::string_view bytes);
std::string gunzip(std::string_view bytes);

}  // namespace sluice
