#pragma once
#include <string>
#include <string_view>

#include "connectors/model_http/protocol.h"

namespace sluice::gemini {

/// "https://generativelanguage.googleapis.com" → "…/v1beta/models/M:generateContent", or :streamGenerateContent?alt=sse. The key is never in it.
std::string endpoint(std::string_view base_url, std::string_view model, bool stream);

/// The body of generateContent. https://ai.google.dev/api/generate-content
Json request_body(const ModelRequest& request, const ModelInfo& info, const model_http::Phrasing& phrasing);

/// Reads a GenerateContentResponse, or the parts of one: the last part says why the reply ended.
class ReplyReader final : public model_http::ReplyReader {
 public:
  model_http::Provided<std::string> read_event(std::string_view name, std::string_view data) override;
  model_http::Provided<std::string> read_body(const Json& body) override;
  model_http::Provided<ModelReply> finish() override;

 private:
  model_http::Provided<std::string> read(const Json& body);
  std::string read_parts(const Json& parts);
  void read_usage(const Json& usage);

  std::string text_{}, arguments_{}, finish_{}, finish_message_{}, blocked_{}, model_{};
  ModelUsage usage_{};
};

model_http::ProviderFailure read_failure(const HttpResponse& response);
/// Falls from a response schema to JSON, to the prompt alone; leaves out what a model does not take.
std::optional<model_http::Rephrasing> rephrased(Structured configured, const ModelRequest& request, const model_http::Phrasing& sent,
                                                const model_http::ProviderFailure& failure);

}  // namespace sluice::gemini
