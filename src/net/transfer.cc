#include "net/transfer.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "net/libcurl.h"
#include "net/transport_error.h"
#include "telemetry/trace_context.h"

namespace sluice {
namespace {

constexpr std::size_t kHeaderBytesMax = 256 * 1024;
constexpr std::string_view kStatusLine = "HTTP/";

template <class Value>
bool set(void* easy, CURLoption option, Value value) {
  return libcurl().curl_easy_setopt(easy, option, value) == CURLE_OK;
}

/// A token of RFC 9110 §5.6.2: what a method and a header's name are made of.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || kMarks.find(c) != std::string_view::npos;
  });
}

bool names(const HttpRequest& request, std::string_view header) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HttpHeader& one) { return equals_ignoring_case(one.name, header); });
}

Result<> can_be_sent(const HttpRequest& request, const HttpOrigin& origin) {
  const auto no = [&](const std::string& what, const std::string& hint) {
    return Error{ErrorKind::input, "E1110", "the request to " + origin.text() + " cannot be sent: " + what, hint};
  };
  if (!is_token(request.method)) return no("its method is no word", "use GET, POST, PUT or the like");
  for (const HttpHeader& header : request.headers) {
    if (!is_token(header.name)) return no("a header's name is no word", "use letters, digits and -");
    if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return no("a header's value holds a line break or NUL", "look for a line break at the end of a key");  // it may be a key: not quoted
  }
  return {};
}

}  // namespace

void Transfer::EasyCleanup::operator()(void* easy) const { libcurl().curl_easy_cleanup(easy); }
void Transfer::ListCleanup::operator()(curl_slist* list) const { libcurl().curl_slist_free_all(list); }

Transfer::Transfer(const HttpJob& job, const HttpOrigin& origin, std::string proxy)
    : job_(job), origin_(origin), proxy_(std::move(proxy)), easy_(libcurl().curl_easy_init()) {}

Transfer::~Transfer() {
  if (multi_ != nullptr) libcurl().curl_multi_remove_handle(multi_, easy_.get());
}

Result<std::unique_ptr<Transfer>> Transfer::prepare(const HttpJob& job, const HttpOrigin& origin, const std::string& proxy) {
  TRY_VOID(can_be_sent(job.request, origin));
  std::unique_ptr<Transfer> transfer(new Transfer(job, origin, proxy));
  // An option that is not taken could be one that protects: nothing is sent without it.
  if (!transfer->easy_ || !transfer->set_request() || !transfer->set_route() || !transfer->set_callbacks())
    return Error{ErrorKind::transient, "E1105", "a call to " + origin.text() + " could not be set up: libcurl lacks memory or an option",
                 "install libcurl 7.87 or later"};
  return transfer;
}

Result<> Transfer::begin(void* multi) {
  if (libcurl().curl_multi_add_handle(multi, easy_.get()) != CURLM_OK)
    return Error{ErrorKind::transient, "E1105", "a call to " + origin_.text() + " could not be begun: libcurl lacks memory", "try again"};
  multi_ = multi;
  last_byte_ = std::chrono::steady_clock::now();
  return {};
}

bool Transfer::add_header(const std::string& line) {
  curl_slist* longer = libcurl().curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) return false;
  [[maybe_unused]] curl_slist* same = headers_.release();  // the list's head is `longer` now
  headers_.reset(longer);
  return true;
}

bool Transfer::set_request() {
  const HttpRequest& request = job_.request;
  bool ok = true;
  // libcurl writes an empty value as "name;", and leaves out what it would add itself where the line is "name:".
  for (const HttpHeader& header : request.headers) ok = ok && add_header(header.name + (header.value.empty() ? ";" : ": " + header.value));
  if (const Doing& now = doing(); now.pass_on && !now.trace.trace_id.empty())
    ok = ok && (names(request, "traceparent") || add_header("traceparent: " + traceparent_of(now.trace))) &&
         (names(request, "x-amzn-trace-id") || add_header("X-Amzn-Trace-Id: " + amazon_trace_of(now.trace)));
  if (!names(request, "content-type")) ok = ok && add_header("Content-Type:");
  if (!names(request, "expect")) ok = ok && add_header("Expect:");  // no second's wait for a "100 Continue" before a large body
  void* const easy = easy_.get();
  const bool is_bare = request.body.empty() && (request.method == "GET" || request.method == "HEAD");
  if (is_bare) {
    ok = ok && set(easy, request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
  } else {
    ok = ok && set(easy, CURLOPT_POST, 1L) && set(easy, CURLOPT_POSTFIELDS, request.body.data()) &&
         set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size())) &&
         set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return ok && set(easy, CURLOPT_URL, request.url.c_str()) && set(easy, CURLOPT_HTTPHEADER, headers_.get()) && set(easy, CURLOPT_USERAGENT, "sluice");
}

bool Transfer::set_route() {
  void* const easy = easy_.get();
  const HttpRoute& route = job_.route;
  bool ok = set(easy, CURLOPT_NOSIGNAL, 1L) && set(easy, CURLOPT_PROTOCOLS_STR, "http,https") && set(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
            set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)) && set(easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
            set(easy, CURLOPT_SSL_VERIFYHOST, 2L) && set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // Without TLS nothing tells early whether a server speaks HTTP/2.
  ok = ok && set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(origin_.is_secure() ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  // Which proxy is decided already: libcurl is kept from reading the environment, where it could find another than the guard of addresses knows of.
  ok = ok && set(easy, CURLOPT_PROXY, proxy_.c_str()) && set(easy, CURLOPT_NOPROXY, "") && set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!route.ca_file.empty())
    ok = ok && set(easy, CURLOPT_CAINFO, route.ca_file.c_str()) && set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr)) &&
         set(easy, CURLOPT_PROXY_CAINFO, route.ca_file.c_str()) && set(easy, CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
  const auto connect_ms = std::clamp<std::int64_t>(route.connect_timeout.count(), 1, 3'600'000);
  ok = ok && set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_ms)) && set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // A name that is still being looked up does not hold up whoever stops the call.
  return ok && set(easy, CURLOPT_QUICK_EXIT, 1L);
}

/// Runs `work` inside a callback of libcurl, through which nothing may be thrown; 0 tells libcurl to end the transfer.
template <class Work>
std::size_t Transfer::guarded(std::size_t bytes, Work work) {
  try {
    last_byte_ = std::chrono::steady_clock::now();
    Result<> done = work();
    if (done) return bytes;
    failure_ = std::move(done).error();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  return bytes == 0 ? 1 : 0;
}

struct Transfer::Callbacks {
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    return transfer->guarded(size * count, [&] { return transfer->header_arrived({bytes, size * count}); });
  }

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto* transfer = static_cast<Transfer*>(self);
    return transfer->guarded(size * count, [&] { return transfer->body_arrived({bytes, size * count}); });
  }

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;  // no IP address: reserved
    if (address->family == AF_INET) {
      size = 4;
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in*>(&address->addr)->sin_addr), size, bytes.begin());
    } else if (address->family == AF_INET6) {
      size = 16;
      std::copy_n(reinterpret_cast<const std::uint8_t*>(&reinterpret_cast<const sockaddr_in6*>(&address->addr)->sin6_addr), size, bytes.begin());
    }
    if (!static_cast<Transfer*>(self)->may_reach(reach_of(std::span<const std::uint8_t>(bytes).first(size)))) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  /// Right before the request goes out, on a new connection or on one kept from a call that had other rights: that one is judged anew.
  static int before_request(void* self, char* remote, char* /*local*/, int /*remote_port*/, int /*local_port*/) {
    auto* transfer = static_cast<Transfer*>(self);
    try {
      if (!transfer->may_reach(reach_of_text(remote).value_or(AddressReach::reserved))) {
        transfer->failure_ = transfer->refused_address();
        return CURL_PREREQFUNC_ABORT;
      }
      if (transfer->job_.on_sent) transfer->job_.on_sent();
    } catch (...) {
      transfer->thrown_ = std::current_exception();
      return CURL_PREREQFUNC_ABORT;
    }
    transfer->refused_.reset();  // another address of the host was allowed
    transfer->connected_ = true;
    return CURL_PREREQFUNC_OK;
  }
};

bool Transfer::set_callbacks() {
  void* const easy = easy_.get();
  return set(easy, CURLOPT_ERRORBUFFER, error_text_.data()) && set(easy, CURLOPT_HEADERFUNCTION, &Callbacks::on_header) &&
         set(easy, CURLOPT_HEADERDATA, this) && set(easy, CURLOPT_WRITEFUNCTION, &Callbacks::on_body) && set(easy, CURLOPT_WRITEDATA, this) &&
         set(easy, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket) && set(easy, CURLOPT_OPENSOCKETDATA, this) &&
         set(easy, CURLOPT_PREREQFUNCTION, &Callbacks::before_request) && set(easy, CURLOPT_PREREQDATA, this);
}

Result<> Transfer::header_arrived(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax)
    return Error{ErrorKind::exhausted, "E1108", "the headers of the answer of " + origin_.text() + " are larger than " + human_bytes(kHeaderBytesMax),
                 "see whether the URL leads to the service that is meant"};
  line = trim(line);
  if (line.starts_with(kStatusLine)) {  // of this answer, or of one that goes before it (103 Early Hints)
    const std::size_t space = std::min(line.find(' '), line.size() - 1);
    response_ = {};
    std::from_chars(line.data() + space + 1, line.data() + line.size(), response_.status);
    if (response_.status < 200) response_.status = 0;
    return {};
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    response_.headers.push_back({std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  return {};
}

Result<> Transfer::body_arrived(std::string_view bytes) {
  if (response_.body.size() + bytes.size() > job_.route.response_bytes_max)
    return Error{ErrorKind::exhausted, "E1108",
                 "the answer of " + origin_.text() + " is larger than " + human_bytes(static_cast<std::int64_t>(job_.route.response_bytes_max)),
                 "ask for less at a time"};
  response_.body += bytes;
  if (response_.status == 200 && job_.on_data) return job_.on_data(bytes);
  return {};
}

/// A proxy's address is its owner's choice, and one that the URL itself names is that of whoever wrote the URL; any other came out of the DNS.
bool Transfer::may_reach(AddressReach reach) {
  if (reach == AddressReach::everywhere || job_.route.allow_private || origin_.names_its_address() || !proxy_.empty()) return true;
  refused_ = reach;
  return false;
}

Error Transfer::refused_address() const {
  return {ErrorKind::refused, "E1109",
          "the name " + origin_.host + " leads to a " + std::string(name_of(refused_.value_or(AddressReach::reserved))) + " address; " +
              origin_.text() + " was not called",
          "if the service is yours, set allow_private: true for it, or name its address instead", 0};
}

Result<HttpResponse> Transfer::finish(int code) {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, {}));
  if (failure_) return *std::exchange(failure_, {});
  if (code == CURLE_OK && response_.status > 0) return std::move(response_);
  if (refused_) return refused_address();
  long proxy_status = 0;
  libcurl().curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  if (proxy_status >= 300) return proxy_refused(proxy_status, origin_.text());
  found_no_host_ = code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY;
  return transport_error(code, origin_.text(), error_text_.data());
}

}  // namespace sluice
