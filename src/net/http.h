#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/result.h"

namespace sluice {

struct HttpHeader {
  std::string name{}, value{};
};

struct HttpRequest {
  std::string method = "POST", url{};
  std::vector<HttpHeader> headers{};
  std::string body{};
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers{};
  std::string body{};

  /// The last header of that name, ignoring case; "" where there is none.
  std::string_view header(std::string_view name) const;
};

/// How a service is reached, as a person configured it.
struct HttpRoute {
  std::string proxy{};         ///< "http://proxy:3128"; "": what the environment says (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)
  std::string ca_file{};       ///< authorities to trust, PEM; "": those of the system
  bool allow_private = false;  ///< a name may resolve to a private, loopback or link-local address; such a host named as itself always may
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};  ///< the longest silence within an answer
  std::size_t response_bytes_max = 16 * 1024 * 1024;
};

/// When a failed attempt is made again: errors of kind `transient` and `timeout`, within the call's deadline. An error's retry_after_ms is honoured
/// (a longer one than the time left ends the call at once); else the delay grows by `factor`, shortened by a random part of at most `jitter`.
struct HttpRetry {
  int attempts_max = 4;
  std::chrono::milliseconds first_delay{500}, delay_max{30'000};
  double factor = 2.0, jitter = 0.5;
};

/// A failed attempt that is followed by another.
struct HttpRetried {
  int attempt = 1;  ///< the one that failed
  std::chrono::milliseconds delay{};
  const Error& why;
};

/// One request to be carried out, with what its protocol says of answers. The functions are called in the thread that performs it.
struct HttpJob {
  HttpRequest request{};
  HttpRoute route{};
  HttpRetry retry{};
  std::chrono::milliseconds timeout{120'000};  ///< of one attempt, the call's deadline aside
  /// What an answer means that is no success. Its kind decides whether it is tried again; nothing: it is a success. Unset: judge_status.
  std::function<std::optional<Error>(const HttpResponse&)> judge{};
  /// The body of an answer with status 200 as it arrives (it is kept as well); an error ends the attempt with it. Not called for other statuses.
  std::function<Result<>(std::string_view bytes)> on_data{};
  /// Right before an attempt is begun: state of `on_data` starts anew then.
  std::function<void(int attempt)> on_attempt{};
  std::function<void()> on_sent{};  ///< there is a connection, and the attempt's request goes out on it: the service may act on it from now on
  /// Another attempt is to follow; an error forbids it, and what the failed one came to stands.
  std::function<Result<>(const HttpRetried&)> on_retry{};
  std::function<void(const Result<HttpResponse>&)> on_done{};  ///< as soon as this one has ended, while others go on
};

/// 2xx is a success. 408, 425, 429, 500, 502, 503, 504, 529 are transient (with Retry-After); a redirect, 401/403, 404 and all others are not.
/// Codes: E1101 (overloaded or failing), E1102 (not allowed), E1103 (not found), E1104 (refused). Never quotes headers; of the body at most a
/// clipped part.
std::optional<Error> judge_status(const HttpResponse& response);
/// Retry-After in seconds or as an HTTP date (RFC 9110 §10.2.3), `retry-after-ms` where there is one; 0: neither.
long retry_after_ms(const HttpResponse& response);

struct BreakerOptions {
  int failures_max = 5;                     ///< in a row: attempts that met no sign of life, or a status of 500 and above (a 429 is one of life)
  std::chrono::milliseconds pause{15'000};  ///< then calls fail at once (E1107, transient) for so long; afterwards one is let through as a probe
};

/// Speaks HTTP(S) by libcurl. Any thread; `perform` works in the calling thread, however many jobs it has: connections are waited for together, and
/// are kept for later calls. Redirects are not followed. An address is judged after its name was resolved, at the moment of connecting.
/// Errors: E1105 (cannot be reached: name, connection, TLS, reset; transient, but for a certificate that is not trusted), E1106 (out of time),
/// E1107 (breaker open), E1108 (answer too large or malformed), E1109 (address is private and not allowed), E1110 (the URL is none), cancelled.
/// No error quotes a request's headers, query or body.
class HttpClient {
 public:
  explicit HttpClient(BreakerOptions breaker = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Carries all out at once, at most kInFlightMax of them at a time; the answers in the jobs' order.
  std::vector<Result<HttpResponse>> perform(std::span<const HttpJob> jobs, const Call& call);
  static constexpr std::size_t kInFlightMax = 256;
  /// Services that calls are kept from, because they kept failing: "https://api.example.com:443".
  std::vector<std::string> kept_from() const;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sluice
