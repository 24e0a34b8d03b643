#include "net/breaker.h"
#include "net/http.h"
#include "net/libcurl.h"
#include "net/multi_pool.h"
#include "net/performance.h"

namespace sluice {
struct HttpClient::Inner {
  explicit Inner(BreakerOptions options) : breaker(options) {}
  CircuitBreaker breaker;
  MultiPool pool{};
};

std::vector<std::string> HttpClient::kept_from() const { return inner_->breaker.open_origins(); }

HttpClient::HttpClient(BreakerOptions breaker) : inner_(std::make_unique<Inner>(breaker)) {}
HttpClient::~HttpClient() = default;

std::vector<Result<HttpResponse>> HttpClient::perform(std::span<const HttpJob> jobs, const Call& call) {
  if (const auto loaded = load_libcurl(); !loaded) return std::vector<Result<HttpResponse>>(jobs.size(), loaded.error());
  const MultiPool::Lease lease = inner_->pool.take();
  if (lease.multi() == nullptr)
    return std::vector<Result<HttpResponse>>(jobs.size(), Error{ErrorKind::transient, "E1105", "there is no memory left for a call", "try again"});
  return Performance(jobs, call, lease.multi(), inner_->breaker).run();
}

}  // namespace sluice
