#pragma once
#include <memory>

#include "connectors/model_http/options.h"

namespace sluice {

/// A Gemini model behind Google's generateContent, or a server that speaks it. The key goes into `x-goog-api-key`, never into the URL. `http`
/// outlives it.
std::unique_ptr<Model> make_gemini(ModelHttpOptions options, HttpClient& http);

}  // namespace sluice
