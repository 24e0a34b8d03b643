#include "server/origin_check.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace sluice {
namespace {

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

/// "example.org" of "example.org:8080", "::1" of "[::1]:8080".
std::string without_port(std::string_view host) {
  if (host.starts_with("[")) return std::string(host.substr(1, host.find(']') == std::string_view::npos ? 0 : host.find(']') - 1));
  return std::string(host.substr(0, host.find(':')));
}

std::string host_of_url(std::string_view url) {
  const std::size_t begin = url.find("://");
  const std::string_view rest = begin == std::string_view::npos ? url : url.substr(begin + 3);
  return std::string(rest.substr(0, rest.find('/')));
}

Error foreign(const std::string& origin) {
  return {ErrorKind::refused, "E1219", "this comes from another page, " + clipped(show_hidden(origin, false), 100),
          "open Sluice itself; where a proxy stands in front of it, `server: public_url:` names where people reach it", 0};
}

}  // namespace

OriginCheck::OriginCheck(const std::string& public_url) : public_origin_(public_url), public_host_(to_lower(host_of_url(public_url))) {
  while (public_origin_.ends_with('/')) public_origin_.pop_back();
}

void OriginCheck::listens_at(const std::string& address, std::uint16_t port) {
  port_ = port;
  any_address_ = address == "0.0.0.0" || address == "::";
  hosts_ = {"localhost", "127.0.0.1", "::1", address};
}

bool OriginCheck::is_our_host(std::string_view given) const {
  const std::string host = to_lower(std::string(given));
  if (!public_host_.empty() && host == public_host_) return true;
  const std::string name = without_port(host);
  if (std::ranges::find(hosts_, name) != hosts_.end()) return true;
  return any_address_ && is_address(name);
}

std::optional<Error> OriginCheck::refuse(const WebRequest& request) const {
  const std::string_view host = request.header("host");
  if (!is_our_host(host))
    return Error{ErrorKind::refused, "E1218", "this server is not \"" + clipped(show_hidden(host, false), 100) + "\"",
                 "use the address that `sluice serve` printed; for another name, set `server: public_url:` in sluice.yaml", 0};
  const std::string_view origin = request.header("origin");
  const bool ours = origin.empty() || (!public_origin_.empty() && equals_ignoring_case(origin, public_origin_)) ||
                    equals_ignoring_case(origin, (request.secure ? "https://" : "http://") + std::string(host));
  const bool safe = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  const std::string_view site = request.header("sec-fetch-site");
  const bool from_elsewhere = !site.empty() && site != "same-origin" && site != "none";
  // A link from elsewhere may be followed; data is not read out of there, as no answer allows it (there is no CORS), but a WebSocket would.
  if ((!safe || request.websocket) && (!ours || from_elsewhere)) return foreign(std::string(origin.empty() ? site : origin));
  if (!ours && !origin.empty()) return foreign(std::string(origin));
  return std::nullopt;
}

WebResponse limit_refusal(int status, const std::string& what) {
  struct Words {
    int status;
    const char *code, *detail, *hint;
  };
  static constexpr std::array<Words, 6> kWords{{
      {400, "E1220", "this is no HTTP request that is understood here", "use an HTTP/1.1 client"},
      {413, "E1221", "the body is too large", "send less, or raise `server: limits: body_bytes:` in sluice.yaml"},
      {429, "E1222", "too many requests from this client", "wait as long as Retry-After says; `server: limits:` sets how many there may be"},
      {431, "E1223", "the header is too large", "send less in it"},
      {503, "E1224", "the server has too much to do", "try again after Retry-After"},
      {505, "E1227", "this answer comes in parts, which HTTP/1.0 cannot take",
       "a proxy in between has to speak HTTP/1.1: `proxy_http_version 1.1;` in nginx"},
  }};
  const auto words = std::ranges::find(kWords, status, &Words::status);
  const Words& said = words == kWords.end() ? kWords.front() : *words;
  const std::string detail = std::string(said.detail) + (what.empty() ? "" : ": " + show_hidden(what, false));
  WebResponse response{.status = status, .type = "application/problem+json"};
  response.body = Json::object()
                      .set("type", std::string("/errors/") + said.code)
                      .set("title", "refused")
                      .set("status", status)
                      .set("detail", detail)
                      .set("code", said.code)
                      .set("hint", said.hint)
                      .dump_text() +
                  "\n";
  response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace sluice
