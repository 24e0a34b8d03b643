#pragma once
#include <memory>

#include "connectors/model_http/options.h"

namespace sluice {

/// A Claude model behind Anthropic's messages, or a server that speaks them. The key goes into `x-api-key`. `http` outlives it.
std::unique_ptr<Model> make_anthropic(ModelHttpOptions options, HttpClient& http);

}  // namespace sluice
