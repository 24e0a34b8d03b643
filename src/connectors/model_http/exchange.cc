#include "connectors/model_http/exchange.h"

#include <utility>

#include "base/text.h"
#include "connectors/model_http/failure.h"
#include "connectors/model_http/json_reply.h"

namespace sluice::model_http {
namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr int kOk = 200, kOkEnd = 300;

bool is_stream(const HttpResponse& response) { return says(response.header("content-type"), {"text/event-stream"}); }

}  // namespace

Exchange::Exchange(const ExchangeContext& context, const ModelRequest& request, std::size_t index, const Phrasing& phrasing)
    : context_(context), request_(request), index_(index), phrasing_(phrasing) {
  restart();
}

HttpJob Exchange::job(const std::string& key) {
  const ModelHttpOptions& options = context_.options;
  HttpJob job{.request = context_.protocol.request(options, request_, phrasing_, key),
              .route = options.route,
              .retry = options.retry,
              .timeout = options.timeout};
  job.judge = [this](const HttpResponse& response) { return judge(response); };
  job.on_data = [this](std::string_view bytes) { return take(bytes); };
  job.on_attempt = [this](int) { restart(); };
  job.on_sent = [this] { reached_ = Reached::sent; };
  job.on_retry = [this](const HttpRetried& retried) -> Result<> {
    const Error why = attempt_failed(retried.why);
    return context_.events.on_retry ? context_.events.on_retry(index_, why) : Result<>();
  };
  return job;
}

void Exchange::restart() {
  form_ = Form::unknown;
  reader_ = context_.protocol.reader(request_);
  parser_ = std::make_unique<SseParser>([this](std::string_view name, std::string_view data) { return take_event(name, data); });
  stream_.emplace(context_.mask);
  reply_.reset();
  rephrasing_.reset();
  reached_ = Reached::nothing;
  counted_.reset();
}

Result<> Exchange::take(std::string_view bytes) {
  if (form_ == Form::unknown) {
    const std::size_t first = bytes.find_first_not_of(kWhite);
    if (first == std::string_view::npos) return {};
    // The headers are not known yet. No stream of events begins with a brace, and no JSON reply without one; what is neither gives no event.
    form_ = bytes[first] == '{' || bytes[first] == '[' ? Form::body : Form::events;
  }
  return form_ == Form::events ? parser_->feed(bytes) : Result<>();
}

Result<> Exchange::take_event(std::string_view name, std::string_view data) {
  auto text = reader_->read_event(name, data);
  if (!text) return failed(text.error());
  reached_ = Reached::reply;
  tell(stream_->pass(*text));
  return {};
}

void Exchange::tell(const std::string& text) {
  if (!text.empty() && context_.events.on_text) context_.events.on_text(index_, text);
}

/// A service that turns a request away, by a status or before anything of a reply, does not charge for it. One that ran out of time, or that a
/// gateway lost, may have worked on it all the same.
Error Exchange::failed(const ProviderFailure& failure) {
  const bool withheld = failure.status == 0 && (failure.failure == ModelFailure::garbled || failure.failure == ModelFailure::refused);
  const bool unclear = failure.lost || failure.failure == ModelFailure::timeout || withheld;
  if (!unclear && reached_ != Reached::reply) reached_ = Reached::turned_away;
  counted_ = failure.usage;
  const bool misput = failure.failure == ModelFailure::rejected || failure.failure == ModelFailure::not_found;
  if (misput && reached_ == Reached::turned_away) rephrasing_ = context_.protocol.rephrased(context_.options, request_, phrasing_, failure);
  return failure_error(context_.options.info, failure, context_.mask);
}

std::optional<Error> Exchange::judge(const HttpResponse& response) {
  if (response.status >= kOk && response.status < kOkEnd) return complete(response);
  return failed(context_.protocol.failure(response));
}

std::optional<Error> Exchange::complete(const HttpResponse& response) {
  if (form_ != Form::events || (!is_stream(response) && !trim(response.body).starts_with("data:") && !trim(response.body).starts_with("event:"))) {
    const auto body = Json::parse(response.body);
    if (!body)
      return failed({.what = response.body.empty() ? "sent an empty answer" : "sent what is neither JSON nor a stream of events",
                     .text = says(response.header("content-type"), {"text/html"}) ? "a page in HTML" : response.body});
    auto text = reader_->read_body(*body);
    if (!text) return failed(text.error());
    reached_ = Reached::reply;
    tell(context_.mask.masked(*text));
  } else {
    tell(stream_->rest());
  }
  auto reply = reader_->finish();
  if (!reply) return failed(reply.error());
  if (!request_.reply_schema.is_null() && !reply->cut) reply->text = json_object_text(reply->text);
  if (trim(reply->text).empty() && !reply->cut) return failed({.what = "sent an empty reply", .usage = reply->usage});
  reply->text = context_.mask.masked(reply->text);
  reply->answered_by = context_.mask.masked(reply->answered_by);
  reply_ = *std::move(reply);
  return std::nullopt;
}

/// Tells of it once: whatever ends the job before another attempt is begun is no failure of that one.
Error Exchange::attempt_failed(const Error& error) {
  Error why = transport_error(context_.options.info, error, context_.mask);
  const bool may_cost = reached_ == Reached::sent || reached_ == Reached::reply;
  if (reached_ != Reached::nothing && context_.events.on_failed)
    context_.events.on_failed(index_, {.why = why, .may_cost = may_cost, .usage = std::exchange(counted_, {})});
  reached_ = Reached::nothing;
  return why;
}

Result<ModelReply> Exchange::outcome(const Result<HttpResponse>& answer) {
  if (!answer) return attempt_failed(answer.error());
  if (!reply_) return Error::bug("an answer was taken as a success without having been read");
  return *reply_;
}

}  // namespace sluice::model_http
