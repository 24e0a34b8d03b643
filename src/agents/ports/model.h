#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/codec.h"
#include "base/result.h"

namespace sluice {

/// Why a model gave no reply that can be used. Each has a code, by which it is known again after it was recorded.
enum class ModelFailure : std::uint8_t {
  overloaded,    ///< E1001 (transient): 429, 5xx, "overloaded"
  timeout,       ///< E1002 (timeout)
  unreachable,   ///< E1003 (transient): no connection, reset, breaker open
  unauthorized,  ///< E1004 (refused): no, wrong or powerless key
  not_found,     ///< E1005 (not_found): no such model or path
  rejected,      ///< E1006 (input): the service finds the request wrong
  refused,       ///< E1007 (refused): the provider's filter or the model declined to answer
  too_long,      ///< E1008 (exhausted): prompt and reply do not fit the model's window
  quota,         ///< E1009 (exhausted): the account has no money or quota left
  garbled,       ///< E1010 (transient): what came is no reply of this protocol
};
template <>
struct EnumNames<ModelFailure> {
  static constexpr std::array<std::pair<ModelFailure, std::string_view>, 10> names{{{ModelFailure::overloaded, "overloaded"},
                                                                                    {ModelFailure::timeout, "timeout"},
                                                                                    {ModelFailure::unreachable, "unreachable"},
                                                                                    {ModelFailure::unauthorized, "unauthorized"},
                                                                                    {ModelFailure::not_found, "not_found"},
                                                                                    {ModelFailure::rejected, "rejected"},
                                                                                    {ModelFailure::refused, "refused"},
                                                                                    {ModelFailure::too_long, "too_long"},
                                                                                    {ModelFailure::quota, "quota"},
                                                                                    {ModelFailure::garbled, "garbled"}}};
};
/// The error with the failure's code and kind.
Error model_error(ModelFailure failure, std::string message, std::string hint, long retry_after_ms = 0);
/// Which failure an error is, by its code; nothing for other errors (cancelled, budget).
std::optional<ModelFailure> failure_of(const Error& error);

struct ModelMessage {
  enum class Role : std::uint8_t { user, assistant };
  Role role = Role::user;
  std::string text{};

  static constexpr auto fields() { return std::tuple{Field{"role", &ModelMessage::role}, Field{"text", &ModelMessage::text}}; }
};
template <>
struct EnumNames<ModelMessage::Role> {
  static constexpr std::array<std::pair<ModelMessage::Role, std::string_view>, 2> names{
      {{ModelMessage::Role::user, "user"}, {ModelMessage::Role::assistant, "assistant"}}};
};

/// What is asked of a model, in no provider's words. Its encoding, hashed, is what it is cached and recorded under: the same for every provider.
struct ModelRequest {
  std::string system{};                  ///< the same for many requests of an agent: what a provider may cache
  std::vector<ModelMessage> messages{};  ///< user and assistant in turn, a user's first and last
  std::string reply_name{};              ///< of the reply's schema: letters, digits, _
  Json reply_schema{};                   ///< JSON Schema of an object, in the subset that all providers take; null: free text
  std::optional<double> temperature{};   ///< unset: the model's configured one
  std::int64_t max_tokens = 0;           ///< of the reply; 0: the model's configured limit
  std::int64_t sample = 0;               ///< tells several draws of the same request apart

  static constexpr auto fields() {
    return std::tuple{Field{"system", &ModelRequest::system},
                      Field{"messages", &ModelRequest::messages},
                      Field{"reply_name", &ModelRequest::reply_name},
                      Field{"reply_schema", &ModelRequest::reply_schema},
                      Field{"temperature", &ModelRequest::temperature},
                      Field{"max_tokens", &ModelRequest::max_tokens},
                      Field{"sample", &ModelRequest::sample}};
  }
};

/// Tokens as the provider counted them. `input` holds all of the prompt, cached parts included.
struct ModelUsage {
  std::int64_t input = 0, cached = 0, cache_written = 0, output = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"input", &ModelUsage::input}, Field{"cached", &ModelUsage::cached}, Field{"cache_written", &ModelUsage::cache_written},
                      Field{"output", &ModelUsage::output}};
  }
};

struct ModelReply {
  std::string text{};  ///< where a schema was asked for, the JSON text; whether it fits the schema nobody has looked at yet
  bool cut = false;    ///< the reply ended at the token limit
  ModelUsage usage{};
  std::string answered_by{};  ///< the model as its provider names it in the reply: "claude-sonnet-4-5-20250929"
  std::string model{};        ///< where a chain was asked: which of its models gave the reply, as sluice.yaml names it; "": the one that was asked

  static constexpr auto fields() {
    return std::tuple{Field{"text", &ModelReply::text}, Field{"cut", &ModelReply::cut}, Field{"usage", &ModelReply::usage},
                      Field{"answered_by", &ModelReply::answered_by}, Field{"model", &ModelReply::model}};
  }
};

/// US dollars for a million tokens.
struct ModelPrice {
  double input = 0, cached = 0, cache_written = 0, output = 0;

  double of(const ModelUsage& usage) const;
};

/// What is known of a configured model before it is asked.
struct ModelInfo {
  std::string name{};                 ///< in sluice.yaml: "default"
  std::string provider{};             ///< "anthropic"
  std::string model{};                ///< "claude-sonnet-4-5"
  std::string endpoint{};             ///< "https://api.anthropic.com", without secrets
  std::optional<ModelPrice> price{};  ///< unset: nobody said, and it is none that Sluice knows
  double temperature = 0.2;
  std::int64_t max_tokens = 4096;
  std::int64_t context_tokens = 0;  ///< that prompt and reply may have together; 0: nobody said
};

/// The request as this model gets it: what the configuration fills in is a part of what is asked.
ModelRequest asked_of(const ModelInfo& info, ModelRequest request);

/// An attempt to get a reply that gave none.
struct FailedAttempt {
  const Error& why;
  bool may_cost = false;              ///< the request went out, and nobody said that it was turned away: the provider may charge for it
  std::optional<ModelUsage> usage{};  ///< what the provider says that it counted, where it says so: of a reply that it withheld or that was empty
};

/// What a caller is told while it waits, and asked before it costs more. Called in its thread.
struct ModelEvents {
  /// A reply (or the failure that stands after all attempts), as soon as it is there: what is kept then survives a crash in the middle of the rest.
  std::function<void(std::size_t index, const Result<ModelReply>&)> on_reply{};
  std::function<void(std::size_t index, std::string_view text)> on_text{};           ///< more of the reply, where the provider streams
  std::function<void(std::size_t index, const FailedAttempt& attempt)> on_failed{};  ///< told of each, whether another follows or not
  /// Another attempt is to follow. An error forbids it: then the failure stands.
  std::function<Result<>(std::size_t index, const Error& why)> on_retry{};
  /// `first_of` is to go on with the next model. An error forbids it: then the failure stands.
  std::function<Result<>(std::size_t index, const ModelInfo& next, const Error& why)> on_move{};
};

/// A language model behind some provider's API. Any thread; `answer` works in the calling thread, however many requests there are.
class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelInfo& info() const = 0;
  /// All that may answer: itself, or the models of a chain in their order.
  virtual std::vector<const ModelInfo*> members() const { return {&info()}; }
  /// All at once; replies in the requests' order. Failures are errors of model_error, or cancelled; none holds a secret.
  virtual std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) = 0;
};

}  // namespace sluice
