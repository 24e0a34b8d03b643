#pragma once
#include <string>
#include <string_view>

#include "connectors/model_http/protocol.h"

namespace sluice::anthropic {

/// "https://api.anthropic.com" → "…/v1/messages"; a base that ends with /v1 is taken as well, and a query stays.
std::string endpoint(std::string_view base_url);

/// The body of a message. https://platform.claude.com/docs/en/api/messages
Json request_body(const ModelRequest& request, const ModelInfo& info, const model_http::Phrasing& phrasing);

/// The schema for `output_config`: objects are closed, and what that subset lacks (bounds, lengths) is left out.
Json output_schema(const Json& schema);

/// Reads a message, or its events: `message_start` to `message_stop`. https://platform.claude.com/docs/en/build-with-claude/streaming
class ReplyReader final : public model_http::ReplyReader {
 public:
  model_http::Provided<std::string> read_event(std::string_view name, std::string_view data) override;
  model_http::Provided<std::string> read_body(const Json& body) override;
  model_http::Provided<ModelReply> finish() override;

 private:
  std::string read_block(const Json& block);
  std::string read_delta(const Json& delta);
  void read_usage(const Json& usage);
  ModelUsage usage() const;

  std::string text_{}, input_{}, stop_{}, model_{};
  std::int64_t fresh_ = 0, cache_read_ = 0, cache_written_ = 0, output_ = 0;
  bool called_ = false;  ///< a tool was
  bool ended_ = false;
};

model_http::ProviderFailure read_failure(const HttpResponse& response);
/// Falls from a forced tool to `output_config`, to the prompt alone; leaves out what a model does not take.
std::optional<model_http::Rephrasing> rephrased(Structured configured, const ModelRequest& request, const model_http::Phrasing& sent,
                                                const model_http::ProviderFailure& failure);

}  // namespace sluice::anthropic
