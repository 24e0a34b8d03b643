#include "server/server.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>

#include "base/hash.h"
#include "base/text.h"
#include "server/api.h"
#include "server/openapi.h"
#include "server/origin_check.h"
#include "server/pages.h"
#include "server/provider_login.h"
#include "server/request_told.h"
#include "server/sessions.h"

namespace sluice {
namespace {

constexpr std::size_t kWorthCompressing = 1'024;
constexpr const char* kChatPath = "/chat/";

/// Nothing is loaded from elsewhere, nothing runs that is not a file of ours, and nobody shows a page of ours inside of theirs.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

void secure(WebResponse& response, const WebRequest& request) {
  response.with("X-Content-Type-Options", "nosniff").with("Referrer-Policy", "no-referrer").with("Content-Security-Policy", kContentSecurityPolicy);
  response.with("Cross-Origin-Opener-Policy", "same-origin").with("Cross-Origin-Resource-Policy", "same-origin").with("X-Frame-Options", "DENY");
  if (request.secure) response.with("Strict-Transport-Security", "max-age=31536000");
}

void compress(WebResponse& response, const WebRequest& request) {
  const bool textual =
      response.type.starts_with("application/json") || response.type.starts_with("application/problem") || response.type.starts_with("text/");
  if (response.compressed || !textual || response.body.size() < kWorthCompressing) return;
  response.with("Vary", "Accept-Encoding");
  if (request.header("accept-encoding").find("gzip") == std::string_view::npos) return;
  response.body = gzip(response.body);
  response.compressed = true;
  response.with("Content-Encoding", "gzip");
}

bool changes_something(const WebRequest& request) { return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS"; }

Error not_there(const std::string& path) {
  return {ErrorKind::not_found, "E1216", "there is nothing at " + clipped(show_hidden(path, false), 100), "/openapi.json describes what there is", 0};
}

Error method_not_allowed(const std::string& method) {
  return {ErrorKind::input, "E1217", show_hidden(clipped(method, 20), false) + " is not known here", "the header Allow says which methods are", 0};
}

}  // namespace

/// How many requests of one person wait for databases at once: one that does not answer leaves threads for everybody else's. Any thread.
class DatabasePlaces {
 public:
  static constexpr int kOfOneMax = 4;
  /// Null: that person has as many already. Else a place for as long as it is kept.
  std::shared_ptr<void> take(const std::string& person) {
    const std::lock_guard lock(mutex_);
    int& taken = taken_[person];
    if (taken >= kOfOneMax) return nullptr;
    ++taken;
    return {this, [this, person](void*) {
              const std::lock_guard leaving(mutex_);
              if (const auto found = taken_.find(person); --found->second == 0) taken_.erase(found);
            }};
  }

 private:
  std::mutex mutex_{};
  std::map<std::string, int> taken_{};
};

Error too_many_at_once() {
  constexpr long kRetryAfterMs = 2'000;
  return {ErrorKind::transient, "E1224", std::to_string(DatabasePlaces::kOfOneMax) + " requests of yours wait for databases already",
          "wait for one of them to end", kRetryAfterMs};
}

struct Server::Inner {
  App& app;
  ServerOptions options;
  std::atomic<std::uint64_t> request_no{0};
  const std::string request_prefix = make_prefix();
  Sessions sessions{};
  std::unique_ptr<ProviderLogin> provider{};  ///< null: people log in by tokens alone
  LiveFeed feed;
  Api api;
  ApiRoutes routes;
  OriginCheck origins;
  DatabasePlaces places{};
  const bool must_log_in;
  std::string description{};
  std::unique_ptr<HttpServer> http{};  // last: it calls the rest

  Inner(App& over, ServerOptions with, std::stop_token stop)
      : app(over),
        options(std::move(with)),
        provider(options.provider ? std::make_unique<ProviderLogin>(app, *options.provider, sessions, options.public_url, stop) : nullptr),
        feed(app, {.version = options.version}),
        api{.app = app,
            .feed = feed,
            .version = options.version,
            .stop = std::move(stop),
            .server_figures = [this] { return figures(); },
            .gauges = [this] { return gauges(); }},
        routes(with_logins(all_routes(api))),
        origins(options.public_url),
        must_log_in(options.must_log_in),
        description(openapi(routes.all(), options.version).dump_text()) {}

  static std::string make_prefix() {
    char prefix[12];
    std::snprintf(prefix, sizeof prefix, "%08x", std::random_device()());
    return prefix;
  }

  std::string figures() const {
    const HttpCounts counts = http->counts();
    const auto number = [](auto count) { return with_thousands(static_cast<std::int64_t>(count)); };
    return number(counts.connections) + " connections, " + number(counts.live) + " of them live; " + number(counts.requests) + " requests, and " +
           number(counts.refused) + " refused for a limit";
  }

  std::vector<GaugeValue> gauges() const {
    const HttpCounts counts = http->counts();
    return {{Gauge::http_connections, {}, static_cast<double>(counts.connections)},
            {Gauge::live_readers, {}, static_cast<double>(counts.live)},
            {Gauge::http_refused, {}, static_cast<double>(counts.refused)}};
  }

  /// A refusal of what changes something is noted in the journal, also where nothing else would need it.
  Lane lane_of(const WebRequest& request) const {
    if (request.path.starts_with(kChatPath)) return Lane::guests;
    const auto match = routes.find(request.method, request.path);
    if (match && match->route != nullptr) return match->route->lane;
    return changes_something(request) || request.websocket ? Lane::usual : Lane::quick;
  }

  WebResponse answer(const WebRequest& request) {
    const std::string id = request_prefix + "-" + std::to_string(++request_no);
    RequestTold told(app.telemetry(), request, id);
    WebResponse response = route(request, id, told);
    response.with("X-Request-Id", id);
    secure(response, request);
    if (!response.stream && !response.live) compress(response, request);
    told.answered(response.status);
    return response;
  }

  WebResponse route(const WebRequest& request, const std::string& id, RequestTold& told) {
    if (auto refused = origins.refuse(request)) {
      if (changes_something(request) || request.websocket) app.note_refusal("", request.websocket ? "listen" : "change", {}, refused->message);
      return problem(*refused, id);
    }
    if (auto page = page_response(request)) {
      told.is_for("page");
      return *std::move(page);
    }
    if (request.path == "/openapi.json" && request.method == "GET") {
      WebResponse described{.body = description};
      described.with("Cache-Control", "no-cache");
      return described;
    }
    if (request.path.starts_with(kChatPath)) return take_from_chat(request, id);
    const auto match = routes.find(request.method, request.path);
    if (!match) return problem(match.error(), id);
    if (match->methods.empty()) return problem(not_there(request.path), id);
    if (match->route == nullptr) return other_method(request, *match, id);
    told.is_for(match->route->path);
    auto answered = operate(request, *match);
    if (answered) return *std::move(answered);
    WebResponse refused = problem(answered.error(), id);
    constexpr int kUnauthorized = 401;
    if (refused.status == kUnauthorized) refused.with("WWW-Authenticate", "Bearer");
    return refused;
  }

  /// What a chat's service sends: not JSON, and from nobody who logs in. Its signature is over the raw body, which is looked into only after that.
  WebResponse take_from_chat(const WebRequest& request, const std::string& id) {
    if (request.method != "POST") {
      WebResponse refused = problem(method_not_allowed(request.method), id);
      refused.with("Allow", "POST");
      return refused;
    }
    if (options.chat == nullptr) return problem(not_there(request.path), id);
    const ChatRequest brought{.header = [&request](std::string_view name) { return request.header(name); }, .body = request.body};
    auto answered = options.chat->receive(std::string_view(request.path).substr(std::string_view(kChatPath).size()), brought);
    if (!answered) return problem(answered.error(), id);
    return WebResponse{.type = answered->empty() ? "" : "application/json", .body = *std::move(answered)};
  }

  static WebResponse other_method(const WebRequest& request, const ApiRoutes::Match& match, const std::string& id) {
    std::vector<std::string> allowed = match.methods;
    if (std::ranges::find(allowed, "GET") != allowed.end()) allowed.emplace_back("HEAD");
    allowed.emplace_back("OPTIONS");
    WebResponse response = request.method == "OPTIONS" ? WebResponse{.status = 204, .type = ""} : problem(method_not_allowed(request.method), id);
    response.with("Allow", join(allowed, ", "));
    return response;
  }

  struct Caller {
    Principal who{};
    std::string csrf{};
  };
  /// E1303: nobody that may be here. E1225: a browser's session, but not from a page of it.
  Result<Caller> caller_of(const WebRequest& request) {
    if (!must_log_in) return Caller{app.local(), ""};
    const std::string_view given = request.header("authorization");
    constexpr std::string_view kBearer = "bearer ";
    if (to_lower(std::string(given.substr(0, kBearer.size()))) == kBearer) {
      TRY(Principal who, app.authenticate(trim(given.substr(kBearer.size()))));
      return Caller{std::move(who), ""};
    }
    const std::string cookie = session_cookie(request);
    const auto session = sessions.find(cookie, std::chrono::steady_clock::now());
    if (!session) {
      // A page that only looks whether somebody is logged in was refused nothing.
      if (changes_something(request) || request.websocket)
        app.note_refusal("", "log in", {}, cookie.empty() ? "nothing was shown" : "no such session");
      return token_not_accepted();
    }
    const auto* token = std::get_if<std::string>(&session->by);
    TRY(Principal who, token != nullptr ? app.authenticate(*token) : app.logged_in(std::get<LoggedIn>(session->by)));
    who.how = SignedIn::session;
    if (changes_something(request) && !equal_in_constant_time(request.header("x-csrf-token"), session->csrf)) {
      app.note_refusal(who.name, "change", {}, "no token of the page that it came from");
      return Error{ErrorKind::forbidden, "E1225", "this does not come from a page of this login", "load the page again", 0};
    }
    return Caller{std::move(who), session->csrf};
  }

  /// Asked as long as a connection lasts that this request opened: it keeps no more of it than what says who asks.
  std::function<bool()> still_welcome(const WebRequest& request) {
    WebRequest kept{.method = "GET", .secure = request.secure};
    for (const char* shown : {"authorization", "cookie"})
      if (const std::string_view value = request.header(shown); !value.empty()) kept.headers.emplace_back(shown, value);
    return [this, kept = std::move(kept)] { return bool(caller_of(kept)); };
  }

  ApiAnswer operate(const WebRequest& request, const ApiRoutes::Match& match) {
    const ApiRoute& route = *match.route;
    Caller caller;
    if (!route.open_to_all) {
      TRY(caller, caller_of(request));
    }
    ApiCall call{.http = request, .who = caller.who, .csrf = caller.csrf, .path = match.path};
    if (must_log_in) call.is_welcome = still_welcome(request);
    TRY(call.query, read_query(request.target, route.query, route.takes_more));
    if (changes_something(request)) {
      TRY(call.body, read_body(request, route.body));
    }
    if (route.lane != Lane::databases) return route.handle(call);
    const auto place = places.take(must_log_in ? caller.who.name : request.client);
    return place ? route.handle(call) : too_many_at_once();
  }

  ApiAnswer log_in(const ApiCall& call) {
    const std::string secret(call.body.text("token"));
    TRY(const Principal who, app.log_in(secret));
    const std::string cookie = sessions.open(secret, std::chrono::steady_clock::now(), session_cookie(call.http));
    WebResponse response = json_response(Json::object().set("person", who.name));
    response.with("Set-Cookie", session_cookie_text(cookie, call.http.secure));
    return response;
  }
  ApiAnswer log_out(const ApiCall& call) {
    sessions.end(session_cookie(call.http));
    WebResponse response = json_response(Json::object().set("person", ""));
    response.with("Set-Cookie", session_cookie_text("", call.http.secure));
    return response;
  }
  /// What a page offers to somebody who has not logged in.
  ApiAnswer show_login(const ApiCall&) {
    return json_response(Json::object()
                             .set("login", provider      ? "oidc"
                                           : must_log_in ? "tokens"
                                                         : "off")
                             .set("provider", provider ? provider->shown_name() : ""));
  }

  std::vector<ApiRoute> with_logins(std::vector<ApiRoute> all) {
    all.push_back({.method = "GET",
                   .path = "/api/v1/login",
                   .id = "showLogin",
                   .tag = "system",
                   .about = "How people log in",
                   .answers = "Login",
                   .open_to_all = true,
                   .lane = Lane::quick,
                   .handle = [this](const ApiCall& call) { return show_login(call); }});
    if (provider)
      for (ApiRoute& route : provider->routes()) all.push_back(std::move(route));
    all.push_back({.method = "POST",
                   .path = "/api/v1/login",
                   .id = "logIn",
                   .tag = "system",
                   .about = "Opens a browser's session with a token",
                   .body = {{.name = "token", .about = "as `sluice tokens create` printed it", .required = true, .least = 1, .most = 200}},
                   .answers = "Person",
                   .open_to_all = true,
                   .handle = [this](const ApiCall& call) { return log_in(call); }});
    all.push_back({.method = "POST",
                   .path = "/api/v1/logout",
                   .id = "logOut",
                   .tag = "system",
                   .about = "Ends a browser's session",
                   .answers = "Person",
                   .handle = [this](const ApiCall& call) { return log_out(call); }});
    return all;
  }
};

Result<std::unique_ptr<Server>> Server::open(App& app, ServerOptions options, std::stop_token stop) {
  auto inner = std::make_unique<Inner>(app, std::move(options), std::move(stop));
  const auto answer = [raw = inner.get()](const WebRequest& request) { return raw->answer(request); };
  const auto lane_of = [raw = inner.get()](const WebRequest& request) { return raw->lane_of(request); };
  const auto refusal = [](int status, const std::string& what) { return limit_refusal(status, what); };
  inner->options.http.public_by_tls = inner->options.public_url.starts_with("https://");
  TRY(inner->http, HttpServer::open(inner->options.http, answer, lane_of, refusal));
  inner->origins.listens_at(inner->options.http.address, inner->http->port());
  inner->http->serve();
  return std::unique_ptr<Server>(new Server(std::move(inner)));
}

Server::Server(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Server::~Server() = default;

std::string Server::url() const {
  if (!inner_->options.public_url.empty()) return inner_->options.public_url;
  const HttpServerOptions& http = inner_->options.http;
  const bool ipv6 = http.address.find(':') != std::string::npos;
  return std::string(http.certificate.empty() ? "http://" : "https://") + (ipv6 ? "[" + http.address + "]" : http.address) + ":" +
         std::to_string(inner_->http->port());
}

std::vector<std::string> Server::warnings() const { return inner_->options.warnings; }

void Server::stop(std::chrono::milliseconds grace) { inner_->http->stop(grace); }

std::vector<ApiRoute> all_routes(const Api& api) {
  std::vector<ApiRoute> all;
  for (auto group :
       {run_reading_routes, run_acting_routes, approval_routes, catalog_routes, system_routes, alive_routes, metrics_routes, older_routes})
    for (ApiRoute& route : group(api)) all.push_back(std::move(route));
  return all;
}

}  // namespace sluice
