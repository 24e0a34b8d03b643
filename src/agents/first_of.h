#pragma once
#include <string>
#include <vector>

#include "agents/ports/model.h"

namespace sluice {

/// A chain of models that answers like one: each request goes to the first; those that fail in one of the ways in `on` go on to the next, together.
/// So does one that is known not to fit a model's window: that one is not asked. Any other failure stands, and so does a cancelled call. Where more
/// than one was tried in vain, the error is the last one's and says what the others said. Its info is the first one's under the chain's name; a reply
/// says in `model` which one gave it. Any thread, as its models are.
class FirstOf final : public Model {
 public:
  /// The models are borrowed and outlive the chain; there is at least one.
  FirstOf(std::string name, std::vector<Model*> models, std::vector<ModelFailure> on);

  const ModelInfo& info() const override { return info_; }
  std::vector<const ModelInfo*> members() const override;
  /// `on_reply` is told what stands, once for each request; `on_move` is asked for each request that is to go on. After a move, `on_text` of a
  /// request that went on begins anew. Each model has an equal share of the time that is left when its turn comes: one that hangs leaves time for the
  /// next.
  std::vector<Result<ModelReply>> answer(std::span<const ModelRequest> requests, const ModelEvents& events, const Call& call) override;

 private:
  enum class Fate : std::uint8_t;
  struct Round;
  bool may_go_on(const Result<ModelReply>& reply, std::size_t model, const Call& call) const;
  Result<ModelReply> standing(const Result<ModelReply>& reply, std::size_t model, const std::vector<std::string>& before) const;
  std::vector<Result<ModelReply>> ask(Round& round, const ModelEvents& events, const Call& call) const;

  ModelInfo info_;
  std::vector<Model*> models_;
  std::vector<ModelFailure> on_;
};

}  // namespace sluice
