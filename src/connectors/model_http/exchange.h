#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/model_http/key_mask.h"
#include "connectors/model_http/protocol.h"
#include "net/sse.h"

namespace sluice::model_http {

/// What many exchanges of one call share; outlives them.
struct ExchangeContext {
  const ModelProtocol& protocol;
  const ModelHttpOptions& options;
  const KeyMask& mask;
  const ModelEvents& events;
};

/// One request on its way: the attempts that HttpClient makes at it, and the reply that the last one gave. Used in one thread.
class Exchange {
 public:
  Exchange(const ExchangeContext& context, const ModelRequest& request, std::size_t index, const Phrasing& phrasing);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// To be carried out; its functions refer to this exchange. `key` may be empty.
  HttpJob job(const std::string& key);
  /// What became of it, once HttpClient is done: the same each time. A failed attempt is told of when this is first asked.
  Result<ModelReply> outcome(const Result<HttpResponse>& answer);

  /// Another way to put the request, if the last attempt failed for how it was put.
  const std::optional<Rephrasing>& rephrasing() const { return rephrasing_; }
  std::size_t index() const { return index_; }
  const Phrasing& phrasing() const { return phrasing_; }

 private:
  enum class Form : std::uint8_t { unknown, events, body };

  void restart();
  Result<> take(std::string_view bytes);
  Result<> take_event(std::string_view name, std::string_view data);
  void tell(const std::string& text);
  std::optional<Error> judge(const HttpResponse& response);
  std::optional<Error> complete(const HttpResponse& response);
  Error failed(const ProviderFailure& failure);
  Error attempt_failed(const Error& error);

  const ExchangeContext& context_;
  const ModelRequest& request_;
  std::size_t index_;
  Phrasing phrasing_;
  Form form_ = Form::unknown;
  /// How far the attempt under way has come: from `sent` on the model may have worked, unless the service says that it turned the request away.
  enum class Reached : std::uint8_t { nothing, sent, reply, turned_away } reached_ = Reached::nothing;
  std::optional<ModelUsage> counted_{};  ///< for a reply that cannot be passed on
  std::unique_ptr<ReplyReader> reader_{};
  std::unique_ptr<SseParser> parser_{};
  std::optional<StreamMask> stream_{};
  std::optional<ModelReply> reply_{};
  std::optional<Rephrasing> rephrasing_{};
};

}  // namespace sluice::model_http
