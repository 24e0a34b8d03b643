#pragma once
#include <functional>
#include <string>
#include <vector>

#include "agents/ports/model.h"

namespace sluice {

/// A model that answers as a test says, and remembers what it was asked. One thread at a time.
class ScriptedModel final : public Model {
 public:
  using Script = std::function<Result<ModelReply>(const ModelRequest& request)>;
  ScriptedModel(ModelInfo info, Script script) : info_(std::move(info)), script_(std::move(script)) {}

  const ModelInfo& info() const override { return info_; }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override {
    std::vector<Result<ModelReply>> out;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      asked_.push_back(requests[i]);
      if (call.cancelled.stop_requested())
        out.emplace_back(Error{ErrorKind::cancelled, "E0003", "the call was cancelled", "", 0});
      else
        out.push_back(script_(requests[i]));
      if (events.on_text && out.back()) events.on_text(i, out.back()->text);
      if (events.on_failed && !out.back()) events.on_failed(i, {.why = out.back().error(), .may_cost = failure_of(out.back().error()) == costs});
      if (events.on_reply) events.on_reply(i, out.back());
    }
    return out;
  }
  const std::vector<ModelRequest>& asked() const { return asked_; }
  std::optional<ModelFailure> costs = ModelFailure::timeout;  ///< the failure that may be charged for

  static Script says(std::string text) {
    return
        [text = std::move(text)](const ModelRequest&) { return Result<ModelReply>(ModelReply{.text = text, .usage = {.input = 20, .output = 5}}); };
  }
  static Script fails(ModelFailure failure, std::string message) {
    return [failure, message = std::move(message)](const ModelRequest&) { return Result<ModelReply>(model_error(failure, message, "try again")); };
  }

 private:
  ModelInfo info_;
  Script script_;
  std::vector<ModelRequest> asked_{};
};

}  // namespace sluice
