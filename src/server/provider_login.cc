#include "server/provider_login.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/text.h"
#include "server/pages.h"

namespace sluice {
namespace {

const char* cookie_name(bool secure) { return secure ? "__Secure-sluice_login" : "sluice_login"; }
constexpr int kSeeOther = 303;
constexpr std::int64_t kTextMax = 8'192;
constexpr long kRetryAfterMs = 2'000;
constexpr const char* kStart = "/login/start";
constexpr const char* kCallback = "/login/callback";

/// Lax: the browser comes back from elsewhere.
std::string cookie_text(const std::string& value, bool secure) {
  const std::int64_t seconds = value.empty() ? 0 : std::chrono::seconds(PendingLogins::kLife).count();
  return std::string(cookie_name(secure)) + "=" + value + "; Path=/login; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(seconds) +
         (secure ? "; Secure" : "");
}

WebResponse sent_to(const std::string& where) {
  WebResponse response{.status = kSeeOther, .type = ""};
  response.with("Location", where).with("Cache-Control", "no-store");
  return response;
}

/// What a provider says when it sends somebody back without a code: a word (RFC 6749 §4.1.2.1).
std::string word_of(const std::string& error) {
  constexpr std::size_t kWordMax = 60;
  const auto fits = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return error.size() <= kWordMax && std::ranges::all_of(error, fits) ? error : "something else";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : show_hidden(text, false)) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

Error busy() { return {ErrorKind::transient, "E1310", "many people are logging in at this moment", "try again", kRetryAfterMs}; }

Error not_begun_here() {
  return {ErrorKind::forbidden, "E1312", "this browser has begun no such login, or it took longer than ten minutes, or it has come back before",
          "sign in again; cookies have to be on, and the address has to be the same all the way", 0};
}

/// The network's errors say whom to ask; they are no refusals of a person.
bool turns_somebody_away(const Error& error) { return error.kind == ErrorKind::forbidden || error.kind == ErrorKind::refused; }

}  // namespace

ProviderLogin::ProviderLogin(App& app, LoginProvider& provider, Sessions& sessions, std::string public_url, std::stop_token stop)
    : app_(app), provider_(provider), sessions_(sessions), public_url_(std::move(public_url)), stop_(std::move(stop)) {}

Call ProviderLogin::network_call() const { return {std::chrono::steady_clock::now() + kTime, stop_}; }

std::vector<ApiRoute> ProviderLogin::routes() {
  const auto text = [](const char* name, const char* about) { return ApiField{.name = name, .about = about, .most = kTextMax}; };
  return {{.method = "GET",
           .path = kStart,
           .id = "startLogin",
           .tag = "system",
           .about = "Sends a browser to the login provider",
           .query = {text("return_to", "the page to show afterwards")},
           .status = kSeeOther,
           .open_to_all = true,
           .lane = Lane::guests,
           .types = {"text/html"},
           .handle = [this](const ApiCall& call) { return start(call); }},
          {.method = "GET",
           .path = kCallback,
           .id = "finishLogin",
           .tag = "system",
           .about = "Where the login provider sends a browser back to",
           .query = {text("state", "as it was sent there"), text("code", "what the provider redeems"), text("iss", "who sends it back"),
                     text("error", "why there is no code")},
           .status = kSeeOther,
           .takes_more = true,
           .open_to_all = true,
           .lane = Lane::guests,
           .types = {"text/html"},
           .handle = [this](const ApiCall& call) { return callback(call); }}};
}

ApiAnswer ProviderLogin::start(const ApiCall& call) {
  auto begun = begin(call);
  return begun ? *std::move(begun) : refused(begun.error(), page_to_return_to(call.text("return_to")));
}

Result<WebResponse> ProviderLogin::begin(const ApiCall& call) {
  if (!turns_.try_acquire()) return busy();
  const std::shared_ptr<void> turn(nullptr, [this](void*) { turns_.release(); });
  // `Host` is one of ours: the server has looked.
  const std::string here = (call.http.secure ? "https://" : "http://") + std::string(call.http.header("host"));
  const LoginAttempt attempt{.state = random_name(),
                             .nonce = random_name(),
                             .verifier = random_name(),
                             .redirect_uri = (public_url_.empty() ? here : public_url_) + kCallback};
  TRY(const std::string url, provider_.where_to(attempt, network_call()));
  const std::string cookie = pending_.open({.attempt = attempt, .return_to = page_to_return_to(call.text("return_to")), .client = call.http.client},
                                           std::chrono::steady_clock::now());
  WebResponse response = sent_to(url);
  response.with("Set-Cookie", cookie_text(cookie, call.http.secure));
  return response;
}

ApiAnswer ProviderLogin::callback(const ApiCall& call) {
  std::string return_to = "/";
  auto done = finish(call, return_to);
  return done ? *std::move(done) : refused(done.error(), return_to);
}

Result<WebResponse> ProviderLogin::finish(const ApiCall& call, std::string& return_to) {
  if (!turns_.try_acquire()) return busy();
  const std::shared_ptr<void> turn(nullptr, [this](void*) { turns_.release(); });
  const std::string cookie = cookie_named(std::string(call.http.header("cookie")), cookie_name(call.http.secure));
  const auto pending = pending_.take(cookie, call.text("state"), std::chrono::steady_clock::now());
  if (!pending) return not_begun_here();
  return_to = pending->return_to;
  if (const std::string error = call.text("error"); !error.empty())
    return Error{ErrorKind::refused, "E1311", "the login provider sent the browser back with: " + word_of(error), "sign in again, and agree there",
                 0};
  if (call.text("code").empty())
    return Error{ErrorKind::refused, "E1311", "the login provider sent the browser back without a code", "sign in again", 0};
  TRY(LoggedIn who, provider_.who(pending->attempt, {.code = call.text("code"), .issuer = call.text("iss")}, network_call()));
  TRY_VOID(app_.log_in(who));
  const std::string session = sessions_.open(std::move(who), std::chrono::steady_clock::now(), session_cookie(call.http));
  WebResponse response = sent_to(return_to);
  response.with("Set-Cookie", session_cookie_text(session, call.http.secure)).with("Set-Cookie", cookie_text("", call.http.secure));
  return response;
}

WebResponse ProviderLogin::refused(const Error& error, const std::string& return_to) {
  if (turns_somebody_away(error)) app_.note_refusal("", "log in", {}, error.code + ": " + error.message);
  std::string again = kStart;
  if (return_to != "/") {
    again += "?return_to=";
    for (const char c : return_to) {  // as a value of a query: what divides one is encoded
      if (std::string_view("%&#+\"").find(c) == std::string_view::npos) {
        again += c;
      } else {
        constexpr std::string_view kHex = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(c);
        again = again + '%' + kHex[byte >> 4U] + kHex[byte & 15U];
      }
    }
  }
  return error_page(error, "Signing in did not work", again);
}

WebResponse error_page(const Error& error, const std::string& title, const std::string& again) {
  WebResponse response{.status = status_of(error), .type = "text/html; charset=utf-8"};
  response.body =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<title>" +
      escaped(title) +
      " · Sluice</title>\n<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n<link rel=\"stylesheet\" href=\"/plain.css\">\n"
      "</head>\n<body>\n<main>\n<h1>" +
      escaped(title) + "</h1>\n<p>" + escaped(error.message) + "</p>\n<p>" + escaped(error.hint) + "</p>\n<p><a href=\"" + escaped(again) +
      "\">Sign in again</a> · <a href=\"/\">Sluice</a> · <a href=\"/errors/" + escaped(error.code) + "\">" + escaped(error.code) +
      "</a></p>\n</main>\n</body>\n</html>\n";
  response.with("Cache-Control", "no-store");
  constexpr long kMsPerSecond = 1'000;
  if (error.retry_after_ms > 0) response.with("Retry-After", std::to_string((error.retry_after_ms + kMsPerSecond - 1) / kMsPerSecond));
  return response;
}

}  // namespace sluice
