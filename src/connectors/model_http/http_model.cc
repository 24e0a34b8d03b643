#include "connectors/model_http/http_model.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "connectors/model_http/failure.h"
#include "net/secret_echo.h"

namespace sluice::model_http {

void add_key(HttpRequest& request, const ModelHttpOptions& options, const std::string& key, const std::string& header) {
  if (key.empty()) return;
  const std::string& name = options.key_header.empty() ? header : options.key_header;
  request.headers.push_back({name, equals_ignoring_case(name, "authorization") ? "Bearer " + key : key});
}

/// The requests of one call, and what is known of each.
struct HttpModel::Asked {
  std::span<const ModelRequest> requests;
  const ModelEvents& events;
  ExchangeContext context;
  std::vector<Phrasing> phrasings;
  std::vector<std::optional<Result<ModelReply>>> replies;

  void settle(std::size_t index, Result<ModelReply> reply) {
    if (replies[index]) return;
    replies[index] = std::move(reply);
    if (events.on_reply) events.on_reply(index, *replies[index]);
  }
  bool open() const {
    return std::ranges::any_of(replies, [](const auto& reply) { return !reply.has_value(); });
  }
};

HttpModel::HttpModel(ModelHttpOptions options, std::unique_ptr<const ModelProtocol> protocol, HttpClient& http)
    : options_(std::move(options)), protocol_(std::move(protocol)), http_(http), phrasing_(protocol_->phrasing(options_)) {}

Phrasing HttpModel::phrasing() const {
  const std::scoped_lock lock(mutex_);
  return phrasing_;
}

void HttpModel::learn(const Phrasing& sent, const Phrasing& better) {
  // Only what was learned from this request: another thread may have learned something else meanwhile.
  const std::scoped_lock lock(mutex_);
  const auto take = [&](auto Phrasing::* member) {
    if (better.*member != sent.*member) phrasing_.*member = better.*member;
  };
  take(&Phrasing::structured);
  take(&Phrasing::strict);
  take(&Phrasing::temperature);
  take(&Phrasing::completion_tokens);
  take(&Phrasing::stream);
  take(&Phrasing::stream_usage);
  take(&Phrasing::cache_marks);
}

Result<std::string> HttpModel::reveal_key() const {
  if (!options_.api_key) return std::string();
  auto key = options_.api_key();
  const KeyMask nothing({});
  if (!key) {
    ProviderFailure failure{.failure = ModelFailure::unauthorized, .what = "has no key", .text = key.error().message};
    Error error = failure_error(options_.info, failure, nothing);
    if (!key.error().hint.empty()) error.hint = key.error().hint;
    return error;
  }
  std::string clean(trim(*key));
  // Sent without one, the request would fail in whatever words the service has for that, or be answered for whoever else it takes us for.
  if (clean.empty())
    return failure_error(options_.info, {.failure = ModelFailure::unauthorized, .what = "has no key: what its api_key refers to is empty"}, nothing);
  if (std::ranges::any_of(clean, [](char c) { return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F; }))
    return failure_error(options_.info, {.failure = ModelFailure::unauthorized, .what = "has a key with characters that no header may hold"},
                         nothing);
  return clean;
}

KeyMask HttpModel::mask_for(const std::string& key) const {
  std::vector<std::string> secrets{key};
  for (std::string& secret : secrets_of_proxy(options_.route.proxy)) secrets.push_back(std::move(secret));
  return KeyMask(std::move(secrets));
}

void HttpModel::ask(Asked& asked, const std::string& key, const Call& call, bool last) {
  std::vector<std::unique_ptr<Exchange>> exchanges;
  std::vector<HttpJob> jobs;
  for (std::size_t i = 0; i < asked.requests.size(); ++i) {
    if (asked.replies[i]) continue;
    exchanges.push_back(std::make_unique<Exchange>(asked.context, asked.requests[i], i, asked.phrasings[i]));
    Exchange* exchange = exchanges.back().get();
    jobs.push_back(exchange->job(key));
    jobs.back().on_done = [&asked, exchange, last](const Result<HttpResponse>& answer) {
      if (last || !exchange->rephrasing()) asked.settle(exchange->index(), exchange->outcome(answer));
    };
  }
  const auto answers = http_.perform(jobs, call);
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    Exchange& exchange = *exchanges[i];
    if (const auto& other = exchange.rephrasing(); other && !last && !answers[i]) {
      asked.phrasings[exchange.index()] = other->phrasing;
      if (other->lasting) learn(exchange.phrasing(), other->phrasing);
    } else {
      asked.settle(exchange.index(), exchange.outcome(answers[i]));
    }
  }
}

std::vector<Result<ModelReply>> HttpModel::answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) {
  const auto key = reveal_key();
  const KeyMask mask = mask_for(key ? *key : std::string());
  Asked asked{requests, events, {*protocol_, options_, mask, events}, {}, {}};
  asked.phrasings.assign(requests.size(), phrasing());
  asked.replies.resize(requests.size());
  for (std::size_t i = 0; i < requests.size() && !key; ++i) asked.settle(i, key.error());
  for (int round = 1; round <= kPhrasingsMax && asked.open(); ++round) ask(asked, *key, call, round == kPhrasingsMax);

  std::vector<Result<ModelReply>> replies;
  replies.reserve(requests.size());
  for (auto& reply : asked.replies) replies.push_back(*std::move(reply));
  return replies;
}

}  // namespace sluice::model_http
