#pragma once
#include <memory>

#include "connectors/model_http/options.h"

namespace sluice {

/// A model behind OpenAI's chat completions, or behind one of the many servers that speak them: Azure, Ollama, vLLM, llama.cpp, LiteLLM, OpenRouter.
/// `base_url` ends where "/chat/completions" follows. The key goes into `Authorization: Bearer`, or bare into `key_header` (Azure: "api-key").
/// `http` outlives it.
std::unique_ptr<Model> make_openai(ModelHttpOptions options, HttpClient& http);

}  // namespace sluice
