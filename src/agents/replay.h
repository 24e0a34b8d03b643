#pragma once
#include <span>
#include <vector>

#include "agents/ports/model.h"
#include "agents/ports/reply_store.h"
#include "workflow/ports/clock.h"

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

/// Answers by another model and keeps each reply as it arrives. One that could not be kept is the store's error and no reply, so that nothing is
/// built on what cannot be played back. Stands around one model, below `first_of`: a recording's key names the model that was asked. Any thread.
class RecordingModel final : public Model {
 public:
  RecordingModel(Model& inner, ReplyStore& recordings, Clock& clock) : inner_(inner), recordings_(recordings), clock_(clock) {}

  const ModelInfo& info() const override { return inner_.info(); }
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override;

 private:
  Result<ModelReply> kept(const ModelRequest& request, const Result<ModelReply>& reply, std::chrono::steady_clock::time_point asked_at);

  Model& inner_;
  ReplyStore& recordings_;
  Clock& clock_;
};

}  // namespace sluice
