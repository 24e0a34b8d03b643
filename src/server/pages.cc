#include "server/pages.h"

#include <zlib.h>

#include <array>

#include "base/check.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr int kGzipWindow = 15 + 16;  // "add 16 to windowBits to write a gzip header" (zlib.h, deflateInit2)
constexpr int kMemoryLevel = 8;

/// Addresses that belong to the pages, which tell them apart by themselves.
constexpr std::array<std::string_view, 8> kPages{"/runs", "/approvals", "/ask", "/catalog", "/costs", "/health", "/pipelines", "/incidents"};

bool wants_html(const WebRequest& request) { return request.header("accept").find("text/html") != std::string_view::npos; }

WebResponse response_of(const Asset& asset, const WebRequest& request, const char* caching) {
  WebResponse response{.type = std::string(asset.type)};
  response.with("ETag", std::string(asset.etag)).with("Cache-Control", caching).with("Vary", "Accept-Encoding");
  if (request.header("if-none-match").find(asset.etag) != std::string_view::npos) {
    response.status = 304;
    response.type.clear();
    return response;
  }
  response.compressed = request.header("accept-encoding").find("gzip") != std::string_view::npos;
  response.body = response.compressed ? std::string(asset.gzip) : gunzip(asset.gzip);
  if (response.compressed) response.with("Content-Encoding", "gzip");
  return response;
}

constexpr const char* kNoPages =
    "This build of Sluice has no pages: it was built without Node. The API is here, described at /openapi.json.\n"
    "To build the pages in: ./dev build\n";

}  // namespace

bool is_page(std::string_view path) {
  if (path == "/") return true;
  for (const std::string_view page : kPages)
    if (path == page || (path.starts_with(page) && path[page.size()] == '/')) return true;
  return false;
}

std::optional<WebResponse> page_response(const WebRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  // What a hash names never changes; the page names the hashes, so it is asked for anew each time.
  if (const Asset* asset = find_asset(request.path))
    return response_of(*asset, request, request.path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache");
  if (!is_page(request.path) || (request.path != "/" && !wants_html(request))) return std::nullopt;
  if (const Asset* page = find_asset("/index.html")) return response_of(*page, request, "no-cache");
  WebResponse none{.status = request.path == "/" ? 200 : 404, .type = "text/plain; charset=utf-8", .body = kNoPages};
  return none;
}

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  CHECK(done == Z_STREAM_END);
  return out;
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::array<char, 64 * 1024> part{};
  int done = Z_OK;
  while (done == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = part.size();
    done = inflate(&stream, Z_NO_FLUSH);
    out.append(part.data(), part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  CHECK(done == Z_STREAM_END);
  return out;
}

}  // namespace sluice
