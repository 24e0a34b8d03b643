#include "net/origin.h"

#include <charconv>
#include <memory>

#include "base/text.h"
#include "net/address.h"
#include "net/libcurl.h"

namespace sluice {
namespace {

struct UrlCleanup {
  void operator()(CURLU* url) const { libcurl().curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlCleanup>;

std::string part(CURLU* url, CURLUPart which, unsigned int flags = 0) {
  char* text = nullptr;
  if (libcurl().curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  libcurl().curl_free(text);
  return out;
}

Error no_url(std::string message, std::string hint) { return {ErrorKind::input, "E1110", std::move(message), std::move(hint), 0}; }

}  // namespace

std::string HttpOrigin::text() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return scheme + "://" + (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HttpOrigin> origin_of(const std::string& url) {
  const char* const kHint = "write it as https://host/path, or http://host:port/path";
  if (url.empty()) return no_url("the URL is empty", kHint);
  if (url.size() > kUrlBytesMax || url.find('\0') != std::string::npos) return no_url("the URL is longer than it may be, or holds a NUL", kHint);
  TRY_VOID(load_libcurl());
  const Url parsed(libcurl().curl_url());
  if (!parsed) return Error{ErrorKind::transient, "E1105", "there is no memory left for a call", "try again", 0};
  if (const CURLUcode code = libcurl().curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME); code != CURLUE_OK)
    return no_url(std::string("the URL cannot be read: ") + libcurl().curl_url_strerror(code), kHint);  // the URL itself may hold a secret
  HttpOrigin origin{to_lower(part(parsed.get(), CURLUPART_SCHEME)), to_lower(part(parsed.get(), CURLUPART_HOST)), 0, false};
  if (origin.scheme != "http" && origin.scheme != "https")
    return no_url("the URL is of scheme \"" + clipped(show_hidden(origin.scheme, false), 20) + "\"", kHint);
  if (!part(parsed.get(), CURLUPART_USER).empty() || !part(parsed.get(), CURLUPART_PASSWORD).empty())
    return no_url("the URL of " + origin.scheme + "://" + origin.host + " holds a user's name or a password",
                  "a key belongs into its own setting, where it is kept secret");
  const std::string port = part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), origin.port);
  if (origin.host.starts_with('[') && origin.host.ends_with(']')) origin.host = origin.host.substr(1, origin.host.size() - 2);
  if (origin.host.empty() || origin.port == 0) return no_url("the URL names no host", kHint);
  origin.is_address = reach_of_text(origin.host).has_value();
  if (!origin.is_address) origin.host = show_hidden(origin.host, false);
  return origin;
}

std::string redirect_target(const std::string& location) {
  if (!load_libcurl()) return {};
  const Url parsed(libcurl().curl_url());
  if (!parsed || location.size() > kUrlBytesMax ||
      libcurl().curl_url_set(parsed.get(), CURLUPART_URL, location.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return {};
  const std::string host = part(parsed.get(), CURLUPART_HOST);
  return host.empty() ? "" : clipped(show_hidden(part(parsed.get(), CURLUPART_SCHEME) + "://" + host, false), 100);
}

}  // namespace sluice
