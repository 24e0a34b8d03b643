#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "agents/ports/model.h"

namespace sluice::model_http {

/// The JSON object in a text: the text itself, or what stands in its code fence, after its thoughts, or between its first and last brace. The text
/// as it is where there is none.
std::string json_object_text(std::string_view text);

/// What the system text says where the provider is not told the schema, or ignores it.
std::string schema_instruction(const Json& schema);
/// The request's system text, with the instruction where `tell`.
std::string system_text(const ModelRequest& request, bool tell);
/// The name of the reply's schema, or "reply".
std::string reply_name(const ModelRequest& request);
std::int64_t token_limit(const ModelRequest& request, const ModelInfo& info);
double temperature(const ModelRequest& request, const ModelInfo& info);

/// The schema without what only narrows it (lengths, defaults), if it fits the subset that OpenAI holds replies to: objects that name all their
/// properties as required and allow no others. https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
std::optional<Json> strict_schema(const Json& schema);
constexpr int kSchemaDepthMax = 32;

}  // namespace sluice::model_http
