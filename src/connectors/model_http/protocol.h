#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/model_http/options.h"

namespace sluice::model_http {

/// How requests to one server are put: what it turned out not to take is left out or said in another way.
struct Phrasing {
  Structured structured = Structured::schema;  ///< never `automatic`
  bool strict = true;                          ///< a schema may be sent as one to be kept to the letter
  bool temperature = true;
  bool completion_tokens = false;  ///< the limit is called max_completion_tokens
  bool stream = true;
  bool stream_usage = true;  ///< a stream may be asked for its token counts
  bool cache_marks = true;   ///< parts of the prompt may be marked as worth caching

  bool operator==(const Phrasing&) const = default;
};

/// Another way to put a request that was found wrong.
struct Rephrasing {
  Phrasing phrasing{};
  bool lasting = true;  ///< it is the server, not this request: later requests are put that way from the start
};

/// Why a provider gave no reply, in its own words; they may hold anything, the key included.
struct ProviderFailure {
  ModelFailure failure = ModelFailure::garbled;
  std::string what{};   ///< Sluice's words, to follow the model's name; "": those of the failure
  std::string text{};   ///< the provider's
  std::string about{};  ///< the parameter or code that the provider names, for finding another phrasing
  int status = 0;       ///< of HTTP; 0: the failure came within a reply
  bool lost = false;    ///< a gateway's word, which lost the service behind it
  long retry_after_ms = 0;
  std::optional<ModelUsage> usage{};  ///< that was counted for a reply which is withheld
};
template <class T>
using Provided = std::expected<T, ProviderFailure>;

/// Reads one reply, either as events or as one body. One thread.
class ReplyReader {
 public:
  virtual ~ReplyReader() = default;
  /// What the event adds to the reply's text.
  [[nodiscard]] virtual Provided<std::string> read_event(std::string_view name, std::string_view data) = 0;
  /// A whole reply that did not stream; its text.
  [[nodiscard]] virtual Provided<std::string> read_body(const Json& body) = 0;
  /// The reply, after all was read: garbled where its end is missing.
  [[nodiscard]] virtual Provided<ModelReply> finish() = 0;
};

/// A provider's way to ask and to answer. Holds no state and does no I/O.
class ModelProtocol {
 public:
  virtual ~ModelProtocol() = default;
  /// How the first request is put.
  virtual Phrasing phrasing(const ModelHttpOptions& options) const = 0;
  /// `key` may be empty.
  virtual HttpRequest request(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& phrasing,
                              const std::string& key) const = 0;
  virtual std::unique_ptr<ReplyReader> reader(const ModelRequest& request) const = 0;
  virtual ProviderFailure failure(const HttpResponse& response) const = 0;
  /// Another way to put the request, where the failure says what the server does not take.
  virtual std::optional<Rephrasing> rephrased(const ModelHttpOptions& options, const ModelRequest& request, const Phrasing& sent,
                                              const ProviderFailure& failure) const = 0;
};

}  // namespace sluice::model_http
