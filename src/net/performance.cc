#include "net/performance.h"

#include <algorithm>

#include "base/text.h"
#include "net/libcurl.h"
#include "net/retry.h"
#include "net/secret_echo.h"
#include "net/status.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A call without a deadline gets this one.
constexpr std::chrono::minutes kDeadlineDefault{60};
/// The longest that is slept without looking.
constexpr milliseconds kWaitMax{1000};
/// A time-out longer than this is as good as none, and can be added to any time.
constexpr milliseconds kTimeoutMax{24 * 3600 * 1000};

steady_clock::time_point after(steady_clock::time_point time, milliseconds timeout) {
  return time + std::clamp(timeout, milliseconds(0), kTimeoutMax);
}

std::string seconds(milliseconds time) { return human_duration(std::max<std::int64_t>(0, time.count())); }

bool is_retried(const Error& error) { return error.kind == ErrorKind::transient || error.kind == ErrorKind::timeout; }

}  // namespace

Performance::Performance(std::span<const HttpJob> jobs, const Call& call, void* multi, CircuitBreaker& breaker)
    : jobs_(jobs),
      call_(call),
      deadline_(call.deadline == Time{} ? steady_clock::now() + kDeadlineDefault : call.deadline),
      multi_(multi),
      breaker_(breaker),
      proxies_(ProxyVariables::of_environment()),
      random_(std::random_device{}()),
      answers_(jobs.size()) {}

std::vector<Result<HttpResponse>> Performance::run() {
  const std::stop_callback wake(call_.cancelled, [this] { libcurl().curl_multi_wakeup(multi_); });
  // Ends at the deadline at the latest.
  while (next_ < jobs_.size() || !flights_.empty()) {
    if (call_.cancelled.stop_requested()) {
      end_all([this](const Flight* flight) { return stopped(flight); });
    } else if (steady_clock::now() >= deadline_) {
      end_all([this](const Flight* flight) { return out_of_time(flight); });
    } else {
      work();
    }
  }
  std::vector<Result<HttpResponse>> out;
  out.reserve(answers_.size());
  for (auto& answer : answers_) out.push_back(*std::move(answer));
  return out;
}

void Performance::work() {
  take_jobs();
  for (const auto& flight : flights_)
    if (!flight->transfer && flight->due <= steady_clock::now() && may_start(*flight)) start(*flight);
  int running = 0;
  libcurl().curl_multi_perform(multi_, &running);
  open_gates();
  collect();
  end_late_attempts();
  std::erase_if(flights_, [](const auto& flight) { return flight->ended; });
  wait();
}

void Performance::take_jobs() {
  while (next_ < jobs_.size() && flights_.size() < HttpClient::kInFlightMax) take(next_++);
}

void Performance::take(std::size_t index) {
  const HttpJob& job = jobs_[index];
  auto origin = origin_of(job.request.url);
  if (!origin) return settle(index, std::move(origin).error());
  auto flight = std::make_unique<Flight>();
  flight->index = index;
  flight->job = &job;
  flight->origin = *std::move(origin);
  flight->proxy = job.route.proxy.empty() ? proxy_for(flight->origin, proxies_) : job.route.proxy;
  flights_.push_back(std::move(flight));
}

bool Performance::may_start(const Flight& flight) {
  Gate& gate = gates_[flight.origin.text()];
  if (gate.open) return true;
  if (gate.first) return false;
  gate.first = flight.index;
  return true;
}

void Performance::open_gates() {
  for (const auto& flight : flights_) {
    if (!flight->transfer || !flight->transfer->is_connected()) continue;
    gates_[flight->origin.text()].open = true;
  }
}

void Performance::start(Flight& flight) {
  const auto end = [&](Error why) {
    flight.ended = true;
    flight.admission.reset();
    gates_[flight.origin.text()].first.reset();
    settle(flight.index, std::move(why));
  };
  const std::string origin = flight.origin.text();
  auto admission = breaker_.admit(origin, steady_clock::now());
  if (!admission) return end(std::move(admission).error());
  flight.admission.emplace(*std::move(admission));
  auto transfer = Transfer::prepare(*flight.job, flight.origin, flight.proxy);
  if (!transfer) return end(std::move(transfer).error());
  ++flight.attempt;
  if (flight.job->on_attempt) flight.job->on_attempt(flight.attempt);
  flight.attempt_ends = after(steady_clock::now(), flight.job->timeout);
  flight.transfer = *std::move(transfer);
  if (auto begun = flight.transfer->begin(multi_); !begun) attempt_ended(flight, std::move(begun).error());
}

void Performance::collect() {
  int left = 0;
  // As many messages as there are transfers.
  while (const CURLMsg* message = libcurl().curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = std::find_if(flights_.begin(), flights_.end(),
                                    [&](const auto& one) { return one->transfer && one->transfer->handle() == message->easy_handle; });
    if (found == flights_.end()) continue;
    Flight& flight = **found;
    attempt_ended(flight, flight.transfer->finish(message->data.result));
  }
}

void Performance::end_late_attempts() {
  const Time now = steady_clock::now();
  for (const auto& flight : flights_) {
    if (!flight->transfer) continue;
    const HttpJob& job = *flight->job;
    const std::string origin = flight->origin.text();
    if (now >= flight->attempt_ends) {
      attempt_ended(*flight, Error{ErrorKind::timeout, "E1106", origin + " gave no whole answer within " + seconds(job.timeout),
                                   "see whether the service is slow or hangs, ask for less at a time, or allow it more time"});
    } else if (flight->transfer->has_answer() && now >= after(flight->transfer->last_byte(), job.route.idle_timeout)) {
      attempt_ended(*flight, Error{ErrorKind::timeout, "E1106", origin + " went silent for " + seconds(job.route.idle_timeout) + " within its answer",
                                   "see whether something between it and this machine cuts long answers"});
    }
  }
}

CircuitBreaker::Outcome Performance::outcome_of(const Transfer& transfer, const Result<HttpResponse>& answer) {
  using Outcome = CircuitBreaker::Outcome;
  constexpr int kFailing = 500;
  if (transfer.has_answer() && transfer.status() >= kFailing) return Outcome::failed;
  if (answer) return answer->status >= kFailing ? Outcome::failed : Outcome::alive;
  if (transfer.has_answer()) return Outcome::unclear;
  return is_retried(answer.error()) ? Outcome::failed : Outcome::unclear;
}

void Performance::report(Flight& flight, CircuitBreaker::Outcome outcome, const std::string& why) {
  if (flight.admission) flight.admission->report(outcome, why, steady_clock::now());
  flight.admission.reset();
}

void Performance::attempt_ended(Flight& flight, Result<HttpResponse> answer) {
  Gate& gate = gates_[flight.origin.text()];
  if (gate.first == flight.index) {
    gate.first.reset();
    // Where the name has no address, the next looks it up alone again; any other failure would be the same for all, at the same time.
    gate.open = gate.open || !flight.transfer->found_no_host();
  }
  const auto outcome = outcome_of(*flight.transfer, answer);
  flight.transfer.reset();
  std::optional<Error> why;
  if (!answer) {
    why = answer.error();
  } else {
    if (answer->status < 200 || answer->status >= 300) {
      mask_secrets(answer->body, secrets_of(flight.job->request));
      mask_secrets(answer->body, secrets_of_proxy(flight.proxy));
    }
    why = flight.job->judge ? flight.job->judge(*answer) : judge_status_of(*answer, flight.origin.text());
  }
  report(flight, outcome, why ? why->message : "");
  if (why) return attempt_failed(flight, *std::move(why));
  flight.ended = true;
  settle(flight.index, std::move(answer));
}

void Performance::attempt_failed(Flight& flight, Error why) {
  const HttpJob& job = *flight.job;
  const auto end = [&](const std::string& more) {
    why.message += more;
    flight.ended = true;
    settle(flight.index, std::move(why));
  };
  const std::string tried = flight.attempt > 1 ? "; tried " + counted(flight.attempt, "time") : "";
  if (!is_retried(why) || flight.attempt >= job.retry.attempts_max) return end(tried);
  const double random =
      static_cast<double>(random_() - std::minstd_rand::min()) / static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
  const milliseconds delay = why.retry_after_ms > 0 ? milliseconds(why.retry_after_ms) : retry_delay(job.retry, flight.attempt, random);
  const milliseconds left = std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now());
  if (delay >= left) {
    if (why.retry_after_ms > 0) return end(tried + "; it asks to wait " + seconds(delay) + ", and " + seconds(left) + " are left");
    return end(tried + "; no time is left for another attempt");
  }
  if (job.on_retry)
    if (const auto allowed = job.on_retry({flight.attempt, delay, why}); !allowed)
      return end(tried + "; not tried again: " + allowed.error().message);
  flight.due = after(steady_clock::now(), delay);
  flight.last = std::move(why);
}

void Performance::settle(std::size_t index, Result<HttpResponse> answer) {
  answers_[index].emplace(std::move(answer));
  if (jobs_[index].on_done) jobs_[index].on_done(*answers_[index]);
}

void Performance::end_all(const std::function<Error(const Flight*)>& why) {
  // Taken out first: whatever on_done does, the transfers are gone.
  auto flights = std::exchange(flights_, {});
  for (const auto& flight : flights) {
    if (!flight->transfer) continue;
    const bool met_nobody = !flight->transfer->is_connected() && !call_.cancelled.stop_requested();
    report(*flight, met_nobody ? CircuitBreaker::Outcome::failed : CircuitBreaker::Outcome::unclear, "no connection in time");
    flight->transfer.reset();
  }
  for (const auto& flight : flights) settle(flight->index, why(flight.get()));
  while (next_ < jobs_.size()) settle(next_++, why(nullptr));
}

Error Performance::stopped(const Flight* flight) const {
  return {ErrorKind::cancelled, "E1106",
          flight != nullptr ? "the call to " + flight->origin.text() + " was stopped" : "the call was stopped before it began", "", 0};
}

Error Performance::out_of_time(const Flight* flight) const {
  std::string message =
      flight != nullptr ? flight->origin.text() + " gave no answer in the time for the call" : "the time for the call ended before it began";
  if (flight != nullptr && flight->last) message += "; attempt " + std::to_string(flight->attempt) + " before: " + flight->last->message;
  return {ErrorKind::timeout, "E1106", std::move(message), "allow more time, or ask for less at once", 0};
}

void Performance::wait() {
  Time next = std::min(deadline_, steady_clock::now() + kWaitMax);
  for (const auto& flight : flights_) {
    if (flight->transfer) {
      next = std::min(next, flight->attempt_ends);
      if (flight->transfer->has_answer()) next = std::min(next, after(flight->transfer->last_byte(), flight->job->route.idle_timeout));
    } else if (const Gate& gate = gates_[flight->origin.text()]; gate.open || !gate.first) {
      next = std::min(next, flight->due);
    }
  }
  if (flights_.empty() || (flights_.size() < HttpClient::kInFlightMax && next_ < jobs_.size())) return;
  const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now());
  libcurl().curl_multi_poll(multi_, nullptr, 0, static_cast<int>(std::max<std::int64_t>(0, left.count())), nullptr);
}

}  // namespace sluice
