#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "agents/ports/model.h"
#include "net/http.h"

namespace sluice {

/// How a reply that has to fit a schema is obtained.
enum class Structured : std::uint8_t {
  automatic,  ///< the best way that the server turns out to take
  schema,     ///< the provider holds the reply to the schema
  tool,       ///< the reply is the input of a tool that the model is made to call
  json,       ///< the provider holds the reply to JSON; the schema stands in the prompt
  none,       ///< the prompt alone asks for it
};
template <>
struct EnumNames<Structured> {
  static constexpr std::array<std::pair<Structured, std::string_view>, 5> names{{{Structured::automatic, "automatic"},
                                                                                 {Structured::schema, "schema"},
                                                                                 {Structured::tool, "tool"},
                                                                                 {Structured::json, "json"},
                                                                                 {Structured::none, "none"}}};
};

/// A model behind HTTP, as a person configured it.
struct ModelHttpOptions {
  ModelInfo info{};
  std::string base_url{};                          ///< "https://api.anthropic.com"; a query (`?api-version=…`) is kept
  std::function<Result<std::string>()> api_key{};  ///< asked at each call, and its answer kept no longer; unset: no key is sent
  std::string key_header{};                        ///< the header that carries the key; "": the provider's own
  HttpRoute route{};
  HttpRetry retry{};
  std::chrono::milliseconds timeout{120'000};  ///< of one attempt
  Structured structured = Structured::automatic;
  bool stream = true;
};

}  // namespace sluice
