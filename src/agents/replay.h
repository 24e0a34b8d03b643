#pragma once
#include <span>
#include <vector>

#include "agents/ports/model.h"
#include "agents/ports/reply_store.h"

namespace sluice {

/// Answers from recordings alone, at once: tests and bug reports run the same without the model. A request that was not recorded is E1032 (input),
/// which shows how it differs from the nearest recorded one; a recording that cannot be used is the store's error. Any thread.
class ReplayModel final : public Model {
 public:
  /// `info` is of the model that was recorded: provider and model are part of a recording's key.
  ReplayModel(ModelInfo info, ReplyStore& recordings) : info_(std::move(info)), recordings_(recordings) {}

  const ModelInfo& info() const override { return info_; }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override;

 private:
  Result<ModelReply> recorded(const ModelRequest& request);
  Error not_recorded(const ModelRequest& request, const std::string& key);

  ModelInfo info_;
  ReplyStore& recordings_;
};

}  // namespace sluice
