#pragma once
#include <optional>

#include "base/json.h"

namespace sluice::gemini {

/// A JSON Schema in the words of Gemini's `Schema` (a part of OpenAPI 3.0), properties in their order; references are written out. Nothing where it
/// can't be said there: objects with free keys, references that go in circles. Bounds that it lacks are left out.
/// https://ai.google.dev/api/caching#Schema
std::optional<Json> response_schema(const Json& schema);
constexpr int kDepthMax = 32;

}  // namespace sluice::gemini
