#pragma once
#include <string>
#include <string_view>

#include "connectors/model_http/protocol.h"

namespace sluice::openai {

/// "https://api.openai.com/v1" → "…/v1/chat/completions"; a query (Azure's api-version) stays behind it.
std::string endpoint(std::string_view base_url);

/// The body of a chat completion. https://platform.openai.com/docs/api-reference/chat/create
Json request_body(const ModelRequest& request, const ModelInfo& info, const model_http::Phrasing& phrasing);

/// Reads a chat completion, or its chunks: they end with `[DONE]`, and one of them says why the reply ended.
class ReplyReader final : public model_http::ReplyReader {
 public:
  model_http::Provided<std::string> read_event(std::string_view name, std::string_view data) override;
  model_http::Provided<std::string> read_body(const Json& body) override;
  model_http::Provided<ModelReply> finish() override;

 private:
  model_http::Provided<std::string> read(const Json& body, std::string_view message);
  void read_usage(const Json& usage);

  std::string text_{}, arguments_{}, refusal_{}, finish_{}, model_{};
  ModelUsage usage_{};
  bool ended_ = false;
};

/// What an error says, as OpenAI, Azure, OpenRouter, LiteLLM, vLLM, llama.cpp and Ollama write it.
model_http::ProviderFailure read_failure(const HttpResponse& response);
/// Falls from a schema to a tool, to JSON, to the prompt alone; leaves out what a model does not take.
std::optional<model_http::Rephrasing> rephrased(Structured configured, const ModelRequest& request, const model_http::Phrasing& sent,
                                                const model_http::ProviderFailure& failure);

}  // namespace sluice::openai
