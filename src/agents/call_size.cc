#include "agents/call_size.h"

#include "agents/token_estimate.h"
#include "base/text.h"

namespace sluice {

std::int64_t tokens_of(const ModelRequest& request) {
  std::int64_t tokens = estimated_tokens(request.system) + estimated_tokens(request.reply_schema.dump());
  for (const ModelMessage& message : request.messages) tokens += estimated_tokens(message.text);
  return tokens;
}

ModelUsage worst_case(const ModelRequest& request, const ModelInfo& info) {
  ModelUsage most{.input = tokens_of(request), .output = request.max_tokens > 0 ? request.max_tokens : info.max_tokens};
  if (info.price && info.price->cache_written > info.price->input) most.cache_written = most.input;
  return most;
}

std::optional<Error> over_window(const ModelRequest& request, const ModelInfo& info) {
  const ModelUsage most = worst_case(request, info);
  if (info.context_tokens == 0 || most.input + most.output <= info.context_tokens) return std::nullopt;
  return model_error(ModelFailure::too_long,
                     "the prompt of about " + counted(most.input, "token") + " and a reply of up to " + with_thousands(most.output) +
                         " do not fit the window of \"" + info.name + "\", " + counted(info.context_tokens, "token"),
                     "lower `agents.ask.context_tokens` or the model's `max_tokens`, or use a model with a larger window");
}

}  // namespace sluice
