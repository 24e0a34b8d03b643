#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/breaker.h"
#include "net/http.h"
#include "net/origin.h"
#include "net/proxy.h"
#include "net/transfer.h"

namespace sluice {

/// The jobs of one call of HttpClient::perform, from the first to the last. One thread: all of them, their time-outs and their retries are waited for
/// in one place.
class Performance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// All are borrowed; `multi` is a CURLM that nobody else uses meanwhile.
  Performance(std::span<const HttpJob> jobs, const Call& call, void* multi, CircuitBreaker& breaker);
  std::vector<Result<HttpResponse>> run();

 private:
  /// A job that was begun and has not ended: an attempt is under way, or the time of the next one is awaited.
  struct Flight {
    std::size_t index = 0;
    const HttpJob* job = nullptr;
    HttpOrigin origin{};
    std::string proxy{};
    int attempt = 0;
    Time due{}, attempt_ends{};
    std::optional<CircuitBreaker::Admission> admission{};  ///< of the attempt under way
    std::unique_ptr<Transfer> transfer{};
    std::optional<Error> last{};
    bool ended = false;
  };
  /// The first attempt at an origin goes ahead of the others until its name is resolved and it is known whether one connection carries all.
  struct Gate {
    bool open = false;
    std::optional<std::size_t> first{};  ///< the job that goes ahead
  };

  void take_jobs();
  void take(std::size_t index);
  bool may_start(const Flight& flight);
  void start(Flight& flight);
  void work();
  void open_gates();
  void collect();
  void end_late_attempts();
  static void report(Flight& flight, CircuitBreaker::Outcome outcome, const std::string& why);
  void attempt_ended(Flight& flight, Result<HttpResponse> answer);
  void attempt_failed(Flight& flight, Error why);
  void settle(std::size_t index, Result<HttpResponse> answer);
  void end_all(const std::function<Error(const Flight*)>& why);
  void wait();
  Error stopped(const Flight* flight) const;
  Error out_of_time(const Flight* flight) const;
  static CircuitBreaker::Outcome outcome_of(const Transfer& transfer, const Result<HttpResponse>& answer);

  std::span<const HttpJob> jobs_;
  const Call& call_;
  Time deadline_;
  void* multi_;
  CircuitBreaker& breaker_;
  ProxyVariables proxies_;
  std::minstd_rand random_;
  std::size_t next_ = 0;  ///< the first job that was not begun
  std::vector<std::optional<Result<HttpResponse>>> answers_;
  std::unordered_map<std::string, Gate> gates_{};
  std::vector<std::unique_ptr<Flight>> flights_{};
};

}  // namespace sluice
